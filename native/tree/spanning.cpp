#include "spanning.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace gramian::tree {

Spanning::Spanning(const Tree& tree, const Lists& lists, const double* core, double scale)
    : tree_(tree),
      lists_(lists),
      scale_(scale),
      listed_(static_cast<size_t>(tree.shape.points * lists.length)),
      core_(static_cast<size_t>(tree.shape.blocks * lanes)),
      component_(core_.size()),
      slot_core_(static_cast<size_t>(tree.shape.nodes * lanes)),
      slot_component_(slot_core_.size()),
      partner_(static_cast<size_t>(tree.shape.points), -1),
      parent_(partner_.size()),
      shortest_(partner_.size()),
      bound_(new std::atomic<double>[partner_.size()]) {
    const Shape& shape = tree_.shape;
    for (int64_t point = 0; point < shape.points; ++point) {
        core_[static_cast<size_t>(point)] = core[tree_.index[point]];
    }
    std::vector<int32_t> point_of(partner_.size());
    for (int64_t point = 0; point < shape.points; ++point) {
        point_of[static_cast<size_t>(tree_.index[point])] = static_cast<int32_t>(point);
    }
    for (int64_t point = 0; point < shape.points; ++point) {
        const int64_t* list = lists_.index + tree_.index[point] * lists_.length;
        int32_t* to = listed_.data() + point * lists_.length;
        for (int64_t j = 0; j < lists_.length; ++j) to[j] = point_of[static_cast<size_t>(list[j])];
    }
    // mutual reachability is nowhere below the core distance
    value_.assign(core_.begin(), core_.begin() + shape.points);
    std::iota(parent_.begin(), parent_.end(), int64_t{0});
    edges_.reserve(partner_.size());
    const auto slot_of = [&](int64_t place) { return static_cast<size_t>(place - shape.shift()); };
    for (int64_t leaf = 0; shape.nodes > 0 && leaf < shape.leaves(); ++leaf) {
        slot_core_[slot_of(shape.nodes + leaf)] =
            *std::min_element(&core_[static_cast<size_t>(tree_.starts[leaf])],
                              core_.data() + tree_.starts[leaf + 1]);
    }
    for (int64_t node = shape.nodes - 1; node > 0; --node) {
        const double* below = slot_core_.data() + node * lanes;
        slot_core_[slot_of(node)] = *std::min_element(below, below + lanes);
    }
}

int64_t Spanning::root_of(int64_t point) {
    int64_t* parent = parent_.data();
    while (parent[point] != point) point = parent[point] = parent[parent[point]];
    return point;
}

Edge Spanning::edge_of(int64_t point) const {
    const auto at = static_cast<size_t>(point);
    const int64_t a = tree_.index[point], b = tree_.index[partner_[at]];
    return {value_[at], std::min(a, b), std::max(a, b)};
}

double Spanning::common_component(const double* begin, const double* end) const {
    return std::all_of(begin, end, [&](double other) { return other == *begin; }) ? *begin : -1.0;
}

// Writes down to which component points belong, and whole slots of the tree.
void Spanning::label() {
    const Shape& shape = tree_.shape;
    for (int64_t point = 0; point < shape.points; ++point) {
        component_[static_cast<size_t>(point)] = static_cast<double>(root_of(point));
    }
    const auto slot_of = [&](int64_t place) { return static_cast<size_t>(place - shape.shift()); };
    for (int64_t leaf = 0; shape.nodes > 0 && leaf < shape.leaves(); ++leaf) {
        slot_component_[slot_of(shape.nodes + leaf)] = common_component(
            component_.data() + tree_.starts[leaf], component_.data() + tree_.starts[leaf + 1]);
    }
    for (int64_t node = shape.nodes - 1; node > 0; --node) {
        const double* below = slot_component_.data() + node * lanes;
        slot_component_[slot_of(node)] = common_component(below, below + lanes);
    }
}

Outside Spanning::begin() {
    label();
    const auto points = static_cast<size_t>(tree_.shape.points);
    for (size_t i = 0; i < points; ++i) bound_[i] = std::numeric_limits<double>::infinity();
    for (size_t i = 0; i < points; ++i) {
        if (partner_[i] < 0) continue;
        if (component_[static_cast<size_t>(partner_[i])] == component_[i]) {
            partner_[i] = -1;  // and nothing outside is nearer than this one was
            continue;
        }
        std::atomic<double>& bound = bound_[static_cast<size_t>(component_[i])];
        if (value_[i] < bound.load(std::memory_order_relaxed)) {
            bound.store(value_[i], std::memory_order_relaxed);
        }
    }
    return {tree_,
            scale_,
            lists_,
            listed_.data(),
            core_.data(),
            component_.data(),
            slot_core_.data(),
            slot_component_.data(),
            bound_.get(),
            partner_.data(),
            value_.data()};
}

void Spanning::finish() {
    const int64_t points = tree_.shape.points;
    std::fill(shortest_.begin(), shortest_.end(), -1);
    for (int64_t point = 0; point < points; ++point) {
        if (partner_[static_cast<size_t>(point)] < 0) continue;
        const auto component = static_cast<size_t>(component_[static_cast<size_t>(point)]);
        int64_t& best = shortest_[component];
        if (best < 0 || edge_of(point) < edge_of(best)) best = point;
    }
    for (const int64_t point : shortest_) {
        if (point < 0) continue;
        const int64_t a = root_of(point), b = root_of(partner_[static_cast<size_t>(point)]);
        if (a == b) continue;  // the other component has taken the same edge
        parent_[static_cast<size_t>(std::max(a, b))] = std::min(a, b);
        edges_.push_back(edge_of(point));
    }
}

const std::vector<Edge>& Spanning::edges() {
    std::sort(edges_.begin(), edges_.end());
    return edges_;
}

}  // namespace gramian::tree
