#include "workers.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

#include "placement.h"

namespace gramian {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto pause = std::chrono::milliseconds(50);

// One worker's memory, aligned to 64 bytes. Only where it begins it is zero: to clear all of it
// takes longer than the work of many a call.
class Scratch {
  public:
    explicit Scratch(size_t bytes) : raw_(std::malloc(bytes + 64)) {
        if (!raw_) throw std::bad_alloc();
#if defined(__SANITIZE_ADDRESS__)
        std::memset(raw_, 0xff, bytes + 64);  // whoever takes it for zero is to be found out
#endif
        std::memset(aligned(), 0, std::min(bytes, clear_bytes));
    }
    ~Scratch() { std::free(raw_); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    void* aligned() const {
        return reinterpret_cast<void*>((reinterpret_cast<uintptr_t>(raw_) + 63) & ~uintptr_t{63});
    }

  private:
    void* raw_;
};

struct Shared {
    std::atomic<int64_t> next{0};
    std::atomic<bool> stop{false};
    std::atomic<int> outcome{static_cast<int>(Outcome::done)};
    std::mutex mutex;
    std::condition_variable finished;
    int running = 0;
};

struct Helper final : Watch {
    explicit Helper(Shared& shared) : shared(shared) {}
    bool stop() override { return shared.stop.load(std::memory_order_relaxed); }
    Shared& shared;
};

struct Caller final : Watch {
    Caller(Shared& shared, const std::function<bool()>& interrupted)
        : shared(shared), interrupted(interrupted), asked(Clock::now()) {}
    bool stop() override {
        if (shared.stop.load(std::memory_order_relaxed)) return true;
        const auto now = Clock::now();
        if (now - asked < pause) return false;
        asked = now;
        if (interrupted()) shared.stop = true;
        return shared.stop;
    }
    Shared& shared;
    const std::function<bool()>& interrupted;
    Clock::time_point asked;
};

void take_tiles(Shared& shared, int64_t tiles, void* scratch, const Work& work, Watch& watch) {
    for (;;) {
        if (watch.stop()) {
            int expected = static_cast<int>(Outcome::done);
            shared.outcome.compare_exchange_strong(expected, static_cast<int>(Outcome::stopped));
            return;
        }
        const int64_t tile = shared.next.fetch_add(1);
        if (tile >= tiles) return;
        const Outcome outcome = work(tile, scratch, watch);
        if (outcome != Outcome::done) {
            int expected = static_cast<int>(Outcome::done);
            shared.outcome.compare_exchange_strong(expected, static_cast<int>(outcome));
            shared.stop = true;
            return;
        }
    }
}

}  // namespace

Outcome run_tiles(int64_t tiles, int workers, size_t scratch_bytes, const Work& work,
                  const std::function<bool()>& interrupted) {
    Shared shared;
    std::vector<std::unique_ptr<Scratch>> memory;
    for (int i = 0; i < workers; ++i) memory.push_back(std::make_unique<Scratch>(scratch_bytes));
    std::vector<std::thread> threads;
    shared.running = workers - 1;
    for (int i = 1; i < workers; ++i) {
        void* scratch = memory[static_cast<size_t>(i)]->aligned();
        const auto help = [&shared, tiles, scratch, &work] {
            Helper watch(shared);
            take_tiles(shared, tiles, scratch, work, watch);
            const std::lock_guard<std::mutex> lock(shared.mutex);
            --shared.running;
            shared.finished.notify_one();
        };
        try {
            start_elsewhere(threads.emplace_back(help));
        } catch (const std::system_error&) {
            // no more threads to be had: those there are do the work
            const std::lock_guard<std::mutex> lock(shared.mutex);
            shared.running -= workers - i;
            break;
        }
    }
    Caller watch(shared, interrupted);
    take_tiles(shared, tiles, memory[0]->aligned(), work, watch);
    {
        std::unique_lock<std::mutex> lock(shared.mutex);
        while (!shared.finished.wait_for(lock, pause, [&] { return shared.running == 0; })) {
            lock.unlock();
            watch.stop();
            lock.lock();
        }
    }
    for (std::thread& thread : threads) thread.join();
    return static_cast<Outcome>(shared.outcome.load());
}

}  // namespace gramian
