// Rows in cells where one column is the nearest are settled by looking it up.
#pragma once
#include "search_space.h"

namespace gramian::GRAMIAN_ISA {

constexpr int64_t looked_up = 64;  // rows at a time
constexpr int64_t fetched_ahead = 256;  // rows: processors themselves stop at the end of a page

// Where the grid lies, once for every number of so many adjacent rows: the loop over them then has
// no features, and is a vector's.
template <class T, int Features>
struct Places {
    T low[looked_up * Features], per[looked_up * Features];
    T edge;
    int32_t side, last = 1;

    explicit Places(const Regions& regions)
        : edge(static_cast<T>(regions.side)), side(static_cast<int32_t>(regions.side)) {
        for (int f = 0; f < Features; ++f) last *= side;
        for (int64_t k = 0; k < looked_up * Features; ++k) {
            low[k] = static_cast<T>(regions.low[k % Features]);
            per[k] = static_cast<T>(regions.per[k % Features]);
        }
    }

    // The cells of adjacent rows; the last cell for rows off the grid.
    void cells_of(const T* x, int64_t count, int32_t* cell) const {
        int32_t at[looked_up * Features];
        for (int64_t k = 0; k < count * Features; ++k) {
            const T place = (x[k] - low[k]) * per[k];
            const bool inside = (place >= T(0)) & (place < edge);
            const auto whole = static_cast<int32_t>(inside ? place : T(0));
            at[k] = inside ? whole : -1;
        }
        for (int64_t i = 0; i < count; ++i) {
            const int32_t first = at[i * Features], second = at[i * Features + Features - 1];
            const int32_t there = Features == 1 ? first : second * side + first;
            cell[i] = (first | second) < 0 ? last : there;
        }
    }
};

template <class T, int Features>
inline int64_t look_up_in(const Search& job, int64_t first, int64_t count, int64_t* open) {
    const Table& x = job.x;
    const bool adjacent = x.feature_stride == 1 && x.row_stride == Features;
    const Places<T, Features> places(*job.regions);
    const int16_t* const columns = job.regions->column;
    int64_t* const index = job.index;
    const Rows all{nullptr, first, count};
    int64_t n_open = 0;
    int32_t cell[looked_up];
    T copied[looked_up * Features];
    for (int64_t begin = first; begin < first + count; begin += looked_up) {
        const int64_t left = first + count - begin, live = left < looked_up ? left : looked_up;
        const T* rows = static_cast<const T*>(x.data) + begin * x.row_stride;
        prefetch(x, all, begin - first + fetched_ahead, looked_up);
        for (int64_t i = 0; i < live && !adjacent; ++i) {
            for (int f = 0; f < Features; ++f) {
                copied[i * Features + f] = rows[i * x.row_stride + f * x.feature_stride];
            }
        }
        places.cells_of(adjacent ? rows : copied, live, cell);
        for (int64_t i = 0; i < live; ++i) {
            const int64_t column = columns[cell[i]];
            index[begin + i] = column;
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
