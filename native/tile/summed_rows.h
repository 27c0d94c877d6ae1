// Which rows a part adds up: all, or those of the wanted columns.
#pragma once
#include "../core.h"

namespace gramian::GRAMIAN_ISA {

// Asks for a row that is wanted soon; the processor itself follows a row of more lines.
template <class T>
inline void prefetch_row(const T* row, int64_t row_bytes) {
    constexpr int64_t line = 64, most = 4 * line;
    const char* const from = reinterpret_cast<const char*>(row);
    for (int64_t at = 0; at < row_bytes && at < most; at += line) F32::prefetch(from + at);
}

// Lists the numbers below `count` that are chosen. Without a branch, which no processor would
// foresee.
template <class Chosen>
[[gnu::always_inline]] inline int32_t list_where(int32_t count, int32_t* list, Chosen chosen) {
    int32_t n = 0;
    for (int32_t i = 0; i < count; ++i) {
        list[n] = i;
        n += chosen(i);
    }
    return n;
}

constexpr int32_t listed_rows = 4096;     // at a time
constexpr int32_t prefetched_rows = 8;    // ahead

// Calls `visit(number, row)` for the rows listed, whose memory it asks for ahead.
template <class T, class Visit>
[[gnu::always_inline]] inline void each_listed(const Table& x, int64_t first, const int32_t* list,
                                               int32_t count, Visit visit) {
    const T* const rows = static_cast<const T*>(x.data) + first * x.row_stride;
    const int64_t bytes = x.features * static_cast<int64_t>(sizeof(T));
    const auto at = [&](int32_t k) { return rows + list[k] * x.row_stride; };
    for (int32_t k = 0; k < count && k < prefetched_rows; ++k) prefetch_row(at(k), bytes);
    for (int32_t k = 0; k < count; ++k) {
        if (k + prefetched_rows < count) prefetch_row(at(k + prefetched_rows), bytes);
        visit(first + list[k], at(k));
    }
}

// Calls `add(row, column, weight)` for the rows whose columns are summed.
template <class T, class Add>
inline void each_row(const Assign& job, int64_t first, int64_t last, Add add) {
    // copies, since sums that are written to might be any of these for all that a compiler knows
    const Table x = job.search.x;
    const int64_t weight_stride = job.weight_stride;
    const int64_t* const labels = job.search.index;
    const int32_t* const place = job.place;
    const double* const weights = job.weights;
    if (!place) {
        const T* const rows = static_cast<const T*>(x.data);
        for (int64_t i = first; i < last; ++i) {
            add(rows + i * x.row_stride, labels[i], weights[i * weight_stride]);
        }
        return;
    }
    int32_t list[listed_rows];
    for (; first < last; first += listed_rows) {
        const int64_t left = last - first;
        const auto count = static_cast<int32_t>(left < listed_rows ? left : listed_rows);
        const int64_t* const label = labels + first;
        const int32_t n = list_where(count, list, [&](int32_t i) { return place[label[i]] >= 0; });
        each_listed<T>(x, first, list, n, [&](int64_t i, const T* row) {
            add(row, static_cast<int64_t>(place[labels[i]]), weights[i * weight_stride]);
        });
    }
}

}  // namespace gramian::GRAMIAN_ISA
