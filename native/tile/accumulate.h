// The micro-tile: registers accumulate one form over all features, for a panel of rows (in the
// lanes) against a group of columns (broadcast).
#pragma once

namespace gramian::GRAMIAN_ISA {

struct SquaredGap {
    static constexpr bool chain = true;  // rounds once per feature: long sums go by blocks
    template <class V>
    static typename V::reg step(typename V::reg acc, typename V::reg a, typename V::reg b) {
        const auto gap = V::sub(a, b);
        return V::fma(gap, gap, acc);
    }
};

// As float64 brute force has it: every operation rounds, features in order.
struct PlainSquaredGap {
    static constexpr bool chain = false;
    template <class V>
    static typename V::reg step(typename V::reg acc, typename V::reg a, typename V::reg b) {
        const auto gap = V::sub(a, b);
        return V::add(acc, V::mul(gap, gap));
    }
};

struct Product {
    static constexpr bool chain = true;
    template <class V>
    static typename V::reg step(typename V::reg acc, typename V::reg a, typename V::reg b) {
        return V::fma(a, b, acc);
    }
};

struct Gap {
    static constexpr bool chain = true;
    template <class V>
    static typename V::reg step(typename V::reg acc, typename V::reg a, typename V::reg b) {
        return V::add(acc, V::abs(V::sub(a, b)));
    }
};

struct PlainGap {
    static constexpr bool chain = false;
    template <class V>
    static typename V::reg step(typename V::reg acc, typename V::reg a, typename V::reg b) {
        return V::add(acc, V::abs(V::sub(a, b)));
    }
};

struct LargestGap {
    static constexpr bool chain = false;
    template <class V>
    static typename V::reg step(typename V::reg acc, typename V::reg a, typename V::reg b) {
        return V::max(acc, V::abs(V::sub(a, b)));
    }
};

// Features after which a float chain is added to a total, which keeps the rounding error small.
constexpr int64_t feature_block = 64;

template <class V>
struct Shape {
    static constexpr int rows = V::row_vectors * V::width;  // rows of a panel
    static constexpr int columns = V::columns;              // columns of a group
};

template <class V>
struct Accumulators {
    typename V::reg at[V::row_vectors][V::columns];
};

template <class V, class Step>
[[gnu::always_inline]] inline void run_features(const typename V::scalar* x,
                                                const typename V::scalar* y, int64_t features,
                                                Accumulators<V>& acc) {
    constexpr int R = V::row_vectors, C = V::columns;
    for (int64_t f = 0; f < features; ++f, x += Shape<V>::rows, y += C) {
        typename V::reg a[R];
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) a[r] = V::load(x + r * V::width);
#pragma GCC unroll 8
        for (int c = 0; c < C; ++c) {
            const auto b = V::set1(y[c]);
#pragma GCC unroll 8
            for (int r = 0; r < R; ++r) {
                acc.at[r][c] = Step::template step<V>(acc.at[r][c], a[r], b);
            }
        }
    }
}

// acc = start (one number per column) + the form over all features.
// x is [feature][row of the panel], y is [feature][column of the group].
template <class V, class Step>
[[gnu::always_inline]] inline void accumulate(const typename V::scalar* x,
                                              const typename V::scalar* y,
                                              const typename V::scalar* start, int64_t features,
                                              Accumulators<V>& acc) {
    constexpr int R = V::row_vectors, C = V::columns;
    if (Step::chain && features > feature_block) {
        alignas(64) typename V::scalar total[R * C * V::width];
        for (int c = 0; c < C; ++c) {
            for (int r = 0; r < R; ++r) {
                V::store(total + (r * C + c) * V::width, V::set1(start[c]));
            }
        }
        for (int64_t done = 0; done < features; done += feature_block) {
#pragma GCC unroll 8
            for (int c = 0; c < C; ++c) {
#pragma GCC unroll 8
                for (int r = 0; r < R; ++r) acc.at[r][c] = V::set1(0);
            }
            const int64_t left = features - done;
            run_features<V, Step>(x + done * Shape<V>::rows, y + done * C,
                                  left < feature_block ? left : feature_block, acc);
#pragma GCC unroll 8
            for (int c = 0; c < C; ++c) {
#pragma GCC unroll 8
                for (int r = 0; r < R; ++r) {
                    auto* place = total + (r * C + c) * V::width;
                    acc.at[r][c] = V::add(V::load(place), acc.at[r][c]);
                    V::store(place, acc.at[r][c]);
                }
            }
        }
        return;
    }
#pragma GCC unroll 8
    for (int c = 0; c < C; ++c) {
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) acc.at[r][c] = V::set1(start[c]);
    }
    run_features<V, Step>(x, y, features, acc);
}

// Unit roundoffs by which a tile's form may be off, relative to (|x| + |y|)^2 for the product form
// about a centre and relative to the form itself for the direct ones. Counted are the roundings of
// the centred numbers, of the norms, of each chain, and of the three bits that carry a column.
template <class Step>
inline double error_units(int64_t features) {
    const int64_t chain = features < feature_block ? features : feature_block;
    const int64_t blocks = (features + feature_block - 1) / feature_block;
    const double terms = static_cast<double>(Step::chain ? chain + blocks : features);
    return (terms + 26.0) * (1.0 + terms * 2.4e-7);
}

}  // namespace gramian::GRAMIAN_ISA
