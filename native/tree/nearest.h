// The k nearest points of queries.
#pragma once
#include "walk.h"

namespace gramian::GRAMIAN_ISA::tree {

// The best so far by (form, row), in order, with room for k; what is missing is infinitely far.
struct Best {
    double* value;
    int64_t* row;
    int64_t last;

    void clear() const {
        for (int64_t i = 0; i <= last; ++i) {
            value[i] = std::numeric_limits<double>::infinity();
            row[i] = std::numeric_limits<int64_t>::max();
        }
    }
    bool takes(double v, int64_t r) const {
        return v < value[last] || (v == value[last] && r < row[last]);
    }
    void insert(double v, int64_t r) const {
        int64_t at = last;
        for (; at > 0 && !(value[at - 1] < v); --at) {
            if (value[at - 1] == v && row[at - 1] < r) break;
            value[at] = value[at - 1];
            row[at] = row[at - 1];
        }
        value[at] = v;
        row[at] = r;
    }
};

template <Form form, int Known>
struct NearestVisitor {
    const Nearest& job;
    const Tree& tree;
    Features<Known> features;
    const Group& group;
    double* values;  // (32, k)
    Bounds bounds;
    double farthest;      // of the bounds
    int64_t largest_row;  // of the worst neighbours that are so far

    NearestVisitor(const Nearest& job, Features<Known> features, const Group& group,
                   double* values)
        : job(job),
          tree(job.queries.tree),
          features(features),
          group(group),
          values(values),
          bounds(group.count, std::numeric_limits<double>::infinity()) {
        for (int64_t i = 0; i < group.count; ++i) {
            best(i).clear();
            look(i, group.home);
        }
        update();
    }

    Best best(int64_t i) const {
        return {values + i * job.k, job.index + group.row[i] * job.k, job.k - 1};
    }
    Octet lows(const Octet& forms, int64_t) const { return forms; }
    double bound() const { return farthest; }
    bool needs(double low, int64_t slot) const {
        return low < farthest || (low == farthest && tree.least[slot] < largest_row);
    }
    void leaf(int64_t number, int64_t slot) {
        bool changed = false;
        each_near<form>(tree, features, group, bounds, slot, [&](int64_t i, double low) {
            if (!best(i).takes(low, tree.least[slot])) return;
            look(i, number);
            changed = true;
        });
        if (changed) update();
    }

  private:
    void look(int64_t i, int64_t number) {
        const Best found = best(i);
        const int64_t self = job.others ? group.row[i] : -1;
        scan<form>(tree, features, group.queries + i, number,
                   [&] { return found.value[found.last]; },
                   [&](int64_t point, double value) {
                       const int64_t row = tree.index[point];
                       if (row != self && found.takes(value, row)) found.insert(value, row);
                   });
        bounds.each[i] = found.value[found.last];
    }
    void update() {
        farthest = bounds.largest();
        largest_row = -1;
        for (int64_t i = 0; i < group.count; ++i) {
            const int64_t row = best(i).row[job.k - 1];
            if (bounds.each[i] == farthest && row > largest_row) largest_row = row;
        }
    }
};

inline size_t nearest_bytes(int64_t k) {
    return static_cast<size_t>(group_size * k) * sizeof(double);
}

inline void nearest(const Nearest& job, int64_t tile, void* scratch) {
    double* values = static_cast<double*>(scratch);
    each_group(job.queries, tile, [&](const Group& group, auto form, auto features) {
        NearestVisitor<form(), features.known> visitor(job, features, group, values);
        walk<form()>(job.queries.tree, features, group, visitor);
        for (int64_t i = 0; i < group.count; ++i) {
            for (int64_t j = 0; j < job.k; ++j) {
                job.distances.set_form(group.row[i] * job.k + j, values[i * job.k + j]);
            }
        }
    });
}

}  // namespace gramian::GRAMIAN_ISA::tree
