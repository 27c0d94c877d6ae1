// The elementary functions of an instruction set against a longer type, over their whole range.
#pragma once
#include <cmath>
#include <cstdio>
#include <limits>
#include <vector>

#include "../core.h"

namespace gramian {

template <class T>
T quarter_cosine(T u) {
    return std::cos(std::sqrt(u) * T(1.5707963267948966192313216916397514L));
}

// Units in the last place by which a function is off; those below the smallest normal number are
// as large as there, and those of log2 and the cosine as large as at one.
template <class T>
double worst_units(const Core& core, Function function, T low, T high) {
    constexpr int count = 100'001;
    std::vector<T> in(count), out(count);
    for (int i = 0; i < count; ++i) {
        const T place = std::fmin(low + (high - low) * (static_cast<T>(i) / (count - 1)), high);
        in[static_cast<size_t>(i)] = function == Function::log2 ? std::exp2(place) : place;
    }
    core.evaluate(function, sizeof(T) == 8, in.data(), out.data(), count);
    const long double least = function == Function::exp2 ? std::numeric_limits<T>::min() : T(1);
    long double worst = 0;
    for (size_t i = 0; i < in.size(); ++i) {
        const long double x = in[i];
        const long double truth = function == Function::exp2   ? std::exp2(x)
                                  : function == Function::log2 ? std::log2(x)
                                                               : quarter_cosine(x);
        const long double size = std::fmax(std::fabs(truth), least);
        worst = std::fmax(worst, std::fabs(static_cast<long double>(out[i]) - truth) / size);
    }
    return static_cast<double>(worst / std::numeric_limits<T>::epsilon());
}

// Powers are tried from `low` to `high`.
template <class T>
bool within_two_units(const Core& core, T low, T high, const char* type) {
    const T least = std::log2(std::numeric_limits<T>::min());
    const double exp2 = worst_units<T>(core, Function::exp2, low, high);
    const double log2 = worst_units<T>(core, Function::log2, least, high - 2);
    const double cosine = worst_units<T>(core, Function::quarter_cosine, 0, 1);
    std::printf("  %s: exp2 %.2f, log2 %.2f, cosine %.2f units in the last place\n", type, exp2,
                log2, cosine);
    return exp2 < 2 && log2 < 2 && cosine < 2;
}

}  // namespace gramian
