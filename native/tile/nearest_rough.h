// The first pass where features are many and the processor multiplies pairs of bfloat16 twice as
// fast as floats. Every column whose rough form lies more than twice the error of rough.h above the
// smallest is out. The pass keeps the two best groups of columns of each chunk and the third's form.
// The groups within reach are looked at again in floats; all others count by their lower bounds,
// which leave a row open only if they still reach below the best of all chunks.
#pragma once
#include "rough.h"
#include "search_space.h"

namespace gramian::GRAMIAN_ISA {

// A number rounded to bfloat16, as a float.
inline float rounded_half(float a) {
    uint32_t bits;
    std::memcpy(&bits, &a, sizeof bits);
    bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000u;
    std::memcpy(&a, &bits, sizeof a);
    return a;
}

inline uint32_t pair_of_halves(float low, float high) {
    uint32_t a, b;
    std::memcpy(&a, &low, sizeof a);
    std::memcpy(&b, &high, sizeof b);
    return a >> 16 | (b & 0xffff0000u);
}

// [feature][lanes] becomes [pair of features][lanes]; `size` and `loss` get the squared lengths of
// what came in and of what rounding took away.
inline void round_panel(const float* in, int64_t features, int lanes, uint32_t* out, float* size,
                        float* loss) {
    for (int lane = 0; lane < lanes; ++lane) size[lane] = loss[lane] = 0.0f;
    for (int64_t f = 0; f < features; f += 2) {
        const float* low = in + f * lanes;
        const float* high = f + 1 < features ? low + lanes : nullptr;
        for (int lane = 0; lane < lanes; ++lane) {
            const float a = low[lane], b = high ? high[lane] : 0.0f;
            const float a_half = rounded_half(a), b_half = rounded_half(b);
            out[f / 2 * lanes + lane] = pair_of_halves(a_half, b_half);
            size[lane] += a * a + b * b;
            loss[lane] += (a - a_half) * (a - a_half) + (b - b_half) * (b - b_half);
        }
    }
}

// The chunk that is packed now, rounded.
inline void round_chunk(const SearchSpace& space, int64_t features) {
    constexpr int C = F32::columns;
    const Chunk<F32>& chunk = *space.chunk;
    HalvesChunk& rough = *space.rough_chunk;
    if (rough.kept == chunk.first) return;
    rough.kept = chunk.first;
    rough.size = rough.loss = 0.0f;
    const int64_t pairs = (features + 1) / 2;
    for (int64_t g = 0; g < chunk.groups(); ++g) {
        float size[C], loss[C];
        round_panel(chunk.packed + g * C * features, features, C, rough.packed + g * C * pairs,
                    size, loss);
        for (int c = 0; c < C && g * C + c < chunk.count; ++c) {
            rough.size = size[c] > rough.size ? size[c] : rough.size;
            rough.loss = loss[c] > rough.loss ? loss[c] : rough.loss;
        }
    }
    rough.size = std::sqrt(rough.size);
    rough.loss = std::sqrt(rough.loss);
}

template <class V>
[[gnu::always_inline]] inline void run_pairs(const uint32_t* x, const uint32_t* y, int64_t pairs,
                                             Accumulators<V>& acc) {
    run_words<V>(x, y, pairs, acc, [](auto a, const uint32_t* b, auto c) __attribute__((
                                       always_inline)) { return V::add_pairs_each(a, b, c); },
                 [](int64_t) {});
}

// The best groups of each row of a panel among those of a chunk.
template <class V>
struct RoughGroups {
    static constexpr int P = Shape<V>::rows;
    alignas(64) float best[P], next[P], third[P];
    alignas(64) int32_t first_group[P], next_group[P];
};

template <class V>
inline void rough_pass(const SearchSpace& space, int64_t features, const uint32_t* x,
                       RoughGroups<V>& found) {
    constexpr int R = V::row_vectors, C = V::columns;
    const Chunk<V>& chunk = *space.chunk;
    const int64_t pairs = (features + 1) / 2;
    const auto infinity = V::set1(std::numeric_limits<float>::infinity());
    typename V::reg best[R], next[R], third[R];
    typename V::whole best_group[R], next_group[R];
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
        best[r] = next[r] = third[r] = infinity;
        best_group[r] = next_group[r] = V::whole1(0);
    }
    const uint32_t* y = space.rough_chunk->packed;
    for (int64_t g = 0; g < chunk.groups(); ++g, y += C * pairs) {
        Accumulators<V> acc;
        start_from<V>(chunk.start + g * C, acc);
        run_pairs<V>(x, y, pairs, acc);
        const auto here = V::whole1(static_cast<int32_t>(g));
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) {
#pragma GCC unroll 3
            for (int half = C / 2; half > 0; half /= 2) {
#pragma GCC unroll 8
                for (int c = 0; c < half; ++c) {
                    acc.at[r][c] = V::min(acc.at[r][c], acc.at[r][c + half]);
                }
            }
            const auto least_of = acc.at[r][0];
            const auto first = V::lt(least_of, best[r]), second = V::lt(least_of, next[r]);
            next_group[r] =
                V::select(first, best_group[r], V::select(second, here, next_group[r]));
            best_group[r] = V::select(first, here, best_group[r]);
            third[r] = V::min(third[r], V::max(next[r], least_of));
            next[r] = V::min(next[r], V::max(best[r], least_of));
            best[r] = V::min(best[r], least_of);
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
        V::store(found.best + r * V::width, best[r]);
        V::store(found.next + r * V::width, next[r]);
        V::store(found.third + r * V::width, third[r]);
        V::store(found.first_group + r * V::width, best_group[r]);
        V::store(found.next_group + r * V::width, next_group[r]);
    }
}

// Adds the products of one row, numbers `apart` from one feature to the next, with a group of
// columns that lie side by side in the lanes. Four chains overlap, and are shorter than the
// micro-tile's.
template <class V>
inline void add_products(const float* x, int64_t apart, const float* y, int64_t features,
                         float* form) {
    constexpr int chains = 4;
    typename V::reg sum[chains];
    sum[0] = V::loadu(form);
    for (int i = 1; i < chains; ++i) sum[i] = V::set1(0.0f);
    int64_t f = 0;
    for (; f + chains <= features; f += chains) {
#pragma GCC unroll 4
        for (int i = 0; i < chains; ++i) {
            sum[i] = V::fma(V::set1(x[(f + i) * apart]), V::loadu(y + (f + i) * V::width), sum[i]);
        }
    }
    for (; f < features; ++f) {
        sum[0] = V::fma(V::set1(x[f * apart]), V::loadu(y + f * V::width), sum[0]);
    }
    V::storeu(form, V::add(V::add(sum[0], sum[1]), V::add(sum[2], sum[3])));
}

// Features of a panel that stay in the nearest cache while its rows take their turns.
constexpr int64_t look_features = 64;

// Brings the columns of one group for each row, -1 for none, into the rows' best and second-best.
template <class V>
inline void look_at_groups(const Search& job, const SearchSpace& space, int64_t begin,
                           int64_t live, const int32_t* group, const float* x) {
    constexpr int C = F32::columns, P = Shape<F32>::rows;
    const Chunk<F32>& chunk = *space.chunk;
    const int64_t d = job.x.features;
    alignas(32) float form[P][C];
    for (int64_t first = 0; first < d; first += look_features) {
        const int64_t features = d - first < look_features ? d - first : look_features;
        for (int64_t lane = 0; lane < live; ++lane) {
            if (group[lane] < 0) continue;
            const float* columns = chunk.packed + group[lane] * C * d + first * C;
            if (first == 0) std::memcpy(form[lane], chunk.start + group[lane] * C, sizeof form[0]);
            add_products<typename V::Abreast>(x + first * P + lane, P, columns, features,
                                              form[lane]);
        }
    }
    for (int64_t lane = 0; lane < live; ++lane) {
        if (group[lane] < 0) continue;
        const int64_t row = begin + lane;
        float best = space.best[row], second = space.second[row];
        for (int c = 0; c < C; ++c) {
            const float value = form[lane][c], worse = value < best ? best : value;
            if (value < best) space.column[row] = group[lane] * C + c;
            best = value < best ? value : best;
            second = worse < second ? worse : second;
        }
        space.best[row] = best;
        space.second[row] = second;
    }
}

// A panel against the chunk that is packed now: roughly, then the groups within reach in floats.
template <class V>
inline void rough_panel(const Search& job, const SearchSpace& space, int64_t begin, int64_t live,
                        const float* x, const uint32_t* rough_x, const Error& error) {
    RoughGroups<V> found;
    rough_pass<V>(space, job.x.features, rough_x, found);
    bool looks_twice = false;
    for (int64_t lane = 0; lane < live; ++lane) {
        const int64_t row = begin + lane;
        space.column[row] = -1;
        const float width = rough_width(space.length[row], space.loss[row], *space.rough_chunk,
                                        error, job.x.features);
        if (found.best[lane] < space.rough_best[row]) space.rough_best[row] = found.best[lane];
        const float reach = space.rough_best[row] + width;
        // the best group that is not looked at bounds all columns that are not
        float unseen = found.third[lane];
        if (found.next[lane] > reach) {
            unseen = found.next[lane];
            found.next_group[lane] = -1;
        }
        if (found.best[lane] > reach) {
            unseen = found.best[lane];
            found.first_group[lane] = -1;
        }
        looks_twice |= found.next_group[lane] >= 0;
        const float least_unseen = unseen - 0.51f * width;
        if (least_unseen < space.second[row]) space.second[row] = least_unseen;
    }
    look_at_groups<V>(job, space, begin, live, found.first_group, x);
    if (looks_twice) look_at_groups<V>(job, space, begin, live, found.next_group, x);
}

}  // namespace gramian::GRAMIAN_ISA
