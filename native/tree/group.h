// Queries that are close together go through the tree together.
#pragma once
#include <limits>

#include "forms.h"

namespace gramian::GRAMIAN_ISA::tree {

constexpr int64_t group_size = 32;

// Up to 32 queries, and the box around them.
struct Group {
    int64_t count;
    int64_t home;  // the leaf nearest to them
    int64_t row[group_size];
    double queries[most_features * group_size];  // (features, 32)
    double low[most_features];
    double high[most_features];

    [[gnu::always_inline]] void take(const Table& x, const int64_t* rows, int64_t number) {
        count = number;
        for (int64_t i = 0; i < count; ++i) row[i] = rows[i];
        fill(x.features, [&](int64_t i, int64_t f) { return x.at(row[i], f); });
    }

    // Takes each query's features, and their box.
    template <class At>
    [[gnu::always_inline]] void fill(int64_t features, At at) {
        for (int64_t f = 0; f < features; ++f) {
            double* values = queries + f * group_size;
            for (int64_t i = 0; i < count; ++i) values[i] = at(i, f);
            for (int64_t i = count; i < group_size; ++i) values[i] = values[0];
            low[f] = high[f] = values[0];
            for (int64_t i = 1; i < count; ++i) {
                low[f] = values[i] < low[f] ? values[i] : low[f];
                high[f] = values[i] > high[f] ? values[i] : high[f];
            }
        }
    }
};

// A form for each query of a group, up to which points matter to it; nothing does to the rest.
struct Bounds {
    double each[group_size];

    Bounds(int64_t count, double bound) {
        for (int64_t i = 0; i < group_size; ++i) {
            each[i] = i < count ? bound : -std::numeric_limits<double>::infinity();
        }
    }
    double largest() const {
        double found = each[0];
        for (int64_t i = 1; i < group_size; ++i) found = each[i] > found ? each[i] : found;
        return found;
    }
};

// Calls `work(group, form, features)` for the groups of one piece of work.
template <class Work>
inline void each_group(const Queries& queries, int64_t tile, Work work) {
    dispatch(queries.form, queries.tree.shape.features, [&](auto form, auto features) {
        Group group;
        const int64_t end = queries.end(tile);
        int64_t at = tile * rows_at_once, low = 0, high = queries.tree.shape.leaves();
        while (high - low > 1) {  // the leaf of the first query
            const int64_t middle = (low + high) / 2;
            (queries.starts[middle] <= at ? low : high) = middle;
        }
        for (group.home = low; at < end; at += group.count) {
            while (queries.starts[group.home + 1] <= at) ++group.home;
            int64_t count = queries.starts[group.home + 1] - at;
            count = count < group_size ? count : group_size;
            group.take(queries.x, queries.order + at, count < end - at ? count : end - at);
            work(group, form, features);
        }
    });
}

// Calls `visit(i, low)` for the queries of a group to which a slot may matter: `low`, which no point
// within is below, is not beyond their bound.
template <Form form, int Known, class Visit>
[[gnu::always_inline]] inline void each_near(const Tree& tree, Features<Known> features,
                                             const Group& group, const Bounds& bounds,
                                             int64_t slot, Visit visit) {
    const double* box = tree.boxes + slot / lanes * 2 * features.count() * lanes + slot % lanes;
    for (int64_t begin = 0; begin < group.count; begin += lanes) {
        const Octet lows =
            query_forms<form>(features, group.queries + begin, group_size, box);
        uint32_t near = lows.at_most(bounds.each + begin);
        if (!near) continue;
        double low[lanes];
        lows.store(low);
        for (; near; near &= near - 1) {
            const int lane = __builtin_ctz(near);
            visit(begin + lane, low[lane]);
        }
    }
}

// Calls `visit(point, form)` for the points of a leaf whose form is at most `bound()`.
template <Form form, int Known, class Bound, class Visit>
[[gnu::always_inline]] inline void scan(const Tree& tree, Features<Known> features,
                                        const double* query, int64_t leaf, Bound bound,
                                        Visit visit) {
    const int64_t end = tree.shape.block_of(leaf + 1);
    for (int64_t block = tree.shape.block_of(leaf); block < end; ++block) {
        const Octet forms = point_forms<form>(features, query, group_size,
                                              tree.points + block * features.count() * lanes);
        uint32_t near = forms.at_most(bound());
        if (!near) continue;
        double held[lanes];
        forms.store(held);
        for (; near; near &= near - 1) {
            const int lane = __builtin_ctz(near);
            visit(block * lanes + lane, held[lane]);
        }
    }
}

}  // namespace gramian::GRAMIAN_ISA::tree
