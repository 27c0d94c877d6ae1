// The nearest column of each row: a pass that keeps the best and second-best lower bound in
// registers, and tells which rows that leaves open.
#pragma once
#include "decide.h"
#include "nearest_groups.h"
#include "nearest_rough.h"
#include "nearest_shorts.h"

namespace gramian::GRAMIAN_ISA {

// A panel of rows against the chunk that is packed now. The lowest bits of a form carry its place
// in its group, so that one comparison moves both.
template <class Step>
inline void tagged_pass(const Search& job, const SearchSpace& space, int64_t begin,
                        const float* x) {
    using V = F32;
    constexpr int R = V::row_vectors, C = V::columns;
    const Chunk<V>& chunk = *space.chunk;
    V::reg best[R], second[R];
    V::whole group[R];
    for (int r = 0; r < R; ++r) {
        best[r] = V::loadu(space.best + begin + r * V::width);
        second[r] = V::loadu(space.second + begin + r * V::width);
        group[r] = V::whole1(-1);
    }
    for (int64_t g = 0; g < chunk.groups(); ++g) {
        Accumulators<V> acc;
        accumulate<V, Step>(x, chunk.packed + g * C * job.x.features, chunk.start + g * C,
                            job.x.features, acc);
        const auto here = V::whole1(static_cast<int32_t>(g));
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
    for (int64_t row = begin; row < begin + Shape<V>::rows; ++row) {
        uint32_t bits;
        std::memcpy(&bits, space.best + row, sizeof bits);
        const auto place = static_cast<int32_t>(bits & 7);
        space.column[row] = space.group[row] < 0 ? -1 : space.group[row] * C + place;
    }
}

template <class Step>
inline void first_pass(const Search& job, const SearchSpace& space, int64_t begin,
                       const float* panel) {
    if constexpr (F32::holds_a_group) {
        if (job.x.features <= comparisons_limit) {
            for (int r = 0; r < Shape<F32>::rows; r += F32::width) {
                switch (job.x.features) {
                    case 1: groups_pass<F32, Step, 1>(job, space, begin + r, panel + r); break;
                    case 2: groups_pass<F32, Step, 2>(job, space, begin + r, panel + r); break;
                    case 3: groups_pass<F32, Step, 3>(job, space, begin + r, panel + r); break;
                    default: groups_pass<F32, Step, 0>(job, space, begin + r, panel + r);
                }
            }
            return;
        }
    }
    tagged_pass<Step>(job, space, begin, panel);
}

// Packs a panel of rows, brings the next one on its way and measures this one's lengths. In floats
// they are off by a rounding per feature, for which `open_rows` leaves room.
inline Outcome begin_panel(const Search& job, const SearchSpace& space, const Rows& rows,
                           int64_t begin, const Mapping& map, float* panel) {
    using V = F32;
    constexpr int P = Shape<V>::rows;
    pack<P>(job.x, rows, begin, map, panel);
    prefetch(job.x, rows, begin + P, P);
    const auto infinity = V::set1(std::numeric_limits<float>::infinity());
    const auto edge = V::set1(static_cast<float>(far * far));
    V::reg length[V::row_vectors];
    for (auto& each : length) each = V::set1(0.0f);
    for (int64_t f = 0; f < job.x.features; ++f) {
#pragma GCC unroll 8
        for (int r = 0; r < V::row_vectors; ++r) {
            const auto a = V::load(panel + f * P + r * V::width);
            length[r] = V::fma(a, a, length[r]);
        }
    }
    bool suspect = false;
    for (int r = 0; r < V::row_vectors; ++r) {
        const int64_t row = begin + r * V::width;
        V::storeu(space.length + row, length[r]);
        V::storeu(space.best + row, infinity);
        V::storeu(space.second + row, infinity);
        suspect |= V::bits(V::le(length[r], edge)) != (1ull << V::width) - 1;
    }
    std::memset(space.outlying + begin, false, P);
    if (!suspect) return Outcome::done;
    alignas(64) double norm[P];
    const Outcome outcome = inspect(job.x, rows, begin, P, panel, space.outlying, norm);
    for (int lane = 0; lane < P; ++lane) space.length[begin + lane] = static_cast<float>(norm[lane]);
    return outcome;
}

// bfloat16 first.
inline void rough_first(const Search& job, const SearchSpace& space, int64_t begin, int64_t rows,
                        bool fresh, const float* panel, int64_t stride, const Error& error) {
    if constexpr (F32::has_rough) {
        constexpr int P = Shape<F32>::rows;
        const int64_t d = job.x.features;
        uint32_t* x = space.rough_x + (stride ? begin * ((d + 1) / 2) : 0);
        if (fresh) {
            round_panel(panel, d, P, x, space.length + begin, space.loss + begin);
            for (int lane = 0; lane < P; ++lane) {
                space.rough_best[begin + lane] = std::numeric_limits<float>::infinity();
            }
        }
        round_chunk(space, d);
        const int64_t left = rows - begin;
        rough_panel<F32>(job, space, begin, left < P ? left : P, panel, x, error);
    }
}

// `nearest_tile` with pairs of 16 bits first, against the one chunk that is packed.
template <class V, class Step>
inline Outcome nearest_shorts(const Search& job, SearchSpace& space, const Rows& rows,
                              const Mapping& map, const Error& error, int64_t& n_open) {
    constexpr int P = Shape<V>::rows;
    const Reaches reaches(Method::product, error, job.x.features);
    OpenRows<V, Step> open(job, space);
    for (int64_t begin = 0; begin < rows.count; begin += P) {
        const Outcome outcome = begin_panel(job, space, rows, begin, map, space.x);
        if (outcome != Outcome::done) return outcome;
        for (int r = 0; r < P; r += V::width) {
            const float* const x = space.x + r;
            open.take(shorts_pass<V>(space, reaches, job.x.features, begin + r, x), begin + r, x);
        }
    }
    open.search();
    *space.rough_off = open.taken() > rows.count / rows_per_open_one;
    for (int64_t begin = 0; begin < rows.count; begin += P) note_columns(job, space, rows, begin, 0);
    n_open = open_rows(job, space, rows, Method::product, error, [](int64_t) { return false; });
    if (job.distance) measure_rows(job, rows.first, rows.count, job.distance + rows.first);
    return Outcome::done;
}

template <class Step>
inline Outcome nearest_tile(const Search& job, SearchSpace& space, const Rows& rows, Method method,
                            int64_t& n_open, Watch& watch) {
    constexpr int P = Shape<F32>::rows;
    const Mapping map = mapping_of(method, job.frame);
    const Error error = error_of(method, job.x.features);
    if constexpr (F32::has_rough) {
        if (method == Method::product && takes_shorts(job) && !*space.rough_off) {
            if (watch.stop()) return Outcome::stopped;
            fill(*space.chunk, job.y, 0, job.y.rows, method, map, error.absolute);
            round_to_shorts(*space.chunk, job.x.features, *space.shorts);
            if (space.shorts->usable) {
                return nearest_shorts<F32, Step>(job, space, rows, map, error, n_open);
            }
        }
    }
    const int64_t padded = round_up(rows.count, P);
    // where all columns make one chunk, a panel is used once: one place, which stays in cache
    const int64_t columns = space.tiles.columns;
    const int64_t stride = job.y.rows <= columns ? 0 : job.x.features;
    const bool rough = job.rough == Rough::halves && goes_roughly(job, space, method);
    const int64_t begun = job.first_column / columns * columns;
    for (int64_t first = begun; first < job.last_column; first += columns) {
        if (watch.stop()) return Outcome::stopped;
        fill(*space.chunk, job.y, first, columns, method, map, error.absolute);
        for (int64_t begin = 0; begin < padded; begin += P) {
            float* panel = space.x + begin * stride;
            if (first == begun) {
                const Outcome outcome = begin_panel(job, space, rows, begin, map, panel);
                if (outcome != Outcome::done) return outcome;
            }
            if (rough) {
                rough_first(job, space, begin, rows.count, first == begun, panel, stride, error);
            } else {
                first_pass<Step>(job, space, begin, panel);
            }
            note_columns(job, space, rows, begin, first);
        }
    }
    n_open = open_rows(job, space, rows, method, error, [](int64_t) { return false; });
    if (job.distance) measure_rows(job, rows.first, rows.count, job.distance + rows.first);
    return Outcome::done;
}

}  // namespace gramian::GRAMIAN_ISA
