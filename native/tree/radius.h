// The points within a radius of queries.
#pragma once
#include "walk.h"

namespace gramian::GRAMIAN_ISA::tree {

// Calls `look(i, leaf)` for the leaves that may have points within reach of query i of the group.
template <Form form, int Known, class Look>
struct RadiusVisitor {
    const Tree& tree;
    Features<Known> features;
    const Group& group;
    double reach;
    Look look;
    Bounds bounds{group.count, reach};

    Octet lows(const Octet& forms, int64_t) const { return forms; }
    double bound() const { return reach; }
    bool needs(double, int64_t) const { return true; }
    void leaf(int64_t number, int64_t slot) {
        each_near<form>(tree, features, group, bounds, slot,
                        [&](int64_t i, double) { look(i, number); });
    }
};

template <Form form, int Known, class Look>
inline void each_within(const Within& job, Features<Known> features, const Group& group,
                        Look look) {
    for (int64_t i = 0; i < group.count; ++i) look(i, group.home);
    RadiusVisitor<form, Known, Look> visitor{job.queries.tree, features, group, job.reach, look};
    walk<form>(job.queries.tree, features, group, visitor);
}

inline void count(const Within& job, int64_t tile) {
    const Tree& tree = job.queries.tree;
    each_group(job.queries, tile, [&](const Group& group, auto form, auto features) {
        int64_t found[group_size] = {};
        each_within<form()>(job, features, group, [&](int64_t i, int64_t leaf) {
            const int64_t end = tree.shape.block_of(leaf + 1);
            for (int64_t block = tree.shape.block_of(leaf); block < end; ++block) {
                found[i] += __builtin_popcount(
                    point_forms<form()>(features, group.queries + i, group_size,
                                        tree.points + block * features.count() * lanes)
                        .at_most(job.reach));
            }
        });
        for (int64_t i = 0; i < group.count; ++i) job.count[group.row[i]] = found[i];
    });
}

inline void list(const Within& job, int64_t tile) {
    each_group(job.queries, tile, [&](const Group& group, auto form, auto features) {
        int64_t next[group_size];
        for (int64_t i = 0; i < group.count; ++i) next[i] = job.indptr[group.row[i]];
        each_within<form()>(job, features, group, [&](int64_t i, int64_t leaf) {
            scan<form()>(job.queries.tree, features, group.queries + i, leaf,
                         [&] { return job.reach; },
                         [&](int64_t point, double value) {
                             job.index[next[i]] = job.queries.tree.index[point];
                             job.distances.set_form(next[i]++, value);
                         });
        });
    });
}

}  // namespace gramian::GRAMIAN_ISA::tree
