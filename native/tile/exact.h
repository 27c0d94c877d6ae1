// The form of single pairs as float64 brute force has it: features in order, every operation
// rounded. Several pairs at once, so that their chains of additions overlap.
#pragma once
#include <cmath>

#include "pack.h"

namespace gramian::GRAMIAN_ISA {

constexpr int pairs_at_once = 8;

constexpr int64_t terms_at_once = 64;
constexpr int64_t few_terms = 16;  // too few to be worth a loop of their own

template <Form form>
inline double term_of(double a, double b) {
    const double gap = a - b;
    return form == Form::squared_euclidean ? gap * gap : std::fabs(gap);
}

template <Form form>
inline double total_of(double total, double term) {
    return form == Form::chebyshev ? (term > total ? term : total) : total + term;
}

// Adjacent numbers: terms by vectors first, then the chains.
template <class T, Form form>
inline void exact_rows(const T* const* a, const T* const* b, int64_t features, double* total) {
    double terms[pairs_at_once][terms_at_once];
    for (int64_t first = 0; first < features; first += terms_at_once) {
        const int64_t left = features - first, here = left < terms_at_once ? left : terms_at_once;
        for (int p = 0; p < pairs_at_once; ++p) {
            const T *const row = a[p] + first, *const column = b[p] + first;
            for (int64_t f = 0; f < here; ++f) {
                terms[p][f] = term_of<form>(static_cast<double>(row[f]), static_cast<double>(column[f]));
            }
        }
        // four chains fill the time that an addition takes
        for (int p = 0; p < pairs_at_once; p += 4) {
            double t0 = total[p], t1 = total[p + 1], t2 = total[p + 2], t3 = total[p + 3];
            for (int64_t f = 0; f < here; ++f) {
                t0 = total_of<form>(t0, terms[p][f]);
                t1 = total_of<form>(t1, terms[p + 1][f]);
                t2 = total_of<form>(t2, terms[p + 2][f]);
                t3 = total_of<form>(t3, terms[p + 3][f]);
            }
            total[p] = t0;
            total[p + 1] = t1;
            total[p + 2] = t2;
            total[p + 3] = t3;
        }
    }
}

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
    const bool adjacent = x.feature_stride == 1 && y.feature_stride == 1;
    if (adjacent && x.features >= few_terms) {
        exact_rows<T, form>(a, b, x.features, total);
    } else {
        for (int64_t f = 0; f < x.features; ++f) {
            for (int p = 0; p < pairs_at_once; ++p) {
                const auto left = static_cast<double>(a[p][f * x.feature_stride]);
                const auto right = static_cast<double>(b[p][f * y.feature_stride]);
                total[p] = total_of<form>(total[p], term_of<form>(left, right));
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
