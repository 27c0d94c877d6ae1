// The k nearest columns of each row. A tile gives for every entry a number `low` that bounds the
// form from below and, with the error's width, one that bounds it from above. Kept are the columns
// whose lower bound does not exceed the k-th smallest upper bound; the few that remain at the end
// are computed as float64 brute force does and sorted by (form, column).
#pragma once
#include "exact.h"
#include "method.h"

namespace gramian::GRAMIAN_ISA {

template <class V>
struct Candidates {
    using T = typename V::scalar;
    int64_t k, capacity;
    Error error;
    T* reach;        // [row] an entry with a lower bound above it is out
    T* low;          // [row][capacity]
    T* high;         // [row][capacity]
    int64_t* column; // [row][capacity]
    int64_t* count;  // [row]
    T* norm;         // [row] squared length (product form)
    T* spare;        // [capacity]
    double* form;    // [capacity]
    int64_t* same;   // [capacity]

    static int64_t capacity_for(int64_t k) { return 3 * k + 16; }

    static Candidates take(Arena& arena, int64_t rows, int64_t k) {
        Candidates c;
        c.k = k;
        c.capacity = capacity_for(k);
        c.reach = arena.take<T>(rows);
        c.low = arena.take<T>(rows * c.capacity);
        c.high = arena.take<T>(rows * c.capacity);
        c.column = arena.take<int64_t>(rows * c.capacity);
        c.count = arena.take<int64_t>(rows);
        c.norm = arena.take<T>(rows);
        c.spare = arena.take<T>(c.capacity);
        c.form = arena.take<double>(c.capacity);
        c.same = arena.take<int64_t>(c.capacity);
        return c;
    }

    void push(const Search& job, int64_t row, int64_t source, T value, int64_t j, T column_norm) {
        const int64_t at = row * capacity + count[row]++;
        low[at] = value;
        column[at] = j;
        set_up(high[at], upper(value, norm[row], column_norm));
        if (count[row] == capacity) compact(job, row, source);
        else if (k == 1 && high[at] < reach[row]) reach[row] = high[at];
    }

    double upper(double value, double row_norm, double column_norm) const {
        if (error.relative > 0) return value * (1.0 + 2.0 * error.relative) + least;
        return value + 2.0 * error.absolute * (row_norm + column_norm);
    }

    // Drops what the k-th smallest upper bound rules out; where too many are left, decides exactly.
    void compact(const Search& job, int64_t row, int64_t source) {
        const int64_t base = row * capacity;
        T* highs = high + base;
        for (int64_t i = 0; i < count[row]; ++i) spare[i] = highs[i];
        if (count[row] >= k) {
            const T kth = select(spare, count[row], k - 1);
            if (kth < reach[row]) reach[row] = kth;
        }
        int64_t kept = 0;
        for (int64_t i = 0; i < count[row]; ++i) {
            if (low[base + i] > reach[row]) continue;
            move(base + kept++, base + i);
        }
        count[row] = kept;
        if (kept > (k + capacity) / 2) decide(job, row, source);
    }

    // Leaves the k best by (form, column), sorted, their forms in `form`.
    void decide(const Search& job, int64_t row, int64_t source) {
        const int64_t base = row * capacity, n = count[row];
        for (int64_t i = 0; i < n; ++i) same[i] = source;
        exact_pairs(job.form, job.x, same, job.y, column + base, n, form);
        for (int64_t i = 1; i < n; ++i) {
            const double t = form[i];
            const int64_t j = column[base + i];
            const T l = low[base + i], h = high[base + i];
            int64_t place = i;
            while (place > 0 && (form[place - 1] > t ||
                                 (form[place - 1] == t && column[base + place - 1] > j))) {
                form[place] = form[place - 1];
                move(base + place, base + place - 1);
                --place;
            }
            form[place] = t;
            column[base + place] = j;
            low[base + place] = l;
            high[base + place] = h;
        }
        if (n > k) count[row] = k;
    }

  private:
    void move(int64_t to, int64_t from) {
        low[to] = low[from];
        high[to] = high[from];
        column[to] = column[from];
    }

    // The element that would stand at `place` if `values` were sorted.
    static T select(T* values, int64_t n, int64_t place) {
        int64_t left = 0, right = n - 1;
        while (left < right) {
            const T pivot = values[(left + right) / 2];
            int64_t i = left, j = right;
            while (i <= j) {
                while (values[i] < pivot) ++i;
                while (pivot < values[j]) --j;
                if (i <= j) {
                    const T held = values[i];
                    values[i++] = values[j];
                    values[j--] = held;
                }
            }
            if (place <= j) right = j;
            else if (place >= i) left = i;
            else break;
        }
        return values[place];
    }
};

// One chunk of columns against one panel of rows.
template <class V, class Step>
inline void collect(const Search& job, const Rows& rows, int64_t begin, const typename V::scalar* x,
                    const Chunk<V>& chunk, Candidates<V>& found) {
    using T = typename V::scalar;
    constexpr int R = V::row_vectors, C = V::columns, P = Shape<V>::rows;
    Accumulators<V> acc;
    for (int64_t g = 0; g < chunk.groups(); ++g) {
        accumulate<V, Step>(x, chunk.packed + g * C * job.x.features, chunk.start + g * C,
                            job.x.features, acc);
        typename V::mask hit = {};
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) {
            auto least_of = acc.at[r][0];
#pragma GCC unroll 8
            for (int c = 1; c < C; ++c) least_of = V::min(least_of, acc.at[r][c]);
            const auto inside = V::le(least_of, V::loadu(found.reach + begin + r * V::width));
            hit = r == 0 ? inside : V::either(hit, inside);
        }
        if (!V::bits(hit)) continue;
        alignas(64) T held[C * P];
        for (int c = 0; c < C; ++c) {
            for (int r = 0; r < R; ++r) V::store(held + c * P + r * V::width, acc.at[r][c]);
        }
        for (int c = 0; c < C; ++c) {
            const int64_t column = g * C + c;
            if (column >= chunk.count) break;
            for (int r = 0; r < R; ++r) {
                const T* values = held + c * P + r * V::width;
                uint32_t open = V::bits(
                    V::le(V::load(values), V::loadu(found.reach + begin + r * V::width)));
                for (; open; open &= open - 1) {
                    const int lane = __builtin_ctz(open);
                    const int64_t row = begin + r * V::width + lane;
                    if (row >= rows.count) break;
                    found.push(job, row, rows[row], values[lane], chunk.first + column,
                               chunk.norm[column]);
                }
            }
        }
    }
}

}  // namespace gramian::GRAMIAN_ISA
