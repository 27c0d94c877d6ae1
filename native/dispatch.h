// Which instruction set runs.
#pragma once
#include <string>
#include <vector>

#include "core.h"

namespace gramian {

// The names that this processor can run, best first; the last is always "baseline".
std::vector<std::string> instruction_sets();

// The core named by GRAMIAN_ISA, or the best one. Throws std::invalid_argument for a name that is
// unknown or that this processor cannot run.
const Core& selected();

// Runs `name` from now on; the empty name goes back to the environment's choice.
void force(const std::string& name);

}  // namespace gramian
