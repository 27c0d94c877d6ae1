// Rows rounded to bytes. A row's unit is the 127th part of its largest number; columns of a chunk
// share one, so that forms of one row compare by their sums of products. Bytes of rows lie 128 too
// high, because processors multiply bytes without a sign by bytes with one; the columns' sums start
// with what makes up for it.
#pragma once
#include <cmath>

#include "arena.h"
#include "lanes.h"
#include "pack.h"
#include "rough.h"

namespace gramian::GRAMIAN_ISA {

constexpr int64_t features_per_word = 4;

inline int64_t words_of(int64_t features) {
    return (features + features_per_word - 1) / features_per_word;
}

// What one step of a byte stands for.
inline float byte_unit(float largest) { return largest > 1e-30f ? largest / 127.0f : 1.0f; }

enum class Rounding : int32_t { unknown, done, outlying };

// What is known of a rounded row; in a record it is what comes last, after the words.
struct RoundedRow {
    float unit;    // what one step of a byte stands for
    float loss;    // the squared length of what rounding took away
    float length;  // squared, of the row itself
    Rounding state;
};

inline uint32_t* words_kept(const KeptRows& kept, int64_t row) {
    return reinterpret_cast<uint32_t*>(kept.records + row * kept.stride);
}

inline RoundedRow& row_kept(const KeptRows& kept, int64_t row) {
    char* const end = kept.records + (row + 1) * kept.stride;
    return *reinterpret_cast<RoundedRow*>(end - sizeof(RoundedRow));
}

// Words of a vector's width of rows, before they are transposed.
struct ByteRows {
    uint32_t* words;  // [row][word]
    int64_t stride;

    static ByteRows take(Arena& arena, int64_t features) {
        ByteRows held;
        held.stride = round_up(words_of(features), F32::width);
        held.words = arena.take<uint32_t>(F32::width * held.stride);
        return held;
    }

    uint32_t* operator[](int64_t row) const { return words + row % F32::width * stride; }
};

// A chunk of columns.
struct ByteChunk : RoughLengths {
    uint32_t* packed;  // [group][word][column]
    int32_t* start;    // [column] what the sum of products starts with
    float* form;       // [column] what the form starts with
    float* columns;    // [column][feature] -2 times the column
    float* centre;     // [feature] of the mapping, and zeros up to a whole vector
    float unit = 1.0f;
    int64_t first = -1;  // none held yet
    int64_t count = 0;

    static ByteChunk take(Arena& arena, int64_t columns, int64_t features) {
        const int64_t padded = round_up(columns, F32::width);
        ByteChunk chunk;
        chunk.packed = arena.take<uint32_t>(padded * words_of(features));
        chunk.start = arena.take<int32_t>(padded);
        chunk.form = arena.take<float>(padded);
        chunk.columns = arena.take<float>(padded * features);
        chunk.centre = arena.take<float>(round_up(features, F32::width));
        return chunk;
    }

    int64_t groups() const { return (count + F32::columns - 1) / F32::columns; }
};

struct RowSize {
    float squares;  // the sum of all numbers' squares
    float largest;  // of all numbers, signs aside
};

// What a vector's width of numbers, of which the last may be missing, adds to a row's size.
template <class V>
struct RowSizes {
    typename V::reg squares = V::set1(0.0f), largest = V::set1(0.0f);

    void add(typename V::reg a) {
        squares = V::fma(a, a, squares);
        largest = V::max(largest, V::abs(a));
    }

    RowSize total() const { return {V::total(squares), V::largest(largest)}; }
};

template <class V>
[[gnu::always_inline]] inline typename V::reg load_live(const float* row, int64_t features, int64_t f) {
    const int64_t left = features - f;
    return left >= V::width ? V::loadu(row + f) : V::load_part(row + f, static_cast<int>(left));
}

template <class V>
inline RowSize size_of(const float* row, int64_t features) {
    RowSizes<V> sizes;
    for (int64_t f = 0; f < features; f += V::width) sizes.add(load_live<V>(row, features, f));
    return sizes.total();
}

// Bytes between what is mapped and what is asked for: the processor itself stops at a page's end.
constexpr int64_t prefetched_ahead = 4096;

// The numbers of one row, mapped.
template <class V>
inline RowSize map_row(const Table& table, int64_t row, const Mapping& map, float* out) {
    constexpr int W = V::width;
    const int64_t d = table.features;
    if (!contiguous(table, map)) {
        const bool narrow = map.narrow();
        for (int64_t f = 0; f < d; ++f) {
            const int64_t at = row * table.row_stride + f * table.feature_stride;
            out[f] = table.is_double
                         ? mapped(static_cast<const double*>(table.data)[at], f, map, narrow)
                         : mapped(static_cast<const float*>(table.data)[at], f, map, narrow);
        }
        return size_of<V>(out, d);
    }
    const float* const from = static_cast<const float*>(table.data) + row * table.row_stride;
    const auto scale = V::set1(static_cast<float>(map.scale));
    RowSizes<V> sizes;
    int64_t f = 0;
    for (; f + W <= d; f += W) {
        const auto a = V::mul(V::sub(V::loadu(from + f), centres<true>(map, f, W)), scale);
        V::prefetch(reinterpret_cast<const char*>(from + f) + prefetched_ahead);
        V::storeu(out + f, a);
        sizes.add(a);
    }
    if (const int live = static_cast<int>(d - f); live > 0) {
        const auto centre = centres<false>(map, f, live);
        const auto a = V::mul(V::sub(V::load_part(from + f, live), centre), scale);
        alignas(64) float held[W];
        V::store(held, a);
        std::memcpy(out + f, held, static_cast<size_t>(live) * sizeof *held);
        sizes.add(a);
    }
    return sizes.total();
}

struct Rounded {
    float loss;  // the squared length of what is gone
    float sum;   // of all bytes, a whole number
};

// Rounds a row; `offset` is added to its bytes. Those beyond the last feature are zero before that.
template <class V>
inline Rounded round_row(const float* row, int64_t features, float unit, int offset,
                         uint32_t* out) {
    const auto per = V::set1(1.0f / unit), step = V::set1(unit);
    auto loss = V::set1(0.0f), sum = V::set1(0.0f);
    auto* bytes = reinterpret_cast<unsigned char*>(out);
    for (int64_t f = 0; f < features; f += V::width, bytes += V::width) {
        const auto a = load_live<V>(row, features, f);
        typename V::reg whole;
        V::split(V::mul(a, per), whole);
        const auto gone = V::sub(a, V::mul(whole, step));
        loss = V::fma(gone, gone, loss);
        sum = V::add(sum, whole);
        V::store_bytes(bytes, whole, offset);
    }
    return {V::total(loss), V::total(sum)};
}

// [row][word] becomes [word][lane], a vector's width of rows.
template <int Lanes, class V>
inline void transpose_words(const uint32_t* const* rows, int64_t words, uint32_t* out) {
    constexpr int W = V::width;
    for (int64_t w = 0; w < words; w += W) {
        typename V::reg r[W];
        for (int i = 0; i < W; ++i) r[i] = V::loadu(reinterpret_cast<const float*>(rows[i] + w));
        transpose(r);
        const int live = static_cast<int>(words - w < W ? words - w : W);
        put_features<Lanes>(r, live, w, words, reinterpret_cast<float*>(out));
    }
}

// A row's squared length, summed in double.
inline double squared_length(const float* row, int64_t features) {
    constexpr int W = F64::width;
    auto total = F64::set1(0.0);
    int64_t f = 0;
    for (; f + W <= features; f += W) {
        const auto a = F64::widen(row + f);
        total = F64::add(total, F64::mul(a, a));
    }
    double sum = total_of(total);
    for (; f < features; ++f) sum += static_cast<double>(row[f]) * static_cast<double>(row[f]);
    return sum;
}

// Fills `chunk` with the columns from `first` on, unless it holds them already.
template <class V>
inline void fill_bytes(ByteChunk& chunk, const Table& y, int64_t first, int64_t count,
                       const Mapping& map, double lowered, const ByteRows& words) {
    constexpr int W = V::width;
    const int64_t d = y.features, left = y.rows - first, live = left < count ? left : count;
    if (chunk.first == first && chunk.count == live) return;
    chunk.first = first;
    chunk.count = live;
    for (int64_t f = 0; f < round_up(d, W); ++f) {
        chunk.centre[f] = map.centre && f < d ? static_cast<float>(map.centre[f]) : 0.0f;
    }
    const int64_t padded = round_up(live, W);
    float most = 0.0f;
    chunk.size = chunk.loss = 0.0f;
    for (int64_t j = 0; j < padded; ++j) {
        float* const column = chunk.columns + j * d;
        chunk.form[j] = beyond_any<float>;
        if (j >= live) {
            std::memset(column, 0, static_cast<size_t>(d) * sizeof *column);
            continue;
        }
        map_row<V>(y, first + j, map, column);
        chunk.form[j] = static_cast<float>(squared_length(column, d) * (1.0 - lowered));
        for (int64_t f = 0; f < d; ++f) column[f] *= -2.0f;
        const RowSize size = size_of<V>(column, d);
        chunk.size = size.squares > chunk.size ? size.squares : chunk.size;
        most = size.largest > most ? size.largest : most;
    }
    chunk.unit = byte_unit(most);
    const uint32_t* rounded[W];
    for (int64_t j = 0; j < padded; ++j) {
        rounded[j % W] = words[j];
        const Rounded column = round_row<V>(chunk.columns + j * d, d, chunk.unit, 0, words[j]);
        chunk.start[j] = -128 * static_cast<int32_t>(column.sum);
        chunk.loss = column.loss > chunk.loss ? column.loss : chunk.loss;
        if (j % W == W - 1) {
            transpose_words<V::columns, V>(rounded, words_of(d),
                                           chunk.packed + (j - (W - 1)) * words_of(d));
        }
    }
    chunk.size = std::sqrt(chunk.size);
    chunk.loss = std::sqrt(chunk.loss);
}

}  // namespace gramian::GRAMIAN_ISA
