// What a search that goes roughly first remembers of the columns it has looked at.
#pragma once
#include <cstdint>

#include "pack.h"

namespace gramian::GRAMIAN_ISA {

// The columns of one row that were looked at and may be its nearest.
struct Shortlist {
    static constexpr int most = 6;
    int64_t column[most];
    float form[most];
    int count;  // more than `most` where some were left out

    // Takes a column; `reach_of` tells up to which form any is of interest.
    template <class ReachOf>
    void push(int64_t j, float value, ReachOf reach_of) {
        if (count >= most) drop_beyond(reach_of());
        if (count < most) {
            column[count] = j;
            form[count] = value;
        }
        ++count;
    }

    void drop_beyond(float reach) {
        if (count > most) return;
        int kept = 0;
        for (int i = 0; i < count; ++i) {
            if (form[i] > reach) continue;
            column[kept] = column[i];
            form[kept++] = form[i];
        }
        count = kept;
    }
};

}  // namespace gramian::GRAMIAN_ISA
