// Entries of a panel of rows against columns: in registers, as the forms come, or in the buffer.
#pragma once
#include <cmath>

#include "forms.h"
#include "profile.h"

namespace gramian::GRAMIAN_ISA {

template <class V>
class Entries {
  public:
    using T = typename V::scalar;
    using Q = Quad<V>;
    static constexpr int R = V::row_vectors, C = V::columns, P = Shape<V>::rows;

    Entries(const Sum& job, SumSpace<V>& space, const Rows& rows, Method method)
        : job_(job),
          space_(space),
          method_(method),
          unit_(method == Method::plain                    ? 1.0
                : job.form == Form::squared_euclidean ? job.frame.scale * job.frame.scale
                                                           : job.frame.scale),
          forms_(job, space, rows, method, packed_rate()) {
        constexpr double most = sizeof(T) == 4 ? 3e38 : 1e308;
        const T rate = static_cast<T>(std::fmin(std::fmax(packed_rate(), -most), most));
        rates_ = {rate, static_cast<T>(job.alpha), Decay<T>::of(rate)};
    }

    // What an entry is multiplied with to undo the packed numbers' unit.
    double gain() const {
        return job_.profile == Profile::identity ? 1.0 / unit_
               : job_.profile == Profile::root   ? 1.0 / std::sqrt(unit_)
                                                 : 1.0;
    }

    void begin(int64_t panel) {
        forms_.begin(panel);
        T longest = 0;
        for (int lane = 0; lane < P; ++lane) {
            if (space_.norm[panel + lane] > longest) longest = space_.norm[panel + lane];
        }
        // as |x - y|^2 <= 2 (|x|^2 + |y|^2), and twice a sum of gaps is at most |x|^2 + |y|^2 + 2 d
        const double x = longest, y = space_.chunk->largest;
        const double largest = 2.0 * (x + y) + static_cast<double>(job_.x.features);
        bounded_ = std::fabs(rates_.rate) * largest < most_unbounded_power;
    }

    // Whether `group` serves this panel and the chunk that is packed now.
    bool bounded() const { return bounded_; }

    // Calls use(c, r, entry) for the group of the chunk's columns that starts at `column`.
    template <class Step, Profile profile, class Use>
    [[gnu::always_inline]] void group(int64_t column, Use use) {
        static_assert(R * C % 4 == 0);
        Accumulators<V> acc;
        forms_.template group<Step>(column, acc);
#pragma GCC unroll 8
        for (int i = 0; i < R * C; i += 4) {
            const typename Q::reg forms{acc.at[i % R][i / R], acc.at[(i + 1) % R][(i + 1) / R],
                                        acc.at[(i + 2) % R][(i + 2) / R],
                                        acc.at[(i + 3) % R][(i + 3) / R]};
            const auto entries = entry<Q, profile, true>(forms, rates_);
            use(i / R, i % R, entries.a);
            use((i + 1) / R, (i + 1) % R, entries.b);
            use((i + 2) / R, (i + 2) % R, entries.c);
            use((i + 3) / R, (i + 3) % R, entries.d);
        }
    }

    // Whether `roots_in_turns` serves a sum of this kind, and is worth it: with more features, the
    // divider has time enough.
    template <class Step, Profile profile>
    static constexpr bool in_turns =
        Forms<V>::template by_parts<Step> && profile == Profile::root_decay && R * C % 8 == 0;

    bool worth_turns() const { return job_.x.features < 8; }

    // Fills the buffer as `group` would. The divider makes roots beside all other work, if only it
    // hears of them early: so the roots of some columns are made in turn with the entries of those
    // before, which wait for nothing.
    template <class Step>
    void roots_in_turns(int64_t at, int64_t live) {
        constexpr int columns = C / 2;
        const Decay<T> decay = rates_.decay;
        T* to = space_.buffer;
        for (int64_t j = 0; j < live; j += C) {
            for (int from = 0; from < C; from += columns, to += columns * P) {
                Accumulators<V, columns> acc;
                forms_.template part<Step>(at + j, from, acc);
#pragma GCC unroll 16
                for (int i = 0; i < R * columns; ++i) {
                    V::store(to + i * V::width, V::sqrt(acc.at[i % R][i / R]));
                }
                if (j + from > 0) powers<columns>(to - columns * P, decay);
            }
        }
        powers<columns>(to - columns * P, decay);
    }

    // Fills the buffer with the entries, or their logarithms, of a block of columns.
    void block(int64_t at, int64_t live) {
        fill_with_forms(at, live);
        switch (job_.profile) {
#define GRAMIAN_PROFILE(name)                                         \
    case Profile::name:                                               \
        return job_.logarithm ? apply<Profile::name, true>(live)      \
                              : apply<Profile::name, false>(live);
            GRAMIAN_PROFILE(identity)
            GRAMIAN_PROFILE(root)
            GRAMIAN_PROFILE(exponential)
            GRAMIAN_PROFILE(root_decay)
            GRAMIAN_PROFILE(matern32)
            GRAMIAN_PROFILE(matern52)
            GRAMIAN_PROFILE(rational)
            GRAMIAN_PROFILE(tophat)
            GRAMIAN_PROFILE(epanechnikov)
            GRAMIAN_PROFILE(triangular)
            GRAMIAN_PROFILE(cosine)
#undef GRAMIAN_PROFILE
        }
    }

  private:
    double packed_rate() const {
        return job_.rate / (job_.profile == Profile::root_decay ? std::sqrt(unit_) : unit_);
    }

    template <int columns>
    [[gnu::always_inline]] static void powers(T* of, const Decay<T>& decay) {
        static_assert(R * columns % 4 == 0);
#pragma GCC unroll 4
        for (int i = 0; i < R * columns * V::width; i += Q::width) {
            Q::store(of + i, exp2<Q, true>(Q::load(of + i), decay));
        }
    }

    void fill_with_forms(int64_t at, int64_t live) {
        if (sizeof(T) == 4 && method_ == Method::product) return fill_with<Product>(at, live);
        switch (job_.form) {
            case Form::squared_euclidean: return fill_with<SquaredGap>(at, live);
            case Form::manhattan: return fill_with<Gap>(at, live);
            case Form::chebyshev: return fill_with<LargestGap>(at, live);
        }
    }

    template <class Step>
    void fill_with(int64_t at, int64_t live) {
        for (int64_t j = 0; j < live; j += C) {
            Accumulators<V> acc;
            forms_.template group<Step>(at + j, acc);
            hold<V>(acc, space_.buffer + j * P);
        }
    }

    template <Profile profile, bool logs>
    void apply(int64_t live) {
        for (int64_t i = 0; i < round_up(live, C) * P; i += Q::width) {
            const auto t = Q::load(space_.buffer + i);
            if constexpr (logs) {
                Q::store(space_.buffer + i, log_entry<Q, profile>(t, rates_));
            } else {
                Q::store(space_.buffer + i, entry<Q, profile>(t, rates_));
            }
        }
    }

    const Sum& job_;
    SumSpace<V>& space_;
    const Method method_;
    const double unit_;  // a packed form is so many times the true one
    Rates<T> rates_;
    bool bounded_ = false;
    Forms<V> forms_;
};

}  // namespace gramian::GRAMIAN_ISA
