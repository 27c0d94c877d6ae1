#define GRAMIAN_ISA neon
#include "../simd/portable.h"
#include "passes.inl"
