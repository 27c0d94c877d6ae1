// Sums of rows with many features: the rows of a part are taken column by column, so that a sum stays
// in the first cache while it grows. Each sum sees its rows in their order, as it does without this,
// so no bit depends on it.
#pragma once
#include <cstring>

#include "../core.h"

namespace gramian::GRAMIAN_ISA {

constexpr int64_t ordered_rows = 4096;         // whose order is made at a time
constexpr int64_t least_ordered_features = 256;  // fewer cost less than the order
constexpr int64_t least_ordered_bytes = 1 << 15;  // of all sums: what one core's first cache holds
constexpr int64_t rows_per_ordered_column = 4;    // that share a sum on its way through the cache

inline F64::reg widened(const float* p) { return F64::widen(p); }
inline F64::reg widened(const double* p) { return F64::loadu(p); }

inline bool sums_in_order(const Assign& job) {
    const Table &x = job.search.x, &y = job.columns;
    return x.feature_stride == 1 && y.feature_stride == 1 && x.features >= least_ordered_features &&
           y.rows * x.features * 8 > least_ordered_bytes &&
           y.rows * rows_per_ordered_column <= ordered_rows;
}

// sum += weight (row - column) for `Rows` rows, one after the other, while `next` ones are fetched.
template <int Rows, class T>
inline void add_some(const T* const* row, const T* const* next, const T* column,
                     const double* weight, int64_t features, double* sum) {
    constexpr int W = F64::width;
    int64_t f = 0;
    for (; f + W <= features; f += W) {
        const auto from = widened(column + f);
        auto total = F64::loadu(sum + f);
#pragma GCC unroll 4
        for (int i = 0; i < Rows; ++i) {
            F32::prefetch(reinterpret_cast<const char*>(next[i] + f));
            const auto gap = F64::sub(widened(row[i] + f), from);
            total = F64::add(total, F64::mul(F64::set1(weight[i]), gap));
        }
        F64::storeu(sum + f, total);
    }
    for (; f < features; ++f) {
        for (int i = 0; i < Rows; ++i) {
            const double gap = static_cast<double>(row[i][f]) - static_cast<double>(column[f]);
            sum[f] += weight[i] * gap;
        }
    }
}

// A part's rows by column.
struct LabelOrder {
    int32_t row[ordered_rows];  // counted from the first
    int32_t end[ordered_rows / rows_per_ordered_column + 1];  // [column] where its rows end

    LabelOrder(const Assign& job, int64_t first, int64_t count) {
        const int64_t* const labels = job.search.index + first;
        const auto column_of = [&](int64_t i) { return job.place ? job.place[labels[i]] : labels[i]; };
        std::memset(end, 0, static_cast<size_t>(job.columns.rows + 1) * sizeof *end);
        for (int64_t i = 0; i < count; ++i) {
            if (const int64_t column = column_of(i); column >= 0) ++end[column + 1];
        }
        for (int64_t j = 0; j < job.columns.rows; ++j) end[j + 1] += end[j];
        for (int64_t i = 0; i < count; ++i) {
            const int64_t column = column_of(i);
            if (column >= 0) row[end[column]++] = static_cast<int32_t>(i);
        }
    }
};

template <class T>
inline void add_in_order(const Assign& job, int64_t first, int64_t count, PartSums& part) {
    constexpr int at_once = 4;
    const Table &x = job.search.x, &y = job.columns;
    const int64_t d = x.features;
    const LabelOrder order(job, first, count);
    const int64_t all = order.end[y.rows - 1];
    int64_t i = 0;
    for (int64_t j = 0; j < y.rows; ++j) {
        const T* const column = static_cast<const T*>(y.data) + j * y.row_stride;
        double* const sum = part.sums + j * d;
        while (i < order.end[j]) {
            const int64_t left = order.end[j] - i, live = left < at_once ? left : at_once;
            const T *row[at_once], *next[at_once];
            double weight[at_once];
            for (int64_t k = 0; k < live; ++k) {
                const int64_t at = first + order.row[i + k];
                const int64_t later = i + k + at_once < all ? order.row[i + k + at_once] : 0;
                row[k] = static_cast<const T*>(x.data) + at * x.row_stride;
                next[k] = static_cast<const T*>(x.data) + (first + later) * x.row_stride;
                weight[k] = job.weights[at * job.weight_stride];
                part.mass[j] += weight[k];
            }
            if (live == at_once) {
                add_some<at_once>(row, next, column, weight, d, sum);
            } else {
                for (int64_t k = 0; k < live; ++k) add_some<1>(row + k, next + k, column, weight + k, d, sum);
            }
            i += live;
        }
    }
}

}  // namespace gramian::GRAMIAN_ISA
