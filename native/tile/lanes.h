// The sum of a vector of doubles, lane after lane.
#pragma once
#include "../core.h"

namespace gramian::GRAMIAN_ISA {

inline double total_of(F64::reg sum) {
    double lanes[F64::width], total = 0.0;
    F64::storeu(lanes, sum);
    for (const double lane : lanes) total += lane;
    return total;
}

}  // namespace gramian::GRAMIAN_ISA
