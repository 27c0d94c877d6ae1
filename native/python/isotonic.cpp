// Blocks of isotonic regression.
#include "arrays.h"
#include "../isotonic.h"

#include <algorithm>

namespace gramian {
namespace {

// Runs `work(row, scratch)` for every row, some at a time.
template <class OfRow>
void each_row(int64_t rows, int64_t columns, int workers, size_t bytes, OfRow work) {
    const int64_t at_once = std::max<int64_t>(1, 4096 / columns);
    carry_out((rows + at_once - 1) / at_once, workers, bytes,
              [&](int64_t tile, void* scratch, Watch&) {
                  const int64_t end = std::min(rows, (tile + 1) * at_once);
                  for (int64_t row = tile * at_once; row < end; ++row) work(row, scratch);
                  return Outcome::done;
              });
}

void blocks(const Rows64& values, const Marks& begins, int workers) {
    const auto n = static_cast<int64_t>(values.shape(1));
    const size_t bytes = static_cast<size_t>(2 * n) * sizeof(double);
    each_row(static_cast<int64_t>(values.shape(0)), n, workers, bytes,
             [&](int64_t row, void* scratch) {
                 auto* sum = static_cast<double*>(scratch);
                 find_blocks(values.data() + row * n, n, begins.data() + row * n, sum, sum + n);
             });
}

void block_means(const Rows64& values, const Marks& begins, const Doubles& out, int workers) {
    const auto n = static_cast<int64_t>(values.shape(1));
    each_row(static_cast<int64_t>(values.shape(0)), n, workers, 0, [&](int64_t row, void*) {
        average_blocks(values.data() + row * n, begins.data() + row * n, n, out.data() + row * n);
    });
}

}  // namespace

void add_isotonic(nb::module_& m) {
    m.def("blocks", &blocks, nb::arg("values"), nb::arg("begins"), nb::arg("workers"),
          "Mark where the blocks of the nearest falling sequence of each row begin.");
    m.def("block_means", &block_means, nb::arg("values"), nb::arg("begins"), nb::arg("out"),
          nb::arg("workers"), "Fill out with the mean of each entry's block.");
}

}  // namespace gramian
