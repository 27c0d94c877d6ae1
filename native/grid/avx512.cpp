#define GRAMIAN_ISA avx512
#include "../simd/avx512.h"
#include "passes.inl"
