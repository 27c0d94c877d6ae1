#define GRAMIAN_ISA avx512
#include "../simd/avx512.h"
#include "../tile/core.inl"

namespace gramian::avx512 {

// The same where the processor multiplies pairs of bfloat16 too.
extern const Core core_bf16;
const Core core_bf16 = [] {
    Core with = core;
    with.name = "avx512_bf16";
    with.rough = with.rough_lists = Rough::halves;
    return with;
}();

// And where it multiplies bytes, four at a time.
extern const Core core_vnni;
const Core core_vnni = [] {
    Core with = core;
    with.name = "avx512_vnni";
    with.rough = with.rough_lists = Rough::bytes;
    return with;
}();

// With both, bytes find nearest columns in half to two thirds of the time, and lists of several,
// which leave more columns open, take half as long again.
extern const Core core_vnni_bf16;
const Core core_vnni_bf16 = [] {
    Core with = core;
    with.name = "avx512_vnni_bf16";
    with.rough = Rough::bytes;
    with.rough_lists = Rough::halves;
    return with;
}();

}  // namespace gramian::avx512
