// What a movement of the columns does to the bounds of k-means. The same for all instruction sets.
#pragma once
#include "core.h"
#include "workers.h"

namespace gramian {

// For each column a row of 2 levels + 1 numbers: how far it has moved; then the radii of balls
// about it, growing, the last without end; then how far, at most, any other column in each ball has
// moved.
struct Movement {
    const double* table;
    int64_t levels;

    const double* of(int64_t column) const { return table + column * (2 * levels + 1); }
};

// Moves the bounds of `count` rows, and counts those of them that overlap afterwards.
int64_t move_bounds(const int64_t* label, int64_t count, const Movement& movement, float* upper,
                    float* lower);

}  // namespace gramian
