// The tree's functions of one instruction set, in its own namespace.
#include "locate.h"
#include "nearest.h"
#include "outside.h"
#include "radius.h"

namespace gramian::GRAMIAN_ISA::tree {

extern const TreeCore core;
const TreeCore core{locate, nearest_bytes, nearest, count, list, outside};

}  // namespace gramian::GRAMIAN_ISA::tree
