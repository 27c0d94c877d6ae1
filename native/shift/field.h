// A sum of Gaussians as one polynomial per square of the plane. The rows of a square are summed up
// by the moments of Chebyshev polynomials; `Field::tables` holds moments or, after Python has taken
// them through the kernel, the coefficients of the sum.
#pragma once
#include "../tile/math.h"
#include "cells.h"

namespace gramian::GRAMIAN_ISA {

constexpr int degree_end = field_degree_end;

// T_0 ... T_15 at u in [-1, 1].
[[gnu::always_inline]] inline void chebyshev(double u, double* values) {
    values[0] = 1.0;
    values[1] = u;
    for (int i = 2; i < degree_end; ++i) values[i] = 2 * u * values[i - 1] - values[i - 2];
}

// Their derivatives: T'_i = i U_{i-1}.
[[gnu::always_inline]] inline void chebyshev_slopes(double u, double* slopes) {
    double before = 0.0, now = 1.0;
    slopes[0] = 0.0;
    for (int i = 1; i < degree_end; ++i) {
        slopes[i] = i * now;
        const double next = 2 * u * now - before;
        before = now;
        now = next;
    }
}

// The square that a place is in, along a feature, and where in [-1, 1] of it; -1 outside all.
[[gnu::always_inline]]
inline int64_t square_of(const Field& field, int feature, double place, double& u) {
    const double at = (place - field.low[feature]) / field.side, square = std::floor(at);
    u = 2 * (at - square) - 1;
    return square >= 0 && square < static_cast<double>(field.extent[feature])
               ? static_cast<int64_t>(square)
               : -1;
}

// One tile is a line of squares; `starts` says which rows each square has.
inline Outcome moments(const Field& field, int64_t tile, Watch& watch) {
    for (int64_t along = 0; along < field.extent[1]; ++along) {
        if (watch.stop()) return Outcome::stopped;
        const int64_t square = tile * field.extent[1] + along;
        double* table = field.tables + square * degree_end * degree_end;
        for (int64_t row = field.starts[square]; row < field.starts[square + 1]; ++row) {
            double u, v, first[degree_end], second[degree_end];
            square_of(field, 0, field.places[2 * row], u);
            square_of(field, 1, field.places[2 * row + 1], v);
            chebyshev(u, first);
            chebyshev(v, second);
            for (int i = 0; i < degree_end; ++i) {
                const auto factor = F64::set1(first[i] * field.weights[row]);
                for (int j = 0; j < degree_end; j += F64::width) {
                    double* at = table + i * degree_end + j;
                    F64::storeu(at, F64::fma(factor, F64::loadu(second + j), F64::loadu(at)));
                }
            }
        }
    }
    return Outcome::done;
}

// The sum and its two slopes at some places; zeros outside all squares.
inline Outcome evaluate_field(const Field& field, int64_t tile, Watch& watch) {
    if (watch.stop()) return Outcome::stopped;
    constexpr int vectors = degree_end / F64::width;
    const int64_t begin = tile * positions_per_tile, full = begin + positions_per_tile;
    for (int64_t i = begin; i < full && i < field.n; ++i) {
        double u, v, first[degree_end], second[degree_end], steep[degree_end], lane[3][degree_end];
        double* out = field.sums + 3 * i;
        const int64_t line = square_of(field, 0, field.places[2 * i], u);
        const int64_t along = square_of(field, 1, field.places[2 * i + 1], v);
        out[0] = out[1] = out[2] = 0.0;
        if (line < 0 || along < 0) continue;
        chebyshev(u, first);
        chebyshev_slopes(u, steep);
        const double* table =
            field.tables + (line * field.extent[1] + along) * degree_end * degree_end;
        F64::reg value[vectors] = {}, slope[vectors] = {};
        for (int a = 0; a < degree_end; ++a) {
            for (int b = 0; b < vectors; ++b) {
                const auto entry = F64::loadu(table + a * degree_end + b * F64::width);
                value[b] = F64::fma(F64::set1(first[a]), entry, value[b]);
                slope[b] = F64::fma(F64::set1(steep[a]), entry, slope[b]);
            }
        }
        chebyshev(v, second);
        chebyshev_slopes(v, steep);
        for (int b = 0; b < vectors; ++b) {
            const auto plain = F64::loadu(second + b * F64::width);
            F64::storeu(lane[0] + b * F64::width, F64::mul(value[b], plain));
            F64::storeu(lane[1] + b * F64::width, F64::mul(slope[b], plain));
            F64::storeu(lane[2] + b * F64::width,
                        F64::mul(value[b], F64::loadu(steep + b * F64::width)));
        }
        for (int k = 0; k < 3; ++k) {
            for (int j = 0; j < degree_end; ++j) out[k] += lane[k][j];
        }
    }
    return Outcome::done;
}

}  // namespace gramian::GRAMIAN_ISA
