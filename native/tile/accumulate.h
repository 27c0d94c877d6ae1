// The micro-tile: registers accumulate one form over all features, for a panel of rows (in the
// lanes) against a group of columns (broadcast).
#pragma once
#include <cstdint>

namespace gramian::GRAMIAN_ISA {

// a less one number, and a times one number plus c, for all lanes.
template <class V>
[[gnu::always_inline]] inline typename V::reg sub_each(typename V::reg a,
                                                       const typename V::scalar* b) {
    if constexpr (requires { V::sub_each(a, b); }) {
        return V::sub_each(a, b);
    } else {
        return V::sub(a, V::set1(*b));
    }
}

template <class V>
[[gnu::always_inline]] inline typename V::reg fma_each(typename V::reg a,
                                                       const typename V::scalar* b,
                                                       typename V::reg c) {
    if constexpr (requires { V::fma_each(a, b, c); }) {
        return V::fma_each(a, b, c);
    } else {
        return V::fma(a, V::set1(*b), c);
    }
}

// What happens for each feature. `chain`: the sum rounds once per feature, long ones go by blocks.
struct SquaredGap {
    static constexpr bool chain = true;
    template <class V>
    static typename V::reg step(typename V::reg acc, typename V::reg a,
                                const typename V::scalar* b) {
        const auto gap = sub_each<V>(a, b);
        return V::fma(gap, gap, acc);
    }
};

// As float64 brute force has it: every operation rounds, features in order.
struct PlainSquaredGap {
    static constexpr bool chain = false;
    template <class V>
    static typename V::reg step(typename V::reg acc, typename V::reg a,
                                const typename V::scalar* b) {
        const auto gap = sub_each<V>(a, b);
        return V::add(acc, V::mul(gap, gap));
    }
};

struct Product {
    static constexpr bool chain = true;
    template <class V>
    static typename V::reg step(typename V::reg acc, typename V::reg a,
                                const typename V::scalar* b) {
        return fma_each<V>(a, b, acc);
    }
};

struct Gap {
    static constexpr bool chain = true;
    template <class V>
    static typename V::reg step(typename V::reg acc, typename V::reg a,
                                const typename V::scalar* b) {
        return V::add(acc, V::abs(sub_each<V>(a, b)));
    }
};

struct PlainGap {
    static constexpr bool chain = false;
    template <class V>
    static typename V::reg step(typename V::reg acc, typename V::reg a,
                                const typename V::scalar* b) {
        return V::add(acc, V::abs(sub_each<V>(a, b)));
    }
};

struct LargestGap {
    static constexpr bool chain = false;
    template <class V>
    static typename V::reg step(typename V::reg acc, typename V::reg a,
                                const typename V::scalar* b) {
        return V::max(acc, V::abs(sub_each<V>(a, b)));
    }
};

// Features after which a float chain is added to a total, which keeps the rounding error small.
constexpr int64_t feature_block = 64;

template <class V>
struct Shape {
    static constexpr int rows = V::row_vectors * V::width;  // rows of a panel
    static constexpr int columns = V::columns;              // columns of a group
};

// Of all columns of a group, or of so many.
template <class V, int columns = V::columns>
struct Accumulators {
    typename V::reg at[V::row_vectors][columns];
};

template <class V, class Step, int C>
[[gnu::always_inline]] inline void run_features(const typename V::scalar* x,
                                                const typename V::scalar* y, int64_t features,
                                                Accumulators<V, C>& acc) {
    constexpr int R = V::row_vectors;
    // a copy that nobody else knows of stays in registers
    Accumulators<V, C> sum = acc;
    for (int64_t f = 0; f < features; ++f, x += Shape<V>::rows, y += V::columns) {
        typename V::reg a[R];
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) a[r] = V::load(x + r * V::width);
#pragma GCC unroll 8
        for (int c = 0; c < C; ++c) {
#pragma GCC unroll 8
            for (int r = 0; r < R; ++r) {
                sum.at[r][c] = Step::template step<V>(sum.at[r][c], a[r], y + c);
            }
        }
    }
    acc = sum;
}

// What sums begin with that have nothing to begin with.
template <class V>
constexpr typename V::scalar nothing[V::columns] = {};

template <class V>
[[gnu::always_inline]] inline void start_from(const typename V::scalar* start,
                                              Accumulators<V>& acc) {
#pragma GCC unroll 8
    for (int c = 0; c < V::columns; ++c) {
#pragma GCC unroll 8
        for (int r = 0; r < V::row_vectors; ++r) acc.at[r][c] = V::set1(start[c]);
    }
}

// Stores accumulators as [column][row].
template <class V>
[[gnu::always_inline]] inline void hold(const Accumulators<V>& acc, typename V::scalar* to) {
#pragma GCC unroll 8
    for (int c = 0; c < V::columns; ++c) {
#pragma GCC unroll 8
        for (int r = 0; r < V::row_vectors; ++r) {
            V::store(to + (c * V::row_vectors + r) * V::width, acc.at[r][c]);
        }
    }
}

// What has been held, plus the accumulators.
template <class V>
[[gnu::always_inline]] inline void add_held(const typename V::scalar* held, Accumulators<V>& acc) {
#pragma GCC unroll 8
    for (int c = 0; c < V::columns; ++c) {
#pragma GCC unroll 8
        for (int r = 0; r < V::row_vectors; ++r) {
            const auto before = V::load(held + (c * V::row_vectors + r) * V::width);
            acc.at[r][c] = V::add(before, acc.at[r][c]);
        }
    }
}

// acc = start (one number per column) + the form over all features. A chain sums each block by
// itself and adds it to its span of `block` blocks, and those to a total.
// x is [feature][row of the panel], y is [feature][column of the group]. A block of 0 stands for
// features so few that one chain will do.
template <class V, class Step, int64_t block = feature_block>
[[gnu::always_inline]] inline void accumulate(const typename V::scalar* x,
                                              const typename V::scalar* y,
                                              const typename V::scalar* start, int64_t features,
                                              Accumulators<V>& acc) {
    if constexpr (!Step::chain || block == 0) {
        start_from<V>(start, acc);
        run_features<V, Step>(x, y, features, acc);
    } else {
        constexpr int size = Shape<V>::rows * Shape<V>::columns;
        alignas(64) typename V::scalar span[size], total[size];
        const auto run = [&](int64_t first, const auto* begin) __attribute__((always_inline)) {
            const int64_t left = features - first;
            start_from<V>(begin, acc);
            run_features<V, Step>(x + first * Shape<V>::rows, y + first * V::columns,
                                  left < block ? left : block, acc);
        };
        for (int64_t first = 0;; start = nothing<V>) {
            const int64_t left = features - first;
            const int64_t end = left < block * block ? features : first + block * block;
            run(first, start);
            for (int64_t done = first + block; done < end; done += block) {
                hold<V>(acc, span);
                run(done, nothing<V>);
                add_held<V>(span, acc);
            }
            if (first > 0) add_held<V>(total, acc);
            if (end == features) return;
            hold<V>(acc, total);
            first = end;
        }
    }
}

// The most roundings that a number goes through on its way into the sum over the features.
template <class Step>
inline int64_t chain_length(int64_t features, int64_t block = feature_block) {
    const int64_t square = block * block;
    if (!Step::chain || features <= block) return features;
    if (features <= square) return block + (features + block - 1) / block;
    return 2 * block + (features + square - 1) / square;
}

// Unit roundoffs by which a tile's form may be off, relative to (|x| + |y|)^2 for the product form
// about a centre and relative to the form itself for the direct ones. Counted are the roundings of
// the centred numbers, of the norms, of each chain, and of the three bits that carry a column.
template <class Step>
inline double error_units(int64_t features) {
    const double terms = static_cast<double>(chain_length<Step>(features));
    return (terms + 26.0) * (1.0 + terms * 2.4e-7);
}

}  // namespace gramian::GRAMIAN_ISA
