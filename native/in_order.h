// Partial results joined in the order of their parts, whoever finishes first, so that sums have the
// same bits for any number of threads.
#pragma once
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

#include "core.h"

namespace gramian {

class InOrder {
  public:
    // `places` partial results exist at a time. `join(place)` adds one to the whole.
    InOrder(int places, std::function<void(int place)> join)
        : join_(std::move(join)), ready_(static_cast<size_t>(places), false) {}

    // The place of a part's result, as soon as it is free; -1 if the work was stopped meanwhile.
    // Parts are begun in rising order, so that the lowest one at work never waits.
    int begin(int64_t part, Watch& watch);

    // The part's result is complete: joins it, and those that waited for it, in order.
    void finish(int64_t part);

  private:
    int64_t places() const { return static_cast<int64_t>(ready_.size()); }

    std::function<void(int)> join_;
    std::vector<bool> ready_;
    int64_t joined_ = 0;
    std::mutex mutex_;
    std::condition_variable moved_;
};

}  // namespace gramian
