// The core of one instruction set, in its own namespace.
#include "balls.h"
#include "field.h"

namespace gramian::GRAMIAN_ISA {

#define GRAMIAN_NAME_OF(isa) #isa
#define GRAMIAN_NAME(isa) GRAMIAN_NAME_OF(isa)

extern const ShiftCore shift_core;
const ShiftCore shift_core{GRAMIAN_NAME(GRAMIAN_ISA), balls, moments, evaluate_field};

}  // namespace gramian::GRAMIAN_ISA
