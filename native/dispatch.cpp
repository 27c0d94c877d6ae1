#include "dispatch.h"

#include <atomic>
#include <cstdlib>
#include <stdexcept>

namespace gramian {

namespace baseline {
extern const Core core;
}
#if defined(GRAMIAN_X86)
namespace avx2 {
extern const Core core;
}
namespace avx512 {
extern const Core core;
extern const Core core_bf16;
extern const Core core_vnni;
extern const Core core_vnni_bf16;
}
#endif
#if defined(GRAMIAN_ARM64)
namespace neon {
extern const Core core;
}
#endif

namespace {

std::vector<const Core*> usable() {
    std::vector<const Core*> cores;
#if defined(GRAMIAN_X86)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) {
        const bool pairs = __builtin_cpu_supports("avx512bf16");
        const bool bytes = __builtin_cpu_supports("avx512vnni");
        if (bytes && pairs) cores.push_back(&avx512::core_vnni_bf16);
        if (pairs) cores.push_back(&avx512::core_bf16);
        if (bytes) cores.push_back(&avx512::core_vnni);
        cores.push_back(&avx512::core);
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        cores.push_back(&avx2::core);
    }
#endif
#if defined(GRAMIAN_ARM64)
    cores.push_back(&neon::core);
#endif
    cores.push_back(&baseline::core);
    return cores;
}

const Core& named(const std::string& name, const char* where) {
    std::string listed;
    for (const Core* core : usable()) {
        if (name == core->name) return *core;
        listed += (listed.empty() ? "" : ", ") + std::string(core->name);
    }
    throw std::invalid_argument(std::string(where) +
                                " must be an instruction set of this machine (" + listed +
                                "), got '" + name + "'. Unset it to take the best one.");
}

std::atomic<const Core*> forced{nullptr};

}  // namespace

std::vector<std::string> instruction_sets() {
    std::vector<std::string> names;
    for (const Core* core : usable()) names.emplace_back(core->name);
    return names;
}

const Core& selected() {
    if (const Core* core = forced.load()) return *core;
    const char* wanted = std::getenv("GRAMIAN_ISA");
    if (wanted && *wanted) return named(wanted, "environment: GRAMIAN_ISA");
    return *usable().front();
}

void force(const std::string& name) {
    forced = name.empty() ? nullptr : &named(name, "force: name");
}

}  // namespace gramian
