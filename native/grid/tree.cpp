#include "tree.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "splitter.h"

namespace gramian::grid {

void join_boxes(const std::vector<Node>& nodes, std::vector<double>& boxes, int32_t node,
                int64_t features) {
    const size_t size = 2 * static_cast<size_t>(features);
    double* box = boxes.data() + static_cast<size_t>(node) * size;
    empty_box(box, features);
    for (int32_t child = node + 1; child < nodes[static_cast<size_t>(node)].next;
         child = nodes[static_cast<size_t>(child)].next) {
        const double* inner = boxes.data() + static_cast<size_t>(child) * size;
        for (int64_t f = 0; f < features; ++f) {
            widen_box(box, features, f, inner[f], inner[features + f]);
        }
    }
}

namespace {

// Rows that one worker divides at a time, in memory near it.
constexpr int64_t rows_of_task = 1 << 14;

bool lies_together(Form form, const double* box, int64_t features, double reach) {
    return with_form(form, [&](auto of) { return surrounded<of()>(box, box, features, reach); });
}

// The tree over one range of the items: nodes, boxes and blocks count from its own beginning.
class Subtree {
  public:
    Subtree(const Table& x, Form form, double reach, const Item* items, int64_t rows)
        : form_(form), reach_(reach), size_(x.is_double ? sizeof(double) : sizeof(float)) {
        const auto d = static_cast<size_t>(x.features);
        const auto n = static_cast<size_t>(rows);
        near_.resize(n * d * size_);
        items_.resize(n);
        for (size_t i = 0; i < n; ++i) {
            items_[i] = Item{key_of(items[i])} << 32 | i;
            for (size_t f = 0; f < d; ++f) {
                put(near_.data(), i * d + f, x, row_of(items[i]), static_cast<int64_t>(f));
            }
        }
        const int64_t features = x.features;
        table_ = {near_.data(), rows, features, features, 1, x.is_double};
        Splitter splitter(table_, items_.data());
        grow(splitter, 0, rows);
        fill();
    }

    // Writes the rows in the order of the blocks, and hands the tree over.
    void give(const Item* items, int32_t* order) {
        for (size_t i = 0; i < items_.size(); ++i) {
            order[i] = static_cast<int32_t>(row_of(items[row_of(items_[i])]));
        }
        std::vector<unsigned char>().swap(near_);
        std::vector<Item>().swap(items_);
    }

    std::vector<Node> nodes;
    std::vector<double> boxes;
    std::vector<Block> blocks;
    std::unique_ptr<unsigned char[]> points;

  private:
    void put(unsigned char* to, size_t place, const Table& x, int64_t row, int64_t feature) const {
        if (size_ == sizeof(double)) {
            reinterpret_cast<double*>(to)[place] = x.at(row, feature);
        } else {
            reinterpret_cast<float*>(to)[place] = static_cast<float>(x.at(row, feature));
        }
    }

    double* box_of(int32_t node) {
        return boxes.data() + static_cast<size_t>(node) * 2 * static_cast<size_t>(table_.features);
    }

    void grow(Splitter& splitter, int64_t first, int64_t last) {
        const auto node = static_cast<int32_t>(nodes.size());
        const auto rows = static_cast<int32_t>(last - first);
        nodes.push_back({node + 1, 0, static_cast<int32_t>(first), rows});
        boxes.resize(boxes.size() + 2 * static_cast<size_t>(table_.features));
        const bool keyed = splitter.keyed(first, last);
        if (!keyed || rows <= most_rows) splitter.box(first, last, box_of(node));
        if (rows <= most_rows) return;
        if (keyed || !closes(node)) {
            const int64_t middle = splitter.split(first, last, box_of(node));
            grow(splitter, first, middle);
            grow(splitter, middle, last);
            nodes[static_cast<size_t>(node)].next = static_cast<int32_t>(nodes.size());
            join_boxes(nodes, boxes, node, table_.features);
            if (closes(node)) {
                nodes.resize(static_cast<size_t>(node) + 1);
                boxes.resize(nodes.size() * 2 * static_cast<size_t>(table_.features));
                nodes.back().next = node + 1;
            }
        }
    }

    // Whether a node of many rows is a block.
    bool closes(int32_t node) {
        return nodes[static_cast<size_t>(node)].rows <= most_together &&
               lies_together(form_, box_of(node), table_.features, reach_);
    }

    void fill() {
        size_t all = 0;
        for (size_t i = 0; i < nodes.size(); ++i) {
            Node& node = nodes[i];
            const bool leaf = node.next == static_cast<int32_t>(i) + 1;
            node.block = leaf ? static_cast<int32_t>(blocks.size()) : -1;
            if (!leaf) continue;
            Block block{};
            block.first = node.first;
            block.rows = node.rows;
            block.stride = padded(node.rows);
            block.node = static_cast<int32_t>(i);
            blocks.push_back(block);
            all += static_cast<size_t>(block.stride);
        }
        const auto d = static_cast<size_t>(table_.features);
        points.reset(new unsigned char[all * d * size_]);
        unsigned char* place = points.get();
        for (Block& block : blocks) {
            block.points = place;
            for (size_t f = 0; f < d; ++f) {
                copy_feature(block, f, place);
                place += static_cast<size_t>(block.stride) * size_;
            }
        }
    }

    void copy_feature(const Block& block, size_t feature, unsigned char* to) const {
        for (int32_t i = 0; i < block.rows; ++i) {
            const Item item = items_[static_cast<size_t>(block.first + i)];
            put(to, static_cast<size_t>(i), table_, row_of(item), static_cast<int64_t>(feature));
        }
        for (auto i = static_cast<size_t>(block.rows); i < static_cast<size_t>(block.stride); ++i) {
            if (size_ == sizeof(double)) {
                reinterpret_cast<double*>(to)[i] = std::numeric_limits<double>::infinity();
            } else {
                reinterpret_cast<float*>(to)[i] = std::numeric_limits<float>::infinity();
            }
        }
    }

    Form form_;
    double reach_;
    size_t size_;  // bytes of a number
    Table table_{};
    std::vector<unsigned char> near_;  // the rows, one after the other
    std::vector<Item> items_;
};

// The divisions that come before those of subtrees.
struct Range {
    int64_t first, last;
    int32_t left, right;  // ranges that it is divided into, or -1
    int32_t subtree;
};

std::vector<Range> top_ranges(const Table& x, Item* items, const Run& run) {
    std::vector<Range> ranges{{0, x.rows, -1, -1, -1}};
    for (size_t from = 0; from < ranges.size();) {
        const size_t to = ranges.size();
        std::vector<int64_t> middle(to - from, -1);
        run(static_cast<int64_t>(to - from), [&](int64_t i) {
            const Range& range = ranges[from + static_cast<size_t>(i)];
            if (range.last - range.first <= rows_of_task) return;
            Splitter splitter(x, items);
            std::vector<double> box(2 * static_cast<size_t>(x.features));
            if (!splitter.keyed(range.first, range.last)) {
                splitter.box(range.first, range.last, box.data());
            }
            middle[static_cast<size_t>(i)] = splitter.split(range.first, range.last, box.data());
        });
        for (size_t i = from; i < to; ++i) {
            if (middle[i - from] < 0) continue;
            ranges[i].left = static_cast<int32_t>(ranges.size());
            ranges.push_back({ranges[i].first, middle[i - from], -1, -1, -1});
            ranges[i].right = static_cast<int32_t>(ranges.size());
            ranges.push_back({middle[i - from], ranges[i].last, -1, -1, -1});
        }
        from = to;
    }
    return ranges;
}

// Joins subtrees under the divisions above them.
class Joiner {
  public:
    Joiner(Tree& tree, const std::vector<Range>& ranges, int64_t features)
        : tree_(tree), ranges_(ranges), features_(features) {}

    void add(std::vector<std::unique_ptr<Subtree>>& subtrees, size_t place) {
        const Range& range = ranges_[place];
        if (range.left < 0) return append(*subtrees[static_cast<size_t>(range.subtree)], range);
        const size_t node = tree_.nodes.size();
        tree_.nodes.push_back({0, -1, static_cast<int32_t>(range.first),
                               static_cast<int32_t>(range.last - range.first)});
        tree_.boxes.resize(tree_.boxes.size() + 2 * static_cast<size_t>(features_));
        add(subtrees, static_cast<size_t>(range.left));
        add(subtrees, static_cast<size_t>(range.right));
        tree_.nodes[node].next = static_cast<int32_t>(tree_.nodes.size());
        join_boxes(tree_.nodes, tree_.boxes, static_cast<int32_t>(node), features_);
    }

  private:
    void append(Subtree& subtree, const Range& range) {
        const auto node = static_cast<int32_t>(tree_.nodes.size());
        const auto block = static_cast<int32_t>(tree_.blocks.size());
        const auto first = static_cast<int32_t>(range.first);
        for (Node one : subtree.nodes) {
            if (one.block >= 0) one.block += block;
            tree_.nodes.push_back({one.next + node, one.block, one.first + first, one.rows});
        }
        for (Block one : subtree.blocks) {
            one.first += first;
            one.node += node;
            tree_.blocks.push_back(one);
        }
        tree_.boxes.insert(tree_.boxes.end(), subtree.boxes.begin(), subtree.boxes.end());
        tree_.points.push_back(std::move(subtree.points));
        std::vector<Node>().swap(subtree.nodes);
        std::vector<Block>().swap(subtree.blocks);
        std::vector<double>().swap(subtree.boxes);
    }

    Tree& tree_;
    const std::vector<Range>& ranges_;
    int64_t features_;
};

// The side of a cell whose rows are all within reach of each other.
double side_of(Form form, double reach, int64_t features) {
    const auto d = static_cast<double>(features);
    if (form == Form::squared_euclidean) return std::sqrt(reach / d);
    return form == Form::manhattan ? reach / d : reach;
}

}  // namespace

Tree make_tree(const Table& x, Form form, double reach, const Run& run) {
    Tree tree;
    std::vector<Item> items = sorted_rows(x, side_of(form, reach, x.features), run);
    std::vector<Range> ranges = top_ranges(x, items.data(), run);
    std::vector<const Range*> leaves;
    for (Range& range : ranges) {
        if (range.left >= 0) continue;
        range.subtree = static_cast<int32_t>(leaves.size());
        leaves.push_back(&range);
    }
    tree.order.resize(static_cast<size_t>(x.rows));
    std::vector<std::unique_ptr<Subtree>> subtrees(leaves.size());
    run(static_cast<int64_t>(leaves.size()), [&](int64_t i) {
        const Range& range = *leaves[static_cast<size_t>(i)];
        const Item* own = items.data() + range.first;
        auto subtree =
            std::make_unique<Subtree>(x, form, reach, own, range.last - range.first);
        subtree->give(own, tree.order.data() + range.first);
        subtrees[static_cast<size_t>(i)] = std::move(subtree);
    });
    Joiner(tree, ranges, x.features).add(subtrees, 0);
    return tree;
}

}  // namespace gramian::grid
