// Some of the columns side by side: parts hold and join no sums of others.
#pragma once
#include <algorithm>
#include <vector>

#include "core.h"

namespace gramian {

class WantedColumns {
  public:
    WantedColumns(const Table& y, const bool* wanted)
        : y_(y), place_(static_cast<size_t>(y.rows), -1) {
        const auto size = static_cast<size_t>(y.is_double ? sizeof(double) : sizeof(float));
        const char* const from = static_cast<const char*>(y.data);
        for (int64_t j = 0; j < y.rows; ++j) {
            if (!wanted[j]) continue;
            place_[static_cast<size_t>(j)] = count_++;
            for (int64_t f = 0; f < y.features; ++f) {
                const int64_t at = j * y.row_stride + f * y.feature_stride;
                const char* const number = from + at * static_cast<int64_t>(size);
                numbers_.insert(numbers_.end(), number, number + size);
            }
        }
    }

    Table table() const {
        return {numbers_.data(), count_, y_.features, y_.features, 1, y_.is_double};
    }

    const int32_t* place() const { return place_.data(); }

    // Sums and mass of these columns to their places among all.
    void put_back(const double* from, double* to) const {
        const int64_t m = y_.rows, d = y_.features;
        for (int64_t j = 0; j < m; ++j) {
            const int64_t at = place_[static_cast<size_t>(j)];
            if (at < 0) continue;
            std::copy_n(from + at * d, d, to + j * d);
            to[m * d + j] = from[count_ * d + at];
        }
    }

  private:
    Table y_;
    std::vector<int32_t> place_;  // (m,), -1 for the others
    std::vector<char> numbers_;   // (wanted, d), of y's type
    int32_t count_ = 0;
};

}  // namespace gramian
