// Where a range of rows is divided.
#pragma once
#include <utility>
#include <vector>

#include "boxes.h"
#include "order.h"

namespace gramian::grid {

// Ranges of the items of one table.
class Splitter {
  public:
    Splitter(const Table& x, Item* items) : x_(x), items_(items) {}

    // Whether the range lies in several cells.
    bool keyed(int64_t first, int64_t last) const {
        return key_of(items_[first]) != key_of(items_[last - 1]);
    }

    void box(int64_t first, int64_t last, double* out) const;

    // The first row of the second part, neither part being empty. `box` is that of the range where
    // all of it is in one cell; its items are then parted about the median.
    int64_t split(int64_t first, int64_t last, const double* box);

  private:
    Table x_;
    Item* items_;
    std::vector<std::pair<double, Item>> held_;
};

}  // namespace gramian::grid
