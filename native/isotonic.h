// Isotonic regression of one row: the falling sequence that is nearest to it in squares.
#pragma once
#include <cstdint>

namespace gramian {

// Marks where the blocks of that sequence begin. `sum` and `size` have room for `count` blocks.
// Neighbours out of order, or equal, are pooled as they are met (Ayer et al., 1955).
void find_blocks(const double* values, int64_t count, bool* begins, double* sum, double* size);

// Every entry becomes the mean of its block.
void average_blocks(const double* values, const bool* begins, int64_t count, double* out);

}  // namespace gramian
