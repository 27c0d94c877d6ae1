// The inertia of labelled rows: squared distances to their columns, added up as they come, so that
// none is kept.
#pragma once
#include "assign.h"
#include "lanes.h"

namespace gramian::GRAMIAN_ISA {

// The rows' weights times numbers of theirs, a vector at a time.
inline double weighted_total(const Assign& job, int64_t first, int64_t count, const double* of) {
    constexpr int W = F64::width;
    const double* const weights = job.weights + first * job.weight_stride;
    alignas(64) double held[W];
    auto sum = F64::set1(0.0);
    int64_t i = 0;
    for (; i + W <= count; i += W) {
        for (int lane = 0; lane < W; ++lane) held[lane] = weights[(i + lane) * job.weight_stride];
        sum = F64::add(sum, F64::mul(F64::load(held), F64::loadu(of + i)));
    }
    double total = total_of(sum);
    for (; i < count; ++i) total += weights[i * job.weight_stride] * of[i];
    return total;
}

// Adds a part's squared distances to the columns of its labels, times their weights.
inline Outcome inertia(const Assign& job, int64_t number, double* total, Watch& watch) {
    constexpr int64_t at_once = 512;
    double squared[at_once];
    const int64_t rows = assign_tiles(job).rows, past = (number + 1) * rows;
    const int64_t end = past < job.search.x.rows ? past : job.search.x.rows;
    for (int64_t first = number * rows; first < end; first += at_once) {
        if (watch.stop()) return Outcome::stopped;
        const int64_t count = end - first < at_once ? end - first : at_once;
        measure_rows(job.search, first, count, squared);
        *total += weighted_total(job, first, count, squared);
    }
    return Outcome::done;
}

}  // namespace gramian::GRAMIAN_ISA
