// Sums over all columns with every kernel, their means and logarithms, and blocks.
#pragma once
#include <vector>

#include "../dispatch.h"
#include "check.h"

namespace gramian {

inline void sums(const Core& core, const Problem& at, const Kernel& kernel,
                 const std::vector<double>& entries, Goal goal, int64_t right) {
    const bool has_logarithm = logarithm_of(kernel.profile);
    if (goal == Goal::weighted_mean && !has_logarithm) return;
    const Points weights(at.m, right, at.is_double, 0, 7, 0.0);
    const int64_t columns = goal == Goal::block ? at.m : right ? right : 1;
    std::vector<double> centre;
    Sum job{};
    job.x = at.x.table;
    job.y = at.y.table;
    job.form = kernel.form;
    job.profile = kernel.profile;
    job.rate = kernel.rate;
    job.alpha = kernel.alpha;
    job.logarithm = goal == Goal::weighted_mean || (goal == Goal::logsumexp && has_logarithm);
    job.frame = frame_of(job.y, kernel.form == Form::squared_euclidean, centre);
    job.goal = goal;
    job.weights = weights.table;
    job.out_stride = columns;
    Numbers found(at.n * columns, at.is_double), again = found;
    const auto run = [&](Numbers& out, int workers) {
        job.out = out.data();
        job.row_limit = workers == 1 ? 0 : (at.n + 1) / workers;
        all_tiles(at.n, core.sum_tiles(job).rows, core.sum_bytes(job), workers, job, core.sum);
    };
    run(found, 1);
    if (right == 11) {
        run(again, 2);
        check(found.bytes == again.bytes, "threads change a sum", at);
    }
    bool close = true;
    for (int64_t i = 0; i < at.n; ++i) {
        for (int64_t c = 0; c < columns; ++c) {
            const Value truth = at.value(kernel, entries, job, i, c);
            close &= std::fabs(found.at(i * columns + c) - truth.value) <=
                     (at.is_double ? 1e-12 : 2e-5) * truth.magnitude + truth.slack;
        }
    }
    check(close, name_of(kernel.profile), at);
}

}  // namespace gramian
