// What a first pass of `nearest` leaves behind: columns, bounds, and the rows that are still open.
#pragma once
#include <bit>

#include "search_space.h"

namespace gramian::GRAMIAN_ISA {

// Whether rounded numbers go first.
inline bool goes_roughly(const Search& job, const SearchSpace& space, Method method) {
    return method == Method::product && !*space.rough_off &&
           rough_pays(job.rough, job.x.features, job.y.rows);
}

// Notes the columns that the chunk from `first` on has brought for a panel of rows.
inline void note_columns(const Search& job, const SearchSpace& space, const Rows& rows,
                         int64_t begin, int64_t first) {
    const int64_t left = rows.count - begin;
    const int64_t live = left < Shape<F32>::rows ? left : Shape<F32>::rows;
    const int32_t* __restrict column = space.column + begin;
    if (rows.list) {
        for (int64_t i = 0; i < live; ++i) {
            if (column[i] >= 0) job.index[rows[begin + i]] = first + column[i];
        }
        return;
    }
    int64_t* __restrict index = job.index + rows.first + begin;
    for (int64_t i = 0; i < live; ++i) {
        if (column[i] >= 0) index[i] = first + column[i];
    }
}

// How far the column found may be from each row, and how near any other one. Rows that are too far
// out for floats keep what they had. Margins cover the few roundings of the arithmetic itself.
inline void write_bounds(const Search& job, const SearchSpace& space, const Rows& rows,
                         Method method, const Error& error) {
    constexpr float margin = 2e-6f, largest = 8e37f, smallest = 1e-30f;
    const float unit = static_cast<float>(1.0 / job.frame.scale);
    const float centred = method == Method::product ? 1.0f : 0.0f;
    const float roundings = 1.2e-7f * static_cast<float>(job.x.features + 8) + margin;
    const float per_length = static_cast<float>(error.absolute) + roundings;
    const float per_form = static_cast<float>(error.relative) + margin;
    float* __restrict upper = job.upper + rows.first;
    float* __restrict lower = job.lower + rows.first;
    for (int64_t row = 0; row < rows.count; ++row) {
        const float length = space.length[row] * centred;
        const float best = space.best[row], second = space.second[row], reach = space.reach[row];
        // which column of an open row wins is not known yet
        const bool open = !(second > reach);
        const float known = open & (best < second) ? best : second;
        const float low = known < largest ? known : largest;
        const float slack = length * per_length + std::fabs(low) * per_form + up(least);
        const float beyond = low + length - slack;
        const float within = reach + length * (1.0f + roundings) + std::fabs(reach) * margin;
        const float near = std::sqrt(beyond > 0 ? beyond : 0.0f) * unit * (1.0f - margin);
        const float far_off = std::sqrt(within > 0 ? within : 0.0f) * unit * (1.0f + margin);
        const bool keep = space.outlying[row];
        lower[row] = keep ? lower[row] : near > smallest ? near : 0.0f;
        upper[row] = keep ? upper[row] : far_off + smallest;
    }
}

// How far above its lower bound the best form of a row may be.
struct Reaches {
    float per_norm, per_best, more;

    Reaches(Method method, const Error& error, int64_t features) {
        // The error of a product is a share of |x|^2 + |y|^2, which is at most 5 |x|^2 +
        // 2 (|x - y|^2 - |x|^2). Room is left for the lengths' own roundings and for those of a
        // float's arithmetic.
        const double room = 1.001 + static_cast<double>(features) * 1.2e-7;
        per_norm = method == Method::product ? up(2.0 * error.absolute * room) : 0.0f;
        per_best = up(2.0 * error.relative + 3e-7);
        // near the centre shares are nothing, and neither products nor places keep their digits
        more = up(least);
    }

    // The upper bounds of a vector of rows, from their lower ones and squared lengths.
    template <class V>
    typename V::reg of(typename V::reg low, typename V::reg length) const {
        const auto norms = V::fma(V::set1(5.0f), length, V::add(low, low));
        const auto doubt = V::fma(V::abs(norms), V::set1(per_norm),
                                  V::mul(V::abs(low), V::set1(per_best)));
        return V::add(low, V::add(doubt, V::set1(more)));
    }

    // The same for one row, and never less.
    float of(float low, float length) const {
        const float doubt = std::fabs(5.0f * length + 2.0f * low) * per_norm +
                            std::fabs(low) * per_best + more;
        return low + 1.01f * doubt + std::fabs(low) * 1.2e-7f;
    }
};

// Lists the rows that the passes leave open: those whose second-best lower bound does not exceed
// the best one's upper bound, and which `settle` can not decide.
template <class Settle>
inline int64_t open_rows(const Search& job, SearchSpace& space, const Rows& rows, Method method,
                         const Error& error, Settle settle) {
    using V = F32;
    const Reaches reaches(method, error, job.x.features);
    constexpr auto lanes = static_cast<uint32_t>((1ull << V::width) - 1);
    bool undecided = false;
    for (int64_t row = 0; row < rows.count; row += V::width) {
        const auto low = V::loadu(space.best + row);
        const auto reach = reaches.of<V>(low, V::loadu(space.length + row));
        V::storeu(space.reach + row, reach);
        const auto decided = V::lt(reach, V::loadu(space.second + row));
        undecided |= V::bits(decided) != lanes;
    }
    if (job.upper) write_bounds(job, space, rows, method, error);
    int64_t n_open = 0;
    for (int64_t first = 0; undecided && first < rows.count; first += V::width) {
        const auto decided = V::lt(V::loadu(space.reach + first), V::loadu(space.second + first));
        for (uint32_t open = ~V::bits(decided) & lanes; open; open &= open - 1) {
            const int64_t row = first + std::countr_zero(open);
            if (row >= rows.count || space.outlying[row] || settle(row)) continue;
            space.reach[n_open] = space.reach[row];
            space.open[n_open++] = rows[row];
        }
    }
    return n_open;
}

}  // namespace gramian::GRAMIAN_ISA
