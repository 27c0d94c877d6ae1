// Entries of kernels, and their logarithms, as functions of the form.
#pragma once
#include <cmath>

#include "math.h"
#include "method.h"

namespace gramian::GRAMIAN_ISA {

constexpr double log2_e = 1.4426950408889634;

// The numbers a profile needs, for the packed numbers' unit.
template <class V>
struct Rates {
    typename V::scalar rate, alpha;
};

template <class V>
inline typename V::reg matern_argument(typename V::reg t, const Rates<V>& r) {
    return V::sqrt(V::mul(t, V::set1(r.rate)));
}

template <class V>
inline typename V::reg decay(typename V::reg s) {
    return exp2<V>(V::mul(s, V::set1(static_cast<typename V::scalar>(-log2_e))));
}

template <class V>
inline typename V::reg matern52_factor(typename V::reg s) {
    using T = typename V::scalar;
    return V::fma(s, V::fma(s, V::set1(T(1.0 / 3.0)), V::set1(1)), V::set1(1));
}

template <class V, Profile profile>
inline typename V::reg entry(typename V::reg t, const Rates<V>& r) {
    using T = typename V::scalar;
    const auto one = V::set1(1), zero = V::set1(0);
    if constexpr (profile == Profile::identity) {
        return t;
    } else if constexpr (profile == Profile::root) {
        return V::sqrt(t);
    } else if constexpr (profile == Profile::exponential) {
        return exp2<V>(V::mul(t, V::set1(r.rate)));
    } else if constexpr (profile == Profile::root_decay) {
        return exp2<V>(V::mul(V::sqrt(t), V::set1(r.rate)));
    } else if constexpr (profile == Profile::matern32) {
        const auto s = matern_argument<V>(t, r);
        return V::mul(V::add(one, s), decay<V>(s));
    } else if constexpr (profile == Profile::matern52) {
        const auto s = matern_argument<V>(t, r);
        return V::mul(matern52_factor<V>(s), decay<V>(s));
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
inline typename V::reg log_entry(typename V::reg t, const Rates<V>& r) {
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

// The form below which a pair's entry would be off by more than the tolerance in the product form,
// as a function of size = |x|^2 + |y|^2. The tolerance is 1e-5 of the entry; the error of the form
// is taken as its usual size, 2 (8 + sqrt d) 2^-24 times `size`, not as its rigorous bound.
struct Doubt {
    enum class Kind { by_size, linear, quadratic, edge } kind;
    double size;   // by_size: from this size on every pair below form + slope size is in doubt
    double form;
    double slope;  // linear: below slope size; quadratic: below (slope size)^2; edge: half width
};

inline Doubt doubt_of(Profile profile, double rate, double alpha, int64_t features,
                      bool logarithm) {
    constexpr double tolerance = 1e-5;
    const double error = 2.0 * (8.0 + std::sqrt(static_cast<double>(features))) * unit_roundoff;
    const double magnitude = std::fabs(rate);
    const auto by_size = [&](double steepness, double form) {
        return Doubt{Doubt::Kind::by_size, tolerance / (steepness * magnitude * error),
                     logarithm ? 1e300 : form / magnitude, error};
    };
    switch (profile) {
        case Profile::identity: return {Doubt::Kind::linear, 0, 0, error / tolerance};
        case Profile::root: return {Doubt::Kind::linear, 0, 0, 0.5 * error / tolerance};
        case Profile::exponential: return by_size(0.6931471805599453, 160.0);
        case Profile::root_decay:
            return {Doubt::Kind::quadratic, 0, 0, 0.35 * magnitude * error / tolerance};
        case Profile::matern32: return by_size(0.5, 12100.0);
        case Profile::matern52: return by_size(0.2, 12100.0);
        case Profile::rational: return by_size(alpha, 1e300);
        case Profile::tophat: return {Doubt::Kind::edge, 0, 1.0 / magnitude, 2.0 * error};
        case Profile::epanechnikov: return by_size(1.0, 1.0);
        case Profile::triangular:
            return {Doubt::Kind::quadratic, 0, 0, 0.5 * std::sqrt(magnitude) * error / tolerance};
        case Profile::cosine: return by_size(1.24, 1.0);
    }
    return {Doubt::Kind::linear, 0, 0, 1.0};
}

template <class V>
struct DoubtTest {
    using reg = typename V::reg;
    using T = typename V::scalar;
    Doubt doubt;

    static T clamped(double v) {
        constexpr double most = 1e37;
        return static_cast<T>(v > most ? most : v);
    }

    // Whether entries with these forms and sizes are in doubt.
    [[gnu::always_inline]] typename V::mask operator()(reg t, reg size) const {
        const reg slope = V::set1(clamped(doubt.slope));
        switch (doubt.kind) {
            case Doubt::Kind::by_size:
                return V::lt(t, V::select(V::lt(V::set1(clamped(doubt.size)), size),
                                          V::fma(size, slope, V::set1(clamped(doubt.form))),
                                          V::set1(-1)));
            case Doubt::Kind::linear:
                return V::lt(t, V::mul(size, slope));
            case Doubt::Kind::quadratic: {
                const reg edge = V::mul(size, slope);
                return V::lt(t, V::mul(edge, edge));
            }
            case Doubt::Kind::edge:
                break;
        }
        return V::lt(V::abs(V::sub(t, V::set1(clamped(doubt.form)))), V::mul(size, slope));
    }
};

}  // namespace gramian::GRAMIAN_ISA
