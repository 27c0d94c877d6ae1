// DBSCAN over blocks of rows.
#pragma once
#include <functional>

#include "../core.h"

namespace gramian::grid {

struct Interrupted {};

struct Clustering {
    Table x;  // finite, fewer than 2^31 rows
    Form form;
    const double* reaches;  // rising
    int64_t radii;          // how many of them
    double wanted;
    const double* weights;  // (n,) or null
    int64_t* labels;        // (radii, n): clusters by their first core row; -1 is noise
    bool* core;             // (radii, n)
    double most_share;      // of all pairs of rows, those whose boxes are near each other
};

// The result does not depend on the number of workers. Nothing is done, and false returned, if more
// pairs than the share asked for would have to be looked at. Throws Interrupted, std::bad_alloc.
bool cluster(const Clustering& job, int workers, const std::function<bool()>& interrupted);

}  // namespace gramian::grid
