// What is left of the inertia if one of a few more points became a centre: the trials of greedy
// k-means++. Direct differences, so that a row is at 0 from itself and from its twins.
#pragma once
#include "assign.h"

namespace gramian::GRAMIAN_ISA {

inline Tiles potential_tiles(const Potential& job) { return {part_rows, job.y.rows}; }

template <class V>
struct PotentialSpace {
    using T = typename V::scalar;
    T* panel;    // [feature][row]
    T* points;   // [group][feature][point]
    bool* ready;  // whether the points are packed

    PotentialSpace(const Potential& job, Arena& arena) {
        constexpr int C = V::columns;
        ready = arena.take_clear<bool>();
        panel = arena.take<T>(Shape<V>::rows * job.x.features);
        points = arena.take<T>(round_up(job.y.rows, C) * job.x.features);
    }
};

inline size_t potential_bytes(const Potential& job) {
    Arena count(nullptr);
    if (job.x.is_double) {
        PotentialSpace<F64>(job, count);
    } else {
        PotentialSpace<F32>(job, count);
    }
    return count.used();
}

// Doubles in units of the data's spread; floats are packed so already.
inline void bring_to_scale(double* numbers, int64_t count, double scale) {
    for (int64_t i = 0; i < count; ++i) numbers[i] *= scale;
}
inline void bring_to_scale(float*, int64_t, double) {}

template <class V>
inline Outcome potential_of(const Potential& job, int64_t number, double* total, void* scratch,
                            Watch& watch) {
    using T = typename V::scalar;
    constexpr int R = V::row_vectors, C = V::columns, P = Shape<V>::rows, W = V::width;
    const int64_t d = job.x.features, n = job.x.rows, trials = job.y.rows;
    alignas(64) static constexpr T zeros[C] = {};  // what accumulators begin with
    Arena arena(scratch);
    PotentialSpace<V> space(job, arena);
    const Mapping map{nullptr, job.scale};
    if (!*space.ready) {
        for (int64_t at = 0; at < trials; at += C) {
            pack<C>(job.y, {nullptr, 0, trials}, at, map, space.points + at * d);
            bring_to_scale(space.points + at * d, C * d, job.scale);
        }
        *space.ready = true;
    }
    const T* closest = static_cast<const T*>(job.closest);
    T* squared = static_cast<T*>(job.squared);
    const int64_t first = number * part_rows, last = first + part_rows < n ? first + part_rows : n;
    const Rows rows{nullptr, first, last - first};
    for (int64_t begin = 0; begin < rows.count; begin += P) {
        if (watch.stop()) return Outcome::stopped;
        pack<P>(job.x, rows, begin, map, space.panel);
        bring_to_scale(space.panel, P * d, job.scale);
        const int64_t at = first + begin, live = rows.count - begin < P ? rows.count - begin : P;
        for (int64_t c0 = 0; c0 < trials; c0 += C) {
            Accumulators<V> acc;
            accumulate<V, SquaredGap>(space.panel, space.points + c0 * d, zeros, d, acc);
            for (int c = 0; c < C && c0 + c < trials; ++c) {
                T held[P];
                for (int r = 0; r < R; ++r) V::storeu(held + r * W, acc.at[r][c]);
                T* out = squared + (c0 + c) * n + at;
                double sum = 0.0;
                for (int64_t lane = 0; lane < live; ++lane) {
                    const T left = held[lane] < closest[at + lane] ? held[lane] : closest[at + lane];
                    out[lane] = held[lane];
                    sum += job.weights[(at + lane) * job.weight_stride] * static_cast<double>(left);
                }
                total[c0 + c] += sum;
            }
        }
    }
    return Outcome::done;
}

inline Outcome potential(const Potential& job, int64_t number, double* total, void* scratch,
                         Watch& watch) {
    return job.x.is_double ? potential_of<F64>(job, number, total, scratch, watch)
                           : potential_of<F32>(job, number, total, scratch, watch);
}

}  // namespace gramian::GRAMIAN_ISA
