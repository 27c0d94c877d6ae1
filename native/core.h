// What the compiled core is asked to do, in plain structures: every instruction set reads the same.
#pragma once
#include <cstddef>
#include <cstdint>

namespace gramian {

// A table of rows, strided, float or double. Strides count elements.
struct Table {
    const void* data;
    int64_t rows;
    int64_t features;
    int64_t row_stride;
    int64_t feature_stride;
    bool is_double;

    bool operator==(const Table&) const = default;

    // always inline: a copy compiled for one instruction set must not serve the others
    [[gnu::always_inline]] double at(int64_t row, int64_t feature) const {
        const int64_t place = row * row_stride + feature * feature_stride;
        return is_double ? static_cast<const double*>(data)[place]
                         : static_cast<double>(static_cast<const float*>(data)[place]);
    }
};

[[gnu::always_inline]] inline int64_t round_up(int64_t count, int64_t unit) {
    return (count + unit - 1) / unit * unit;
}

enum class Form : int { squared_euclidean, manhattan, chebyshev };

// Entry of a kernel as a function of the form's value t. `rate` holds the bandwidth.
enum class Profile : int {
    identity,      // t
    root,          // sqrt t
    exponential,   // 2^(rate t)
    root_decay,    // 2^(rate sqrt t)
    matern32,      // (1 + s) exp(-s), s = sqrt(rate t)
    matern52,      // (1 + s + s^2/3) exp(-s), s = sqrt(rate t)
    rational,      // (1 + rate t)^(-alpha)
    tophat,        // rate t < 1
    epanechnikov,  // max(0, 1 - rate t)
    triangular,    // max(0, 1 - sqrt(rate t))
    cosine,        // cos(pi/2 sqrt(rate t)) where rate t < 1
};
constexpr int n_profiles = 11;

// What is known of y before the first tile: the point distances are taken about, and a power of
// two that brings the numbers into a range where squares neither overflow nor vanish.
struct Frame {
    const double* centre;  // one number per feature
    double scale;
    bool direct;  // the range is beyond floats' squares: search in double throughout
};

// Asked now and then by whoever works; true means: stop and give up.
struct Watch {
    virtual bool stop() = 0;

  protected:
    ~Watch() = default;
};

// The fixed grid of one kind of call: rows of x per tile, columns of y per chunk.
struct Tiles {
    int64_t rows;
    int64_t columns;
};

// A grid of cells over the columns' surroundings, and of each cell the column that is nearest to all
// of its points.
struct Regions {
    static constexpr int most_features = 2;
    int64_t side;                // cells along a feature
    double low[most_features];   // where the cells begin
    double per[most_features];   // cells per unit
    const int16_t* column;       // strips of the first feature, -1 where there is none; and a -1
};

// What a search may multiply first, faster than floats, before it looks at what that leaves open:
// pairs of bfloat16 or four bytes at a time.
enum class Rough : int { none, halves, bytes };

constexpr int64_t rough_features = 32;  // from here on products take longer than the second look
constexpr int64_t most_byte_features = 8192;  // whose sums of products int32 holds
constexpr int64_t rough_products = 16384;  // of a row, from which bytes save more than rounding takes

// Whether rounded numbers are faster for so many columns.
[[gnu::always_inline]] inline bool rough_pays(Rough rough, int64_t features, int64_t columns) {
    if (features < rough_features) return false;
    if (rough == Rough::halves) return columns >= 256;
    return rough == Rough::bytes && features <= most_byte_features && columns >= 64 &&
           columns * features >= rough_products;
}

// Rows rounded to bytes, kept from search to search: a record of `stride` bytes for each, zero until
// a search has rounded it in the frame of that search, which those that follow must share.
struct KeptRows {
    char* records;  // or null
    int64_t stride;
};

struct Search {
    Table x, y;
    Form form;
    Frame frame;
    int64_t k;
    int64_t first_column;  // where a chunk begins
    int64_t last_column;   // exclusive: where a chunk or y ends
    Rough rough;
    KeptRows kept;
    int64_t* index;        // (n, k), -1 where there are fewer columns
    double* distance;  // (n, k), the form's values; or null
    float* upper;      // (n,) at least the distance to the column found; or null; where k = 1
    float* lower;      // (n,) at most the distance to any other column; with `upper`
    const Regions* regions;  // or null; where k = 1 and no bounds are asked for
};

struct Radius {
    Table x, y;
    Form form;
    Frame frame;
    bool symmetric;         // y is x: pairs with later tiles' rows are met once and counted twice
    double reach;           // the form's value up to which an entry counts
    const double* weights;  // (m,) or null
    int64_t* count;         // (n,), or null
    double* total;          // (n,), or null
    const int64_t* indptr;  // for lists: where the rows start
    int64_t* index;
    double* distance;
};

// Rows assigned to their nearest columns, and summed by column.
struct Assign {
    Search search;          // k = 1; index holds the last pass's labels, and this one's afterwards
    bool is_first;          // there was no pass before
    const double* weights;  // of the rows
    int64_t weight_stride;  // 0 where all weigh the same
    Table columns;          // (c, d) whose rows are summed: all; or
    const int32_t* place;   // (m,) where the wanted ones lie, else -1, to sum by the labels there
                            // are; null to search first
};

// What one part of the rows adds up to.
struct PartSums {
    double* sums;     // (c, d), of weight (row - column)
    double* mass;     // (c,)
    double* moved;    // (c,) how many rows of some weight came or went
    double* changed;  // how many labels are not the old ones
};

// Rows whose bounds overlap, searched again; the others keep label and bounds.
struct Refine {
    Search search;          // k = 1; index, upper and lower hold what is known so far
    const double* weights;  // of the rows
    int64_t weight_stride;  // 0 where all weigh the same
    int64_t part_rows;      // rows taken by one worker at a time
    uint8_t* moved;         // (m,) set where a row of some weight came or went
    int64_t* changed;       // how many labels are not the old ones
};

// How far the columns have moved: the table of `movement.h`, and what is enough for most rows,
// (m,), rounded outwards.
struct Movement {
    const double* table;
    int64_t levels;
    const float* own;   // how far a column has moved
    const float* rest;  // how far, at most, any other
    const float* near;  // the first radius, where nothing within has moved; else less than any
};

// A few points, each tried as one more centre.
struct Potential {
    Table x, y;
    double scale;           // a power of two that brings the data's spread near one
    const double* weights;  // of the rows
    int64_t weight_stride;
    const void* closest;  // (n,) squared distances to the centres so far, of x's type
    void* squared;        // (points, n) those to the points
};

enum class Goal : int {
    sum,            // of the entries of a row, or of their products with right-hand sides
    weighted_mean,  // of right-hand sides, entries being weights given by their logarithm
    logsumexp,      // log of the sum of exp of the entries
    block,          // the entries themselves
};

struct Sum {
    Table x, y;
    Form form;
    Profile profile;
    double rate, alpha;
    bool logarithm;  // the entries are logarithms of the profile
    Frame frame;
    Goal goal;
    Table weights;          // (m, r); r = 0 stands for a column of ones
    const int64_t* row_of;  // (n,) or null: the column that each row is, or -1
    void* out;              // (n, r), (n,) or (n, m), of x's type
    int64_t out_stride;
    int64_t row_limit;  // rows of a tile at most, rounded up to a panel; 0 for no limit of its own

    int64_t right() const { return weights.features; }
};

// What of a worker's memory is zero at first: where it keeps what it knows of the rest.
constexpr size_t clear_bytes = 4096;

// The work of one instruction set. `tiles` and `bytes` are constants of the kind of call; `scratch`
// is that many bytes, aligned to 64, of which the first `clear_bytes` are zero at first. One worker
// does a whole tile.
enum class Function : int { exp2, log2, quarter_cosine };

enum class Outcome : int { done, stopped, not_finite };

struct Core {
    const char* name;
    Rough rough;        // what the processor is fast at, for the nearest column
    Rough rough_lists;  // and for lists of several
    Tiles (*search_tiles)(const Search&);
    size_t (*search_bytes)(const Search&);
    Outcome (*search)(const Search&, int64_t tile, void* scratch, Watch&);
    Tiles (*assign_tiles)(const Assign&);
    size_t (*assign_bytes)(const Assign&);
    Outcome (*assign)(const Assign&, int64_t part, PartSums&, void* scratch, Watch&);
    Outcome (*inertia)(const Assign&, int64_t part, double* total, Watch&);
    // from one row of doubles to `count` adjacent ones; `stride` is a multiple of eight
    void (*squared_gaps)(const double* row, const double* others, int64_t count, int64_t stride,
                         double* out);
    int64_t (*move_bounds)(const Movement&, const int64_t* label, int64_t count, float* upper,
                           float* lower);
    size_t (*refine_bytes)(const Refine&);
    Outcome (*refine)(const Refine&, int64_t part, void* scratch, Watch&);
    Tiles (*potential_tiles)(const Potential&);
    size_t (*potential_bytes)(const Potential&);
    Outcome (*potential)(const Potential&, int64_t part, double* total, void* scratch, Watch&);
    Tiles (*radius_tiles)(const Radius&);
    size_t (*radius_bytes)(const Radius&);
    Outcome (*radius)(const Radius&, int64_t tile, void* scratch, Watch&);
    Tiles (*sum_tiles)(const Sum&);
    size_t (*sum_bytes)(const Sum&);
    Outcome (*sum)(const Sum&, int64_t tile, void* scratch, Watch&);
    // an elementary function by itself, for tests
    void (*evaluate)(Function, bool is_double, const void* in, void* out, int64_t count);
};

}  // namespace gramian
