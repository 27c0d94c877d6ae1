#include "isotonic.h"

#include <algorithm>
#include <cmath>

namespace gramian {

void find_blocks(const double* values, int64_t count, bool* begins, double* sum, double* size) {
    // means are compared by products, which must not overflow
    double largest = 0.0;
    for (int64_t i = 0; i < count; ++i) largest = std::max(largest, std::fabs(values[i]));
    const double scale = largest > 1e200 ? 0x1p-600 : 1.0;
    int64_t last = -1;
    for (int64_t i = 0; i < count; ++i) {
        double total = values[i] * scale, entries = 1.0;
        for (; last >= 0 && sum[last] * entries <= total * size[last]; --last) {
            total += sum[last];
            entries += size[last];
        }
        sum[++last] = total;
        size[last] = entries;
    }
    std::fill_n(begins, count, false);
    int64_t at = 0;
    for (int64_t block = 0; block <= last; ++block) {
        begins[at] = true;
        at += static_cast<int64_t>(size[block]);
    }
}

void average_blocks(const double* values, const bool* begins, int64_t count, double* out) {
    for (int64_t at = 0; at < count;) {
        int64_t end = at + 1;
        double total = values[at];
        for (; end < count && !begins[end]; ++end) total += values[end];
        std::fill(out + at, out + end, total / static_cast<double>(end - at));
        at = end;
    }
}

}  // namespace gramian
