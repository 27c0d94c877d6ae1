// Sums over the rows, part by part.
#pragma once
#include <algorithm>
#include <cstddef>
#include <vector>

#include "in_order.h"

namespace gramian {

// The results of parts, `size` doubles each, and the whole they are joined to in order. Places for
// two parts per worker keep the fast ones from waiting for the slow.
class Parts {
  public:
    Parts(int workers, size_t size, double* whole)
        : size_(size),
          held_(size * static_cast<size_t>(2 * workers), 0.0),
          order_(2 * workers, [this, whole](int place) { join(at(place), whole); }) {}

    // Runs `work(numbers)` with the cleared place of a part.
    template <class Compute>
    Outcome run(int64_t part, Watch& watch, Compute compute) {
        const int place = order_.begin(part, watch);
        if (place < 0) return Outcome::stopped;
        const Outcome outcome = compute(at(place));
        if (outcome == Outcome::done) order_.finish(part);
        return outcome;
    }

  private:
    double* at(int place) { return held_.data() + size_ * static_cast<size_t>(place); }

    void join(double* part, double* whole) const {
        for (size_t i = 0; i < size_; ++i) whole[i] += part[i];
        std::fill_n(part, size_, 0.0);
    }

    size_t size_;
    std::vector<double> held_;
    InOrder order_;
};

}  // namespace gramian
