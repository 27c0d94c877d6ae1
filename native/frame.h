// What is learnt from y before the first tile.
#pragma once
#include <vector>

#include "core.h"

namespace gramian {

// The first row with a number that is not finite, or -1.
int64_t first_bad_row(const Table& table);

// Centre and scale of a finite table. `about_mean` says whether distances are taken about the mean
// (rounded to float) or about zero.
Frame frame_of(const Table& table, bool about_mean, std::vector<double>& centre);

}  // namespace gramian
