// What a tile's rows add up to, in double, and what is written in the end.
#pragma once
#include "profile.h"
#include "sum_space.h"

namespace gramian::GRAMIAN_ISA {

template <class V>
class Totals {
  public:
    using T = typename V::scalar;
    using reg = typename V::reg;
    static constexpr int R = V::row_vectors, P = Shape<V>::rows;

    Totals(const Sum& job, SumSpace<V>& space) : job_(job), space_(space) {}

    void clear(int64_t rows) {
        for (int64_t i = 0; i < rows * sums_of(job_); ++i) space_.total[i] = 0.0;
        for (int64_t row = 0; row < rows; ++row) {
            space_.highest[row] = -std::numeric_limits<T>::max();
        }
    }

    // Adds a short sum of each row of a panel.
    [[gnu::always_inline]] void join(int64_t panel, int64_t which, const reg (&sum)[R]) {
        alignas(64) T part[P];
        for (int r = 0; r < R; ++r) V::store(part + r * V::width, sum[r]);
        double* total = space_.total_of(job_, panel, which);
#pragma GCC unroll 16
        for (int lane = 0; lane < P; lane += F64::width) {
            F64::store(total + lane, F64::add(F64::load(total + lane), F64::widen(part + lane)));
        }
    }

    // Adds a block's sums with a group of right-hand sides, from the right-hand side `first` on, to
    // those of its span. Totals in double would take several times the stores.
    [[gnu::always_inline]] void gather(int64_t first, const Accumulators<V>& acc) {
        T* partial = space_.partial + first * P;
        if (gathered_ == 0) {
            hold<V>(acc, partial);
        } else {
            Accumulators<V> sum = acc;
            add_held<V>(partial, sum);
            hold<V>(sum, partial);
        }
    }

    // Counts a block whose sums have all been gathered; a full span joins the totals.
    void count(int64_t panel) {
        if (++gathered_ == most_gathered) settle(panel);
    }

    // Ends the panel's span.
    void settle(int64_t panel) {
        if (gathered_ == 0) return;
        for (int64_t which = 0; which < job_.right(); ++which) {
            reg sum[R];
            for (int r = 0; r < R; ++r) {
                sum[r] = V::load(space_.partial + which * P + r * V::width);
            }
            join(panel, which, sum);
        }
        gathered_ = 0;
    }

    // Logarithms in the buffer become 2^(logarithm - highest so far); the totals follow when the
    // highest rises.
    void raise(int64_t panel, int64_t live, double to_base_2) {
        using Q = Quad<V>;
        const reg factor = V::set1(static_cast<T>(to_base_2));
        for (int r = 0; r < R; ++r) {
            T* column = space_.buffer + r * V::width;
            const reg before = V::load(space_.highest + panel + r * V::width);
            reg highest = before;
            for (int64_t j = 0; j < live; ++j) {
                const reg value = V::mul(V::load(column + j * P), factor);
                highest = V::max(highest, value);
                V::store(column + j * P, value);
            }
            const typename Q::reg top{highest, highest, highest, highest};
            // blocks have room for a multiple of four columns
            for (int64_t j = 0; j < live; j += 4) {
                T* from = column + j * P;
                Q::store(from, exp2<Q>(Q::sub(Q::load(from, P), top)), P);
            }
            if (V::bits(V::lt(before, highest))) follow(panel + r * V::width, before, highest);
        }
    }

    void finish(const Rows& rows, double gain) const {
        const int64_t sums = sums_of(job_), right = job_.right();
        T* out = static_cast<T*>(job_.out);
        for (int64_t row = 0; row < rows.count; ++row) {
            const double* total = space_.total_of(job_, row / P * P, 0) + row % P;
            T* to = out + rows[row] * job_.out_stride;
            if (job_.goal == Goal::logsumexp) {
                const double highest = space_.highest[row];
                to[0] = static_cast<T>(
                    std::isfinite(highest) ? (highest + std::log2(total[0])) / log2_e : highest);
            } else if (job_.goal == Goal::weighted_mean) {
                for (int64_t i = 0; i < right; ++i) {
                    to[i] = static_cast<T>(total[i * P] / total[right * P]);
                }
            } else {
                for (int64_t i = 0; i < sums; ++i) to[i] = static_cast<T>(total[i * P] * gain);
            }
        }
    }

  private:
    void follow(int64_t first, reg before, reg highest) {
        alignas(64) T low[V::width], high[V::width];
        V::store(low, before);
        V::store(high, highest);
        double* total = space_.total_of(job_, first / P * P, 0) + first % P;
        for (int lane = 0; lane < V::width; ++lane) {
            if (!(low[lane] < high[lane])) continue;
            const double factor = std::exp2(static_cast<double>(low[lane]) - high[lane]);
            for (int64_t i = 0; i < sums_of(job_); ++i) total[i * P + lane] *= factor;
            space_.highest[first + lane] = high[lane];
        }
    }

    static constexpr int most_gathered = 8;  // blocks of a span

    const Sum& job_;
    SumSpace<V>& space_;
    int gathered_ = 0;  // blocks of the present span
};

}  // namespace gramian::GRAMIAN_ISA
