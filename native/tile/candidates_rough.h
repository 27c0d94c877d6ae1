// The candidates' pass with bfloat16 first, as in nearest_rough.h: a group of columns is looked at in
// floats only for the rows whose reach its smallest rough form does not exceed. The first chunk goes
// in floats and finds the rows a reach; of the later ones few columns come near it.
#pragma once
#include "nearest_rough.h"

namespace gramian::GRAMIAN_ISA {

// Beyond this share of groups that must be looked at again, floats alone are faster.
constexpr int64_t second_looks = 3;

// Rounds a panel of rows.
inline void round_rows(const SearchSpace& space, int64_t features, int64_t begin, const float* panel) {
    constexpr int P = Shape<F32>::rows;
    round_panel(panel, features, P, space.rough_x + begin * ((features + 1) / 2),
                space.length + begin, space.loss + begin);
}

// How far above a row's reach a rough form may lie while the float form is within: half the width of
// `rough_width`, and the rounding of the limit itself.
template <class V>
[[gnu::always_inline]] inline typename V::reg rough_limit(const float* reach, const float* width) {
    const auto own = V::loadu(reach);
    // a row that takes nothing more has no number here, and no form is below it
    return V::fma(V::abs(own), V::set1(2.4e-7f), V::add(own, V::mul(V::load(width), V::set1(0.5f))));
}

// The columns of one group that are within reach of a row.
template <class V>
inline void collect_group(const Search& job, const Rows& rows, int64_t row, int64_t group,
                          const float* x, const Chunk<V>& chunk, Candidates<V>& found) {
    constexpr int C = V::columns;
    alignas(32) float form[C];
    std::memcpy(form, chunk.start + group * C, sizeof form);
    add_products<typename V::Abreast>(x, Shape<V>::rows, chunk.packed + group * C * job.x.features,
                                      job.x.features, form);
    for (int c = 0; c < C && group * C + c < chunk.count; ++c) {
        if (form[c] > found.reach[row]) continue;
        found.push(job, row, rows[row], form[c], chunk.first + group * C + c,
                   chunk.norm[group * C + c]);
    }
}

// One chunk of columns against one panel of rows; gives how many groups were looked at again.
template <class V>
inline int64_t collect_roughly(const Search& job, const SearchSpace& space, const Rows& rows,
                               int64_t begin, const float* x, Error error,
                               Candidates<V>& found) {
    constexpr int R = V::row_vectors, C = V::columns, P = Shape<V>::rows;
    const Chunk<V>& chunk = *space.chunk;
    const int64_t pairs = (job.x.features + 1) / 2;
    const uint32_t* rough_x = space.rough_x + begin * pairs;
    const uint32_t* rough_y = space.rough_chunk->packed;
    alignas(64) float width[P];
    // what has been found so far narrows the reach
    for (int64_t row = begin; row < begin + P && row < rows.count; ++row) {
        found.compact(job, row, rows[row]);
    }
    for (int lane = 0; lane < P; ++lane) {
        width[lane] = rough_width(space.length[begin + lane], space.loss[begin + lane],
                                  *space.rough_chunk, error, job.x.features);
    }
    typename V::reg limit[R];
    const auto set_limits = [&] {
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) {
            limit[r] = rough_limit<V>(found.reach + begin + r * V::width, width + r * V::width);
        }
    };
    set_limits();
    int64_t looks = 0;
    for (int64_t g = 0; g < chunk.groups(); ++g, rough_y += C * pairs) {
        Accumulators<V> acc;
        start_from<V>(chunk.start + g * C, acc);
        run_pairs<V>(rough_x, rough_y, pairs, acc);
        uint32_t near[R], any = 0;
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) {
#pragma GCC unroll 3
            for (int half = C / 2; half > 0; half /= 2) {
#pragma GCC unroll 8
                for (int c = 0; c < half; ++c) {
                    acc.at[r][c] = V::min(acc.at[r][c], acc.at[r][c + half]);
                }
            }
            near[r] = static_cast<uint32_t>(V::bits(V::le(acc.at[r][0], limit[r])));
            any |= near[r];
        }
        if (!any) continue;
        for (int r = 0; r < R; ++r) {
            for (uint32_t open = near[r]; open; open &= open - 1, ++looks) {
                const int lane = r * V::width + __builtin_ctz(open);
                if (begin + lane >= rows.count) break;
                collect_group<V>(job, rows, begin + lane, g, x + lane, chunk, found);
            }
        }
        set_limits();
    }
    return looks;
}

}  // namespace gramian::GRAMIAN_ISA
