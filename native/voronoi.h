// Where each column is the nearest one: in one or two dimensions, a grid of cells that says so for
// most rows at the price of looking it up.
#pragma once
#include <vector>

#include "core.h"

namespace gramian {

// A column's region is convex, so it holds the cells between two lines wherever it holds a stretch
// of both. Along a line, (x - x_j)^2 + (y - y_j)^2 - x^2 is a straight line of slope -2 x_j for
// column j, and the nearest column is the lowest of them: their envelope takes one pass over the
// columns in the order of x_j. A stretch ends where another column is nearer but for a margin that
// is larger than any rounding. Rows in cells that no column holds are searched, so the grid changes
// no result.
class VoronoiGrid {
  public:
    // Empty where a grid is not likely to pay.
    VoronoiGrid(const Search& job, int workers);
    VoronoiGrid(const VoronoiGrid&) = delete;  // `regions` points into it
    VoronoiGrid& operator=(const VoronoiGrid&) = delete;

    // What a search takes, while this lives; null if it is empty.
    const Regions* regions() const { return column_.empty() ? nullptr : &regions_; }

  private:
    struct Point {
        double x, y;  // from where the grid begins
        int16_t column;
    };
    struct Stretch {
        double begin, end;  // in cells
        int16_t column;
    };

    // What one worker keeps of the line at hand.
    struct Line {
        std::vector<double> height;  // x_j^2 + (y - y_j)^2 of each point
        std::vector<size_t> lowest;  // the points of the envelope, and where they begin to be
        std::vector<double> begin;
    };

    bool place(const Search& job);
    void take_points(const Table& columns);
    void fill(int64_t first, int64_t last);
    void cross(double y, Line& line, std::vector<Stretch>& found) const;
    Stretch stretch_of(const Line& line, size_t which) const;
    void paint(const std::vector<Stretch>& below, const std::vector<Stretch>& above,
               int16_t* column) const;
    bool settles_enough(const Table& rows) const;

    Regions regions_{};
    double unit_[Regions::most_features] = {};  // a cell's sides
    double rim_ = 0.0;      // of cells, by which a row's place may be off
    double margin_ = 0.0;   // of squares
    std::vector<Point> points_;  // by x
    std::vector<int16_t> column_;
};

}  // namespace gramian
