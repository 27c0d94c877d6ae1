// Entries of kernels, and their logarithms, as functions of the form.
#pragma once
#include <cmath>

#include "../core.h"
#include "math.h"

namespace gramian::GRAMIAN_ISA {

constexpr double log2_e = 1.4426950408889634;

// The numbers a profile needs, for the packed numbers' unit.
template <class T>
struct Rates {
    T rate, alpha;
    Decay<T> decay;  // at this rate
};

template <class V>
[[gnu::always_inline]]
inline typename V::reg matern_argument(typename V::reg t, const Rates<typename V::scalar>& r) {
    return V::sqrt(V::mul(t, V::set1(r.rate)));
}

template <class V, bool bounded>
[[gnu::always_inline]] inline typename V::reg matern_decay(typename V::reg s) {
    using T = typename V::scalar;
    return exp2<V, bounded>(s, Decay<T>::of(static_cast<T>(-log2_e)));
}

template <class V>
[[gnu::always_inline]] inline typename V::reg matern52_factor(typename V::reg s) {
    using T = typename V::scalar;
    return V::fma(s, V::fma(s, V::set1(T(1.0 / 3.0)), V::set1(1)), V::set1(1));
}

// `bounded`: the rate times the form is at most `most_unbounded_power`.
template <class V, Profile profile, bool bounded = false>
[[gnu::always_inline]]
inline typename V::reg entry(typename V::reg t, const Rates<typename V::scalar>& r) {
    using T = typename V::scalar;
    const auto one = V::set1(1), zero = V::set1(0);
    if constexpr (profile == Profile::identity) {
        return t;
    } else if constexpr (profile == Profile::root) {
        return V::sqrt(t);
    } else if constexpr (profile == Profile::exponential) {
        return exp2<V, bounded>(t, r.decay);
    } else if constexpr (profile == Profile::root_decay) {
        return exp2<V, bounded>(V::sqrt(t), r.decay);
    } else if constexpr (profile == Profile::matern32) {
        const auto s = matern_argument<V>(t, r);
        return V::mul(V::add(one, s), matern_decay<V, bounded>(s));
    } else if constexpr (profile == Profile::matern52) {
        const auto s = matern_argument<V>(t, r);
        return V::mul(matern52_factor<V>(s), matern_decay<V, bounded>(s));
    } else if constexpr (profile == Profile::rational) {
        const auto most = V::set1(sizeof(T) == 4 ? T(1e38) : T(1e307));
        const auto base = V::min(V::fma(t, V::set1(r.rate), one), most);
        return exp2<V>(V::mul(log2<V>(base), V::set1(-r.alpha)));
    } else if constexpr (profile == Profile::tophat) {
        return V::select(V::lt(V::mul(t, V::set1(r.rate)), one), one, zero);
    } else if constexpr (profile == Profile::epanechnikov) {
        return V::max(V::sub(one, V::mul(t, V::set1(r.rate))), zero);
    } else if constexpr (profile == Profile::triangular) {
        return V::max(V::sub(one, matern_argument<V>(t, r)), zero);
    } else {
        const auto u = V::mul(t, V::set1(r.rate));
        return V::select(V::lt(u, one), quarter_cosine<V>(V::min(u, one)), zero);
    }
}

// log2 of the entry, finite wherever the form is.
template <class V, Profile profile>
[[gnu::always_inline]]
inline typename V::reg log_entry(typename V::reg t, const Rates<typename V::scalar>& r) {
    using T = typename V::scalar;
    const auto one = V::set1(1);
    if constexpr (profile == Profile::exponential) {
        return V::mul(t, V::set1(r.rate));
    } else if constexpr (profile == Profile::root_decay) {
        return V::mul(V::sqrt(t), V::set1(r.rate));
    } else if constexpr (profile == Profile::rational) {
        const auto most = V::set1(sizeof(T) == 4 ? T(1e38) : T(1e307));
        const auto base = V::min(V::fma(t, V::set1(r.rate), one), most);
        return V::mul(log2<V>(base), V::set1(-r.alpha));
    } else if constexpr (profile == Profile::matern32 || profile == Profile::matern52) {
        const auto s = matern_argument<V>(t, r);
        auto factor = V::add(one, s);
        if constexpr (profile == Profile::matern52) factor = matern52_factor<V>(s);
        return V::fma(s, V::set1(T(-log2_e)), log2<V>(factor));
    } else {
        return t;
    }
}

// The entry in plain double, for the few rows that are too far out for packed numbers.
inline double entry_of(Profile profile, double t, double rate, double alpha) {
    const double u = rate * t, s = std::sqrt(u < 0.0 ? 0.0 : u);
    switch (profile) {
        case Profile::identity: return t;
        case Profile::root: return std::sqrt(t);
        case Profile::exponential: return std::exp2(u);
        case Profile::root_decay: return std::exp2(rate * std::sqrt(t));
        case Profile::matern32: return s > 1e4 ? 0.0 : (1.0 + s) * std::exp(-s);
        case Profile::matern52: return s > 1e4 ? 0.0 : (1.0 + s + s * s / 3.0) * std::exp(-s);
        case Profile::rational: return std::exp2(-alpha * std::log2(1.0 + u));
        case Profile::tophat: return u < 1.0 ? 1.0 : 0.0;
        case Profile::epanechnikov: return u < 1.0 ? 1.0 - u : 0.0;
        case Profile::triangular: return s < 1.0 ? 1.0 - s : 0.0;
        case Profile::cosine: return u < 1.0 ? std::cos(s * 1.5707963267948966) : 0.0;
    }
    return t;
}

inline double log_entry_of(Profile profile, double t, double rate, double alpha) {
    const double u = rate * t, s = std::sqrt(u < 0.0 ? 0.0 : u);
    switch (profile) {
        case Profile::exponential: return u;
        case Profile::root_decay: return rate * std::sqrt(t);
        case Profile::matern32: return std::log2(1.0 + s) - s * log2_e;
        case Profile::matern52: return std::log2(1.0 + s + s * s / 3.0) - s * log2_e;
        case Profile::rational: return -alpha * std::log2(1.0 + u);
        default: return t;
    }
}

}  // namespace gramian::GRAMIAN_ISA
