#include "in_order.h"

#include <chrono>

namespace gramian {

int InOrder::begin(int64_t part, Watch& watch) {
    std::unique_lock<std::mutex> lock(mutex_);
    while (part - joined_ >= places()) {
        lock.unlock();
        if (watch.stop()) return -1;
        lock.lock();
        moved_.wait_for(lock, std::chrono::milliseconds(50),
                        [&] { return part - joined_ < places(); });
    }
    return static_cast<int>(part % places());
}

void InOrder::finish(int64_t part) {
    const std::lock_guard<std::mutex> lock(mutex_);
    ready_[static_cast<size_t>(part % places())] = true;
    for (;;) {
        const int64_t place = joined_ % places();
        if (!ready_[static_cast<size_t>(place)]) break;
        ready_[static_cast<size_t>(place)] = false;
        join_(static_cast<int>(place));
        ++joined_;
    }
    moved_.notify_all();
}

}  // namespace gramian
