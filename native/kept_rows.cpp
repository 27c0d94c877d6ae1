#include "kept_rows.h"

#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>

namespace gramian {
namespace {

constexpr int64_t line = 64;       // bytes that records are aligned to
constexpr int64_t vector = 16;     // bytes of features that are written at a time
constexpr int64_t after = 16;      // bytes for what is known of a row
constexpr double most_drift = 0.5;  // of the frame's centre, in its own unit

constexpr uintptr_t page = 4096;

// Asks for large pages: the first touch of a small one costs as much as rounding a row.
void ask_for_large_pages(char* memory, size_t bytes) {
#if defined(MADV_HUGEPAGE)
    const auto first = (reinterpret_cast<uintptr_t>(memory) + page - 1) / page * page;
    const auto last = (reinterpret_cast<uintptr_t>(memory) + bytes) / page * page;
    if (first < last) madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
#else
    static_cast<void>(memory);
    static_cast<void>(bytes);
#endif
}

int64_t record_bytes(int64_t features) {
    return round_up(round_up(features, vector) + after, line);
}

}  // namespace

// calloc leaves zeroing to whoever touches a page first: all workers, not this one.
RowKeeper::RowKeeper(int64_t rows, int64_t features)
    : rows_(rows), stride_(record_bytes(features)),
      memory_(static_cast<char*>(std::calloc(static_cast<size_t>(bytes(rows, features)), 1))),
      centre_(static_cast<size_t>(features)) {
    if (!memory_) throw std::bad_alloc();
    ask_for_large_pages(memory_.get(), static_cast<size_t>(bytes(rows, features)));
    const auto address = reinterpret_cast<uintptr_t>(memory_.get());
    records_ = memory_.get() + (line - address % line) % line;
}

int64_t RowKeeper::bytes(int64_t rows, int64_t features) {
    return rows * record_bytes(features) + line;
}

bool RowKeeper::fits(const Frame& now) const {
    if (scale_ == 0.0 || now.scale > 2 * scale_ || now.scale < scale_ / 2) return false;
    for (size_t f = 0; f < centre_.size(); ++f) {
        if (!(std::fabs(now.centre[f] - centre_[f]) * scale_ <= most_drift)) return false;
    }
    return true;
}

Frame RowKeeper::frame(const Frame& now) {
    if (now.direct) return now;
    if (!fits(now)) {
        // zero at a record's end says that nothing is known of the row
        for (char* end = records_ + stride_; scale_ != 0.0 && end <= records_ + rows_ * stride_;
             end += stride_) {
            std::memset(end - after, 0, after);
        }
        std::copy_n(now.centre, centre_.size(), centre_.begin());
        scale_ = now.scale;
    }
    return {centre_.data(), scale_, false};
}

}  // namespace gramian
