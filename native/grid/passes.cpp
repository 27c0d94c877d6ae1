#include <algorithm>
#include <string>

#include "../dispatch.h"
#include "blocks.h"

namespace gramian {

namespace baseline {
extern const grid::Passes passes;
}
#if defined(GRAMIAN_X86)
namespace avx2 {
extern const grid::Passes passes;
}
namespace avx512 {
extern const grid::Passes passes;
}
#endif
#if defined(GRAMIAN_ARM64)
namespace neon {
extern const grid::Passes passes;
}
#endif

namespace grid {

const Passes& passes() {
    const std::string name = selected().name;
#if defined(GRAMIAN_X86)
    if (name.starts_with(avx512::passes.name)) return avx512::passes;
    if (name == avx2::passes.name) return avx2::passes;
#endif
#if defined(GRAMIAN_ARM64)
    if (name == neon::passes.name) return neon::passes;
#endif
    return baseline::passes;
}

double total_in_order(int32_t* rows, int64_t count, const double* weights) {
    std::sort(rows, rows + count);
    double total = 0.0;
    for (int64_t i = 0; i < count; ++i) total += weights[rows[i]];
    return total;
}

}  // namespace grid
}  // namespace gramian
