// A k-d tree over few features: points permuted into leaves, boxes around them. Plain structures;
// every instruction set reads the same.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "../core.h"

namespace gramian::tree {

constexpr int64_t lanes = 8;     // points of a block, and children of a node at most
constexpr int most_levels = 10;  // enough for 2^31 points
constexpr int64_t most_features = 64;

// How points are cut into leaves follows from their number alone. Halving them `depth` times gives
// 2^depth leaves of whole blocks; three halvings make one level of nodes, the first level may take
// fewer. Nodes are numbered level after level, and leaves behind them. A node has 8 slots, of which
// the first one's are filled from the end; so what stands in slot s is node, or leaf, s + shift().
struct Shape {
    int64_t points;
    int64_t features;
    int64_t blocks;
    int depth;
    int levels;
    int64_t nodes;

    [[gnu::always_inline]] int64_t leaves() const { return int64_t{1} << depth; }
    // the block that a leaf begins with
    [[gnu::always_inline]] int64_t block_of(int64_t leaf) const { return (leaf * blocks) >> depth; }
    // children of the first node
    [[gnu::always_inline]] int64_t branches() const {
        return levels == 0 ? 0 : int64_t{1} << (depth - 3 * (levels - 1));
    }
    [[gnu::always_inline]] int64_t first_lane(int64_t node) const {
        return node > 0 ? 0 : lanes - branches();
    }
    [[gnu::always_inline]] int64_t shift() const { return branches() - lanes + 1; }
};

Shape shape_of(int64_t points, int64_t features);

struct Tree {
    Shape shape;
    double* points;   // (blocks, features, 8), NaN behind the last point
    int64_t* index;   // (points,): the row that each point was, rising within a leaf
    int64_t* starts;  // (leaves + 1,): the point that each leaf begins with
    double* boxes;    // (nodes, 2, features, 8): least and largest coordinates in each slot
    int64_t* least;   // (nodes, 8): the smallest row in each slot
};

constexpr int64_t rows_at_once = 1024;  // of one piece of work

// Rows that are asked about, in an order in which those nearest to the same leaf stand together.
struct Queries {
    Tree tree;
    Table x;
    const int64_t* order;   // (rows,)
    const int64_t* starts;  // (leaves + 1,): the place in `order` that each leaf's begin with
    Form form;

    [[gnu::always_inline]] int64_t end(int64_t tile) const {
        const int64_t end = (tile + 1) * rows_at_once;
        return end < x.rows ? end : x.rows;
    }
};

// Where forms go as distances.
struct Distances {
    void* data;
    bool is_double;
    bool root;  // distances are the forms' square roots

    [[gnu::always_inline]] double get(int64_t at) const {
        return is_double ? static_cast<const double*>(data)[at]
                         : static_cast<double>(static_cast<const float*>(data)[at]);
    }
    [[gnu::always_inline]] void set(int64_t at, double distance) const {
        if (is_double) {
            static_cast<double*>(data)[at] = distance;
        } else {
            static_cast<float*>(data)[at] = static_cast<float>(distance);
        }
    }
    [[gnu::always_inline]] void set_form(int64_t at, double form) const {
        set(at, root ? __builtin_sqrt(form) : form);
    }
};

// The k nearest points of each row, by (form, row).
struct Nearest {
    Queries queries;
    bool others;  // row i of x is point i, and not a neighbour of its own
    int64_t k;
    int64_t* index;  // (rows, k)
    Distances distances;
};

// The points within a radius of each row.
struct Within {
    Queries queries;
    double reach;           // the form's value up to which a point counts
    int64_t* count;         // (rows,)
    const int64_t* indptr;  // where the lists of the rows start
    int64_t* index;
    Distances distances;
};

struct Neighbour {
    int64_t row;
    double distance;
};

// Sorts the lists of one piece of work by row; `held` has room for the longest.
void sort_lists(const Within& job, int64_t tile, Neighbour* held);

// Each row's nearest rows, itself too.
struct Lists {
    int64_t length;
    const int64_t* index;  // (rows, length)
    const double* form;    // (rows, length): squared distances, rising
};

// For each point the nearest by mutual reachability among those of other components.
struct Outside {
    Tree tree;
    double scale;                  // what squared distances are multiplied by
    Lists lists;
    const int32_t* listed;         // (points, length): the points in their lists
    const double* core;            // (blocks, 8): squared core distances
    const double* component;       // (blocks, 8)
    const double* slot_core;       // (nodes, 8): the least in each slot
    const double* slot_component;  // (nodes, 8): that of all in a slot, or -1
    std::atomic<double>* bound;    // of each component: an edge out of it is not longer
    int64_t* partner;              // (points,): the point found, or -1
    double* value;  // (points,): the mutual reachability to it, or what none is below
};

constexpr int64_t leaves_at_once = 16;

struct TreeCore {
    void (*locate)(const Tree&, const Table& x, int64_t tile, int64_t* leaf);  // nearest to a row
    size_t (*nearest_bytes)(int64_t k);
    void (*nearest)(const Nearest&, int64_t tile, void* scratch);
    void (*count)(const Within&, int64_t tile);
    void (*list)(const Within&, int64_t tile);  // the lists in any order
    void (*outside)(const Outside&, int64_t tile);
};

// The functions of the instruction set in use.
const TreeCore& selected_tree();

}  // namespace gramian::tree
