// Elementary functions on vectors. Error bounds, tested over the whole range: exp2 2 ulp (gradual
// underflow included), log2 of normal numbers 2 ulp or 2^-24 absolute near one, in float; 2 ulp in
// double. Square roots are the processor's and correctly rounded.
#pragma once

namespace gramian::GRAMIAN_ISA {

template <class V, int N>
inline typename V::reg polynomial(typename V::reg x, const typename V::scalar (&c)[N]) {
    auto sum = V::set1(c[N - 1]);
#pragma GCC unroll 16
    for (int i = N - 2; i >= 0; --i) sum = V::fma(sum, x, V::set1(c[i]));
    return sum;
}

// 2^x. Minimax in relative error on [-1/2, 1/2] with 2^0 = 1 exactly (float), Taylor (double).
template <class V>
inline typename V::reg exp2(typename V::reg x) {
    using T = typename V::scalar;
    typename V::reg n;
    const auto f = V::split(x, n);
    if constexpr (sizeof(T) == 4) {
        constexpr float c[] = {0.6931469775121828f, 0.24022242067029773f, 0.0555073380641055f,
                               0.009671513509147007f, 0.0013264716755463483f};
        return V::scale(V::fma(f, polynomial<V>(f, c), V::set1(1.0f)), n);
    } else {
        constexpr double c[] = {0.6931471805599453,     0.2402265069591007,     0.05550410866482158,
                                0.009618129107628477,   0.0013333558146428443,  0.0001540353039338161,
                                1.5252733804059841e-05, 1.3215486790144307e-06, 1.0178086009239699e-07,
                                7.0549116208011235e-09, 4.4455382718708114e-10, 2.5678435993488202e-11,
                                1.3691488853904128e-12};
        return V::scale(V::fma(f, polynomial<V>(f, c), V::set1(1.0)), n);
    }
}

// log2 x for normal positive x, by 2 atanh((m - 1) / (m + 1)) / ln 2.
template <class V>
inline typename V::reg log2(typename V::reg x) {
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
        constexpr double c[] = {two,      two / 3,  two / 5,  two / 7,  two / 9,  two / 11, two / 13,
                                two / 15, two / 17, two / 19, two / 21, two / 23, two / 25, two / 27};
        return V::fma(z, polynomial<V>(w, c), e);
    }
}

// cos(pi/2 sqrt u) for u in [0, 1]: a power series in u, no root needed.
template <class V>
inline typename V::reg quarter_cosine(typename V::reg u) {
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
