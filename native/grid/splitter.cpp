#include "splitter.h"

#include <algorithm>
#include <bit>

namespace gramian::grid {

void Splitter::box(int64_t first, int64_t last, double* out) const {
    empty_box(out, x_.features);
    for (int64_t i = first; i < last; ++i) {
        const int64_t row = row_of(items_[i]);
        for (int64_t f = 0; f < x_.features; ++f) {
            const double value = x_.at(row, f);
            widen_box(out, x_.features, f, value, value);
        }
    }
}

int64_t Splitter::split(int64_t first, int64_t last, const double* box) {
    const uint32_t differ = key_of(items_[first]) ^ key_of(items_[last - 1]);
    if (differ) {
        const uint32_t bit = std::bit_floor(differ);
        const Item* found = std::partition_point(items_ + first, items_ + last,
                                                 [bit](Item item) { return !(key_of(item) & bit); });
        return found - items_;
    }
    int64_t widest = 0;
    for (int64_t f = 1; f < x_.features; ++f) {
        if (box[x_.features + f] - box[f] > box[x_.features + widest] - box[widest]) widest = f;
    }
    held_.clear();
    for (int64_t i = first; i < last; ++i) {
        held_.emplace_back(x_.at(row_of(items_[i]), widest), items_[i]);
    }
    const auto half = (last - first) / 2;
    std::nth_element(held_.begin(), held_.begin() + half, held_.end());
    for (int64_t i = first; i < last; ++i) {
        items_[i] = held_[static_cast<size_t>(i - first)].second;
    }
    return first + half;
}

}  // namespace gramian::grid
