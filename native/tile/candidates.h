// The k nearest columns of each row. A tile gives for every entry a number `low` that bounds the
// form from below and, with the error's width, one that bounds it from above. Kept are the columns
// whose lower bound does not exceed a number that at least k upper bounds stay below, and few more;
// those that remain at the end are computed as float64 brute force does and sorted by (form, column).
#pragma once
#include <algorithm>

#include "exact.h"
#include "method.h"

namespace gramian::GRAMIAN_ISA {

template <class V>
struct Candidates {
    using T = typename V::scalar;
    struct Candidate {
        T low, high;
        int64_t column;
    };
    struct Decided {
        double form;
        Candidate candidate;

        bool operator<(const Decided& other) const {
            if (form != other.form) return form < other.form;
            return candidate.column < other.candidate.column;
        }
    };
    int64_t k, capacity;
    T stretch;            // of a lower bound to the upper one
    T share;              // of a squared length that is added to it
    T more;               // that is added to it always
    T* reach;             // [row] an entry with a lower bound above it is out
    Candidate* candidate; // [row][capacity]
    int64_t* count;       // [row]
    T* width;             // [row] its share of the upper bounds
    T* spare;             // [capacity, in whole vectors]
    double* form;         // [capacity]
    int64_t* same;        // [capacity]
    int64_t* column;      // [capacity]
    Decided* decided;     // [capacity]

    static int64_t capacity_for(int64_t k) { return 3 * k + 16; }

    static Candidates take(Arena& arena, int64_t rows, int64_t k) {
        Candidates c;
        c.k = k;
        c.capacity = capacity_for(k);
        c.reach = arena.take<T>(rows);
        c.candidate = arena.take<Candidate>(rows * c.capacity);
        c.count = arena.take<int64_t>(rows);
        c.width = arena.take<T>(rows);
        c.spare = arena.take<T>(round_up(c.capacity, V::width));
        c.form = arena.take<double>(c.capacity);
        c.same = arena.take<int64_t>(c.capacity);
        c.column = arena.take<int64_t>(c.capacity);
        c.decided = arena.take<Decided>(c.capacity);
        return c;
    }

    // From how much the forms of the rows to come err. What rounds here is no more than `slack`.
    void err(Error error) {
        constexpr double slack = sizeof(T) == 4 ? 0x1p-21 : 0.0;
        stretch = static_cast<T>(error.relative > 0 ? 1.0 + 2.0 * error.relative + slack : 1.0);
        share = static_cast<T>(error.absolute > 0 ? 2.0 * error.absolute + slack : 0.0);
        more = static_cast<T>(stretch > 1 || share > 0 ? least : 0.0);
    }

    // Begins a row that takes what is within `within`.
    void begin(int64_t row, T squared_length, T within) {
        width[row] = more + share * squared_length;
        count[row] = 0;
        reach[row] = within;
    }

    [[gnu::always_inline]] void push(const Search& job, int64_t row, int64_t source, T value,
                                     int64_t j, T column_norm) {
        const int64_t n = count[row]++;
        const T high = value * stretch + (width[row] + share * column_norm);
        candidate[row * capacity + n] = {value, high, j};
        if (n + 1 == capacity) [[unlikely]] compact(job, row, source);
        else if (k == 1 && high < reach[row]) reach[row] = high;
    }

    // Drops what k smaller upper bounds rule out; where too many are left, decides exactly.
    [[gnu::noinline]] void compact(const Search& job, int64_t row, int64_t source) {
        Candidate* const list = candidate + row * capacity;
        const int64_t n = count[row];
        if (n >= k) {
            for (int64_t i = 0; i < n; ++i) spare[i] = list[i].high;
            const T within = reach_of_k(n);
            if (within < reach[row]) reach[row] = within;
        }
        int64_t kept = 0;
        for (int64_t i = 0; i < n; ++i) {
            const Candidate next = list[i];
            list[kept] = next;
            kept += next.low <= reach[row];
        }
        count[row] = kept;
        if (kept > (k + capacity) / 2) decide(job, row, source);
    }

    // Leaves the k best by (form, column), sorted, their forms in `form`.
    void decide(const Search& job, int64_t row, int64_t source) {
        Candidate* const list = candidate + row * capacity;
        const int64_t n = count[row];
        for (int64_t i = 0; i < n; ++i) {
            same[i] = source;
            column[i] = list[i].column;
        }
        exact_pairs(job.form, job.x, same, job.y, column, n, form);
        for (int64_t i = 0; i < n; ++i) decided[i] = {form[i], list[i]};
        std::sort(decided, decided + n);
        count[row] = n < k ? n : k;
        for (int64_t i = 0; i < count[row]; ++i) {
            form[i] = decided[i].form;
            list[i] = decided[i].candidate;
        }
    }

  private:
    // A number that at least k of the `n` in `spare` do not exceed, and few more than k.
    T reach_of_k(int64_t n) {
        constexpr int W = V::width;
        constexpr int most_halvings = 40;
        const int64_t padded = round_up(n, W), enough = k + k / 8;
        for (int64_t i = n; i < padded; ++i) spare[i] = spare[0];
        auto least_of = V::load(spare), most_of = least_of;
        for (int64_t i = W; i < padded; i += W) {
            least_of = V::min(least_of, V::load(spare + i));
            most_of = V::max(most_of, V::load(spare + i));
        }
        alignas(64) T lows[W], highs[W];
        V::store(lows, least_of);
        V::store(highs, most_of);
        T low = lows[0], high = highs[0];
        for (int lane = 1; lane < W; ++lane) {
            if (lows[lane] < low) low = lows[lane];
            if (highs[lane] > high) high = highs[lane];
        }
        for (int64_t i = n; i < padded; ++i) spare[i] = std::numeric_limits<T>::infinity();
        for (int halving = 0; halving < most_halvings; ++halving) {
            const T middle = low + (high - low) / 2;
            if (!(middle < high)) break;
            const auto limit = V::set1(middle);
            int64_t within = 0;
            for (int64_t i = 0; i < padded; i += W) {
                within += __builtin_popcount(V::bits(V::le(V::load(spare + i), limit)));
            }
            if (within < k) {
                low = middle;
                continue;
            }
            high = middle;
            if (within <= enough) break;
        }
        return high;
    }
};

// What one group of columns has within reach of a panel's rows, from the values [column][row].
template <class V>
[[gnu::noinline]] void push_group(const Search& job, const Rows& rows, int64_t begin, int64_t group,
                                  const typename V::scalar* values, const Chunk<V>& chunk,
                                  Candidates<V>& found) {
    constexpr int R = V::row_vectors, C = V::columns, P = Shape<V>::rows;
    static_assert(P <= 64);
    for (int c = 0; c < C && group * C + c < chunk.count; ++c, values += P) {
        const int64_t column = group * C + c;
        uint64_t open = 0;
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) {
            const auto inside = V::le(V::load(values + r * V::width),
                                      V::loadu(found.reach + begin + r * V::width));
            open |= static_cast<uint64_t>(V::bits(inside)) << (r * V::width);
        }
        for (; open; open &= open - 1) {
            const int lane = __builtin_ctzll(open);
            if (begin + lane >= rows.count) break;
            found.push(job, begin + lane, rows[begin + lane], values[lane], chunk.first + column,
                       chunk.norm[column]);
        }
    }
}

// One chunk of columns against one panel of rows.
template <class V, class Step>
inline void collect(const Search& job, const Rows& rows, int64_t begin, const typename V::scalar* x,
                    const Chunk<V>& chunk, Candidates<V>& found) {
    using T = typename V::scalar;
    constexpr int R = V::row_vectors, C = V::columns, P = Shape<V>::rows;
    for (int64_t g = 0; g < chunk.groups(); ++g) {
        Accumulators<V> acc;
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
        alignas(64) T values[C * P];
        hold<V>(acc, values);
        push_group<V>(job, rows, begin, g, values, chunk, found);
    }
}

}  // namespace gramian::GRAMIAN_ISA
