#include "bounds.h"

#include <bit>

namespace gramian {
namespace {

// The largest float that is at most `value`, which is not negative.
float below(double value) {
    const float rounded = static_cast<float>(value);
    const uint32_t less = static_cast<double>(rounded) > value;
    return std::bit_cast<float>(std::bit_cast<uint32_t>(rounded) - less);
}

// The smallest that is at least `value`, which is not negative.
float above(double value) {
    const float rounded = static_cast<float>(value);
    const uint32_t more = static_cast<double>(rounded) < value;
    return std::bit_cast<float>(std::bit_cast<uint32_t>(rounded) + more);
}

// A column beyond a ball is as far from the row as the ball's radius exceeds the row's distance to
// its middle; one inside has come nearer by as much as it has moved. Every ball bounds all columns.
double beyond(const double* radius, const double* moved, int64_t level, double upper,
              double lower) {
    const double outside = radius[level] - upper, inside = lower - moved[level];
    return outside < inside ? outside : inside;
}

}  // namespace

int64_t move_bounds(const int64_t* label, int64_t count, const Movement& movement, float* upper,
                    float* lower) {
    const int64_t levels = movement.levels;
    int64_t overlapping = 0;
    for (int64_t i = 0; i < count; ++i) {
        const double* own = movement.of(label[i]);
        const double *radius = own + 1, *moved = radius + levels;
        const float high = above(static_cast<double>(upper[i]) + own[0]);
        const double low = lower[i];
        double best = beyond(radius, moved, levels - 1, high, low);
        if (const double first = beyond(radius, moved, 0, high, low); first > best) best = first;
        for (int64_t level = 1; level < levels - 1 && !(best > high); ++level) {
            const double next = beyond(radius, moved, level, high, low);
            if (next > best) best = next;
        }
        upper[i] = high;
        lower[i] = best > 0.0 ? below(best) : 0.0f;
        overlapping += !(upper[i] < lower[i]);
    }
    return overlapping;
}

}  // namespace gramian
