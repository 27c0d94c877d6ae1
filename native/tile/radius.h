// Entries within a radius. A tile's bounds tell most pairs inside from outside; the pairs between
// are computed as float64 brute force does. Lists come in rising order of columns, because each
// row belongs to one tile and its columns are met in order.
#pragma once
#include "search.h"

namespace gramian::GRAMIAN_ISA {

constexpr int64_t most_pending = 512;

inline Tiles radius_tiles(const Radius& job) { return grid(job.x.features, Shape<F32>::rows); }

struct RadiusSpace {
    Tiles tiles;
    float* x;
    double* wide_x;
    bool* outlying;
    bool* none;
    int64_t* beyond;
    float* maybe;        // [row] a lower bound above it is outside for certain
    float* surely;       // [row] less the column's share of the error: inside for certain
    double* wide_maybe;  // both, one after the other, for rows done in double
    int64_t* found;      // [row] entries inside so far
    int64_t* mirrored;   // [column of the chunk] rows of this tile that it is inside of
    int64_t* row;        // pairs that wait for their exact form
    int64_t* column;
    double* form;
    Chunk<F32>* chunk;
    Chunk<F64>* wide_chunk;

    RadiusSpace(const Radius& job, Arena& arena) : tiles(radius_tiles(job)) {
        const int64_t d = job.x.features, n = tiles.rows;
        chunk = arena.take_clear<Chunk<F32>>();
        wide_chunk = arena.take_clear<Chunk<F64>>();
        x = arena.take<float>(n * d);
        wide_x = arena.take<double>(wide_rows() * d);
        outlying = arena.take<bool>(n);
        none = arena.take<bool>(n);
        beyond = arena.take<int64_t>(n);
        maybe = arena.take<float>(n);
        surely = arena.take<float>(n);
        wide_maybe = arena.take<double>(2 * wide_rows());
        found = arena.take<int64_t>(n);
        mirrored = arena.take<int64_t>(tiles.columns);
        row = arena.take<int64_t>(most_pending);
        column = arena.take<int64_t>(most_pending);
        form = arena.take<double>(most_pending);
        const Chunk<F32> narrow = Chunk<F32>::take(arena, tiles.columns, d);
        const Chunk<F64> wide = Chunk<F64>::take(arena, wide_columns(), d);
        if (!chunk || chunk->packed) return;
        *chunk = narrow;
        *wide_chunk = wide;
    }

    int64_t wide_rows() const { return tiles.rows > 96 ? 96 : tiles.rows; }
    int64_t wide_columns() const { return tiles.columns < 64 ? 8 : tiles.columns / 32 * 8; }
};

inline size_t radius_bytes(const Radius& job) {
    Arena count(nullptr);
    RadiusSpace space(job, count);
    return count.used();
}

struct RadiusPass {
    const Radius& job;
    RadiusSpace& space;
    Rows rows;
    int64_t pending = 0;

    // A pair whose exact form decides, or is wanted.
    void ask(int64_t row, int64_t column) {
        space.row[pending] = row;
        space.column[pending++] = column;
        if (pending == most_pending) settle();
    }

    void settle() {
        int64_t left[pairs_at_once], right[pairs_at_once];
        for (int64_t at = 0; at < pending; at += pairs_at_once) {
            const int64_t live = pending - at < pairs_at_once ? pending - at : pairs_at_once;
            for (int64_t p = 0; p < live; ++p) {
                left[p] = rows[space.row[at + p]];
                right[p] = space.column[at + p];
            }
            exact_pairs(job.form, job.x, left, job.y, right, live, space.form + at);
        }
        for (int64_t i = 0; i < pending; ++i) {
            if (!(space.form[i] <= job.reach)) continue;
            const int64_t row = rows[space.row[i]];
            if (job.total) job.total[row] += job.weights[space.column[i]];
            if (job.index) {
                const int64_t to = job.indptr[row] + space.found[space.row[i]];
                job.index[to] = space.column[i];
                job.distance[to] = space.form[i];
            }
            ++space.found[space.row[i]];
            if (job.symmetric && space.column[i] >= end()) add_to(space.column[i], 1);
        }
        pending = 0;
    }

    // Only the number of entries is wanted, so that certain ones need no exact form.
    bool counting() const { return job.count != nullptr; }

    // The column behind the tile: with those from there on each pair is met once, if y is x.
    int64_t end() const { return rows.first + rows.count; }

    // Tiles of other workers count the same rows.
    void add_to(int64_t row, int64_t more) {
        __atomic_fetch_add(job.count + row, more, __ATOMIC_RELAXED);
    }

    template <class V, class Step, bool Mirrored>
    void chunk_against(int64_t begin, const typename V::scalar* x, const Chunk<V>& chunk,
                       const typename V::scalar* maybe, const typename V::scalar* surely,
                       double spread) {
        using T = typename V::scalar;
        constexpr int R = V::row_vectors, C = V::columns;
        alignas(64) T inside[Shape<V>::rows] = {};
        Accumulators<V> acc;
        for (int64_t g = 0; g < chunk.groups(); ++g) {
            accumulate<V, Step>(x, chunk.packed + g * C * job.x.features, chunk.start + g * C,
                                job.x.features, acc);
            T widest = 0;
            for (int c = 0; c < C; ++c) widest = chunk.norm[g * C + c] > widest ? chunk.norm[g * C + c] : widest;
            const auto width = V::set1(static_cast<T>(spread) * widest);
            for (int r = 0; r < R; ++r) {
                const auto outer = V::loadu(maybe + begin + r * V::width);
                const auto inner = V::sub(V::loadu(surely + begin + r * V::width), width);
                auto sum = V::load(inside + r * V::width);
                typename V::mask open = {};
#pragma GCC unroll 8
                for (int c = 0; c < C; ++c) {
                    const auto sure = V::le(acc.at[r][c], inner);
                    sum = V::add(sum, V::select(sure, V::set1(1), V::set1(0)));
                    if constexpr (Mirrored) {
                        space.mirrored[g * C + c] += __builtin_popcount(V::bits(sure));
                    }
                    const auto between = V::but_not(V::le(acc.at[r][c], outer), sure);
                    open = c == 0 ? between : V::either(open, between);
                }
                if (counting()) {
                    V::store(inside + r * V::width, sum);
                    if (!V::bits(open)) continue;
                }
                for (int c = 0; c < C && g * C + c < chunk.count; ++c) {
                    const auto within = V::le(acc.at[r][c], outer);
                    uint32_t bits = V::bits(
                        counting() ? V::but_not(within, V::le(acc.at[r][c], inner)) : within);
                    for (; bits; bits &= bits - 1) {
                        const int64_t row = begin + r * V::width + __builtin_ctz(bits);
                        if (row >= rows.count) break;
                        ask(row, chunk.first + g * C + c);
                    }
                }
            }
        }
        if (!counting()) return;
        for (int lane = 0; lane < Shape<V>::rows && begin + lane < rows.count; ++lane) {
            space.found[begin + lane] += static_cast<int64_t>(inside[lane]);
        }
    }

    template <class V, class Step>
    Outcome run(Method method, typename V::scalar* x, int64_t columns, Chunk<V>& chunk,
                typename V::scalar* maybe, typename V::scalar* surely, bool* outlying,
                Watch& watch) {
        using T = typename V::scalar;
        constexpr int P = Shape<V>::rows;
        const Mapping map = mapping_of(method, job.frame);
        const Error error = error_of(method, job.x.features);
        const double s = map.scale;
        const double reach = job.reach * (job.form == Form::squared_euclidean ? s * s : s);
        const int64_t padded = round_up(rows.count, P);
        for (int64_t begin = 0; begin < padded; begin += P) {
            alignas(64) double norms[P];
            T* panel = x + begin * job.x.features;
            pack<P>(job.x, rows, begin, map, panel);
            const Outcome outcome = inspect(job.x, rows, begin, P, panel, outlying, norms);
            if (outcome != Outcome::done) return outcome;
            for (int lane = 0; lane < P; ++lane) {
                const int64_t row = begin + lane;
                if (row >= rows.count || outlying[row]) {
                    maybe[row] = surely[row] = -std::numeric_limits<T>::max();
                    continue;
                }
                space.found[row] = 0;
                if (job.total) job.total[rows[row]] = 0.0;
                bound(method, error, reach, norms[lane], maybe[row], surely[row]);
            }
        }
        int64_t first = job.symmetric ? rows.first : 0;
        while (first < job.y.rows) {
            if (watch.stop()) return Outcome::stopped;
            const bool mirrored = job.symmetric && first >= end();
            const int64_t own = job.symmetric && !mirrored ? end() - first : columns;
            fill(chunk, job.y, first, own < columns ? own : columns, method, map, error.absolute);
            if (mirrored) std::fill_n(space.mirrored, columns, 0);
            for (int64_t begin = 0; begin < padded; begin += P) {
                const T* panel = x + begin * job.x.features;
                const double spread = 2.1 * error.absolute;
                if (mirrored) {
                    chunk_against<V, Step, true>(begin, panel, chunk, maybe, surely, spread);
                } else {
                    chunk_against<V, Step, false>(begin, panel, chunk, maybe, surely, spread);
                }
            }
            for (int64_t column = 0; mirrored && column < chunk.count; ++column) {
                if (space.mirrored[column]) add_to(first + column, space.mirrored[column]);
            }
            first += chunk.count;
        }
        settle();
        for (int64_t row = 0; counting() && row < rows.count; ++row) {
            if (outlying[row]) continue;
            if (job.symmetric) {
                add_to(rows[row], space.found[row]);
            } else {
                job.count[rows[row]] = space.found[row];
            }
        }
        return Outcome::done;
    }

    template <class T>
    static void bound(Method method, const Error& error, double reach, double norm, T& maybe,
                      T& surely) {
        if constexpr (sizeof(T) == 8) {
            maybe = surely = reach;
            return;
        }
        double outer = reach * (1.0 + 2.0 * error.relative) + least;
        double inner = reach * (1.0 - 2.0 * error.relative) - least;
        if (method == Method::product) {
            const double shift = norm * (1.0 - error.absolute);
            outer = reach - shift + 1e-6 * error.absolute * norm + least;
            inner = reach - shift - 2.1 * error.absolute * norm - least;
        }
        constexpr double most = 1e37;  // no entry of a packed pair is as large
        maybe = up(outer > most ? most : outer);
        surely = -up(-(inner > most ? most : inner));
    }
};

inline Outcome radius_in_double(const Radius& job, RadiusSpace& space, const Rows& rows,
                                Watch& watch) {
    const int64_t most = space.wide_rows();
    for (int64_t begin = 0; begin < rows.count; begin += most) {
        const int64_t left = rows.count - begin;
        RadiusPass part{job, space,
                        {rows.list ? rows.list + begin : nullptr, rows.first + begin,
                         left < most ? left : most}};
        const auto pass = [&](auto step) {
            return part.run<F64, decltype(step)>(Method::plain, space.wide_x, space.wide_columns(),
                                                 *space.wide_chunk, space.wide_maybe,
                                                 space.wide_maybe + most, space.none, watch);
        };
        const Outcome outcome = job.form == Form::squared_euclidean ? pass(PlainSquaredGap{})
                                : job.form == Form::manhattan       ? pass(PlainGap{})
                                                                    : pass(LargestGap{});
        if (outcome != Outcome::done) return outcome;
    }
    return Outcome::done;
}

inline Outcome radius(const Radius& job, int64_t tile, void* scratch, Watch& watch) {
    Arena arena(scratch);
    RadiusSpace space(job, arena);
    const int64_t first = tile * space.tiles.rows, left = job.x.rows - first;
    const Rows rows{nullptr, first, left < space.tiles.rows ? left : space.tiles.rows};
    const Method method = method_of(job.form, job.x, job.frame);
    if (method == Method::plain) return radius_in_double(job, space, rows, watch);
    RadiusPass part{job, space, rows};
    const auto pass = [&](auto step) {
        return part.run<F32, decltype(step)>(method, space.x, space.tiles.columns, *space.chunk,
                                             space.maybe, space.surely, space.outlying, watch);
    };
    const Outcome outcome = method == Method::product  ? pass(Product{})
                            : method == Method::direct ? pass(SquaredGap{})
                            : method == Method::gap    ? pass(Gap{})
                                                       : pass(LargestGap{});
    if (outcome != Outcome::done) return outcome;
    int64_t n_beyond = 0;
    for (int64_t row = 0; row < rows.count; ++row) {
        if (space.outlying[row]) space.beyond[n_beyond++] = rows[row];
    }
    return n_beyond ? radius_in_double(job, space, {space.beyond, 0, n_beyond}, watch) : outcome;
}

}  // namespace gramian::GRAMIAN_ISA
