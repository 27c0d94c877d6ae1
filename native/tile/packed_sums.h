// Sums of up to three features and the mass of a column lie side by side, so that a row is one
// addition. Every number sees the operations that it sees in `assign.h`, in the same order.
#pragma once
#include "summed_rows.h"

namespace gramian::GRAMIAN_ISA {

using Packed = double __attribute__((vector_size(4 * sizeof(double))));  // [feature] ... [mass]

constexpr int most_packed_features = 3, packed_mass = 3;
constexpr int64_t most_packed_columns = 256;     // more would crowd a worker's stack and cache
constexpr int64_t rows_per_packed_column = 4;    // that pay for packing it

inline bool sums_pack(const Assign& job, int64_t count) {
    const Table &x = job.search.x, &y = job.columns;
    return x.features <= most_packed_features && x.feature_stride == 1 && y.feature_stride == 1 &&
           y.rows <= most_packed_columns && count >= rows_per_packed_column * y.rows;
}

template <class T, int Features>
inline void add_packed_rows(const Assign& job, int64_t first, int64_t last, PartSums& part) {
    const Table& y = job.columns;
    Packed column[most_packed_columns], sum[most_packed_columns];
    for (int64_t j = 0; j < y.rows; ++j) {
        const T* const at = static_cast<const T*>(y.data) + j * y.row_stride;
        column[j] = sum[j] = Packed{};
        for (int f = 0; f < Features; ++f) {
            column[j][f] = static_cast<double>(at[f]);
            sum[j][f] = part.sums[j * Features + f];
        }
        sum[j][packed_mass] = part.mass[j];
    }
    each_row<T>(job, first, last, [&](const T* at, int64_t column_of, double weight) {
        const auto feature = [&](int f) { return f < Features ? static_cast<double>(at[f]) : 0.0; };
        const Packed row{feature(0), feature(1), feature(2), 1.0};
        sum[column_of] += weight * (row - column[column_of]);
    });
    for (int64_t j = 0; j < y.rows; ++j) {
        for (int f = 0; f < Features; ++f) part.sums[j * Features + f] = sum[j][f];
        part.mass[j] = sum[j][packed_mass];
    }
}

template <class T>
inline void add_packed(const Assign& job, int64_t first, int64_t last, PartSums& part) {
    switch (job.search.x.features) {
        case 1: return add_packed_rows<T, 1>(job, first, last, part);
        case 2: return add_packed_rows<T, 2>(job, first, last, part);
        case 3: return add_packed_rows<T, 3>(job, first, last, part);
    }
}

}  // namespace gramian::GRAMIAN_ISA
