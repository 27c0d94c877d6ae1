#define GRAMIAN_ISA avx512
#include "../simd/avx512.h"
#include "../tile/core.inl"

namespace gramian::avx512 {

static Core rounding_first(const char* name, Rough nearest, Rough lists) {
    Core with = core;
    with.name = name;
    with.rough = nearest;
    with.rough_lists = lists;
    return with;
}

// The same where the processor multiplies pairs of bfloat16 too.
extern const Core core_bf16;
const Core core_bf16 = rounding_first("avx512_bf16", Rough::halves, Rough::halves);

// And where it multiplies bytes, four at a time.
extern const Core core_vnni;
const Core core_vnni = rounding_first("avx512_vnni", Rough::bytes, Rough::bytes);

// With both, bytes find nearest columns in half to two thirds of the time, and lists of several,
// which leave more columns open, take half as long again.
extern const Core core_vnni_bf16;
const Core core_vnni_bf16 = rounding_first("avx512_vnni_bf16", Rough::bytes, Rough::halves);

}  // namespace gramian::avx512
