// The micro-tile of bytes: rough forms of a panel of rows and a block of columns.
#pragma once
#include "bytes.h"

namespace gramian::GRAMIAN_ISA {

constexpr int64_t block_groups = 64;  // of columns whose rough forms are kept at a time

// The rough forms of a panel of rows and a block of columns.
template <class V>
struct ByteBlock {
    static constexpr int P = Shape<V>::rows, C = V::columns;
    alignas(64) float form[block_groups * C * P];  // [group][column][row]
    alignas(64) float least[block_groups * P];     // [group][row]
    alignas(64) float best[P], next[P];            // [row] of the groups' least forms
    alignas(64) int32_t best_group[P], next_group[P];  // [row] which groups of the block have them
};

template <class V>
struct ByteSums {
    typename V::whole at[V::row_vectors][V::columns];
};

template <class V, class Along>
[[gnu::always_inline]] inline void run_bytes(const uint32_t* x, const uint32_t* y, int64_t words,
                                             const int32_t* start, ByteSums<V>& acc, Along along) {
#pragma GCC unroll 8
    for (int c = 0; c < V::columns; ++c) {
#pragma GCC unroll 8
        for (int r = 0; r < V::row_vectors; ++r) acc.at[r][c] = V::whole1(start[c]);
    }
    run_words<V>(x, y, words, acc, [](auto a, const uint32_t* b, auto c) __attribute__((
                                       always_inline)) { return V::add_bytes_each(a, b, c); },
                 along);
}

// The block of columns from group `first` of the chunk on, for a panel of rows with their units. The
// rows themselves come into the second cache meanwhile, a few with each of the first groups: a line
// of floats for every four words. `Next`: whether the second-best group is wanted.
template <bool Next, class V>
inline void bytes_pass(const ByteChunk& chunk, int64_t words, int64_t first, int64_t groups,
                       const uint32_t* x, const float* unit, const float* const* rows,
                       ByteBlock<V>& block) {
    constexpr int64_t fetched = 4;
    constexpr int R = V::row_vectors, C = V::columns, P = Shape<V>::rows;
    const float* start = chunk.form + first * C;
    typename V::reg best[R], next[R], product_unit[R];
    typename V::whole best_group[R], next_group[R];
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
        best[r] = next[r] = V::set1(std::numeric_limits<float>::infinity());
        product_unit[r] = V::mul(V::loadu(unit + r * V::width), V::set1(chunk.unit));
        best_group[r] = next_group[r] = V::whole1(0);
    }
    const uint32_t* y = chunk.packed + first * C * words;
    for (int64_t g = 0; g < groups; ++g, y += C * words, start += C) {
        ByteSums<V> acc;
        const int32_t* const sums = chunk.start + (first + g) * C;
        if (const int64_t lane = (first + g) * fetched; lane < P) {
            run_bytes<V>(x, y, words, sums, acc, [=](int64_t w) __attribute__((always_inline)) {
                V::prefetch_second(rows[lane + w % fetched] + w / fetched * V::width);
            });
        } else {
            run_bytes<V>(x, y, words, sums, acc, [](int64_t) {});
        }
        float* const to = block.form + g * C * P;
        const auto here = V::whole1(static_cast<int32_t>(g));
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) {
            typename V::reg form[C];
#pragma GCC unroll 8
            for (int c = 0; c < C; ++c) {
                form[c] = V::fma(V::floats(acc.at[r][c]), product_unit[r], V::set1(start[c]));
                V::store(to + c * P + r * V::width, form[c]);
            }
#pragma GCC unroll 3
            for (int half = C / 2; half > 0; half /= 2) {
#pragma GCC unroll 8
                for (int c = 0; c < half; ++c) form[c] = V::min(form[c], form[c + half]);
            }
            V::store(block.least + g * P + r * V::width, form[0]);
            const auto leads = V::lt(form[0], best[r]);
            if constexpr (Next) {
                const auto follows = V::lt(form[0], next[r]);
                next_group[r] =
                    V::select(leads, best_group[r], V::select(follows, here, next_group[r]));
                next[r] = V::min(next[r], V::max(best[r], form[0]));
            }
            best_group[r] = V::select(leads, here, best_group[r]);
            best[r] = V::min(best[r], form[0]);
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
        V::store(block.best + r * V::width, best[r]);
        V::store(block.next + r * V::width, next[r]);
        V::store(block.best_group + r * V::width, best_group[r]);
        V::store(block.next_group + r * V::width, next_group[r]);
    }
}

}  // namespace gramian::GRAMIAN_ISA
