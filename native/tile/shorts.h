// Columns rounded to whole numbers of 16 bits, in pairs.
//
// With z = -2y a form is |y|^2 + x.z = (x, e).(z, |y|^2 / e), for any e > 0. Both vectors are
// stretched to the same length Q and rounded, so that whole numbers of 32 bits hold every sum of
// products. Rounding takes at most a = sqrt(features + 1) / 2 from either's length, so that
//     |rounded form - stretched form| <= 2 Q a + a^2   (Cauchy, Schwarz)
// in units of the rounded products: the same for all rows and columns.
#pragma once
#include <cmath>
#include <cstdint>

#include "method.h"

namespace gramian::GRAMIAN_ISA {

constexpr float length_of_shorts = 32000.0f;  // Q
constexpr int64_t most_short_features = 63;

// Pairs that hold a vector's features and the number added to them.
inline int64_t pairs_of_shorts(int64_t features) { return features / 2 + 1; }

// Whether pairs save more products than it takes to round rows and to search some of them again.
inline bool shorts_pay(int64_t features, int64_t columns) {
    const int64_t saved = features - pairs_of_shorts(features) - 1;
    return features <= most_short_features && columns * saved >= 128;
}

// A chunk of columns.
struct ShortsChunk {
    uint32_t* packed;  // [group][pair of features][column]
    float added;       // e
    float off;         // how far a form may be off, in units of the rounded products
    float unit;        // of them: what one stands for, over the length of a row with e
    bool usable;
    int64_t kept;  // the chunk now held, -1 for none
};

// Rounds the columns that `chunk` holds, of which there must be one.
inline void round_to_shorts(const Chunk<F32>& chunk, int64_t features, ShortsChunk& shorts) {
    constexpr int C = F32::columns;
    if (shorts.kept == chunk.first) return;
    shorts.kept = chunk.first;
    // half as long as the longest column: |y|^2 / e is then no longer than z
    const double added = 0.5 * std::sqrt(static_cast<double>(chunk.largest));
    shorts.usable = added > 1e-15;
    if (!shorts.usable) return;
    const auto number = [&](int64_t column, int64_t f) {
        const float* group = chunk.packed + column / C * C * features;
        if (f == features) return static_cast<double>(chunk.start[column]) / added;
        return f < features ? static_cast<double>(group[f * C + column % C]) : 0.0;
    };
    double longest = 0.0;
    for (int64_t column = 0; column < chunk.count; ++column) {
        double squares = 0.0;
        for (int64_t f = 0; f <= features; ++f) squares += number(column, f) * number(column, f);
        longest = squares > longest ? squares : longest;
    }
    const double stretch = length_of_shorts / std::sqrt(longest);
    const auto rounded = [&](int64_t column, int64_t f) {
        const double a = column < chunk.count ? number(column, f) * stretch : 0.0;
        return static_cast<uint32_t>(static_cast<int32_t>(std::lrint(a))) & 0xffffu;
    };
    const int64_t pairs = pairs_of_shorts(features);
    for (int64_t column = 0; column < chunk.groups() * C; ++column) {
        uint32_t* to = shorts.packed + column / C * C * pairs + column % C;
        for (int64_t p = 0; p < pairs; ++p, to += C) {
            *to = rounded(column, 2 * p) | rounded(column, 2 * p + 1) << 16;
        }
    }
    // Rows are stretched in floats, which moves their numbers by 1 / 256 at most before they are
    // rounded; 1500 covers the roundings of sums and units, each 2^-24 of at most Q^2.
    const double lost = 0.504 * std::sqrt(static_cast<double>(features + 1));
    shorts.off = static_cast<float>(2.0 * length_of_shorts * lost + lost * lost + 1500.0);
    shorts.added = static_cast<float>(added);
    shorts.unit = static_cast<float>(1.0 / (length_of_shorts * stretch));
}

}  // namespace gramian::GRAMIAN_ISA
