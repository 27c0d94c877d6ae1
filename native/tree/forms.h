// A query against eight points, or eight boxes, at once. Every operation is rounded as float64
// brute force rounds it, and rounding never turns an order around: a box is never farther than
// the points within.
#pragma once
#include <cstdint>
#include <type_traits>

#include "tree.h"

namespace gramian::GRAMIAN_ISA::tree {

using namespace gramian::tree;

constexpr int vectors = static_cast<int>(lanes) / F64::width;

// Eight numbers.
struct Octet {
    F64::reg part[vectors];

    [[gnu::always_inline]] uint32_t at_most(double bound) const {
        uint32_t found = 0;
        for (int v = 0; v < vectors; ++v) {
            found |= F64::bits(F64::le(part[v], F64::set1(bound))) << (v * F64::width);
        }
        return found;
    }
    [[gnu::always_inline]] uint32_t at_most(const double* bounds) const {
        uint32_t found = 0;
        for (int v = 0; v < vectors; ++v) {
            const F64::reg bound = F64::loadu(bounds + v * F64::width);
            found |= F64::bits(F64::le(part[v], bound)) << (v * F64::width);
        }
        return found;
    }
    [[gnu::always_inline]] uint32_t differs_from(double number) const {
        const F64::reg other = F64::set1(number);
        uint32_t found = 0;
        for (int v = 0; v < vectors; ++v) {
            const auto apart = F64::either(F64::lt(part[v], other), F64::lt(other, part[v]));
            found |= F64::bits(apart) << (v * F64::width);
        }
        return found;
    }
    [[gnu::always_inline]] Octet times(double factor) const {
        Octet product;
        for (int v = 0; v < vectors; ++v) product.part[v] = F64::mul(part[v], F64::set1(factor));
        return product;
    }
    // NaN in the second stays
    [[gnu::always_inline]] friend Octet larger(const Octet& a, const Octet& b) {
        Octet both;
        for (int v = 0; v < vectors; ++v) both.part[v] = F64::max(a.part[v], b.part[v]);
        return both;
    }
    [[gnu::always_inline]] static Octet load(const double* from) {
        Octet loaded;
        for (int v = 0; v < vectors; ++v) loaded.part[v] = F64::loadu(from + v * F64::width);
        return loaded;
    }
    [[gnu::always_inline]] static Octet all(double number) {
        Octet same;
        for (int v = 0; v < vectors; ++v) same.part[v] = F64::set1(number);
        return same;
    }
    [[gnu::always_inline]] void store(double* to) const {
        for (int v = 0; v < vectors; ++v) F64::storeu(to + v * F64::width, part[v]);
    }
};

// The form so far, and one more feature's gap.
template <Form form>
[[gnu::always_inline]] inline F64::reg with_gap(F64::reg total, F64::reg gap) {
    if constexpr (form == Form::squared_euclidean) return F64::add(total, F64::mul(gap, gap));
    if constexpr (form == Form::manhattan) return F64::add(total, F64::abs(gap));
    // in this order the NaN behind the last point stays
    if constexpr (form == Form::chebyshev) return F64::max(total, F64::abs(gap));
}

// A number of features known to the compiler, or 0 and the number itself.
template <int Known>
struct Features {
    static constexpr int known = Known;
    int64_t counted;
    [[gnu::always_inline]] int64_t count() const { return Known ? Known : counted; }
};

// Adds up the forms of eight gaps; `gap(f, offset)` gives a feature's, from lane `offset` on.
template <Form form, int Known, class Gap>
[[gnu::always_inline]] inline Octet forms_of(Features<Known> features, Gap gap) {
    Octet total;
    for (int v = 0; v < vectors; ++v) total.part[v] = F64::set1(0.0);
    const int64_t count = features.count();
#pragma GCC unroll 4
    for (int64_t f = 0; f < count; ++f) {
        for (int v = 0; v < vectors; ++v) {
            total.part[v] = with_gap<form>(total.part[v], gap(f, v * F64::width));
        }
    }
    return total;
}

// How far ranges lie apart, or 0.
[[gnu::always_inline]] inline F64::reg range_gap(F64::reg low, F64::reg high, F64::reg other_low,
                                                 F64::reg other_high) {
    const F64::reg apart = F64::max(F64::sub(other_low, high), F64::sub(low, other_high));
    return F64::max(apart, F64::set1(0.0));
}

// Eight points of the tree against a query, whose features are `apart` numbers apart.
template <Form form, int Known>
[[gnu::always_inline]] inline Octet point_forms(Features<Known> features, const double* query,
                                                int64_t apart, const double* block) {
    return forms_of<form>(features, [&](int64_t f, int64_t offset) {
        return F64::sub(F64::set1(query[f * apart]), F64::loadu(block + f * lanes + offset));
    });
}

// A node's eight boxes against one box.
template <Form form, int Known>
[[gnu::always_inline]] inline Octet box_forms(Features<Known> features, const double* low,
                                              const double* high, const double* boxes) {
    return forms_of<form>(features, [&](int64_t f, int64_t offset) {
        const double* there = boxes + f * lanes + offset;
        return range_gap(F64::set1(low[f]), F64::set1(high[f]), F64::loadu(there),
                         F64::loadu(there + features.count() * lanes));
    });
}

// Eight queries against one box of a node.
template <Form form, int Known>
[[gnu::always_inline]] inline Octet query_forms(Features<Known> features, const double* queries,
                                                int64_t apart, const double* box) {
    return forms_of<form>(features, [&](int64_t f, int64_t offset) {
        const F64::reg query = F64::loadu(queries + f * apart + offset);
        return range_gap(query, query, F64::set1(box[f * lanes]),
                         F64::set1(box[(features.count() + f) * lanes]));
    });
}

// Calls `work(Features<...>)`.
template <class Work>
inline void with_features(int64_t features, Work work) {
    if (features == 2) return work(Features<2>{features});
    if (features == 3) return work(Features<3>{features});
    work(Features<0>{features});
}

// Calls `work(std::integral_constant<Form>, Features<...>)` for what a job asks.
template <class Work>
inline void dispatch(Form form, int64_t features, Work work) {
    if (form == Form::manhattan) {
        work(std::integral_constant<Form, Form::manhattan>{}, Features<0>{features});
    } else if (form == Form::chebyshev) {
        work(std::integral_constant<Form, Form::chebyshev>{}, Features<0>{features});
    } else {
        with_features(features, [&](auto known) {
            work(std::integral_constant<Form, Form::squared_euclidean>{}, known);
        });
    }
}

}  // namespace gramian::GRAMIAN_ISA::tree
