// Entries written out as they are.
#pragma once
#include "sum_space.h"

namespace gramian::GRAMIAN_ISA {

// Writes `live` columns of a panel's entries, times `gain`, from `column` on.
template <class V>
inline void write_block(const Sum& job, const SumSpace<V>& space, const Rows& rows, int64_t panel,
                        int64_t column, int64_t live, double gain) {
    using T = typename V::scalar;
    constexpr int P = Shape<V>::rows, W = V::width;
    const bool whole_rows = sizeof(T) == 4 && gain > 1e-30 && gain < 1e30;
    T* out = static_cast<T*>(job.out);
    for (int r = 0; r < P; r += W) {
        const int64_t left = rows.count - panel - r;
        for (int64_t j = 0; j < live; j += W) {
            const T* from = space.buffer + j * P + r;
            T* corner = out + rows[panel + r] * job.out_stride + column + j;
            if constexpr (sizeof(T) == 4) {
                if (whole_rows && left >= W && j + W <= live) {
                    const auto factor = V::set1(static_cast<T>(gain));
                    typename V::reg square[W];
                    for (int i = 0; i < W; ++i) square[i] = V::load(from + i * P);
                    transpose(square);
                    for (int i = 0; i < W; ++i) {
                        V::storeu(corner + i * job.out_stride, V::mul(square[i], factor));
                    }
                    continue;
                }
            }
            for (int64_t i = 0; i < W && i < left; ++i) {
                for (int64_t c = 0; c < W && j + c < live; ++c) {
                    const double packed = from[c * P + i];
                    corner[i * job.out_stride + c] = static_cast<T>(packed * gain);
                }
            }
        }
    }
}

}  // namespace gramian::GRAMIAN_ISA
