// Squared distances from one row of doubles to rows that lie one behind the other.
#pragma once
#include "lanes.h"

namespace gramian::GRAMIAN_ISA {

// So many others at a time share what is loaded of the row, each with a chain of sums of its own.
template <int Others>
inline void gaps_to(const double* row, const double* others, int64_t stride, double* out) {
    F64::reg sum[Others];
    for (auto& each : sum) each = F64::set1(0.0);
    for (int64_t f = 0; f < stride; f += F64::width) {
        const auto a = F64::loadu(row + f);
#pragma GCC unroll 8
        for (int i = 0; i < Others; ++i) {
            const auto gap = F64::sub(a, F64::loadu(others + i * stride + f));
            sum[i] = F64::fma(gap, gap, sum[i]);
        }
    }
    for (int i = 0; i < Others; ++i) out[i] = total_of(sum[i]);
}

// `stride` is a multiple of eight; the terms of each distance may be added in any order.
inline void squared_gaps(const double* row, const double* others, int64_t count, int64_t stride,
                         double* out) {
    constexpr int together = 8;
    int64_t j = 0;
    for (; j + together <= count; j += together) {
        gaps_to<together>(row, others + j * stride, stride, out + j);
    }
    for (; j < count; ++j) gaps_to<1>(row, others + j * stride, stride, out + j);
}

}  // namespace gramian::GRAMIAN_ISA
