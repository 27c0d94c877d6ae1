// How far columns have moved, and what that does to the bounds of k-means. Let u be at least the
// distance of a row to its own column a, and l at most that to any other. Once every column j has
// moved by s_j, u + s_a and l - max s_j are bounds again (G. Hamerly, "Making k-means even faster",
// SDM 2010). For any radius r the row is at least r - u from columns that are r or more from a, so
// only the movement of the others counts (after J. Newling, F. Fleuret, "Fast k-means with accurate
// bounds", ICML 2016). Several radii are tried; each gives a bound.
#pragma once
#include <vector>

#include "core.h"

namespace gramian {

// Fills `table`, for each column 2 levels + 1 numbers: how far it has moved, rounded up; then the
// radii of balls about where it is now, first the distance to the nearest other column, rounded
// down, each larger than the last, the last infinite; then how far, at most, any other column in
// each ball has moved. With one level no column is measured from any other.
void measure_movement(const Table& before, const Table& after, int64_t levels, double* table);

// Such a table, and what of it vectors of floats go by.
class Movements {
  public:
    Movements(const double* table, int64_t columns, int64_t levels);

    Movement view() const {
        return {table_, levels_, own_.data(), rest_.data(), near_.data()};
    }

  private:
    const double* table_;
    int64_t levels_;
    std::vector<float> own_, rest_, near_;
};

}  // namespace gramian
