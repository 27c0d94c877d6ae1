#include "movement.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "dispatch.h"
#include "outwards.h"

namespace gramian {
namespace {

constexpr double endless = std::numeric_limits<double>::infinity();
constexpr double growth = 1.3;  // of the radii
// squares below this may have lost what they stand for
constexpr double least_square = 1e-290;

// A sum of terms that are not negative, in any order, errs by a unit roundoff for each at most.
double roundings(int64_t features) { return 4e-16 * static_cast<double>(features + 10); }

// A table's rows in doubles, side by side, with zeros up to a multiple of eight.
struct Packed {
    int64_t stride;
    std::vector<double> numbers;

    explicit Packed(const Table& table)
        : stride(round_up(table.features, 8)),
          numbers(static_cast<size_t>(table.rows * stride), 0.0) {
        table.is_double ? fill<double>(table) : fill<float>(table);
    }

    const double* row(int64_t i) const { return numbers.data() + i * stride; }

  private:
    template <class T>
    void fill(const Table& table) {
        for (int64_t i = 0; i < table.rows; ++i) {
            const T* const from = static_cast<const T*>(table.data) + i * table.row_stride;
            double* const to = numbers.data() + i * stride;
            for (int64_t f = 0; f < table.features; ++f) {
                to[f] = static_cast<double>(from[f * table.feature_stride]);
            }
        }
    }
};

double distance_above(const Core& core, const double* a, const double* b, int64_t stride) {
    double squared;
    core.squared_gaps(a, b, 1, stride, &squared);
    if (squared > least_square) return std::sqrt(squared) * (1.0 + roundings(stride));
    double total = 0.0;
    for (int64_t f = 0; f < stride; ++f) total += std::fabs(a[f] - b[f]);
    return total * (1.0 + roundings(stride));
}

// What has overflowed excludes nothing.
double root_below(double squared, int64_t stride) {
    return squared < endless ? std::sqrt(squared) * (1.0 - roundings(stride)) : 0.0;
}

// For each number the largest of the others, or 0.
void largest_other(const std::vector<double>& moved, int64_t levels, double* table) {
    const auto first = std::max_element(moved.begin(), moved.end());
    double second = 0.0;
    for (auto at = moved.begin(); at != moved.end(); ++at) {
        if (at != first) second = std::max(second, *at);
    }
    for (size_t j = 0; j < moved.size(); ++j) {
        const bool is_first = moved.begin() + static_cast<int64_t>(j) == first;
        double* const own = table + static_cast<int64_t>(j) * (2 * levels + 1);
        own[levels] = endless;
        own[2 * levels] = is_first ? second : *first;
    }
}

// Distances between columns: for each the smallest, and all if more than one ball is to be filled.
struct Distances {
    std::vector<double> nearest;
    std::vector<double> all;  // (m, m), or empty

    Distances(const Core& core, const Packed& columns, int64_t m, bool keeps_all)
        : nearest(static_cast<size_t>(m), endless), all(static_cast<size_t>(keeps_all ? m * m : 0)) {
        std::vector<double> squared(static_cast<size_t>(m));
        for (int64_t i = 0; i < m; ++i) {
            core.squared_gaps(columns.row(i), columns.row(0), i, columns.stride, squared.data());
            for (int64_t j = 0; j < i; ++j) {
                const double gap = root_below(squared[static_cast<size_t>(j)], columns.stride);
                for (const int64_t at : {i, j}) {
                    double& least = nearest[static_cast<size_t>(at)];
                    least = std::min(least, gap);
                }
                if (!keeps_all) continue;
                all[static_cast<size_t>(i * m + j)] = all[static_cast<size_t>(j * m + i)] = gap;
            }
        }
    }
};

// Which columns have moved, and how far: mostly few.
struct Moved {
    std::vector<size_t> column;
    std::vector<double> far;
};

// Radii and movements inside them of one column; `distance` to all columns.
void fill_balls(const double* distance, int64_t self, const Moved& moved, int64_t levels,
                double* own) {
    double *const radius = own + 1, *const inside = radius + levels;
    for (int64_t level = 1; level < levels - 1; ++level) {
        radius[level] = radius[level - 1] * growth;
        inside[level] = 0.0;
    }
    for (size_t i = 0; i < moved.column.size(); ++i) {
        const double gap = distance[moved.column[i]];
        if (moved.column[i] == static_cast<size_t>(self)) continue;
        for (int64_t level = levels - 2; level > 0 && gap < radius[level]; --level) {
            inside[level] = std::max(inside[level], moved.far[i]);
        }
    }
}

}  // namespace

void measure_movement(const Table& before, const Table& after, int64_t levels, double* table) {
    const Core& core = selected();
    const Packed old(before), now(after);
    const int64_t m = after.rows, width = 2 * levels + 1;
    std::vector<double> far(static_cast<size_t>(m));
    Moved moved;
    for (int64_t j = 0; j < m; ++j) {
        const double steps = distance_above(core, old.row(j), now.row(j), now.stride);
        far[static_cast<size_t>(j)] = table[j * width] = steps;
        if (steps == 0.0) continue;
        moved.column.push_back(static_cast<size_t>(j));
        moved.far.push_back(steps);
    }
    largest_other(far, levels, table);
    if (levels == 1) return;
    const Distances between(core, now, m, levels > 2);
    for (int64_t j = 0; j < m; ++j) {
        double* const own = table + j * width;
        own[1] = between.nearest[static_cast<size_t>(j)];
        own[1 + levels] = 0.0;
        if (levels > 2) fill_balls(between.all.data() + j * m, j, moved, levels, own);
    }
}

Movements::Movements(const double* table, int64_t columns, int64_t levels)
    : table_(table), levels_(levels) {
    constexpr float none = std::numeric_limits<float>::infinity();
    for (int64_t j = 0; j < columns; ++j) {
        const double* const own = table + j * (2 * levels + 1);
        const double* const moved = own + 1 + levels;
        const bool is_known = moved[0] == 0.0 && own[1] < endless;
        own_.push_back(float_above(own[0]));
        rest_.push_back(float_above(moved[levels - 1]));
        near_.push_back(is_known ? float_below(own[1]) : -none);
    }
}

}  // namespace gramian
