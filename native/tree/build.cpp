#include "build.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace gramian::tree {
namespace {

constexpr int64_t subtree_points = 8192;  // whose coordinates stay in a core's own cache
constexpr int64_t sample = 256;           // points that tell in which feature a node is widest

// The feature in which some of the points from `begin` to `end` lie widest apart.
template <class At>
int64_t widest_feature(int64_t features, int64_t begin, int64_t end, At at) {
    const int64_t step = std::max<int64_t>(1, (end - begin) / sample);
    int64_t widest = 0;
    double width = -1.0;
    for (int64_t f = 0; f < features; ++f) {
        double low = at(begin, f), high = low;
        for (int64_t i = begin + step; i < end; i += step) {
            const double value = at(i, f);
            low = std::min(low, value);
            high = std::max(high, value);
        }
        if (high - low > width) {
            width = high - low;
            widest = f;
        }
    }
    return widest;
}

}  // namespace

// Some neighbouring leaves' points, copied close together.
struct Builder::Subtree {
    int64_t begin, count;
    double* values;   // (features, count)
    int32_t* places;  // (count,): whose values the points are, in the order of the leaves
    int32_t* rows;    // (count,)
};

Builder::Builder(const Table& x, const Tree& tree)
    : x_(x),
      tree_(tree),
      shared_depth_(0),
      keys_(new Key[static_cast<size_t>(x.rows)]) {
    const Shape& shape = tree_.shape;
    while (shared_depth_ < shape.depth && subtree_points << shared_depth_ < shape.points) {
        ++shared_depth_;
    }
    std::iota(tree_.index, tree_.index + shape.points, int64_t{0});
    if (shape.nodes > 0) {  // the first node has slots that nothing stands in
        std::fill_n(tree_.boxes, 2 * shape.features * lanes, 0.0);
        std::fill_n(tree_.least, lanes, int64_t{0});
    }
}

size_t Builder::grow_bytes() const {
    const Shape& shape = tree_.shape;
    const int64_t most = (shape.points >> shared_depth_) + 2 * lanes;
    return static_cast<size_t>(most) *
           (static_cast<size_t>(shape.features) * sizeof(double) + 2 * sizeof(int32_t));
}

int64_t Builder::begin_of(int64_t leaf) const {
    return std::min(tree_.shape.points, tree_.shape.block_of(leaf) * lanes);
}

void Builder::split(int halving, int64_t node) {
    const int64_t leaves = tree_.shape.leaves() >> halving;
    const int64_t begin = begin_of(node * leaves), end = begin_of((node + 1) * leaves);
    const int64_t middle = begin_of(node * leaves + leaves / 2);
    const int64_t* index = tree_.index;
    const int64_t feature =
        widest_feature(tree_.shape.features, begin, end,
                       [&](int64_t i, int64_t f) { return x_.at(index[i], f); });
    for (int64_t i = begin; i < end; ++i) {
        keys_[i] = {x_.at(index[i], feature), static_cast<int32_t>(index[i]), 0};
    }
    std::nth_element(&keys_[begin], &keys_[middle], keys_.get() + end);
    for (int64_t i = begin; i < end; ++i) tree_.index[i] = keys_[i].row;
}

void Builder::grow(int64_t number, void* scratch) {
    const int64_t features = tree_.shape.features;
    const int64_t leaves = tree_.shape.leaves() >> shared_depth_;
    Subtree subtree{};
    subtree.begin = begin_of(number * leaves);
    subtree.count = begin_of((number + 1) * leaves) - subtree.begin;
    subtree.values = static_cast<double*>(scratch);
    subtree.places = reinterpret_cast<int32_t*>(subtree.values + features * subtree.count);
    subtree.rows = subtree.places + subtree.count;
    for (int64_t i = 0; i < subtree.count; ++i) {
        const int64_t row = tree_.index[subtree.begin + i];
        subtree.places[i] = static_cast<int32_t>(i);
        subtree.rows[i] = static_cast<int32_t>(row);
        for (int64_t f = 0; f < features; ++f) {
            subtree.values[f * subtree.count + i] = x_.at(row, f);
        }
    }
    cut(subtree, number * leaves, leaves);
}

void Builder::cut(Subtree& subtree, int64_t first_leaf, int64_t leaves) {
    if (leaves == 1) return fill(subtree, first_leaf);
    const int64_t middle_leaf = first_leaf + leaves / 2;
    const int64_t begin = begin_of(first_leaf) - subtree.begin;
    const int64_t middle = begin_of(middle_leaf) - subtree.begin;
    const int64_t end = begin_of(first_leaf + leaves) - subtree.begin;
    const int64_t feature = widest_feature(
        tree_.shape.features, begin, end, [&](int64_t i, int64_t f) {
            return subtree.values[f * subtree.count + subtree.places[i]];
        });
    const double* values = subtree.values + feature * subtree.count;
    Key* keys = &keys_[subtree.begin];
    for (int64_t i = begin; i < end; ++i) {
        const int32_t place = subtree.places[i];
        keys[i] = {values[place], subtree.rows[place], place};
    }
    std::nth_element(keys + begin, keys + middle, keys + end);
    for (int64_t i = begin; i < end; ++i) subtree.places[i] = keys[i].place;
    cut(subtree, first_leaf, leaves / 2);
    cut(subtree, middle_leaf, leaves / 2);
}

void Builder::fill(Subtree& subtree, int64_t leaf) {
    const Shape& shape = tree_.shape;
    const int64_t begin = shape.block_of(leaf), end = shape.block_of(leaf + 1);
    const int64_t first = begin * lanes;
    const int64_t points = begin_of(leaf + 1) - first;
    int32_t* places = subtree.places + (first - subtree.begin);
    std::sort(places, places + points,
              [&](int32_t a, int32_t b) { return subtree.rows[a] < subtree.rows[b]; });
    for (int64_t i = 0; i < points; ++i) tree_.index[first + i] = subtree.rows[places[i]];
    tree_.starts[leaf] = first;
    const int64_t slot = shape.nodes + leaf - shape.shift();
    double* box = nullptr;
    if (shape.levels > 0) {
        tree_.least[slot] = tree_.index[first];
        box = box_of(slot);
    }
    for (int64_t f = 0; f < shape.features; ++f) {
        const double* values = subtree.values + f * subtree.count;
        double low = std::numeric_limits<double>::infinity(), high = -low;
        for (int64_t i = 0; i < (end - begin) * lanes; ++i) {
            double& to = tree_.points[((begin + i / lanes) * shape.features + f) * lanes + i % lanes];
            if (i >= points) {
                to = std::numeric_limits<double>::quiet_NaN();
                continue;
            }
            to = values[places[i]];
            low = std::min(low, to);
            high = std::max(high, to);
        }
        if (box) {
            box[f * lanes] = low;
            box[(shape.features + f) * lanes] = high;
        }
    }
}

double* Builder::box_of(int64_t slot) const {
    return tree_.boxes + slot / lanes * 2 * tree_.shape.features * lanes + slot % lanes;
}

void Builder::close() {
    const Shape& shape = tree_.shape;
    const int64_t size = shape.features * lanes;
    tree_.starts[shape.leaves()] = shape.points;
    for (int64_t node = shape.nodes - 1; node > 0; --node) {
        const int64_t* least = tree_.least + node * lanes;
        const double* low = box_of(node * lanes);
        const int64_t slot = node - shape.shift();
        tree_.least[slot] = *std::min_element(least, least + lanes);
        double* box = box_of(slot);
        for (int64_t f = 0; f < size; f += lanes) {
            box[f] = *std::min_element(low + f, low + f + lanes);
            box[size + f] = *std::max_element(low + size + f, low + size + f + lanes);
        }
    }
}

}  // namespace gramian::tree
