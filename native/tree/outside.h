// The nearest point of another component by mutual reachability: max(core of both, distance), all
// squared.
#pragma once
#include "walk.h"

namespace gramian::GRAMIAN_ISA::tree {

[[gnu::always_inline]] inline double larger(double a, double b) { return a > b ? a : b; }

[[gnu::always_inline]] inline std::atomic<double>& bound_of(const Outside& job, int64_t point) {
    return job.bound[static_cast<int64_t>(job.component[point])];
}

inline void lower(std::atomic<double>& held, double value) {
    double now = held.load(std::memory_order_relaxed);
    while (value < now && !held.compare_exchange_weak(now, value, std::memory_order_relaxed)) {
    }
}

// What is known of a point's nearest outside its component: a point, or -1, at this mutual
// reachability or beyond.
struct Candidate {
    double value;
    int64_t point;
    int64_t row;  // the point's; of none one that loses every tie

    static Candidate none(double value) {
        return {value, -1, std::numeric_limits<int64_t>::max()};
    }
    [[gnu::always_inline]] bool loses_to(double other, int64_t other_row) const {
        return other < value || (other == value && other_row < row);
    }
};

template <int Known>
struct OutsideVisitor {
    const Outside& job;
    const Tree& tree;
    Features<Known> features;
    const Group& group;    // its rows are points
    Candidate* best;       // of each
    double core[group_size];
    double component[group_size];
    Bounds bounds;
    double least_core;
    double together;  // the component of all, or -2
    double farthest;
    int64_t largest_row;

    OutsideVisitor(const Outside& job, Features<Known> features, const Group& group,
                   Candidate* best)
        : job(job),
          tree(job.tree),
          features(features),
          group(group),
          best(best),
          bounds(group.count, std::numeric_limits<double>::infinity()),
          least_core(std::numeric_limits<double>::infinity()) {
        for (int64_t i = 0; i < group_size; ++i) {
            const int64_t point = group.row[i < group.count ? i : 0];
            core[i] = job.core[point];
            component[i] = job.component[point];
            least_core = core[i] < least_core ? core[i] : least_core;
        }
        together = component[0];
        for (int64_t i = 1; i < group.count; ++i) {
            if (component[i] != together) together = -2;
        }
        const int64_t slot = tree.shape.nodes + group.home - tree.shape.shift();
        const bool inside = tree.shape.nodes > 0 && job.slot_component[slot] == together;
        for (int64_t i = 0; i < group.count; ++i) {
            bounds.each[i] = best[i].value;
            if (!inside) look(i, group.home);
        }
        update();
    }

    Octet lows(const Octet& forms, int64_t node) const {
        return larger(larger(forms.times(job.scale), Octet::all(least_core)),
                      Octet::load(job.slot_core + node * lanes));
    }
    double bound() const { return farthest; }
    bool needs(double low, int64_t slot) const {
        if (job.slot_component[slot] == together) return false;
        return low < farthest || (low == farthest && tree.least[slot] < largest_row);
    }
    void leaf(int64_t number, int64_t slot) {
        bool changed = false;
        const double* box =
            tree.boxes + slot / lanes * 2 * features.count() * lanes + slot % lanes;
        const Octet slot_core = Octet::all(job.slot_core[slot]);
        for (int64_t begin = 0; begin < group.count; begin += lanes) {
            const Octet forms = query_forms<Form::squared_euclidean>(
                features, group.queries + begin, group_size, box);
            const Octet low = larger(larger(forms.times(job.scale), Octet::load(core + begin)),
                                     slot_core);
            for (uint32_t near = low.at_most(bounds.each + begin); near; near &= near - 1) {
                const int64_t i = begin + __builtin_ctz(near);
                if (job.slot_component[slot] == component[i]) continue;
                look(i, number);
                changed = true;
            }
        }
        if (changed) update();
    }

    // Writes down what was found.
    void finish() const {
        for (int64_t i = 0; i < group.count; ++i) {
            job.partner[group.row[i]] = best[i].point;
            job.value[group.row[i]] = best[i].value;
        }
    }

  private:
    void look(int64_t i, int64_t number) {
        std::atomic<double>& shared = bound_of(job, group.row[i]);
        const double known = shared.load(std::memory_order_relaxed);
        // another point of the component has a shorter edge than this one's
        if (known < best[i].value) best[i] = Candidate::none(known);
        const double before = best[i].value;
        const int64_t end = tree.shape.block_of(number + 1);
        for (int64_t block = tree.shape.block_of(number); block < end; ++block) {
            const Octet forms = point_forms<Form::squared_euclidean>(
                features, group.queries + i, group_size,
                tree.points + block * features.count() * lanes);
            const Octet cores = larger(Octet::all(core[i]), Octet::load(job.core + block * lanes));
            const Octet reach = larger(cores, forms.times(job.scale));
            uint32_t near = reach.at_most(best[i].value);
            near &= Octet::load(job.component + block * lanes).differs_from(component[i]);
            if (!near) continue;
            double held[lanes];
            reach.store(held);
            for (; near; near &= near - 1) {
                const int lane = __builtin_ctz(near);
                const int64_t point = block * lanes + lane, row = tree.index[point];
                if (best[i].loses_to(held[lane], row)) best[i] = {held[lane], point, row};
            }
        }
        bounds.each[i] = best[i].value;
        if (best[i].value < before) lower(shared, best[i].value);
    }
    void update() {
        farthest = bounds.largest();
        largest_row = -1;
        for (int64_t i = 0; i < group.count; ++i) {
            if (bounds.each[i] == farthest && best[i].row > largest_row) {
                largest_row = best[i].row;
            }
        }
    }
};

// The nearest outside of a point among those in its list, and what all others are not below.
inline Candidate listed(const Outside& job, int64_t point, double& beyond) {
    const int64_t length = job.lists.length;
    const double* form = job.lists.form + job.tree.index[point] * length;
    Candidate best = Candidate::none(std::numeric_limits<double>::infinity());
    for (int64_t j = 0; j < length; ++j) {
        const int64_t other = job.listed[point * length + j];
        if (job.component[other] == job.component[point]) continue;
        const double value =
            larger(larger(job.core[point], job.core[other]), form[j] * job.scale);
        const int64_t row = job.tree.index[other];
        if (best.loses_to(value, row)) best = {value, other, row};
    }
    beyond = length == job.tree.shape.points
                 ? std::numeric_limits<double>::infinity()
                 : larger(job.core[point], form[length - 1] * job.scale);
    return best;
}

// The points of a leaf for which the tree is to be searched: their lists do not settle what their
// nearest outside is, and it may be the end of their component's shortest edge.
inline bool gather(const Outside& job, int64_t leaf, Group& group, Candidate* best) {
    const Tree& tree = job.tree;
    group.count = 0;
    group.home = leaf;
    for (int64_t point = tree.starts[leaf]; point < tree.starts[leaf + 1]; ++point) {
        std::atomic<double>& shared = bound_of(job, point);
        const double known = shared.load(std::memory_order_relaxed);
        if (job.partner[point] >= 0 || job.value[point] > known) continue;
        double beyond;
        const Candidate found = listed(job, point, beyond);
        if (found.value < beyond) {
            job.partner[point] = found.point;
            job.value[point] = found.value;
            lower(shared, found.value);
        } else if (beyond > known) {
            job.value[point] = beyond;
        } else {
            best[group.count] = found;
            group.row[group.count++] = point;
        }
    }
    if (group.count == 0) return false;
    group.fill(tree.shape.features, [&](int64_t i, int64_t f) {
        const int64_t point = group.row[i];
        return tree.points[(point / lanes * tree.shape.features + f) * lanes + point % lanes];
    });
    return true;
}

inline void outside(const Outside& job, int64_t tile) {
    const int64_t leaves = job.tree.shape.leaves();
    with_features(job.tree.shape.features, [&](auto features) {
        Group group;
        Candidate best[group_size];
        for (int64_t leaf = tile * leaves_at_once;
             leaf < (tile + 1) * leaves_at_once && leaf < leaves; ++leaf) {
            if (!gather(job, leaf, group, best)) continue;
            OutsideVisitor<features.known> visitor(job, features, group, best);
            walk<Form::squared_euclidean>(job.tree, features, group, visitor);
            visitor.finish();
        }
    });
}

}  // namespace gramian::GRAMIAN_ISA::tree
