// Single linkage: what the edges of a spanning tree join, one after the other.
#pragma once
#include <cstdint>

namespace gramian {

// Nodes below `rows` are rows, node rows + i is the i-th join. Edge i joins the node that row
// start[i] is in so far, left[i], with that of end[i], right[i]. `size` has 2 rows - 1 entries:
// the rows' are given, the joins' are filled in. Sets are found by path halving (Tarjan and van
// Leeuwen, 1984).
void join_rows(const int64_t* start, const int64_t* end, int64_t rows, int64_t* left,
               int64_t* right, double* size);

}  // namespace gramian
