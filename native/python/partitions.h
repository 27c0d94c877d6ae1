// What the passes of k-means share.
#pragma once
#include "arrays.h"
#include "../kept_rows.h"

namespace gramian {

using Floats = nb::ndarray<float, nb::device::cpu, nb::ndim<1>, nb::c_contig>;
using Flags = nb::ndarray<bool, nb::device::cpu, nb::ndim<1>, nb::c_contig>;

// Sums, mass and comings and goings of every column, (m, d + 2) doubles one after the other, and at
// the end the number of labels that changed.
inline size_t part_size(int64_t m, int64_t d) { return static_cast<size_t>(m * (d + 2)) + 1; }

// Has the search go by the rows' records and in their frame, where they are kept.
inline void use(RowKeeper* rows, Search& job) {
    if (!rows) return;
    job.frame = rows->frame(job.frame);
    job.kept = rows->view();
}

}  // namespace gramian
