// Rows in cells where one column is the nearest are settled by looking it up.
#pragma once
#include "search_space.h"

namespace gramian::GRAMIAN_ISA {

constexpr int64_t looked_up = 64;  // rows at a time

// The cells of some rows, whose features are `Strides` apart; the last cell for rows off the grid.
template <class T, int Features, class Strides>
inline void cells_of(const Regions& regions, const T* x, Strides strides, int64_t count,
                     int32_t* cell) {
    const auto side = static_cast<int32_t>(regions.side);
    const T edge = static_cast<T>(side);
    T low[Features], per[Features];
    int32_t last = 1;
#pragma GCC unroll 2
    for (int f = 0; f < Features; ++f) {
        low[f] = static_cast<T>(regions.low[f]);
        per[f] = static_cast<T>(regions.per[f]);
        last *= side;
    }
    for (int64_t i = 0; i < count; ++i) {
        int32_t at = 0;
        bool inside = true;
#pragma GCC unroll 2
        for (int f = Features - 1; f >= 0; --f) {
            const T place = (x[i * strides.row() + f * strides.feature()] - low[f]) * per[f];
            const bool here = (place >= T(0)) & (place < edge);
            inside &= here;
            at = at * side + static_cast<int32_t>(here ? place : T(0));
        }
        cell[i] = inside ? at : last;
    }
}

template <int Features>
struct Adjacent {
    static constexpr int64_t row() { return Features; }
    static constexpr int64_t feature() { return 1; }
};

struct Strided {
    const Table& x;
    int64_t row() const { return x.row_stride; }
    int64_t feature() const { return x.feature_stride; }
};

template <class T, int Features>
inline int64_t look_up_in(const Search& job, int64_t first, int64_t count, int64_t* open) {
    const Table& x = job.x;
    const bool adjacent = x.feature_stride == 1 && x.row_stride == Features;
    int64_t n_open = 0;
    int32_t cell[looked_up];
    for (int64_t begin = first; begin < first + count; begin += looked_up) {
        const int64_t left = first + count - begin, live = left < looked_up ? left : looked_up;
        const T* rows = static_cast<const T*>(x.data) + begin * x.row_stride;
        if (adjacent) {
            cells_of<T, Features>(*job.regions, rows, Adjacent<Features>{}, live, cell);
        } else {
            cells_of<T, Features>(*job.regions, rows, Strided{x}, live, cell);
        }
        for (int64_t i = 0; i < live; ++i) {
            const int64_t column = job.regions->column[cell[i]];
            job.index[begin + i] = column;
            open[n_open] = begin + i;
            n_open += column < 0;
        }
    }
    return n_open;
}

template <class T>
inline int64_t look_up_typed(const Search& job, int64_t first, int64_t count, int64_t* open) {
    return job.x.features == 1 ? look_up_in<T, 1>(job, first, count, open)
                               : look_up_in<T, 2>(job, first, count, open);
}

// Writes the columns of the rows that are settled, and lists the others; there is room for one more.
inline int64_t look_up(const Search& job, int64_t first, int64_t count, int64_t* open) {
    return job.x.is_double ? look_up_typed<double>(job, first, count, open)
                           : look_up_typed<float>(job, first, count, open);
}

}  // namespace gramian::GRAMIAN_ISA
