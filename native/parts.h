// Sums over the rows, part by part.
#pragma once
#include <algorithm>
#include <cstddef>
#include <memory>

#include "in_order.h"

namespace gramian {

// The results of parts, `size` doubles each, and the whole they are joined to in order. Places for
// two parts per worker keep the fast ones from waiting for the slow.
class Parts {
  public:
    Parts(int workers, size_t size, double* whole)
        : size_(size),
          held_(new double[size * static_cast<size_t>(2 * workers)]),
          order_(2 * workers, [this, whole](int place) { join(at(place), whole); }) {}

    // Runs `compute(numbers)` with the place of a part, cleared by the worker that takes it.
    template <class Compute>
    Outcome run(int64_t part, Watch& watch, Compute compute) {
        const int place = order_.begin(part, watch);
        if (place < 0) return Outcome::stopped;
        std::fill_n(at(place), size_, 0.0);
        const Outcome outcome = compute(at(place));
        if (outcome == Outcome::done) order_.finish(part);
        return outcome;
    }

  private:
    double* at(int place) const { return held_.get() + size_ * static_cast<size_t>(place); }

    void join(const double* part, double* whole) const {
        for (size_t i = 0; i < size_; ++i) whole[i] += part[i];
    }

    size_t size_;
    std::unique_ptr<double[]> held_;
    InOrder order_;
};

}  // namespace gramian
