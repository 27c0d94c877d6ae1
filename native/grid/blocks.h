// Rows in compact blocks under a tree of boxes, and what DBSCAN asks of them.
//
// The boxes are tight, in double. Rounding is monotone: a distance between boxes that is summed in
// the order of the features, as the distance of two rows is, never exceeds that of any two rows in
// them, nor falls short of it where the farthest corners are taken. So a box decides exactly what
// brute force would, and how the rows came into their blocks changes no result.
#pragma once
#include <atomic>
#include <cstdint>

#include "../core.h"

namespace gramian::grid {

// Rows of a block are padded to whole vectors, with infinity.
constexpr int32_t lanes = 8;
// Rows of a block that are not all within reach of each other; those of one where they are.
constexpr int32_t most_rows = 16;
constexpr int32_t most_together = 1024;

constexpr int32_t padded(int32_t rows) { return (rows + lanes - 1) / lanes * lanes; }

// A box of the tree, in preorder: the first child comes next.
struct Node {
    int32_t next;   // the node to go on with if nothing in this one matters
    int32_t block;  // its block, or -1 for a node with children
    int32_t first;  // position of its first row
    int32_t rows;
};

struct Block {
    void* points;   // [feature][row], of the table's type
    int32_t first;  // position of its first row
    int32_t rows;
    int32_t stride;  // rows, padded
    int32_t cores;   // how many of its rows, the first ones, are known to be core
    int32_t node;
    bool whole;  // all of its core rows are in one cluster; once that is known
    int64_t label;  // their label, if so
};

// A row's position is its place among the blocks.
struct Job {
    Form form;
    double reach;           // of the form's value: what is within eps
    double beyond_reach;    // more than that by what rounding adds to a sum in any order
    double wanted;          // rows, or their weight, that make a row core
    const double* weights;  // (n,) by row, or null
    bool negative;          // whether one of the weights is

    int64_t features;
    bool is_double;
    const Node* nodes;
    int32_t n_nodes;
    double* boxes;  // [node][lowest, highest][feature]
    Block* blocks;
    int32_t n_blocks;
    int32_t* order;  // row of each position

    bool* core;                    // by position
    std::atomic<int32_t>* parent;  // of each position, in the forest of clusters
    int64_t* labels;               // by row: of the core rows until the border is done
};

// Memory of one worker.
struct Space {
    double* point;
    double* box;
    int32_t* near;   // blocks that may hold neighbours
    int32_t* found;  // neighbours of one row, where weights are summed in order
};

// The work on one block; each pass needs the one before it to be done on all blocks.
struct Passes {
    const char* name;
    void (*count)(const Job&, int32_t block, const Space&);    // which rows are core
    void (*arrange)(const Job&, int32_t block, const Space&);  // core rows first, joined
    void (*join)(const Job&, int32_t block, const Space&);     // with core rows of later blocks
    void (*border)(const Job&, int32_t block, const Space&);   // labels of the other rows
};

// The passes for the instruction set in use.
const Passes& passes();

// Σ of the weights of `count` rows in rising order of the rows, which are sorted for it.
double total_in_order(int32_t* rows, int64_t count, const double* weights);

}  // namespace gramian::grid
