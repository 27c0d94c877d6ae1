// The form of single pairs as float64 brute force has it: features in order, every operation
// rounded. Several pairs at once, so that their chains of additions overlap.
#pragma once
#include <cmath>

#include "pack.h"

namespace gramian::GRAMIAN_ISA {

constexpr int pairs_at_once = 8;

template <class T, Form form>
inline void exact_pairs_of(const Table& x, const int64_t* i, const Table& y, const int64_t* j,
                           double* out) {
    const T* a[pairs_at_once];
    const T* b[pairs_at_once];
    double total[pairs_at_once] = {};
    for (int p = 0; p < pairs_at_once; ++p) {
        a[p] = static_cast<const T*>(x.data) + i[p] * x.row_stride;
        b[p] = static_cast<const T*>(y.data) + j[p] * y.row_stride;
    }
    for (int64_t f = 0; f < x.features; ++f) {
        for (int p = 0; p < pairs_at_once; ++p) {
            const double gap = static_cast<double>(a[p][f * x.feature_stride]) -
                               static_cast<double>(b[p][f * y.feature_stride]);
            if constexpr (form == Form::squared_euclidean) {
                total[p] += gap * gap;
            } else if constexpr (form == Form::manhattan) {
                total[p] += std::fabs(gap);
            } else {
                total[p] = std::fabs(gap) > total[p] ? std::fabs(gap) : total[p];
            }
        }
    }
    for (int p = 0; p < pairs_at_once; ++p) out[p] = total[p];
}

template <class T>
inline void exact_pairs_typed(Form form, const Table& x, const int64_t* i, const Table& y,
                              const int64_t* j, double* out) {
    switch (form) {
        case Form::squared_euclidean:
            return exact_pairs_of<T, Form::squared_euclidean>(x, i, y, j, out);
        case Form::manhattan:
            return exact_pairs_of<T, Form::manhattan>(x, i, y, j, out);
        case Form::chebyshev:
            return exact_pairs_of<T, Form::chebyshev>(x, i, y, j, out);
    }
}

// out[p] = form(x[i[p]], y[j[p]]) for `count` pairs.
inline void exact_pairs(Form form, const Table& x, const int64_t* i, const Table& y,
                        const int64_t* j, int64_t count, double* out) {
    for (int64_t begin = 0; begin < count; begin += pairs_at_once) {
        int64_t left[pairs_at_once], right[pairs_at_once];
        double found[pairs_at_once] = {};
        for (int p = 0; p < pairs_at_once; ++p) {
            const int64_t at = begin + p < count ? begin + p : begin;
            left[p] = i[at];
            right[p] = j[at];
        }
        if (x.is_double) {
            exact_pairs_typed<double>(form, x, left, y, right, found);
        } else {
            exact_pairs_typed<float>(form, x, left, y, right, found);
        }
        for (int p = 0; p < pairs_at_once && begin + p < count; ++p) out[begin + p] = found[p];
    }
}

}  // namespace gramian::GRAMIAN_ISA
