// Forms of a panel of rows against a group of columns; pairs in doubt are computed again.
#pragma once
#include <type_traits>

#include "../simd/flush.h"
#include "doubt.h"
#include "sum_space.h"

namespace gramian::GRAMIAN_ISA {

template <class V>
class Forms {
  public:
    using T = typename V::scalar;
    using reg = typename V::reg;
    static constexpr int R = V::row_vectors, C = V::columns, P = Shape<V>::rows;

    Forms(const Sum& job, SumSpace<V>& space, const Rows& rows, Method method, double rate)
        : job_(job), space_(space), rows_(rows), method_(method) {
        test_.doubt = doubt_of(job.profile, rate, job.alpha, job.x.features, job.logarithm);
    }

    // What holds for one panel against the chunk that is packed now.
    void begin(int64_t panel) {
        panel_ = panel;
        raw_packed_ = suspect_ = false;
        first_diagonal_ = -1;
        last_diagonal_ = -2;
        if (method_ != Method::product) return;
        const reg largest = V::set1(space_.chunk->largest);
        for (int r = 0; r < R; ++r) {
            norm_[r] = V::load(space_.norm + panel + r * V::width);
            reach_[r] = test_.reach(V::add(norm_[r], largest));
            suspect_ |= V::bits(V::lt(V::set1(0), reach_[r])) != 0;
        }
        for (int lane = 0; job_.row_of && lane < P && panel + lane < rows_.count; ++lane) {
            const int64_t column = job_.row_of[rows_[panel + lane]];
            if (column < 0) continue;
            if (first_diagonal_ < 0 || column < first_diagonal_) first_diagonal_ = column;
            if (column > last_diagonal_) last_diagonal_ = column;
        }
    }

    // Whether some columns of a group can go by themselves, as they need nothing but their chains.
    template <class Step>
    static constexpr bool by_parts = sizeof(T) == 4 && std::is_same_v<Step, SquaredGap>;

    // Forms against so many columns of the group that starts at `column`, from the column `from` on.
    template <class Step, int count>
    [[gnu::always_inline]] void part(int64_t column, int from, Accumulators<V, count>& acc) const {
        static_assert(by_parts<Step>);
        const int64_t d = job_.x.features;
#pragma GCC unroll 8
        for (int c = 0; c < count; ++c) {
#pragma GCC unroll 8
            for (int r = 0; r < R; ++r) acc.at[r][c] = V::set1(0);
        }
        run_features<V, Step>(space_.x + panel_ * d, space_.chunk->packed + column * d + from, d,
                              acc);
    }

    // Forms of the panel against the group of the chunk's columns that starts at `column`.
    template <class Step>
    [[gnu::always_inline]] void group(int64_t column, Accumulators<V>& acc) {
        const Chunk<V>& chunk = *space_.chunk;
        const int64_t d = job_.x.features;
        constexpr bool few = sizeof(T) == 4 && std::is_same_v<Step, SquaredGap>;
        constexpr int64_t block = few ? 0 : sizeof(T) == 4 ? short_chain : feature_block;
        accumulate<V, Step, block>(space_.x + panel_ * d, chunk.packed + column * d, nothing<V>, d,
                                   acc);
        if constexpr (std::is_same_v<Step, Product>) {
            add_norms(chunk.norm + column, acc);
            const int64_t place = chunk.first + column;
            if ((suspect_ && any_near(acc)) ||
                (place <= last_diagonal_ && place + C > first_diagonal_)) {
                // by memory, so that the accumulators stay in registers otherwise
                hold<V>(acc, space_.held);
                mend(column, space_.held);
#pragma GCC unroll 8
                for (int c = 0; c < C; ++c) {
#pragma GCC unroll 8
                    for (int r = 0; r < R; ++r) {
                        acc.at[r][c] = V::load(space_.held + c * P + r * V::width);
                    }
                }
            }
        }
    }

  private:
    // Products were summed from nothing on, so that the form is symmetric to the bit.
    [[gnu::always_inline]] void add_norms(const T* norm, Accumulators<V>& acc) const {
#pragma GCC unroll 8
        for (int c = 0; c < C; ++c) {
            const reg other = V::set1(norm[c]);
#pragma GCC unroll 8
            for (int r = 0; r < R; ++r) {
                const reg size = V::add(norm_[r], other);
                acc.at[r][c] = V::max(V::add(size, acc.at[r][c]), V::set1(0));
            }
        }
    }

    // Whether a form of the group would be in doubt beside the chunk's longest column.
    [[gnu::always_inline]] bool any_near(const Accumulators<V>& acc) const {
        typename V::mask any = test_.near(acc.at[0][0], reach_[0]);
#pragma GCC unroll 8
        for (int c = 0; c < C; ++c) {
#pragma GCC unroll 8
            for (int r = 0; r < R; ++r) any = V::either(any, test_.near(acc.at[r][c], reach_[r]));
        }
        return V::bits(any);
    }

    // Computes the doubtful pairs of one group again, and sets the diagonal to zero.
    [[gnu::noinline]] void mend(int64_t column, T* forms) {
        const Chunk<V>& chunk = *space_.chunk;
        for (int c = 0; c < C && column + c < chunk.count; ++c, forms += P) {
            const int64_t place = chunk.first + column + c;
            uint64_t wrong = 0;
            for (int r = 0; r < R; ++r) {
                const reg reach = test_.reach(V::add(norm_[r], V::set1(chunk.norm[column + c])));
                const auto near = test_.near(V::load(forms + r * V::width), reach);
                wrong |= static_cast<uint64_t>(V::bits(near)) << (r * V::width);
            }
            if (wrong) {
                alignas(64) double again[P];
                differences(place, again);
                for (; wrong; wrong &= wrong - 1) {
                    const int lane = __builtin_ctzll(wrong);
                    forms[lane] = static_cast<T>(again[lane]);
                }
            }
            if (place < first_diagonal_ || place > last_diagonal_) continue;
            for (int lane = 0; lane < P && panel_ + lane < rows_.count; ++lane) {
                if (job_.row_of[rows_[panel_ + lane]] == place) forms[lane] = 0;
            }
        }
    }

    // Squared distances of the panel's rows to one column, by differences in double, as packed.
    void differences(int64_t column, double* out) {
        const int64_t d = job_.x.features;
        if (!raw_packed_) {
            const FlushUnderflow as_given(false);
            pack<P>(job_.x, rows_, panel_, Mapping{nullptr, 1.0}, space_.raw_x);
            raw_packed_ = true;
        }
        constexpr int wide = P / F64::width;
        F64::reg total[wide];
        for (int w = 0; w < wide; ++w) total[w] = F64::set1(0);
        for (int64_t f = 0; f < d; ++f) {
            const auto b = F64::set1(job_.y.at(column, f));
#pragma GCC unroll 16
            for (int w = 0; w < wide; ++w) {
                const auto gap = F64::sub(F64::widen(space_.raw_x + f * P + w * F64::width), b);
                total[w] = F64::fma(gap, gap, total[w]);
            }
        }
        const auto unit = F64::set1(job_.frame.scale * job_.frame.scale);
        for (int w = 0; w < wide; ++w) F64::store(out + w * F64::width, F64::mul(total[w], unit));
    }

    const Sum& job_;
    SumSpace<V>& space_;
    const Rows& rows_;
    const Method method_;
    DoubtTest<V> test_;
    int64_t panel_ = 0;
    reg norm_[R], reach_[R];      // reach_: beside the chunk's longest column
    bool suspect_ = false;        // whether any pair of the panel can be in doubt
    bool raw_packed_ = false;
    int64_t first_diagonal_ = -1, last_diagonal_ = -2;  // columns that rows of the panel are
};

}  // namespace gramian::GRAMIAN_ISA
