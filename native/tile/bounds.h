// What a movement of the columns does to the bounds of k-means.
//
// A column beyond a ball is as far from the row as the ball's radius exceeds the row's distance to
// its middle; one inside has come nearer by as much as it has moved. So every ball bounds all other
// columns, and the best of the bounds holds. For most rows one of two is enough, which vectors of
// floats find: no other column is nearer to theirs than the nearest, or none has moved far.
#pragma once
#include <algorithm>
#include <limits>

#include "../outwards.h"
#include "summed_rows.h"

namespace gramian::GRAMIAN_ISA {

// Moves one row's bounds by the best of all balls.
inline void move_row(const double* own, int64_t levels, float& upper, float& lower) {
    const double *radius = own + 1, *moved = radius + levels;
    const float high = float_above(static_cast<double>(upper) + own[0]);
    const double middle = high, low = lower;
    double best = 0.0;
    for (int64_t level = 0; level < levels; ++level) {
        const double outside = radius[level] - middle, inside = low - moved[level];
        best = std::max(best, std::min(inside, outside));
    }
    upper = high;
    lower = float_below(best);
}

constexpr int32_t moved_rows = 512;  // at a time: what is made of them stays in the first cache

// What moves the bounds of a few rows, from tables of their columns.
struct Steps {
    alignas(64) float own[moved_rows];   // that the row's column has moved, at most
    alignas(64) float rest[moved_rows];  // that any other has moved, at most
    alignas(64) float near[moved_rows];  // the radius of a ball in which no other is that has moved
    alignas(64) float upper[moved_rows];
    alignas(64) float lower[moved_rows];
};

// More than the two roundings of a bound do to it, relative to it.
constexpr float bound_roundings = 0x1p-22f;

inline void take_steps(Steps& rows, int32_t count, const float* upper, const float* lower) {
    using V = F32;
    const auto outwards = V::set1(bound_roundings), inwards = V::set1(-bound_roundings);
    for (int32_t i = 0; i < count; i += V::width) {
        const auto high = V::add(V::loadu(upper + i), V::load(rows.own + i));
        const auto above = V::fma(high, outwards, high), low = V::loadu(lower + i);
        const auto outside = V::min(V::sub(V::load(rows.near + i), above), low);
        const auto best = V::max(outside, V::sub(low, V::load(rows.rest + i)));
        V::store(rows.upper + i, above);
        V::store(rows.lower + i, V::fma(V::abs(best), inwards, best));
    }
}

// Moves the bounds of `count` rows, and counts those of them that overlap afterwards.
inline int64_t move_bounds(const Movement& movement, const int64_t* label, int64_t count,
                           float* upper, float* lower) {
    const int64_t levels = movement.levels;
    int64_t overlapping = 0;
    Steps rows;
    int32_t list[moved_rows];
    for (int64_t first = 0; first < count; first += moved_rows) {
        const int64_t left = count - first;
        const auto some = static_cast<int32_t>(left < moved_rows ? left : moved_rows);
        const int64_t* const column = label + first;
        for (int32_t i = 0; i < some; ++i) {
            rows.own[i] = movement.own[column[i]];
            rows.rest[i] = movement.rest[column[i]];
            rows.near[i] = movement.near[column[i]];
        }
        const int32_t whole = some / F32::width * F32::width;
        take_steps(rows, whole, upper + first, lower + first);
        for (int32_t i = whole; i < some; ++i) rows.upper[i] = std::numeric_limits<float>::infinity();
        const int32_t n = list_where(some, list, [&](int32_t i) {
            return !(rows.upper[i] < rows.lower[i]);
        });
        for (int32_t k = 0; k < n; ++k) {
            const int32_t i = list[k];
            rows.upper[i] = upper[first + i];
            rows.lower[i] = lower[first + i];
            const double* const own = movement.table + column[i] * (2 * levels + 1);
            move_row(own, levels, rows.upper[i], rows.lower[i]);
            overlapping += !(rows.upper[i] < rows.lower[i]);
        }
        std::copy_n(rows.upper, some, upper + first);
        std::copy_n(rows.lower, some, lower + first);
    }
    return overlapping;
}

}  // namespace gramian::GRAMIAN_ISA
