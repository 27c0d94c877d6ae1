// The minimum spanning tree of mutual reachability, by Borůvka's rounds: every component of the
// forest so far takes its shortest edge out. Edges are ordered by (weight, smaller row, larger row);
// no two are equal, so there is one tree, and it does not depend on who finds what first.
#pragma once
#include <memory>
#include <vector>

#include "tree.h"

namespace gramian::tree {

struct Edge {
    double weight;  // squared mutual reachability
    int64_t left;   // the smaller row
    int64_t right;

    bool operator<(const Edge& other) const {
        if (weight != other.weight) return weight < other.weight;
        return left != other.left ? left < other.left : right < other.right;
    }
};

class Spanning {
  public:
    // `core` (points,) holds squared core distances by row.
    Spanning(const Tree& tree, const Lists& lists, const double* core, double scale);

    bool complete() const { return static_cast<int64_t>(edges_.size()) + 1 >= tree_.shape.points; }
    // What is to be searched in the next round, all its pieces at the same time.
    Outside begin();
    // Joins components along the edges found.
    void finish();
    // The edges in order.
    const std::vector<Edge>& edges();

  private:
    int64_t root_of(int64_t point);
    Edge edge_of(int64_t point) const;
    double common_component(const double* begin, const double* end) const;
    void label();

    Tree tree_;
    Lists lists_;
    double scale_;
    std::vector<int32_t> listed_;
    std::vector<double> core_, component_, slot_core_, slot_component_, value_;
    std::vector<int64_t> partner_, parent_, shortest_;
    std::unique_ptr<std::atomic<double>[]> bound_;
    std::vector<Edge> edges_;
};

}  // namespace gramian::tree
