#include <string_view>

#include "../dispatch.h"
#include "cells.h"

namespace gramian {

namespace baseline {
extern const ShiftCore shift_core;
}
#if defined(GRAMIAN_X86)
namespace avx2 {
extern const ShiftCore shift_core;
}
namespace avx512 {
extern const ShiftCore shift_core;
}
#endif
#if defined(GRAMIAN_ARM64)
namespace neon {
extern const ShiftCore shift_core;
}
#endif

const ShiftCore& selected_shift() {
    const std::string_view wanted = selected().name;
#if defined(GRAMIAN_X86)
    // of AVX-512's two cores, too: what sets them apart is of no use here
    if (wanted.starts_with(avx512::shift_core.name)) return avx512::shift_core;
    if (wanted == avx2::shift_core.name) return avx2::shift_core;
#endif
#if defined(GRAMIAN_ARM64)
    if (wanted == neon::shift_core.name) return neon::shift_core;
#endif
    return baseline::shift_core;
}

}  // namespace gramian
