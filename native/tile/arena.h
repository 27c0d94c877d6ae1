// Where a worker's memory is shared out.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "../core.h"
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace gramian::GRAMIAN_ISA {

// Hands out pieces of one block of memory, each aligned to 64 bytes. Without a block it counts.
class Arena {
  public:
    explicit Arena(void* base) : base_(static_cast<char*>(base)) {}

    template <class T>
    T* take(int64_t count) {
        T* piece = base_ ? reinterpret_cast<T*>(base_ + used_) : nullptr;
        const size_t end = used_ + static_cast<size_t>(count) * sizeof(T);
        used_ = (end + gap + 63) / 64 * 64;
#if defined(__SANITIZE_ADDRESS__)
        if (base_) ASAN_POISON_MEMORY_REGION(base_ + end, used_ - end);
#endif
        return piece;
    }

    // A piece that is zero before the worker's first tile; such pieces come before all others.
    template <class T>
    T* take_clear() {
        T* const piece = take<T>(1);
#if defined(__SANITIZE_ADDRESS__)
        if (used_ > clear_bytes) std::abort();
#endif
        return piece;
    }

    size_t used() const { return used_; }

  private:
    // between pieces, where AddressSanitizer is to see who leaves his own
#if defined(__SANITIZE_ADDRESS__)
    static constexpr size_t gap = 256;
#else
    static constexpr size_t gap = 0;
#endif

    char* base_;
    size_t used_ = 0;
};

}  // namespace gramian::GRAMIAN_ISA
