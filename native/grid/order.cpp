#include "order.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace gramian::grid {
namespace {

constexpr int64_t rows_at_once = 1 << 16;
constexpr int most_digit_bits = 11;

int64_t parts_of(int64_t rows) { return (rows + rows_at_once - 1) / rows_at_once; }

// Cells of one feature.
struct Axis {
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();
};

using Axes = std::array<Axis, most_keyed_features>;

Axes axes_of(const Table& x, const Run& run) {
    std::vector<Axes> of_part(static_cast<size_t>(parts_of(x.rows)));
    run(parts_of(x.rows), [&](int64_t part) {
        Axes found;
        const int64_t last = std::min(x.rows, (part + 1) * rows_at_once);
        for (int64_t row = part * rows_at_once; row < last; ++row) {
            for (int64_t f = 0; f < x.features; ++f) {
                Axis& axis = found[static_cast<size_t>(f)];
                axis.low = std::min(axis.low, x.at(row, f));
                axis.high = std::max(axis.high, x.at(row, f));
            }
        }
        of_part[static_cast<size_t>(part)] = found;
    });
    Axes whole;
    for (const Axes& found : of_part) {
        for (size_t f = 0; f < whole.size(); ++f) {
            whole[f].low = std::min(whole[f].low, found[f].low);
            whole[f].high = std::max(whole[f].high, found[f].high);
        }
    }
    return whole;
}

// The bits of a number, with as many places between them as other features need.
uint32_t spread(uint32_t cell, int64_t features) {
    uint64_t bits = cell;
    if (features == 2) {
        bits = (bits | bits << 8) & 0x00ff00ff;
        bits = (bits | bits << 4) & 0x0f0f0f0f;
        bits = (bits | bits << 2) & 0x33333333;
        bits = (bits | bits << 1) & 0x55555555;
    } else if (features == 3) {
        bits = (bits | bits << 16) & 0x030000ff;
        bits = (bits | bits << 8) & 0x0300f00f;
        bits = (bits | bits << 4) & 0x030c30c3;
        bits = (bits | bits << 2) & 0x09249249;
    }
    return static_cast<uint32_t>(bits);
}

// Sorts by the digit of `width` bits from `shift` on; equal digits keep their order.
void sort_by_digit(const std::vector<Item>& from, std::vector<Item>& to, int shift, int width,
                   const Run& run) {
    const auto n = static_cast<int64_t>(from.size());
    const int64_t parts = parts_of(n);
    const size_t values = size_t{1} << width;
    const auto digit = [&](Item item) { return (item >> shift) & (values - 1); };
    std::vector<int64_t> places(static_cast<size_t>(parts) * values);
    const auto each = [&](int64_t part, auto use) {
        int64_t* own = places.data() + static_cast<size_t>(part) * values;
        const int64_t last = std::min(n, (part + 1) * rows_at_once);
        for (int64_t i = part * rows_at_once; i < last; ++i) {
            const Item item = from[static_cast<size_t>(i)];
            use(own[digit(item)], item);
        }
    };
    run(parts, [&](int64_t part) { each(part, [](int64_t& place, Item) { ++place; }); });
    int64_t start = 0;
    for (size_t value = 0; value < values; ++value) {
        for (size_t part = 0; part < static_cast<size_t>(parts); ++part) {
            start += std::exchange(places[part * values + value], start);
        }
    }
    run(parts, [&](int64_t part) {
        each(part, [&](int64_t& place, Item item) { to[static_cast<size_t>(place++)] = item; });
    });
}

}  // namespace

std::vector<Item> sorted_rows(const Table& x, double side, const Run& run) {
    std::vector<Item> items(static_cast<size_t>(x.rows));
    if (x.features > most_keyed_features) {
        for (size_t i = 0; i < items.size(); ++i) items[i] = i;
        return items;
    }
    const Axes axes = axes_of(x, run);
    double widest = 0.0;
    for (const Axis& axis : axes) widest = std::max(widest, axis.high - axis.low);
    const int most_bits = 32 / static_cast<int>(x.features);
    const double cells = widest / side;  // may be infinite, or 0 / 0
    int bits = 1;
    while (bits < most_bits && !(cells < std::ldexp(1.0, bits))) ++bits;
    const double last = std::ldexp(1.0, bits) - 1.0;
    const double per_side = cells <= last ? 1.0 / side : (last + 1.0) / widest;
    run(parts_of(x.rows), [&](int64_t part) {
        const int64_t end = std::min(x.rows, (part + 1) * rows_at_once);
        for (int64_t row = part * rows_at_once; row < end; ++row) {
            uint32_t key = 0;
            for (int64_t f = 0; f < x.features; ++f) {
                const double cell = (x.at(row, f) - axes[static_cast<size_t>(f)].low) * per_side;
                const double inside = cell > 0.0 ? std::min(cell, last) : 0.0;  // NaN is 0
                key |= spread(static_cast<uint32_t>(inside), x.features) << f;
            }
            items[static_cast<size_t>(row)] = Item{key} << 32 | static_cast<Item>(row);
        }
    });
    const int all_bits = bits * static_cast<int>(x.features);
    const int digits = (all_bits + most_digit_bits - 1) / most_digit_bits;
    const int width = (all_bits + digits - 1) / digits;
    std::vector<Item> other(items.size());
    for (int digit = 0; digit < digits; ++digit) {
        sort_by_digit(items, other, 32 + digit * width, width, run);
        items.swap(other);
    }
    return items;
}

}  // namespace gramian::grid
