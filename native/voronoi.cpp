#include "voronoi.h"

#include "workers.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace gramian {
namespace {

constexpr int64_t fewest_rows = 1 << 16, fewest_columns = 8, most_columns = 1 << 14;
constexpr int64_t rows_per_cell = 4, cells_per_column = 16;
constexpr int64_t most_cells = 1 << 18, most_side = 1 << 12;
constexpr int64_t samples = 1024, strips_at_once = 64;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double rounding = 1e-12;  // of the largest square

// Cells along a feature, a power of two.
int64_t side_for(int64_t rows, int64_t features) {
    const int64_t most = std::min(rows / rows_per_cell, most_cells);
    int64_t side = 1;
    while (2 * side <= most_side && (features == 1 ? 2 * side : 4 * side * side) <= most) side *= 2;
    return side;
}

}  // namespace

VoronoiGrid::VoronoiGrid(const Search& job, int workers) {
    const int64_t m = job.y.rows, d = job.x.features;
    if (d < 1 || d > Regions::most_features || job.form != Form::squared_euclidean) return;
    if (job.k != 1 || job.upper || job.frame.direct) return;
    if (job.x.rows < fewest_rows || m < fewest_columns || m > most_columns) return;
    const int64_t side = regions_.side = side_for(job.x.rows, d);
    const int64_t strips = d == 1 ? 1 : side;
    if (side * strips < cells_per_column * m || !place(job)) return;
    take_points(job.y);
    column_.assign(static_cast<size_t>(side * strips) + 1, -1);
    regions_.column = column_.data();
    const auto fill_some = [&](int64_t part, void*, Watch&) {
        fill(part * strips_at_once, std::min(strips, (part + 1) * strips_at_once));
        return Outcome::done;
    };
    const int64_t parts = (strips + strips_at_once - 1) / strips_at_once;
    run_tiles(parts, workers, 0, fill_some, [] { return false; });
    if (!settles_enough(job.x)) column_.clear();
}

// Lays the grid over a sample of the rows, as far as they are not much farther out than the columns.
bool VoronoiGrid::place(const Search& job) {
    constexpr double most = 1e30, least = 1e-30;  // of lengths, so that floats hold their squares
    const Table &x = job.x, &y = job.y;
    const int64_t step = x.rows / samples;
    double low[Regions::most_features], high[Regions::most_features], spread = 0.0;
    for (int64_t f = 0; f < x.features; ++f) {
        low[f] = high[f] = y.at(0, f);
        for (int64_t j = 1; j < y.rows; ++j) {
            low[f] = std::min(low[f], y.at(j, f));
            high[f] = std::max(high[f], y.at(j, f));
        }
        spread = std::max(spread, high[f] - low[f]);
    }
    for (int64_t f = 0; f < x.features; ++f) {
        double first = high[f] + spread, last = low[f] - spread;
        for (int64_t i = 0; i < samples; ++i) {
            first = std::min(first, x.at(i * step, f));
            last = std::max(last, x.at(i * step, f));
        }
        first = std::max(first, low[f] - spread);
        last = std::min(last, high[f] + spread);
        const double length = last - first;
        if (!(std::fabs(first) < most && length > least && length < most)) return false;
        // as floats have them, so that a row's place is the same number for whoever computes it
        regions_.low[f] = static_cast<float>(first);
        regions_.per[f] = static_cast<float>(static_cast<double>(regions_.side) / length);
        unit_[f] = 1.0 / regions_.per[f];
    }
    return true;
}

void VoronoiGrid::take_points(const Table& columns) {
    const double side = static_cast<double>(regions_.side);
    double largest = side * std::max(unit_[0], columns.features > 1 ? unit_[1] : 0.0);
    for (int64_t j = 0; j < columns.rows; ++j) {
        const double x = columns.at(j, 0) - regions_.low[0];
        const double y = columns.features > 1 ? columns.at(j, 1) - regions_.low[1] : 0.0;
        points_.push_back({x, y, static_cast<int16_t>(j)});
        largest = std::max({largest, std::fabs(x), std::fabs(y)});
    }
    std::sort(points_.begin(), points_.end(), [](const Point& a, const Point& b) {
        return std::tie(a.x, a.column) < std::tie(b.x, b.column);
    });
    // A row's place errs by a few roundings of a float, and a step from line to line changes the
    // difference of two squares by at most four times its length times the largest coordinate.
    rim_ = std::ldexp(side, -22);
    margin_ = 4.0 * largest * (2.0 * rounding * largest + rim_ * unit_[1]);
}

// Some strips, each between the lines below and above. On the line, where there is one feature, both
// are at the same height.
void VoronoiGrid::fill(int64_t first, int64_t last) {
    Line line;
    line.height.resize(points_.size());
    std::vector<Stretch> below, above;
    cross(static_cast<double>(first) * unit_[1], line, below);
    for (int64_t strip = first; strip < last; ++strip) {
        cross(static_cast<double>(strip + 1) * unit_[1], line, above);
        paint(below, above, column_.data() + strip * regions_.side);
        below.swap(above);
    }
}

// The stretches of the line at y, in order.
void VoronoiGrid::cross(double y, Line& line, std::vector<Stretch>& found) const {
    auto& [height, lowest, begin] = line;
    lowest.clear();
    begin.clear();
    for (size_t j = 0; j < points_.size(); ++j) {
        const Point& point = points_[j];
        height[j] = point.x * point.x + (y - point.y) * (y - point.y);
        double from = -infinity;
        while (!lowest.empty()) {
            const size_t last = lowest.back();
            const double rise = height[j] - height[last], run = 2.0 * (point.x - points_[last].x);
            from = run > 0.0 ? rise / run : rise < 0.0 ? -infinity : infinity;
            if (from > begin.back() || from == infinity) break;
            lowest.pop_back();
            begin.pop_back();
            from = -infinity;
        }
        if (from == infinity) continue;
        lowest.push_back(j);
        begin.push_back(from);
    }
    found.clear();
    for (size_t i = 0; i < lowest.size(); ++i) {
        const Stretch stretch = stretch_of(line, i);
        if (stretch.begin < stretch.end) found.push_back(stretch);
    }
}

// Where a column of the envelope is nearer than all others by more than the margin. Those before
// its predecessor and after its successor are farther than these.
VoronoiGrid::Stretch VoronoiGrid::stretch_of(const Line& line, size_t which) const {
    const auto& [height, lowest, starts] = line;
    const size_t own = lowest[which];
    const size_t first = which == 0 ? 0 : lowest[which - 1];
    const size_t last = which + 1 == lowest.size() ? points_.size() - 1 : lowest[which + 1];
    double begin = -unit_[0], end = static_cast<double>(regions_.side + 1) * unit_[0];
    for (size_t j = first; j < own; ++j) {
        const double run = 2.0 * (points_[own].x - points_[j].x);
        begin = std::max(begin, (height[own] - height[j] + margin_) / run);
    }
    for (size_t j = own + 1; j <= last; ++j) {
        const double run = 2.0 * (points_[j].x - points_[own].x);
        end = std::min(end, (height[j] - height[own] - margin_) / run);
    }
    return {begin / unit_[0] + rim_, end / unit_[0] - rim_, points_[own].column};
}

// The cells of a strip whose column is the same below and above.
void VoronoiGrid::paint(const std::vector<Stretch>& below, const std::vector<Stretch>& above,
                        int16_t* column) const {
    const double side = static_cast<double>(regions_.side);
    for (size_t a = 0, b = 0; a < below.size() && b < above.size();) {
        if (below[a].column == above[b].column) {
            const double begin = std::ceil(std::max({0.0, below[a].begin, above[b].begin}));
            const double end = std::floor(std::min({side, below[a].end, above[b].end}));
            if (begin < end) {
                std::fill(column + static_cast<int64_t>(begin), column + static_cast<int64_t>(end),
                          below[a].column);
            }
        }
        if (below[a].end < above[b].end) {
            ++a;
        } else {
            ++b;
        }
    }
}

// Whether of a sample of the rows a quarter is settled.
bool VoronoiGrid::settles_enough(const Table& rows) const {
    const int64_t step = rows.rows / samples;
    int64_t settled = 0;
    for (int64_t i = 0; i < samples; ++i) {
        int64_t at = 0;
        bool inside = true;
        for (int64_t f = rows.features; f-- > 0;) {
            const double place = (rows.at(i * step, f) - regions_.low[f]) * regions_.per[f];
            inside &= place >= 0.0 && place < static_cast<double>(regions_.side);
            at = at * regions_.side + (inside ? static_cast<int64_t>(place) : 0);
        }
        settled += inside && regions_.column[at] >= 0;
    }
    return 4 * settled > samples;
}

}  // namespace gramian
