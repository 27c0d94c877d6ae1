// Doubles as floats that are no nearer to what a bound bounds.
#pragma once
#include <bit>
#include <cstdint>

namespace gramian {

// Always inline: a copy compiled for one instruction set must not serve the others.

// The largest float that is at most `value`, which is not negative.
[[gnu::always_inline]] inline float float_below(double value) {
    const float rounded = static_cast<float>(value);
    const uint32_t less = static_cast<double>(rounded) > value;
    return std::bit_cast<float>(std::bit_cast<uint32_t>(rounded) - less);
}

// The smallest that is at least `value`, which is not negative.
[[gnu::always_inline]] inline float float_above(double value) {
    const float rounded = static_cast<float>(value);
    const uint32_t more = static_cast<double>(rounded) < value;
    return std::bit_cast<float>(std::bit_cast<uint32_t>(rounded) + more);
}

}  // namespace gramian
