// The runs of rows that a ball may hold.
#pragma once
#include <cmath>

#include "cells.h"

namespace gramian::GRAMIAN_ISA {

// The cell of a place, rising with it; -1 before the first and `extent` behind the last.
[[gnu::always_inline]] inline int64_t cell_of(const Cells& cells, int feature, double place) {
    const double cell = std::floor((place - cells.low[feature]) * cells.per_side);
    const auto extent = static_cast<double>(cells.extent[feature]);
    return static_cast<int64_t>(cell < -1.0 ? -1.0 : cell > extent ? extent : cell);
}

// The first row of the cells from `key` on.
[[gnu::always_inline]] inline int64_t first_row(const Cells& cells, int64_t key) {
    int64_t low = cells.directory[key >> cells.shift];
    int64_t high = cells.directory[(key >> cells.shift) + 1];
    while (low < high) {
        const int64_t middle = (low + high) / 2;
        if (cells.keys[middle] < key) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return cells.starts[low];
}

// A ball about a place: how much of it is left, in squares, by the features so far.
struct Rest {
    double outer;  // beyond it a row is outside for certain
    double inner;  // up to it a row is inside for certain
};

// Calls run(begin, from, to, end) for each line of cells along the last feature: rows from begin to
// end may be inside, those from `from` to before `to` are. Where `inner` is negative none is known.
template <int D, int Feature = 0, class Run>
[[gnu::always_inline]]
inline void each_run(const Cells& cells, const double* place, Rest rest, int64_t key, Run run) {
    const double at = place[Feature];
    const double half = std::sqrt(rest.outer) + cells.slack;
    int64_t low = cell_of(cells, Feature, at - half);
    int64_t high = cell_of(cells, Feature, at + half);
    if (low < 0) low = 0;
    if (high == cells.extent[Feature]) --high;
    if (low > high) return;
    key *= cells.extent[Feature];
    if constexpr (Feature + 1 < D) {
        for (int64_t cell = low; cell <= high; ++cell) {
            const double edge = cells.low[Feature] + static_cast<double>(cell) * cells.side;
            const double before = edge - cells.slack - at;
            const double behind = edge + cells.side + cells.slack - at;
            const double near = before > 0 ? before : behind < 0 ? behind : 0.0;
            const double far = -before > behind ? before : behind;
            const Rest left{rest.outer - near * near, rest.inner - far * far};
            if (left.outer >= 0) each_run<D, Feature + 1>(cells, place, left, key + cell, run);
        }
    } else {
        const int64_t begin = first_row(cells, key + low), end = first_row(cells, key + high + 1);
        int64_t from = end, to = end;
        const double safe = rest.inner > 0 ? std::sqrt(rest.inner) - cells.slack : 0.0;
        if (safe > 0) {
            const int64_t first = cell_of(cells, Feature, at - safe) + 1;
            const int64_t behind = cell_of(cells, Feature, at + safe);
            if (first < behind) {
                from = first_row(cells, key + first);
                to = first_row(cells, key + behind);
            }
        }
        if (begin < end) run(begin, from, to, end);
    }
}

}  // namespace gramian::GRAMIAN_ISA
