// Rows that are too far out for packed numbers, in plain double. They are few.
#pragma once
#include "exact.h"
#include "profile.h"

namespace gramian::GRAMIAN_ISA {

// Writes the results of one row. `total` has room for as many sums.
template <class T>
inline void write_outlier(const Sum& job, int64_t row, double* total) {
    const int64_t right = job.right();
    T* out = static_cast<T*>(job.out) + row * job.out_stride;
    const auto value = [&](int64_t j) {
        double form = 0.0;
        exact_pairs(job.form, job.x, &row, job.y, &j, 1, &form);
        if (job.row_of && job.row_of[row] == j) form = 0.0;
        return job.logarithm ? log_entry_of(job.profile, form, job.rate, job.alpha)
                             : entry_of(job.profile, form, job.rate, job.alpha);
    };
    if (job.goal == Goal::block) {
        for (int64_t j = 0; j < job.y.rows; ++j) out[j] = static_cast<T>(value(j));
        return;
    }
    const bool shifted = job.goal == Goal::weighted_mean || job.goal == Goal::logsumexp;
    double highest = -std::numeric_limits<double>::infinity();
    for (int64_t j = 0; shifted && j < job.y.rows; ++j) highest = std::fmax(highest, value(j));
    double entries = 0.0;
    for (int64_t i = 0; i < right; ++i) total[i] = 0.0;
    for (int64_t j = 0; j < job.y.rows; ++j) {
        double entry = value(j);
        if (shifted) entry = job.logarithm ? std::exp2(entry - highest) : std::exp(entry - highest);
        entries += entry;
        for (int64_t i = 0; i < right; ++i) total[i] += entry * job.weights.at(j, i);
    }
    if (job.goal == Goal::logsumexp) {
        const double top = job.logarithm ? highest / log2_e : highest;
        out[0] = static_cast<T>(std::isfinite(top) ? top + std::log(entries) : top);
        return;
    }
    if (right == 0) out[0] = static_cast<T>(entries);
    const double divisor = job.goal == Goal::weighted_mean ? entries : 1.0;
    for (int64_t i = 0; i < right; ++i) out[i] = static_cast<T>(total[i] / divisor);
}

}  // namespace gramian::GRAMIAN_ISA
