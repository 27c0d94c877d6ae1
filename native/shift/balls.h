// Sums over the rows of balls, for one instruction set. A position belongs to one thread, and its
// rows are met in the order of the cells.
#pragma once
#include "../tile/math.h"
#include "walk.h"

namespace gramian::GRAMIAN_ISA {

constexpr double to_width[] = {0, 1, 2, 3, 4, 5, 6, 7};
// Relative: covers the roundings of a squared distance and of the radius's own square.
constexpr double margin = 0x1p-40;

[[gnu::always_inline]] inline double total(F64::reg sum) {
    double lane[F64::width];
    F64::storeu(lane, sum);
    double all = lane[0];
    for (int i = 1; i < F64::width; ++i) all += lane[i];
    return all;
}

// Rows of a run, a vector at a time: visit(row, gaps, squared distance, which are inside).
template <int D, class Visit>
[[gnu::always_inline]]
inline void scan(const Balls& job, const double* place, int64_t begin, int64_t end, Visit visit) {
    const auto reach = F64::set1(job.reach);
    for (int64_t row = begin; row < end; row += F64::width) {
        F64::reg gap[D];
        for (int k = 0; k < D; ++k) {
            const double* at = job.cells.rows + k * job.cells.apart + row;
            gap[k] = F64::sub(F64::loadu(at), F64::set1(place[k]));
        }
        auto squared = F64::mul(gap[0], gap[0]);
        for (int k = 1; k < D; ++k) squared = F64::add(squared, F64::mul(gap[k], gap[k]));
        const auto left = F64::set1(static_cast<double>(end - row));
        const auto live = F64::lt(F64::loadu(to_width), left);
        visit(row, gap, squared, F64::but_not(live, F64::lt(reach, squared)));
    }
}

// The columns' sums. Columns are such that every sum of theirs is exact, so that their order and
// the use of totals leave no trace.
template <int D, int Columns>
inline void flat_sums(const Balls& job, const double* place, Rest ball, double* sums) {
    const auto none = F64::set1(0.0);
    F64::reg added[Columns];
    double whole[Columns] = {};
    for (auto& sum : added) sum = none;
    const auto add = [&](int64_t row, const F64::reg*, F64::reg, F64::mask inside) {
        for (int c = 0; c < Columns; ++c) {
            const double* before = job.values + c * job.cells.apart + row;
            const auto own = F64::sub(F64::loadu(before + 1), F64::loadu(before));
            added[c] = F64::add(added[c], F64::select(inside, own, none));
        }
    };
    each_run<D>(job.cells, place, ball, 0, [&](int64_t begin, int64_t from, int64_t to, int64_t end) {
        scan<D>(job, place, begin, from, add);
        scan<D>(job, place, to, end, add);
        for (int c = 0; c < Columns; ++c) {
            const double* before = job.values + c * job.cells.apart;
            whole[c] += before[to] - before[from];
        }
    });
    for (int c = 0; c < Columns; ++c) sums[c] = whole[c] + total(added[c]);
}

template <int D, class Weigh>
[[gnu::always_inline]]
inline void smooth_sums(const Balls& job, const double* place, Rest ball, double* sums, Weigh weigh) {
    const auto none = F64::set1(0.0);
    F64::reg added[1 + D];
    for (auto& sum : added) sum = none;
    const auto add = [&](int64_t row, const F64::reg* gap, F64::reg squared, F64::mask inside) {
        const auto weight = F64::select(
            inside, F64::mul(weigh(squared), F64::loadu(job.values + row)), none);
        added[0] = F64::add(added[0], weight);
        for (int k = 0; k < D; ++k) added[1 + k] = F64::fma(weight, gap[k], added[1 + k]);
    };
    ball.inner = -1.0;
    each_run<D>(job.cells, place, ball, 0, [&](int64_t begin, int64_t, int64_t, int64_t end) {
        scan<D>(job, place, begin, end, add);
    });
    for (int c = 0; c <= D; ++c) sums[c] = total(added[c]);
}

template <int D>
inline void sums_of(const Balls& job, const double* place, double* sums) {
    const double outer = job.radius * (1 + margin), inner = job.radius * (1 - margin);
    const Rest ball{outer * outer, inner * inner};
    const auto one = F64::set1(1.0), rate = F64::set1(job.rate);
    const auto decay = Decay<double>::of(job.rate);
    switch (job.window) {
        case Window::flat:
            if (job.columns == 1 + 2 * D) return flat_sums<D, 1 + 2 * D>(job, place, ball, sums);
            return flat_sums<D, 2 + 2 * D>(job, place, ball, sums);
        case Window::epanechnikov:
            return smooth_sums<D>(job, place, ball, sums, [&](F64::reg squared) {
                return F64::max(F64::sub(one, F64::mul(squared, rate)), F64::set1(0.0));
            });
        case Window::gaussian:
            return smooth_sums<D>(job, place, ball, sums,
                                  [&](F64::reg squared) { return exp2<F64>(squared, decay); });
    }
}

inline Outcome balls(const Balls& job, int64_t tile, Watch& watch) {
    const int64_t d = job.cells.features, first = tile * positions_per_tile;
    const int64_t full = first + positions_per_tile, behind = full < job.n ? full : job.n;
    const int64_t held = job.window == Window::flat ? job.columns : 1 + d;
    for (int64_t i = first; i < behind; ++i) {
        if (watch.stop()) return Outcome::stopped;
        const double* place = job.positions + i * d;
        double* sums = job.sums + i * held;
        if (d == 1) sums_of<1>(job, place, sums);
        if (d == 2) sums_of<2>(job, place, sums);
        if (d == 3) sums_of<3>(job, place, sums);
    }
    return Outcome::done;
}

}  // namespace gramian::GRAMIAN_ISA
