#define GRAMIAN_ISA avx2
#include "../simd/avx2.h"
#include "passes.inl"
