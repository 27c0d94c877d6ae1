// The grid of sums and what one worker needs in memory for a tile of it.
#pragma once
#include <algorithm>

#include "grid.h"

namespace gramian::GRAMIAN_ISA {

constexpr int64_t block_columns = 128;  // columns whose entries are held at a time

inline int64_t padded_right(const Sum& job) { return round_up(job.right(), 8); }

// Numbers that are summed for each row: one per right-hand side, for means also the weights.
inline int64_t sums_of(const Sum& job) {
    return job.goal == Goal::weighted_mean ? job.right() + 1 : job.right() ? job.right() : 1;
}

// Whether entries are only added up, or added up times one right-hand side: `single` is all it takes.
inline bool alone(const Sum& job) { return job.goal == Goal::sum && job.right() < 2; }

template <class V>
inline Tiles sum_tiles_of(const Sum& job) {
    constexpr int64_t unit = sizeof(typename V::scalar) / sizeof(float), P = Shape<V>::rows;
    Tiles tiles = grid((job.x.features + padded_right(job)) * unit, P, 2);
    const int64_t fewer = (1 << 16) / (job.right() + 1) / P * P;
    if (tiles.rows > fewer) tiles.rows = fewer > 0 ? fewer : P;
    if (job.row_limit > 0) {
        // equal shares, as few as the tile allows
        const int64_t shares = (job.row_limit + tiles.rows - 1) / tiles.rows;
        tiles.rows = round_up((job.row_limit + shares - 1) / shares, P);
    }
    return tiles;
}

template <class V>
struct SumSpace {
    using T = typename V::scalar;
    static constexpr int P = Shape<V>::rows;
    Tiles tiles;
    T* x;             // [panel][feature][row]
    T* norm;          // [row]
    bool* outlying;   // [row]
    double* total;    // [panel][number of the sum][row]
    T* partial;       // [right-hand side][row of the panel] of a span of blocks
    T* highest;       // [row] largest logarithm so far
    T* buffer;        // [column of the block][row of the panel]
    float* raw_x;     // [feature][row of the panel] for pairs in doubt
    T* weights;       // [block][group of right-hand sides][column][right-hand side]
    T* single;        // [column] the only right-hand side, or ones
    T* held;          // [column of a group][row of the panel]
    Chunk<V>* chunk;

    SumSpace(const Sum& job, Arena& arena) : tiles(sum_tiles_of<V>(job)) {
        const int64_t d = job.x.features, n = tiles.rows;
        const int64_t columns = round_up(tiles.columns, block_columns);
        chunk = arena.take_clear<Chunk<V>>();
        x = arena.take<T>(n * d);
        norm = arena.take<T>(n);
        outlying = arena.take<bool>(n);
        total = arena.take<double>(n * sums_of(job));
        partial = arena.take<T>(padded_right(job) * P);
        highest = arena.take<T>(n);
        buffer = arena.take<T>(block_columns * P);
        raw_x = arena.take<float>(sizeof(T) == 4 && d > few_features ? P * d : 0);
        weights = arena.take<T>(columns * padded_right(job));
        single = arena.take<T>(columns);
        held = arena.take<T>(V::columns * P);
        const Chunk<V> fresh = Chunk<V>::take(arena, tiles.columns, d);
        // the chunk lives in the worker's memory, so that the next tile finds it packed
        if (chunk && !chunk->packed) *chunk = fresh;
    }

    // Packs the right-hand sides of the columns that the chunk holds.
    void pack_weights(const Sum& job) {
        constexpr int C = V::columns;
        const auto weight = [&](int64_t column, int64_t right) {
            if (column >= chunk->count || right >= job.right()) return T(0);
            return static_cast<T>(job.weights.at(chunk->first + column, right));
        };
        const Table& from = job.weights;
        const bool as_it_is = from.is_double == (sizeof(T) == 8);
        const bool adjacent = as_it_is && from.feature_stride == 1;
        const T* const rows = static_cast<const T*>(from.data) + chunk->first * from.row_stride;
        const bool in_a_row = as_it_is && job.right() == 1 && from.row_stride == 1;
        const int64_t ready = in_a_row ? chunk->count : 0;
        std::copy_n(rows, ready, single);
        for (int64_t j = ready; job.right() < 2 && j < round_up(chunk->count, C); ++j) {
            single[j] = job.right() ? weight(j, 0) : T(j < chunk->count);
        }
        if (alone(job)) return;
        T* to = weights;
        for (int64_t at = 0; at < chunk->count; at += block_columns) {
            for (int64_t g = 0; g < padded_right(job); g += C) {
                const bool whole = adjacent && g + C <= job.right();
                const int64_t left = whole ? chunk->count - at : 0;
                const int64_t copied = left < block_columns ? left : block_columns;
                const T* row = rows + at * from.row_stride + g;
                for (int64_t j = 0; j < copied; ++j, row += from.row_stride, to += C) {
                    std::memcpy(to, row, C * sizeof(T));
                }
                for (int64_t j = copied; j < block_columns; ++j) {
                    for (int c = 0; c < C; ++c) *to++ = weight(at + j, g + c);
                }
            }
        }
    }

    double* total_of(const Sum& job, int64_t panel, int64_t which) const {
        return total + panel * sums_of(job) + which * P;
    }
};

}  // namespace gramian::GRAMIAN_ISA
