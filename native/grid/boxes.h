// Distances between boxes, as values of a form, added up in the order of the features.
#pragma once
#include <cstdint>
#include <limits>
#include <type_traits>

#include "../core.h"

namespace gramian::grid {

// always inline: a copy compiled for one instruction set must not serve the others
template <Form form>
[[gnu::always_inline]] inline double add_gap(double total, double gap) {
    if constexpr (form == Form::squared_euclidean) return total + gap * gap;
    if constexpr (form == Form::manhattan) return total + gap;
    return total > gap ? total : gap;
}

// Two totals as one.
template <Form form>
[[gnu::always_inline]] inline double add_up(double a, double b) {
    if constexpr (form != Form::chebyshev) return a + b;
    return a > b ? a : b;
}

// Of the nearest corners of the box from `low` to `high` and another; a box is the lowest and then
// the highest coordinates, so many numbers apart.
template <Form form>
[[gnu::always_inline]] inline double gaps(const double* low, const double* high, const double* box,
                                          int64_t features, int64_t apart) {
    double total = 0.0;
    for (int64_t f = 0; f < features; ++f) {
        const double above = box[f] - high[f], below = low[f] - box[apart + f];
        const double gap = above > below ? above : below;
        total = add_gap<form>(total, gap > 0.0 ? gap : 0.0);
    }
    return total;
}

// Of the farthest corners.
template <Form form>
[[gnu::always_inline]] inline bool surrounded(const double* a, const double* b, int64_t features,
                                              double reach) {
    double total = 0.0;
    for (int64_t f = 0; f < features; ++f) {
        const double above = b[features + f] - a[f], below = a[features + f] - b[f];
        total = add_gap<form>(total, above > below ? above : below);
        if (total > reach) return false;
    }
    return total <= reach;
}

// Calls `use(std::integral_constant<Form, form>)`.
template <class Use>
[[gnu::always_inline]] inline auto with_form(Form form, Use use) {
    if (form == Form::manhattan) return use(std::integral_constant<Form, Form::manhattan>{});
    if (form == Form::chebyshev) return use(std::integral_constant<Form, Form::chebyshev>{});
    return use(std::integral_constant<Form, Form::squared_euclidean>{});
}

[[gnu::always_inline]] inline void empty_box(double* box, int64_t features) {
    for (int64_t f = 0; f < features; ++f) {
        box[f] = std::numeric_limits<double>::infinity();
        box[features + f] = -std::numeric_limits<double>::infinity();
    }
}

[[gnu::always_inline]] inline void widen_box(double* box, int64_t features, int64_t feature,
                                             double low, double high) {
    if (low < box[feature]) box[feature] = low;
    if (high > box[features + feature]) box[features + feature] = high;
}

}  // namespace gramian::grid
