// What searches have in common that multiply rounded numbers first.
//
// Each row and column is rounded, and how much each loses is measured: with form = |y|^2 + x.z for
// z = -2y, and a hat over what is rounded,
//     |form - rough| <= |x - x^| |z| + |x^| |z - z^| + the roundings of the sum   (Cauchy, Schwarz).
// Columns whose rough form lies farther than that above a row's best form are out; the others are
// looked at again in floats. What is decided is what the float pass decides, for less work.
#pragma once
#include "method.h"

namespace gramian::GRAMIAN_ISA {

// Of the columns of a chunk: the longest, and the most that rounding took from one.
struct RoughLengths {
    float size = 0, loss = 0;
};

// A chunk rounded to pairs of bfloat16: [group][pair of features][column].
struct HalvesChunk : RoughLengths {
    uint32_t* packed;
    int64_t kept = -1;  // the chunk now held
};

// The most by which a float form may be off, for a row and any column of a chunk.
inline float form_width(float size, const RoughLengths& columns, const Error& error) {
    return static_cast<float>(error.absolute) * (size + 0.25f * columns.size * columns.size);
}

// Twice the most by which a rough form of the row may be off, with the error of the float form.
inline float rough_width(float size, float loss, const RoughLengths& columns, const Error& error,
                         int64_t features) {
    const float x = std::sqrt(size), lost = std::sqrt(loss);
    const float z = columns.size, z_lost = columns.loss;
    const float roundings = static_cast<float>(features + 4) * 6.1e-8f;
    const float product = lost * z + (x + lost) * z_lost;
    const float sum = roundings * ((x + lost) * (z + z_lost) + 0.25f * z * z);
    return 2.002f * (product + sum + form_width(size, columns, error)) + 1e-30f;
}

// sums += step(x, y) for every word: x is [word][row of the panel], y is [word][column of the group].
// `along` is called with each word's number.
template <class V, class Sums, class Step, class Along>
[[gnu::always_inline]] inline void run_words(const uint32_t* x, const uint32_t* y, int64_t words,
                                             Sums& sums, Step step, Along along) {
    constexpr int R = V::row_vectors, C = V::columns;
    // a copy that nobody else knows of stays in registers
    Sums sum = sums;
    for (int64_t w = 0; w < words; ++w, x += Shape<V>::rows, y += C) {
        typename V::whole a[R];
        along(w);
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) {
            a[r] = V::load(reinterpret_cast<const int32_t*>(x) + r * V::width);
        }
#pragma GCC unroll 8
        for (int c = 0; c < C; ++c) {
#pragma GCC unroll 8
            for (int r = 0; r < R; ++r) sum.at[r][c] = step(a[r], y + c, sum.at[r][c]);
        }
    }
    sums = sum;
}

}  // namespace gramian::GRAMIAN_ISA
