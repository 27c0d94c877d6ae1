// Rows in the order of a curve through the cells of a grid.
#pragma once
#include <functional>
#include <vector>

#include "../core.h"

namespace gramian::grid {

// Runs `work(tile)` for every tile, on the call's threads. Throws what stops it.
using Run = std::function<void(int64_t tiles, const std::function<void(int64_t)>& work)>;

// A row and, above it, the place of its cell on the curve.
using Item = uint64_t;

constexpr int most_keyed_features = 3;

inline uint32_t key_of(Item item) { return static_cast<uint32_t>(item >> 32); }
inline uint32_t row_of(Item item) { return static_cast<uint32_t>(item); }

// Rows sorted by the Morton numbers of their cells: the bits of the cell's coordinates in turn.
// Where the cells are more than 2^32, they are wider; numbers beyond the range of doubles share the
// cells at its ends. Keys are 0 for tables with more features.
std::vector<Item> sorted_rows(const Table& x, double side, const Run& run);

}  // namespace gramian::grid
