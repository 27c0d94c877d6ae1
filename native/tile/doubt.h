// Where the product form of a squared distance cannot be trusted.
//
// With u = 2^-24 and x, y taken about the centre, what is added up is |x|^2 + |y|^2 - 2 x.y.
// It errs by at most E = (8 + L) u (|x|^2 + |y|^2): 4 for the rounded differences to the centre, 1
// for the rounded squared lengths, 1 for their sum, 2 for the last sum, and L for the chain over the
// features, which `chain_length` keeps short. (L roundings put x.y off by at most
// L u sum |x_f y_f|, and 2 |x_f y_f| <= x_f^2 + y_f^2.) A pair is in doubt if E allows its entry an
// error above the tolerance. It is a bound for the worst case: what is seen is a tenth of it.
#pragma once
#include "method.h"

namespace gramian::GRAMIAN_ISA {

constexpr int64_t short_chain = 16;  // features of one float chain in sums
constexpr double tolerance = 1e-5;   // of an entry; of the largest one for profiles that end

// Pairs are in doubt where |form - centre| < reach, as a function of size = |x|^2 + |y|^2:
// reach = base + slope size + (curve size)^2 if the size exceeds the limit, else there is none.
struct Doubt {
    double limit = 0.0;
    double base = 0.0;
    double slope = 0.0;
    double curve = 0.0;
    double centre = 0.0;
};

inline Doubt doubt_of(Profile profile, double rate, double alpha, int64_t features,
                      bool logarithm) {
    const int64_t chain = chain_length<Product>(features, short_chain);
    const double error = 1.001 * (8.0 + static_cast<double>(chain)) * unit_roundoff;
    const double magnitude = std::fabs(rate);
    // the entry's logarithm changes by at most `steepness` per rate t; it is zero from `end` on
    const auto smooth = [&](double steepness, double end) {
        return Doubt{.limit = tolerance / (steepness * magnitude * error),
                     .base = logarithm ? 1e300 : end / magnitude,
                     .slope = error};
    };
    // the entry feels sqrt t, which errs by at most 0.536 E / sqrt t where t > 4 E
    const auto rooted = [&](double per_root) {
        return Doubt{.slope = 4.0 * error, .curve = 0.536 * per_root * error / tolerance};
    };
    switch (profile) {
        case Profile::identity: return {.slope = error / tolerance};
        case Profile::root: return {.slope = 0.536 * error / tolerance};
        case Profile::exponential: return smooth(0.6931471805599453, 160.0);
        case Profile::root_decay: return rooted(0.6931471805599453 * magnitude);
        case Profile::matern32: return smooth(0.5, 12100.0);
        case Profile::matern52: return smooth(1.0 / 6.0, 12100.0);
        case Profile::rational: return smooth(alpha, 1e300);
        case Profile::tophat: return {.slope = error, .centre = 1.0 / magnitude};
        case Profile::epanechnikov: return smooth(1.0, 1.0);
        case Profile::triangular: return rooted(std::sqrt(magnitude));
        case Profile::cosine: return smooth(1.24, 1.0);
    }
    return {};
}

template <class V>
struct DoubtTest {
    using reg = typename V::reg;
    using T = typename V::scalar;
    Doubt doubt;

    static reg clamped(double v) {
        constexpr double most = 1e37;
        return V::set1(static_cast<T>(v > most ? most : v));
    }

    // How near to the centre forms of this size are in doubt; -1 where none are.
    reg reach(reg size) const {
        const reg bend = V::mul(size, clamped(doubt.curve));
        const reg line = V::fma(size, clamped(doubt.slope), clamped(doubt.base));
        return V::select(V::lt(clamped(doubt.limit), size), V::fma(bend, bend, line), V::set1(-1));
    }

    [[gnu::always_inline]] typename V::mask near(reg form, reg reach) const {
        return V::lt(V::abs(V::sub(form, clamped(doubt.centre))), reach);
    }
};

}  // namespace gramian::GRAMIAN_ISA
