// The nearest column of each row: a pass that keeps the best and second-best lower bound in
// registers, and tells which rows that leaves open.
#pragma once
#include "search_space.h"

namespace gramian::GRAMIAN_ISA {

template <class Step>
inline void first_pass(const Search& job, const SearchSpace& space, int64_t begin,
                       const float* x) {
    using V = F32;
    constexpr int R = V::row_vectors, C = V::columns;
    const Chunk<V>& chunk = *space.chunk;
    V::reg best[R], second[R];
    V::whole group[R];
    for (int r = 0; r < R; ++r) {
        best[r] = V::loadu(space.best + begin + r * V::width);
        second[r] = V::loadu(space.second + begin + r * V::width);
        group[r] = V::load(space.group + begin + r * V::width);
    }
    const int32_t first = static_cast<int32_t>(chunk.first / C);
    for (int64_t g = 0; g < chunk.groups(); ++g) {
        Accumulators<V> acc;
        accumulate<V, Step>(x, chunk.packed + g * C * job.x.features, chunk.start + g * C,
                            job.x.features, acc);
        const auto here = V::whole1(first + static_cast<int32_t>(g));
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) {
            const auto before = best[r];
#pragma GCC unroll 8
            for (int c = 0; c < C; ++c) {
                const auto value = V::tag(acc.at[r][c], c);
                second[r] = V::min(second[r], V::max(best[r], value));
                best[r] = V::min(best[r], value);
            }
            group[r] = V::select(V::lt(best[r], before), here, group[r]);
        }
    }
    for (int r = 0; r < R; ++r) {
        V::storeu(space.best + begin + r * V::width, best[r]);
        V::storeu(space.second + begin + r * V::width, second[r]);
        V::store(space.group + begin + r * V::width, group[r]);
    }
}

inline int64_t best_column(const SearchSpace& space, int64_t row) {
    uint32_t bits;
    std::memcpy(&bits, space.best + row, sizeof bits);
    return static_cast<int64_t>(space.group[row]) * F32::columns + (bits & 7);
}

// Writes the columns that the first pass found and lists the rows that it leaves open: those whose
// second-best lower bound does not exceed the best one's upper bound.
inline void settle_first_pass(const Search& job, SearchSpace& space, const Rows& rows,
                              Method method, const Error& error, int64_t& n_open) {
    const bool product = method == Method::product;
    int64_t* index = job.index + rows.first;
    int undecided = 0;
    for (int64_t row = 0; row < rows.count; ++row) {
        const double low = space.best[row];
        const double high = product ? low + 2.0 * error.absolute * (space.norm[row] + space.best_norm[row])
                                    : low * (1.0 + 2.0 * error.relative) + least;
        // rounded up by more than a conversion can round down
        space.reach[row] = static_cast<float>(high + std::fabs(high) * 1.2e-7);
        undecided += !(space.second[row] > space.reach[row]);
        undecided += space.outlying[row];
        index[row] = best_column(space, row);
    }
    n_open = 0;
    for (int64_t row = 0; undecided && row < rows.count; ++row) {
        if (space.outlying[row] || space.second[row] > space.reach[row]) continue;
        space.reach[n_open] = space.reach[row];
        space.open[n_open++] = rows[row];
    }
    if (!job.distance) return;
    for (int64_t row = 0; row < rows.count; ++row) {
        space.number[row] = rows[row];
    }
    exact_pairs(job.form, job.x, space.number, job.y, index, rows.count, job.distance + rows.first);
}

inline Outcome begin_panel(const Search& job, const SearchSpace& space, const Rows& rows,
                           int64_t begin, const Mapping& map, float* panel) {
    constexpr int P = Shape<F32>::rows;
    pack(job.x, rows, begin, P, map, panel);
    for (int64_t row = begin; row < begin + P; ++row) {
        space.best[row] = space.second[row] = std::numeric_limits<float>::infinity();
        space.group[row] = 0;
    }
    return inspect(job.x, rows, begin, P, panel, space.outlying, space.norm + begin);
}

template <class Step>
inline Outcome nearest_tile(const Search& job, SearchSpace& space, const Rows& rows, Method method,
                            int64_t& n_open, Watch& watch) {
    constexpr int P = Shape<F32>::rows;
    const Mapping map = mapping_of(method, job.frame);
    const Error error = error_of(method, job.x.features);
    const int64_t padded = round_up(rows.count, P);
    // where all columns make one chunk, a panel is used once: one place, which stays in cache
    const int64_t columns = space.tiles.columns, first = job.first_column / columns;
    const int64_t stride = job.y.rows <= columns ? 0 : job.x.features;
    for (int64_t number = first; number * columns < job.last_column; ++number) {
        if (watch.stop()) return Outcome::stopped;
        fill(*space.chunk, job.y, number, columns, method, map, error.absolute);
        for (int64_t begin = 0; begin < padded; begin += P) {
            float* panel = space.x + begin * stride;
            if (number == first) {
                const Outcome outcome = begin_panel(job, space, rows, begin, map, panel);
                if (outcome != Outcome::done) return outcome;
            }
            first_pass<Step>(job, space, begin, panel);
        }
        if (method != Method::product) continue;
        for (int64_t row = 0; row < rows.count; ++row) {
            const int64_t place = best_column(space, row) - space.chunk->first;
            if (place >= 0) space.best_norm[row] = space.chunk->norm[place];
        }
    }
    settle_first_pass(job, space, rows, method, error, n_open);
    return Outcome::done;
}

}  // namespace gramian::GRAMIAN_ISA
