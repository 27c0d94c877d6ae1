#define GRAMIAN_ISA baseline
#include "../simd/portable.h"
#include "passes.inl"
