#include "linkage.h"

#include <cstddef>
#include <numeric>
#include <vector>

namespace gramian {
namespace {

int64_t root(std::vector<int64_t>& above, int64_t node) {
    while (above[node] != node) {
        above[node] = above[above[node]];
        node = above[node];
    }
    return node;
}

}  // namespace

void join_rows(const int64_t* start, const int64_t* end, int64_t rows, int64_t* left,
               int64_t* right, double* size) {
    std::vector<int64_t> above(static_cast<std::size_t>(2 * rows - 1));
    std::iota(above.begin(), above.end(), int64_t{0});
    for (int64_t i = 0; i < rows - 1; ++i) {
        left[i] = root(above, start[i]);
        right[i] = root(above, end[i]);
        above[left[i]] = above[right[i]] = rows + i;
        size[rows + i] = size[left[i]] + size[right[i]];
    }
}

}  // namespace gramian
