#include <string_view>

#include "../dispatch.h"
#include "tree.h"

namespace gramian {

namespace baseline::tree {
extern const gramian::tree::TreeCore core;
}
#if defined(GRAMIAN_X86)
namespace avx2::tree {
extern const gramian::tree::TreeCore core;
}
namespace avx512::tree {
extern const gramian::tree::TreeCore core;
}
#endif
#if defined(GRAMIAN_ARM64)
namespace neon::tree {
extern const gramian::tree::TreeCore core;
}
#endif

namespace tree {

const TreeCore& selected_tree() {
    const std::string_view name = selected().name;
#if defined(GRAMIAN_X86)
    // products of bfloat16 have no use here
    if (name.starts_with("avx512")) return avx512::tree::core;
    if (name == "avx2") return avx2::tree::core;
#endif
#if defined(GRAMIAN_ARM64)
    if (name == "neon") return neon::tree::core;
#endif
    static_cast<void>(name);
    return baseline::tree::core;
}

}  // namespace tree
}  // namespace gramian
