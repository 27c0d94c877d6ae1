// Points cut at medians, level by level.
#pragma once
#include <memory>

#include "tree.h"

namespace gramian::tree {

// Builds in steps whose pieces may be done at the same time: `split` the nodes of each shared
// halving, then `grow` each subtree below them, then `close`.
class Builder {
  public:
    Builder(const Table& x, const Tree& tree);

    int shared_depth() const { return shared_depth_; }
    size_t grow_bytes() const;

    // Node `node` among the 2^halving nodes after so many halvings becomes two.
    void split(int halving, int64_t node);
    void grow(int64_t subtree, void* scratch);
    void close();

  private:
    // A coordinate, whose it is, and where that point stands in a subtree. Equal coordinates are
    // ordered by row: duplicates part by row, so that searches can leave out all but the first.
    struct Key {
        double value;
        int32_t row;
        int32_t place;
        bool operator<(const Key& other) const {
            return value != other.value ? value < other.value : row < other.row;
        }
    };
    struct Subtree;

    int64_t begin_of(int64_t leaf) const;
    double* box_of(int64_t slot) const;
    void cut(Subtree& subtree, int64_t first_leaf, int64_t leaves);
    void fill(Subtree& subtree, int64_t leaf);

    Table x_;
    Tree tree_;
    int shared_depth_;
    std::unique_ptr<Key[]> keys_;  // (points,)
};

}  // namespace gramian::tree
