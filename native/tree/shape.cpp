#include "tree.h"

namespace gramian::tree {
namespace {

constexpr int64_t most_blocks = 4;  // of a leaf

}  // namespace

Shape shape_of(int64_t points, int64_t features) {
    Shape shape{};
    shape.points = points;
    shape.features = features;
    shape.blocks = (points + lanes - 1) / lanes;
    while (most_blocks << shape.depth < shape.blocks) ++shape.depth;
    shape.levels = (shape.depth + 2) / 3;
    for (int64_t level = 0, nodes = 1; level < shape.levels; ++level) {
        shape.nodes += nodes;
        nodes *= level > 0 ? lanes : shape.branches();
    }
    return shape;
}

}  // namespace gramian::tree
