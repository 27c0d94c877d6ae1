// The tree of boxes over a table's rows.
#pragma once
#include <memory>
#include <vector>

#include "blocks.h"
#include "order.h"

namespace gramian::grid {

struct Tree {
    std::vector<Node> nodes;
    std::vector<double> boxes;
    std::vector<Block> blocks;
    std::vector<int32_t> order;
    std::vector<std::unique_ptr<unsigned char[]>> points;  // what the blocks point into
};

// Cells of a grid are split where the curve through them is; what is in one cell, and tables with
// more features, at the median of the widest feature. Blocks have at most `most_rows` rows, or
// `most_together` where their box is within reach of itself. O(n) for few features, where the rows
// spread over the cells, and O(n log n) at most.
Tree make_tree(const Table& x, Form form, double reach, const Run& run);

// The box of a node from those of its children.
void join_boxes(const std::vector<Node>& nodes, std::vector<double>& boxes, int32_t node,
                int64_t features);

}  // namespace gramian::grid
