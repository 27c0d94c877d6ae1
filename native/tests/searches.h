// Nearest columns, and those within a radius, against all forms sorted.
#pragma once
#include <vector>

#include "../dispatch.h"
#include "../voronoi.h"
#include "check.h"

namespace gramian {

inline void searches(const Core& core, const Problem& at, Form form, int64_t k) {
    const Sorted truth = at.sorted(form);
    std::vector<double> centre;
    std::vector<int64_t> index(static_cast<size_t>(at.n * k));
    std::vector<double> distance(index.size());
    Search job{};
    job.x = at.x.table;
    job.y = at.y.table;
    job.form = form;
    job.frame = frame_of(job.y, form == Form::squared_euclidean, centre);
    job.k = k;
    job.last_column = at.m;
    job.rough = core.rough;
    job.index = index.data();
    job.distance = distance.data();
    const VoronoiGrid grid(job, 1);
    job.regions = grid.regions();
    all_tiles(at.n, core.search_tiles(job).rows, core.search_bytes(job), 1, job, core.search);
    bool same = true;
    for (int64_t i = 0; i < at.n; ++i) {
        for (int64_t j = 0; j < k; ++j) {
            const auto& [value, column] = truth[static_cast<size_t>(i)][static_cast<size_t>(j)];
            const auto to = static_cast<size_t>(i * k + j);
            same &= index[to] == column && distance[to] == value;
        }
    }
    check(same, k == 1 ? "nearest" : "top-k", at);
}

inline void radii(const Core& core, const Problem& at, Form form) {
    const Sorted truth = at.sorted(form);
    std::vector<double> centre;
    const auto& first = truth[0];
    Radius job{};
    job.x = at.x.table;
    job.y = at.y.table;
    job.form = form;
    job.frame = frame_of(job.y, form == Form::squared_euclidean, centre);
    job.reach = first[first.size() / 2].first;  // of one of the pairs, exactly
    std::vector<int64_t> count(static_cast<size_t>(at.n));
    job.count = count.data();
    const auto run = [&](const Radius& what) {
        all_tiles(at.n, core.radius_tiles(what).rows, core.radius_bytes(what), 1, what,
                  core.radius);
    };
    run(job);
    std::vector<int64_t> indptr(count.size() + 1, 0);
    bool same = true;
    for (size_t i = 0; i < count.size(); ++i) {
        int64_t inside = 0;
        for (const auto& [value, column] : truth[i]) inside += value <= job.reach;
        same &= inside == count[i];
        indptr[i + 1] = indptr[i] + inside;
    }
    check(same, "count", at);
    if (!same) return;
    std::vector<int64_t> index(static_cast<size_t>(indptr.back()));
    std::vector<double> distance(index.size());
    job.count = nullptr;
    job.indptr = indptr.data();
    job.index = index.data();
    job.distance = distance.data();
    run(job);
    for (int64_t i = 0; i < at.n; ++i) {
        auto to = static_cast<size_t>(indptr[static_cast<size_t>(i)]);
        for (int64_t j = 0; j < at.m; ++j) {
            const double value = at.form(form, i, j);
            if (!(value <= job.reach)) continue;
            same &= index[to] == j && distance[to] == value;
            ++to;
        }
    }
    check(same, "neighbors", at);
}

// Rows against themselves: pairs counted both ways at once, as when each is met twice.
inline void mirrored(const Core& core, const Problem& at, Form form) {
    std::vector<double> centre;
    std::vector<int64_t> count[2];
    Radius job{};
    job.x = job.y = at.y.table;
    job.form = form;
    job.frame = frame_of(job.y, form == Form::squared_euclidean, centre);
    job.reach = at.form(form, 0, at.m / 2);
    for (const bool symmetric : {false, true}) {
        count[symmetric].assign(static_cast<size_t>(at.m), 0);
        job.symmetric = symmetric;
        job.count = count[symmetric].data();
        all_tiles(at.m, core.radius_tiles(job).rows, core.radius_bytes(job), 2, job, core.radius);
    }
    check(count[0] == count[1], "mirrored count", at);
}

}  // namespace gramian
