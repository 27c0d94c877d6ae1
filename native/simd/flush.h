// Results below the normal numbers, which x86 hands to microcode: a vector with one of them takes
// about 150 cycles, and far entries of a narrow kernel have nothing else.
#pragma once
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace gramian {

// While it lives, this thread makes zeros of such results, or leaves them as they are. Operands are
// always taken as they are.
class FlushUnderflow {
  public:
#if defined(__x86_64__)
    explicit FlushUnderflow(bool flush) : before_(_mm_getcsr()) {
        const unsigned others = before_ & ~static_cast<unsigned>(_MM_FLUSH_ZERO_MASK);
        _mm_setcsr(others | (flush ? _MM_FLUSH_ZERO_ON : _MM_FLUSH_ZERO_OFF));
    }
    ~FlushUnderflow() { _mm_setcsr(before_); }

  private:
    const unsigned before_;

  public:
#else
    explicit FlushUnderflow(bool) {}
#endif
    FlushUnderflow(const FlushUnderflow&) = delete;
    FlushUnderflow& operator=(const FlushUnderflow&) = delete;
};

}  // namespace gramian
