#include <string_view>

#include "../dispatch.h"
#include "cells.h"

namespace gramian {

namespace baseline {
extern const BallCore ball_core;
}
#if defined(GRAMIAN_X86)
namespace avx2 {
extern const BallCore ball_core;
}
namespace avx512 {
extern const BallCore ball_core;
}
#endif
#if defined(GRAMIAN_ARM64)
namespace neon {
extern const BallCore ball_core;
}
#endif

const BallCore& selected_balls() {
    const std::string_view wanted = selected().name;
#if defined(GRAMIAN_X86)
    // of AVX-512's two cores, too: what sets them apart is of no use here
    if (wanted.starts_with(avx512::ball_core.name)) return avx512::ball_core;
    if (wanted == avx2::ball_core.name) return avx2::ball_core;
#endif
#if defined(GRAMIAN_ARM64)
    if (wanted == neon::ball_core.name) return neon::ball_core;
#endif
    return baseline::ball_core;
}

}  // namespace gramian
