// Elementary functions on vectors. Error bounds, tested over the whole range: exp2 2 ulp (gradual
// underflow included), log2 of normal numbers 2 ulp or 2^-24 absolute near one, in float; 2 ulp in
// double. Square roots are the processor's and correctly rounded.
#pragma once
#include "../simd/quad.h"

namespace gramian::GRAMIAN_ISA {

template <class V, int N>
[[gnu::always_inline]]
inline typename V::reg polynomial(typename V::reg x, const typename V::scalar (&c)[N]) {
    auto sum = V::set1(c[N - 1]);
#pragma GCC unroll 16
    for (int i = N - 2; i >= 0; --i) sum = V::fma(sum, x, V::set1(c[i]));
    return sum;
}

// Powers beyond which 2^x is zero or infinite, whatever the type's rounding.
template <class T>
constexpr T most_power = sizeof(T) == 4 ? T(300) : T(2200);

// How far below zero a power may be that becomes a zero without an overflow on its way.
constexpr double most_unbounded_power = 1e25;

// 2^(rate t) for powers up to `most_power`, and down to `most_unbounded_power` below zero: a table
// holds 2^(k/steps), and adding a large number whose last bit stands for 1/steps leaves k in the
// lowest bits. The rest of the power is exact, since the product is not rounded. The polynomials are
// minimax in relative error with 2^0 = 1 exactly, 8.2e-8 in float and 1.4e-17 in double.
template <class V>
[[gnu::always_inline]]
inline typename V::reg exp2_by_steps(typename V::reg t, typename V::reg rate) {
    using T = typename V::scalar;
    const auto magic = V::set1((sizeof(T) == 4 ? T(12582912.0) : T(6755399441055744.0)) / V::steps);
    const auto shifted = V::fma(t, rate, magic);
    const auto step = V::power_of_step(shifted);
    const auto power = V::sub(shifted, magic);
    const auto rest = V::fms(t, rate, power);
    if constexpr (sizeof(T) == 4) {
        constexpr float c[] = {0.69316073f, 0.24022886f};
        const auto slope = polynomial<V>(rest, c);
        return V::scale(V::fma(V::mul(step, rest), slope, step), power);
    } else {
        constexpr double c[] = {0.693147180559947973,  0.240226506959100943,
                                0.0555041086475478308, 0.00961812910613182444,
                                0.00133338560541155436, 0.000154037885102502629};
        const auto slope = polynomial<V>(rest, c);
        return V::scale(V::fma(V::mul(step, rest), slope, step), power);
    }
}

// 2^x. Without a table: minimax in relative error on [-1/2, 1/2] with 2^0 = 1 exactly (float),
// Taylor (double).
template <class V>
[[gnu::always_inline]] inline typename V::reg exp2(typename V::reg x) {
    using T = typename V::scalar;
    if constexpr (V::steps > 0) {
        const auto most = V::set1(most_power<T>), least = V::set1(-most_power<T>);
        return exp2_by_steps<V>(V::min(V::max(x, least), most), V::set1(1));
    } else {
        typename V::reg n;
        const auto f = V::split(x, n);
        if constexpr (sizeof(T) == 4) {
            constexpr float c[] = {0.6931469775121828f, 0.24022242067029773f, 0.0555073380641055f,
                                   0.009671513509147007f, 0.0013264716755463483f};
            return V::scale(V::fma(f, polynomial<V>(f, c), V::set1(1)), n);
        } else {
            constexpr double c[] = {
                0.6931471805599453,     0.2402265069591007,     0.05550410866482158,
                0.009618129107628477,   0.0013333558146428443,  0.0001540353039338161,
                1.5252733804059841e-05, 1.3215486790144307e-06, 1.0178086009239699e-07,
                7.0549116208011235e-09, 4.4455382718708114e-10, 2.5678435993488202e-11,
                1.3691488853904128e-12};
            return V::scale(V::fma(f, polynomial<V>(f, c), V::set1(1)), n);
        }
    }
}

// How fast a power falls: 2^(rate t), and the t from which on it is zero.
template <class T>
struct Decay {
    T rate;
    T edge;

    static constexpr Decay of(T rate) { return {rate, -most_power<T> / rate}; }
};

// 2^(rate t) for t >= 0 and a negative rate; `bounded` if no power is beyond
// `most_unbounded_power`.
template <class V, bool bounded = false>
[[gnu::always_inline]]
inline typename V::reg exp2(typename V::reg t, const Decay<typename V::scalar>& decay) {
    if constexpr (V::steps > 0) {
        const auto live = bounded ? t : V::min(t, V::set1(decay.edge));
        return exp2_by_steps<V>(live, V::set1(decay.rate));
    } else {
        return exp2<V>(V::mul(t, V::set1(decay.rate)));
    }
}

// log2 x for normal positive x, by 2 atanh((m - 1) / (m + 1)) / ln 2.
template <class V>
[[gnu::always_inline]] inline typename V::reg log2(typename V::reg x) {
    using T = typename V::scalar;
    const auto e = V::exponent(x), m = V::scale(x, V::sub(V::set1(0), e));
    const auto z = V::div(V::sub(m, V::set1(1)), V::add(m, V::set1(1)));
    const auto w = V::mul(z, z);
    constexpr double two = 2.8853900817779268;  // 2 / ln 2
    if constexpr (sizeof(T) == 4) {
        constexpr float c[] = {float(two), float(two / 3), float(two / 5), float(two / 7),
                               float(two / 9), float(two / 11)};
        return V::fma(z, polynomial<V>(w, c), e);
    } else {
        constexpr double c[] = {two,      two / 3,  two / 5,  two / 7,  two / 9,
                                two / 11, two / 13, two / 15, two / 17, two / 19,
                                two / 21, two / 23, two / 25, two / 27};
        return V::fma(z, polynomial<V>(w, c), e);
    }
}

// cos(pi/2 sqrt u) for u in [0, 1]: a power series in u, no root needed.
template <class V>
[[gnu::always_inline]] inline typename V::reg quarter_cosine(typename V::reg u) {
    using T = typename V::scalar;
    constexpr T c[] = {T(1.0),
                       T(-1.2337005501361697),
                       T(0.2536695079010480),
                       T(-0.020863480763352960),
                       T(0.00091926027483942659),
                       T(-2.5202042373060605e-05),
                       T(4.7108747788181716e-07),
                       T(-6.3866030837918522e-09),
                       T(6.5659631149794447e-11),
                       T(-5.2944002007346253e-13),
                       T(3.4377391790986166e-15)};
    return polynomial<V>(u, c);
}

}  // namespace gramian::GRAMIAN_ISA
