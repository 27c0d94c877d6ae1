// The passes of k-means: rows that find and join their column, and the trials of a new one.
#pragma once
#include <vector>

#include "../dispatch.h"
#include "../voronoi.h"
#include "check.h"

namespace gramian {

constexpr int64_t most_searched = 1 << 16;  // rows; more of one or two features are looked up

// The pass of k-means.
inline void assign(const Core& core, const Problem& at) {
    const auto n = static_cast<size_t>(at.n), m = static_cast<size_t>(at.m);
    const auto d = static_cast<size_t>(at.d);
    const Sorted truth = at.sorted(Form::squared_euclidean);
    std::vector<double> centre, found(m * (d + 2) + 1, 0.0), wanted = found, weights(n);
    std::vector<int64_t> labels(n, -1);
    double size = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const auto label = static_cast<size_t>(truth[i][0].second);
        weights[i] = 0.5 + static_cast<double>(i % 3);
        for (size_t f = 0; f < d; ++f) {
            const double term = weights[i] * at.gap(i, label, f);
            wanted[label * d + f] += term;
            size += std::fabs(term);
        }
        wanted[m * d + label] += weights[i];
        wanted[m * (d + 1) + label] += 1.0;
        wanted.back() += 1.0;
    }
    Assign job{};
    job.search.x = at.x.table;
    job.search.y = at.y.table;
    job.search.frame = frame_of(job.search.y, true, centre);
    job.search.k = 1;
    job.search.last_column = at.m;
    job.search.rough = core.rough;
    job.search.index = labels.data();
    job.columns = job.search.y;
    job.weights = weights.data();
    job.weight_stride = 1;
    const VoronoiGrid grid(job.search, 1);
    job.search.regions = grid.regions();
    check(at.n < most_searched || grid.regions(), "no grid", at);
    double* const mass = found.data() + m * d;
    PartSums part{found.data(), mass, mass + m, mass + 2 * m};
    all_tiles(at.n, core.assign_tiles(job).rows, core.assign_bytes(job), 1, job,
              [&](const Assign& what, int64_t tile, void* scratch, Watch& watch) {
                  return core.assign(what, tile, part, scratch, watch);
              });
    bool same = true;
    for (size_t i = 0; i < n; ++i) same &= labels[i] == truth[i][0].second;
    for (size_t i = 0; i < found.size(); ++i) {
        same &= std::fabs(found[i] - wanted[i]) <= 1e-14 * (size + static_cast<double>(n));
    }
    check(same, "assign", at);
}

// The trials of k-means++, from a start as far as the first column.
inline void potential(const Core& core, const Problem& at) {
    const auto n = static_cast<size_t>(at.n), m = static_cast<size_t>(at.m);
    const std::vector<double> weights(n, 2.0);
    std::vector<double> total(m, 0.0), wanted(m, 0.0);
    Numbers closest(at.n, at.is_double), squared(at.n * at.m, at.is_double);
    for (int64_t i = 0; i < at.n; ++i) closest.set(i, at.form(Form::squared_euclidean, i, 0));
    Potential job{};
    job.x = at.x.table;
    job.y = at.y.table;
    job.scale = 1.0;
    job.weights = weights.data();
    job.weight_stride = 1;
    job.closest = closest.data();
    job.squared = squared.data();
    all_tiles(at.n, core.potential_tiles(job).rows, core.potential_bytes(job), 1, job,
              [&](const Potential& what, int64_t tile, void* scratch, Watch& watch) {
                  return core.potential(what, tile, total.data(), scratch, watch);
              });
    bool near = true;
    for (int64_t j = 0; j < at.m; ++j) {
        double left = 0.0;
        for (int64_t i = 0; i < at.n; ++i) {
            const double form = at.form(Form::squared_euclidean, i, j);
            near &= std::fabs(squared.at(j * at.n + i) - form) <= 1e-5 * form;
            left += 2.0 * std::fmin(form, closest.at(i));
        }
        near &= std::fabs(total[static_cast<size_t>(j)] - left) <= 1e-5 * left;
    }
    check(near, "potential", at);
}

}  // namespace gramian
