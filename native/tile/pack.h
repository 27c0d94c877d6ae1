// Packing: strided rows of any floating type become panels that the micro-tile reads in order.
#pragma once
#include <cmath>
#include <cstring>

#include "../core.h"
#include "accumulate.h"
#include "arena.h"

namespace gramian::GRAMIAN_ISA {

// How raw numbers become packed ones: (raw - centre) scale, or raw scale where centre is null.
struct Mapping {
    const double* centre;
    double scale;

    bool narrow() const { return scale > 1e-30 && scale < 1e30; }
};

template <class T>
inline float mapped(T raw, int64_t feature, const Mapping& map, bool narrow) {
    // float data stay in float where the scale allows, so that every path rounds alike
    if (sizeof(T) == 4 && narrow) {
        const float centre = map.centre ? static_cast<float>(map.centre[feature]) : 0.0f;
        return (static_cast<float>(raw) - centre) * static_cast<float>(map.scale);
    }
    const double centre = map.centre ? map.centre[feature] : 0.0;
    return static_cast<float>((static_cast<double>(raw) - centre) * map.scale);
}

// Row `i` of the work is row `rows[i]` of the table, or `first + i` without a list.
struct Rows {
    const int64_t* list;
    int64_t first;
    int64_t count;

    int64_t operator[](int64_t i) const { return list ? list[i] : first + i; }
};

template <class T>
inline void pack_by_number(const Table& table, const Rows& rows, int64_t begin, int64_t live,
                           int lanes, const Mapping& map, float* out) {
    const T* data = static_cast<const T*>(table.data);
    const bool narrow = map.narrow();
    for (int64_t lane = 0; lane < live; ++lane) {
        const T* row = data + rows[begin + lane] * table.row_stride;
        for (int64_t f = 0; f < table.features; ++f) {
            out[f * lanes + lane] = mapped(row[f * table.feature_stride], f, map, narrow);
        }
    }
    for (int64_t f = 0; f < table.features; ++f) {
        for (int64_t lane = live; lane < lanes; ++lane) out[f * lanes + lane] = 0.0f;
    }
}

// Centres of a vector of features, zero beyond the `live` first.
template <bool Whole>
inline F32::reg centres(const Mapping& map, int64_t first, int live) {
    if (!map.centre) return F32::set1(0.0f);
    if (Whole) return F32::narrow(map.centre + first);
    alignas(64) float held[F32::width] = {};
    for (int i = 0; i < live; ++i) held[i] = static_cast<float>(map.centre[first + i]);
    return F32::load(held);
}

// Vectors of the features from `first` on, as [feature][lanes], or so many of these one after the
// other where lanes are fewer than a vector's.
template <int Most>
[[gnu::always_inline]] inline void put_features(const F32::reg (&r)[Most], int live, int64_t first,
                                                int lanes, int64_t features, float* out) {
    constexpr int W = F32::width;
#pragma GCC unroll 16
    for (int i = 0; i < Most; ++i) {
        if (i >= live) break;
        if (lanes >= W) {
            F32::storeu(out + (first + i) * lanes, r[i]);
            continue;
        }
        alignas(64) float held[W];
        F32::store(held, r[i]);
        for (int lane = 0; lane < W; lane += lanes) {
            std::memcpy(out + lane * features + (first + i) * lanes, held + lane,
                        static_cast<size_t>(lanes) * sizeof(float));
        }
    }
}

// As many features as a vector has numbers, of as many rows. Rows are mapped before they are
// transposed: one vector then holds the centres of all features.
template <bool Whole>
[[gnu::always_inline]] inline void pack_square(const float* const* row, int64_t first, int live,
                                               const Mapping& map, F32::reg scale, int lanes,
                                               int64_t features, float* out) {
    constexpr int W = F32::width;
    const auto centre = centres<Whole>(map, first, live);
    F32::reg r[W];
#pragma GCC unroll 16
    for (int i = 0; i < W; ++i) {
        r[i] = Whole ? F32::loadu(row[i] + first) : F32::load_part(row[i] + first, live);
        r[i] = F32::mul(F32::sub(r[i], centre), scale);
    }
    transpose(r);
    put_features(r, Whole ? W : live, first, lanes, features, out);
}

// Half as many features of as many rows: a vector holds two rows.
template <class V>
[[gnu::always_inline]] inline void pack_half(const float* const* row, int64_t first, int live,
                                             const Mapping& map, F32::reg scale, int lanes,
                                             int64_t features, float* out) {
    constexpr int H = V::width / 2;
    const auto half = centres<false>(map, first, live);
    const auto centre = V::twice(half);
    typename V::reg r[H];
#pragma GCC unroll 8
    for (int i = 0; i < H; ++i) {
        const int lower = i / (H / 2) * (H / 2) + i;
        r[i] = V::load_halves(row[lower] + first, row[lower + H / 2] + first, live);
        r[i] = V::mul(V::sub(r[i], centre), scale);
    }
    transpose_halves(r);
    put_features(r, live, first, lanes, features, out);
}

// Float rows with adjacent features, by register transposes.
inline void pack_by_vector(const Table& table, const Rows& rows, int64_t begin, int count,
                           int lanes, const Mapping& map, float* out) {
    constexpr int W = F32::width;
    const int64_t d = table.features;
    const float* data = static_cast<const float*>(table.data);
    const auto scale = F32::set1(static_cast<float>(map.scale));
    for (int block = 0; block < count; block += W) {
        const float* row[W];
        for (int i = 0; i < W; ++i) row[i] = data + rows[begin + block + i] * table.row_stride;
        float* to = out + (lanes >= W ? block : block * d);
        int64_t f = 0;
        for (; f + W <= d; f += W) pack_square<true>(row, f, W, map, scale, lanes, d, to);
        const int left = static_cast<int>(d - f);
        if (left == 0) continue;
        if constexpr (F32::has_halves) {
            if (left <= W / 2) {
                pack_half<F32>(row, f, left, map, scale, lanes, d, to);
                continue;
            }
        }
        pack_square<false>(row, f, left, map, scale, lanes, d, to);
    }
}

// The same for a few features: rows that lie one after the other are one stretch of numbers, which
// the compiler shuffles by whole vectors.
template <int Features>
inline void pack_narrow(const Table& table, const Rows& rows, int64_t begin, int lanes,
                        const Mapping& map, float* out) {
    constexpr int W = F32::width;
    const float* data = static_cast<const float*>(table.data);
    const float scale = static_cast<float>(map.scale);
    float centre[Features];
    for (int f = 0; f < Features; ++f) {
        centre[f] = map.centre ? static_cast<float>(map.centre[f]) : 0.0f;
    }
    if (rows.list || table.row_stride != Features) {
        for (int lane = 0; lane < lanes; ++lane) {
            const float* row = data + rows[begin + lane] * table.row_stride;
            for (int f = 0; f < Features; ++f) {
                out[f * lanes + lane] = (row[f] - centre[f]) * scale;
            }
        }
        return;
    }
    const float* row = data + rows[begin] * Features;
    for (int lane = 0; lane < lanes; lane += W, row += W * Features) {
        float held[Features][W];
        for (int i = 0; i < W; ++i) {
            for (int f = 0; f < Features; ++f) {
                held[f][i] = (row[i * Features + f] - centre[f]) * scale;
            }
        }
        for (int f = 0; f < Features; ++f) {
            std::memcpy(out + f * lanes + lane, held[f], sizeof held[f]);
        }
    }
}

// Whether rows can be packed as they lie, several numbers at once.
inline bool contiguous(const Table& table, const Mapping& map) {
    return !table.is_double && table.feature_stride == 1 && map.narrow();
}

// `lanes` rows from `begin` on, as [feature][lanes]; lanes beyond the last row hold zero.
inline void pack(const Table& table, const Rows& rows, int64_t begin, int lanes, const Mapping& map,
                 float* out) {
    const int64_t left = rows.count - begin, live = left < lanes ? left : lanes;
    if (table.is_double) return pack_by_number<double>(table, rows, begin, live, lanes, map, out);
    if (live == lanes && contiguous(table, map)) {
        switch (lanes % F32::width ? 0 : table.features) {
            case 1: return pack_narrow<1>(table, rows, begin, lanes, map, out);
            case 2: return pack_narrow<2>(table, rows, begin, lanes, map, out);
            case 3: return pack_narrow<3>(table, rows, begin, lanes, map, out);
            case 4: return pack_narrow<4>(table, rows, begin, lanes, map, out);
            default: break;
        }
        if (lanes % F32::width == 0) {
            return pack_by_vector(table, rows, begin, lanes, lanes, map, out);
        }
    }
    pack_by_number<float>(table, rows, begin, live, lanes, map, out);
}

constexpr int64_t most_prefetched = 8192;

// Asks the memory for rows that are wanted soon, where they lie one after the other and leave room
// in the nearest cache. Long rows the processor fetches ahead by itself.
inline void prefetch(const Table& table, const Rows& rows, int64_t begin, int64_t count) {
    if (rows.list || table.feature_stride != 1 || table.row_stride > 2 * table.features) return;
    const int64_t size = table.is_double ? 8 : 4, left = rows.count - begin;
    const int64_t live = left < count ? left : count;
    const char* from = static_cast<const char*>(table.data) + rows[begin] * table.row_stride * size;
    const int64_t bytes = live * table.row_stride * size;
    if (bytes > most_prefetched) return;
    for (int64_t at = 0; at < bytes; at += 64) F32::prefetch(from + at);
}

// The same in double: raw numbers, neither centred nor scaled.
inline void pack(const Table& table, const Rows& rows, int64_t begin, int lanes, const Mapping&,
                 double* out) {
    const int64_t left = rows.count - begin, live = left < lanes ? left : lanes;
    for (int64_t f = 0; f < table.features; ++f) {
        for (int64_t lane = 0; lane < lanes; ++lane) {
            out[f * lanes + lane] = lane < live ? table.at(rows[begin + lane], f) : 0.0;
        }
    }
}

// One group of columns, [feature][lanes], or as many as a transpose gives; returns the columns.
template <class T>
inline int pack_groups(const Table& table, const Rows& columns, int64_t begin, int lanes,
                       const Mapping& map, T* out) {
    if constexpr (sizeof(T) == 4) {
        constexpr int W = F32::width;
        const bool whole = columns.count - begin >= W && table.features > 4;
        if (lanes < W && whole && contiguous(table, map)) {
            pack_by_vector(table, columns, begin, W, lanes, map, out);
            return W;
        }
    }
    pack(table, columns, begin, lanes, map, out);
    return lanes;
}

// Squared lengths of packed rows, summed in double.
template <class T>
inline void squared_norms(const T* panel, int64_t features, int lanes, double* out) {
    for (int lane = 0; lane < lanes; lane += F64::width) {
        auto total = F64::set1(0);
        for (int64_t f = 0; f < features; ++f) {
            const auto a = F64::widen(panel + f * lanes + lane);
            total = F64::add(total, F64::mul(a, a));
        }
        F64::storeu(out + lane, total);
    }
}

// A stretch of y's columns, packed in groups: [group][feature][column].
template <class V>
struct Chunk {
    using T = typename V::scalar;
    T* packed;
    T* start;   // what each column's accumulator begins with; `beyond_any` after the last column
    T* norm;    // squared length of each packed column (product form)
    T largest = 0;  // of the squared lengths
    int64_t first = -1;  // none held yet
    int64_t count = 0;

    static Chunk take(Arena& arena, int64_t columns, int64_t features) {
        Chunk chunk;
        chunk.packed = arena.take<T>(columns * features);
        chunk.start = arena.take<T>(columns);
        chunk.norm = arena.take<T>(columns);
        return chunk;
    }

    int64_t groups() const { return (count + V::columns - 1) / V::columns; }
};

}  // namespace gramian::GRAMIAN_ISA
