// Rows in the order of the cells of a grid, and what mean shift asks of them.
#pragma once
#include <cstddef>
#include <cstdint>

#include "../core.h"

namespace gramian {

// Few features: beyond that a ball meets most cells.
constexpr int most_cell_features = 3;

// Cells of one side, numbered so that those along the last feature follow one another.
struct Cells {
    int64_t features;
    int64_t apart;        // numbers from one feature to the next; vectors may read beyond the rows
    const double* rows;   // [feature][row]
    double low[most_cell_features];
    int64_t extent[most_cell_features];  // cells along each feature
    double side;
    double per_side;
    double slack;         // more than any rounding of a place and of a cell's edge
    const int64_t* keys;  // (count,), rising: the cells that have rows
    const int64_t* starts;  // (count + 1,): where their rows begin
    int64_t count;
    const int64_t* directory;  // first cell whose key is at least (i << shift)
    int shift;
};

// What a row within the radius counts: one, 1 - t / radius^2, or 2^(rate t), t its squared distance.
enum class Window : int { flat, epanechnikov, gaussian };

struct Balls {
    Cells cells;
    Window window;
    const double* positions;  // (n, features)
    int64_t n;
    double radius;
    double reach;  // the largest t whose root is within the radius
    double rate;
    // flat: (columns, apart), of each column the totals of the rows before; else the weights, (rows,)
    const double* values;
    int64_t columns;
    // flat: (n, columns), the columns' totals; else (n, 1 + features): the weight, then the weighted
    // differences from the position
    double* sums;
};

// Polynomials per feature of a field.
constexpr int field_degree_end = 16;

// A sum of Gaussians over the plane, square by square; see field.h.
struct Field {
    double low[2];
    double side;
    int64_t extent[2];
    const double* places;   // (n, 2): the rows, sorted by square, or positions
    const double* weights;  // of the rows
    const int64_t* starts;  // (squares + 1,): where the rows of a square begin
    int64_t n;
    double* tables;  // (squares, 16, 16)
    double* sums;    // (n, 3): the sum and its slopes at the positions, in sides / 2
};

struct ShiftCore {
    const char* name;
    Outcome (*balls)(const Balls&, int64_t tile, Watch&);
    Outcome (*moments)(const Field&, int64_t tile, Watch&);
    Outcome (*evaluate)(const Field&, int64_t tile, Watch&);
};

constexpr int64_t positions_per_tile = 64;

// Of the instruction set in use.
const ShiftCore& selected_shift();

}  // namespace gramian
