#include <algorithm>

#include "tree.h"

namespace gramian::tree {

void sort_lists(const Within& job, int64_t tile, Neighbour* held) {
    for (int64_t i = tile * rows_at_once; i < job.queries.end(tile); ++i) {
        const int64_t row = job.queries.order[i];
        const int64_t begin = job.indptr[row], count = job.indptr[row + 1] - begin;
        for (int64_t j = 0; j < count; ++j) {
            held[j] = {job.index[begin + j], job.distances.get(begin + j)};
        }
        std::sort(held, held + count,
                  [](const Neighbour& a, const Neighbour& b) { return a.row < b.row; });
        for (int64_t j = 0; j < count; ++j) {
            job.index[begin + j] = held[j].row;
            job.distances.set(begin + j, held[j].distance);
        }
    }
}

}  // namespace gramian::tree
