// The compiled core without Python: every instruction set of the machine this runs on, against
// plain loops in double. For processors that the Python tests do not reach, under an emulator.
#include "functions.h"
#include "problem.h"

#include <cstdio>
#include <vector>

#include "../dispatch.h"
#include "../voronoi.h"
#include "../workers.h"

using namespace gramian;

namespace {

constexpr int64_t most_searched = 1 << 16;  // rows; more of one or two features are looked up

int failures = 0;

void check(bool right, const char* what, const Problem& at) {
    if (right) return;
    if (++failures > 20) return;
    std::printf("  wrong: %s, %lld x %lld, %lld features, %s, layout %d\n", what,
                static_cast<long long>(at.n), static_cast<long long>(at.m),
                static_cast<long long>(at.d), at.is_double ? "double" : "float", at.layout);
}

// Runs `function(job, tile, ...)` for the tiles of n rows on some threads.
template <class Job, class Function>
void all_tiles(int64_t n, int64_t rows, size_t bytes, int workers, const Job& job, Function run) {
    const auto work = [&](int64_t tile, void* scratch, Watch& watch) {
        return run(job, tile, scratch, watch);
    };
    run_tiles((n + rows - 1) / rows, workers, bytes, work, [] { return false; });
}

void searches(const Core& core, const Problem& at, Form form, int64_t k) {
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

void radii(const Core& core, const Problem& at, Form form) {
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
void mirrored(const Core& core, const Problem& at, Form form) {
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

// The pass of k-means.
void assign(const Core& core, const Problem& at) {
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
void potential(const Core& core, const Problem& at) {
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

void sums(const Core& core, const Problem& at, const Kernel& kernel,
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

void run(const Core& core, const Problem& at) {
    constexpr Form forms[] = {Form::squared_euclidean, Form::manhattan, Form::chebyshev};
    for (const Form form : forms) {
        searches(core, at, form, 1);
        searches(core, at, form, at.m < 5 ? at.m : 5);
        radii(core, at, form);
        mirrored(core, at, form);
        for (int number = 0; number < n_profiles; ++number) {
            const Kernel kernel = at.kernel(form, static_cast<Profile>(number));
            const std::vector<double> entries = at.entries(kernel);
            for (const int right : {0, 1, 11}) {
                sums(core, at, kernel, entries, Goal::sum, right);
            }
            sums(core, at, kernel, entries, Goal::weighted_mean, 3);
            sums(core, at, kernel, entries, Goal::logsumexp, 0);
            sums(core, at, kernel, entries, Goal::block, 0);
        }
    }
    assign(core, at);
    potential(core, at);
}

// Rows that are looked up.
void run_regions(const Core& core, const Problem& at) {
    searches(core, at, Form::squared_euclidean, 1);
    assign(core, at);
}

using Size = std::pair<int64_t, int64_t>;

}  // namespace

int main() {
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    for (const std::string& name : instruction_sets()) {
        force(name);
        const Core& core = selected();
        std::printf("%s\n", core.name);
        const bool exact_enough =
            within_two_units<float>(core, -152.0f, std::nextafterf(128.0f, 0.0f), "float") &
            within_two_units<double>(core, -1077.0, std::nextafter(1024.0, 0.0), "double");
        if (!exact_enough) ++failures;
        int problems = 0;
        for (const bool is_double : {false, true}) {
            for (const int d : {1, 2, 3, 4, 5, 8, 16, 17, 33, 64, 65, 130, 300}) {
                for (const auto& [n, m] : {Size{1, 1}, Size{7, 3}, Size{33, 9}, Size{70, 130}}) {
                    const int layout = problems++ % Points::n_layouts;
                    const double offset = problems % 5 == 0 ? 1000.0 : 0.0;
                    run(core, Problem(n, m, d, is_double, layout, offset));
                }
            }
        }
        for (int d = 1; d <= Regions::most_features; ++d) {
            const bool is_double = ++problems % 2;
            run_regions(core, Problem(most_searched + 37, 9, d, is_double, problems % 3, 0.0));
        }
        std::printf("  %d problems\n", problems);
    }
    std::printf(failures ? "%d wrong\n" : "all right\n", failures);
    return failures ? 1 : 0;
}
