// Packing: strided rows of any floating type become panels that the micro-tile reads in order.
#pragma once
#include <algorithm>
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

template <int Lanes, class T>
inline void pack_by_number(const Table& table, const Rows& rows, int64_t begin, int64_t live,
                           const Mapping& map, float* out) {
    const T* data = static_cast<const T*>(table.data);
    const bool narrow = map.narrow();
    for (int64_t lane = 0; lane < live; ++lane) {
        const T* row = data + rows[begin + lane] * table.row_stride;
        for (int64_t f = 0; f < table.features; ++f) {
            out[f * Lanes + lane] = mapped(row[f * table.feature_stride], f, map, narrow);
        }
    }
    for (int64_t f = 0; f < table.features; ++f) {
        for (int64_t lane = live; lane < Lanes; ++lane) out[f * Lanes + lane] = 0.0f;
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

// Vectors of the features from `first` on, as [feature][lane], or so many of these one after the
// other where lanes are fewer than a vector's.
template <int Lanes, int Most>
[[gnu::always_inline]] inline void put_features(const F32::reg (&r)[Most], int live, int64_t first,
                                                int64_t features, float* out) {
    constexpr int W = F32::width;
#pragma GCC unroll 16
    for (int i = 0; i < Most; ++i) {
        if (i >= live) break;
        if constexpr (Lanes >= W) {
            F32::storeu(out + (first + i) * Lanes, r[i]);
        } else {
            alignas(64) float held[W];
            F32::store(held, r[i]);
            for (int lane = 0; lane < W; lane += Lanes) {
                std::memcpy(out + lane * features + (first + i) * Lanes, held + lane,
                            Lanes * sizeof(float));
            }
        }
    }
}

// Fours of features of a vector's width of rows. A vector holds four numbers of every fourth row;
// mapped and transposed within each four, four vectors are four features of all rows. Long rows
// are read by whole lines, since some that lie a power of two apart drive each other out of cache. Not
// inlined: in a loop, compilers keep every address of every row in memory.
template <int Lanes, int Quads>
[[gnu::noinline]] void pack_quads(const float* const* row, int64_t first, const Mapping& map,
                                  int64_t features, float* out) {
    constexpr int parts = F32::width / 4;
    const auto scale = F32::set1(static_cast<float>(map.scale));
    F32::reg r[Quads][4];
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) {
        const float* at[parts];
#pragma GCC unroll 4
        for (int p = 0; p < parts; ++p) at[p] = row[4 * p + k] + first;
#pragma GCC unroll 4
        for (int q = 0; q < Quads; ++q) r[q][k] = F32::quads(at, 4 * q);
    }
#pragma GCC unroll 4
    for (int q = 0; q < Quads; ++q) {
        const int64_t f = first + 4 * q;
        const auto centre = map.centre ? F32::quad_each(map.centre + f) : F32::set1(0.0f);
#pragma GCC unroll 4
        for (int k = 0; k < 4; ++k) r[q][k] = F32::mul(F32::sub(r[q][k], centre), scale);
        transpose_quads(r[q]);
        put_features<Lanes>(r[q], 4, f, features, out);
    }
}

constexpr int64_t long_rows = 64;  // numbers from which it pays to read whole lines

// Float rows with four adjacent features or more, the last four of them once more where there is a
// rest: as many as there are lanes, or as a vector has.
template <int Lanes>
inline void pack_by_vector(const Table& table, const Rows& rows, int64_t begin, const Mapping& map,
                           float* out) {
    constexpr int W = F32::width, count = Lanes < W ? W : Lanes;
    const int64_t d = table.features;
    const float* const data = static_cast<const float*>(table.data);
    for (int block = 0; block < count; block += W) {
        float* const to = out + (Lanes >= W ? block : block * d);
        const float* row[W];
        if (rows.list) {
            for (int i = 0; i < W; ++i) row[i] = data + rows[begin + block + i] * table.row_stride;
        } else {
            row[0] = data + rows[begin + block] * table.row_stride;
            for (int i = 1; i < W; ++i) row[i] = row[i - 1] + table.row_stride;
        }
        int64_t f = 0;
        if (d >= long_rows) {
            for (; f + W <= d; f += W) pack_quads<Lanes, W / 4>(row, f, map, d, to);
        }
        for (; f + 4 <= d; f += 4) pack_quads<Lanes, 1>(row, f, map, d, to);
        if (f < d) pack_quads<Lanes, 1>(row, d - 4, map, d, to);
    }
}

// The same for a few features: rows that lie one after the other are one stretch of numbers, which
// the compiler shuffles by whole vectors.
template <int Lanes, int Features>
inline void pack_narrow(const Table& table, const Rows& rows, int64_t begin, const Mapping& map,
                        float* out) {
    constexpr int W = F32::width;
    const float* data = static_cast<const float*>(table.data);
    const float scale = static_cast<float>(map.scale);
    float centre[Features];
    for (int f = 0; f < Features; ++f) {
        centre[f] = map.centre ? static_cast<float>(map.centre[f]) : 0.0f;
    }
    if (rows.list || table.row_stride != Features) {
        for (int lane = 0; lane < Lanes; ++lane) {
            const float* row = data + rows[begin + lane] * table.row_stride;
            for (int f = 0; f < Features; ++f) {
                out[f * Lanes + lane] = (row[f] - centre[f]) * scale;
            }
        }
        return;
    }
    const float* row = data + rows[begin] * Features;
    for (int lane = 0; lane < Lanes; lane += W, row += W * Features) {
        float held[Features][W];
        for (int i = 0; i < W; ++i) {
            for (int f = 0; f < Features; ++f) {
                held[f][i] = (row[i * Features + f] - centre[f]) * scale;
            }
        }
        for (int f = 0; f < Features; ++f) {
            std::memcpy(out + f * Lanes + lane, held[f], sizeof held[f]);
        }
    }
}

// Whether rows can be packed as they lie, several numbers at once.
inline bool contiguous(const Table& table, const Mapping& map) {
    return !table.is_double && table.feature_stride == 1 && map.narrow();
}

// `Lanes` rows from `begin` on, as [feature][lane]; lanes beyond the last row hold zero.
template <int Lanes>
inline void pack(const Table& table, const Rows& rows, int64_t begin, const Mapping& map,
                 float* out) {
    const int64_t left = rows.count - begin, live = left < Lanes ? left : Lanes;
    if (table.is_double) {
        return pack_by_number<Lanes, double>(table, rows, begin, live, map, out);
    }
    if constexpr (Lanes % F32::width == 0) {
        if (live == Lanes && contiguous(table, map)) {
            switch (table.features) {
                case 1: return pack_narrow<Lanes, 1>(table, rows, begin, map, out);
                case 2: return pack_narrow<Lanes, 2>(table, rows, begin, map, out);
                case 3: return pack_narrow<Lanes, 3>(table, rows, begin, map, out);
                default: return pack_by_vector<Lanes>(table, rows, begin, map, out);
            }
        }
    }
    pack_by_number<Lanes, float>(table, rows, begin, live, map, out);
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
template <int Lanes>
inline void pack(const Table& table, const Rows& rows, int64_t begin, const Mapping&,
                 double* out) {
    const int64_t left = rows.count - begin, live = left < Lanes ? left : Lanes;
    for (int64_t f = 0; f < table.features; ++f) {
        for (int64_t lane = 0; lane < Lanes; ++lane) {
            out[f * Lanes + lane] = lane < live ? table.at(rows[begin + lane], f) : 0.0;
        }
    }
}

// One group of columns, [feature][lane], or as many as a vector has lanes; returns the columns.
template <int Lanes, class T>
inline int pack_groups(const Table& table, const Rows& columns, int64_t begin, const Mapping& map,
                       T* out) {
    constexpr int W = F32::width;
    if constexpr (sizeof(T) == 4 && Lanes < W) {
        const int64_t d = table.features;
        if (columns.count - begin >= W && contiguous(table, map)) {
            if (d >= 4) {
                pack_by_vector<Lanes>(table, columns, begin, map, out);
                return W;
            }
            float held[3 * W];
            pack<W>(table, columns, begin, map, held);
            for (int lane = 0; lane < W; lane += Lanes) {
                for (int64_t f = 0; f < d; ++f, out += Lanes) {
                    std::copy_n(held + f * W + lane, Lanes, out);
                }
            }
            return W;
        }
    }
    pack<Lanes>(table, columns, begin, map, out);
    return Lanes;
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
