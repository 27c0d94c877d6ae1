// Nearest columns of a tile of rows: a first pass for k = 1 that keeps the best and second-best
// lower bound in registers, and the candidates' pass for what it leaves open and for k > 1.
#pragma once
#include "candidates.h"

namespace gramian::GRAMIAN_ISA {

constexpr int64_t most_rows = 480;
constexpr int64_t row_numbers = 384 * 1024;     // packed numbers of x per tile
constexpr int64_t column_numbers = 128 * 1024;  // packed numbers of y per chunk

inline Tiles grid(int64_t features, int64_t panel) {
    const int64_t rows = row_numbers / features / panel * panel;
    const int64_t columns = column_numbers / features;
    const int64_t unit = columns >= 512 ? 512 : columns >= 128 ? 128 : 8;
    const int64_t most = most_rows / panel * panel;
    return {rows < panel ? panel : rows > most ? most : rows,
            columns > 4096 ? 4096 : columns < 8 ? 8 : columns / unit * unit};
}

inline Tiles search_tiles(const Search& job) {
    Tiles tiles = grid(job.x.features, Shape<F32>::rows);
    const int64_t lists = (1 << 17) / Candidates<F32>::capacity_for(job.k);
    const int64_t fewer = lists / Shape<F32>::rows * Shape<F32>::rows;
    if (tiles.rows > fewer) tiles.rows = fewer > 0 ? fewer : Shape<F32>::rows;
    return tiles;
}

struct SearchSpace {
    Tiles tiles;
    float* x;             // [panel][feature][row]
    double* wide_x;       // the same in double, for fewer rows
    double* norm;         // [row]
    float* best;          // [row]
    float* second;        // [row]
    int32_t* group;       // [row] group of columns with the best, among all of y
    float* best_norm;     // [row] squared length of the best column
    bool* outlying;       // [row]
    bool* none;           // [row] outlying rows among the open ones: there are none
    int64_t* open;        // [row] rows that the first pass leaves open
    float* reach;         // [row] how far their candidates may be
    int64_t* beyond;      // [row] rows for double
    int64_t* number;      // [row] the row's number in x
    Chunk<F32>* chunk;
    Chunk<F64>* wide_chunk;
    Candidates<F32> found;
    Candidates<F64> wide_found;

    SearchSpace(const Search& job, Arena& arena) : tiles(search_tiles(job)) {
        const int64_t d = job.x.features, n = tiles.rows;
        chunk = arena.take<Chunk<F32>>(1);
        wide_chunk = arena.take<Chunk<F64>>(1);
        x = arena.take<float>(n * d);
        wide_x = arena.take<double>(wide_rows() * d);
        norm = arena.take<double>(n);
        best = arena.take<float>(n);
        second = arena.take<float>(n);
        group = arena.take<int32_t>(n);
        best_norm = arena.take<float>(n);
        outlying = arena.take<bool>(n);
        none = arena.take<bool>(n);
        open = arena.take<int64_t>(n);
        reach = arena.take<float>(n);
        beyond = arena.take<int64_t>(n);
        number = arena.take<int64_t>(n);
        const Chunk<F32> narrow = Chunk<F32>::take(arena, tiles.columns, d);
        const Chunk<F64> wide = Chunk<F64>::take(arena, wide_columns(), d);
        found = Candidates<F32>::take(arena, n, job.k);
        wide_found = Candidates<F64>::take(arena, wide_rows(), job.k);
        // the chunks live in the worker's memory, so that the next tile finds them packed
        if (!chunk || chunk->packed) return;
        *chunk = narrow;
        *wide_chunk = wide;
    }

    int64_t wide_rows() const { return tiles.rows > 96 ? 96 : tiles.rows; }
    int64_t wide_columns() const { return tiles.columns < 64 ? 8 : tiles.columns / 32 * 8; }
};

inline size_t search_bytes(const Search& job) {
    Arena count(nullptr);
    SearchSpace space(job, count);
    return count.used();
}

template <class Step>
inline void first_pass(const Search& job, const SearchSpace& space, int64_t begin) {
    using V = F32;
    constexpr int R = V::row_vectors, C = V::columns;
    const Chunk<V>& chunk = *space.chunk;
    const float* x = space.x + begin * job.x.features;
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

// The k best of each row in `rows`, written to the job's results.
template <class V, class Step>
inline Outcome candidates_pass(const Search& job, const Rows& rows, Method method,
                               typename V::scalar* x, int64_t columns, Chunk<V>& chunk,
                               Candidates<V>& found, const typename V::scalar* reach,
                               bool* outlying, Watch& watch) {
    using T = typename V::scalar;
    constexpr int P = Shape<V>::rows;
    const Mapping map = mapping_of(method, job.frame);
    found.error = error_of(method, job.x.features);
    const int64_t padded = round_up(rows.count, P);
    for (int64_t begin = 0; begin < padded; begin += P) {
        T* panel = x + begin * job.x.features;
        pack(job.x, rows, begin, P, map, panel);
        alignas(64) double norms[P];
        const Outcome outcome = inspect(job.x, rows, begin, P, panel, outlying, norms);
        if (outcome != Outcome::done) return outcome;
        for (int lane = 0; lane < P; ++lane) {
            const int64_t row = begin + lane;
            found.norm[row] = method == Method::product ? static_cast<T>(norms[lane]) : T(0);
            found.count[row] = 0;
            found.reach[row] = row >= rows.count || outlying[row] ? -std::numeric_limits<T>::infinity()
                               : reach                            ? reach[row]
                                       : std::numeric_limits<T>::infinity();
        }
    }
    for (int64_t number = 0; number * columns < job.y.rows; ++number) {
        if (watch.stop()) return Outcome::stopped;
        fill(chunk, job.y, number, columns, method, map, found.error.absolute);
        for (int64_t begin = 0; begin < padded; begin += P) {
            collect<V, Step>(job, rows, begin, x + begin * job.x.features, chunk, found);
        }
    }
    for (int64_t row = 0; row < rows.count; ++row) {
        if (outlying[row]) continue;
        found.compact(job, row, rows[row]);
        found.decide(job, row, rows[row]);
        for (int64_t i = 0; i < job.k; ++i) {
            job.index[rows[row] * job.k + i] = found.column[row * found.capacity + i];
            if (job.distance) job.distance[rows[row] * job.k + i] = found.form[i];
        }
    }
    return Outcome::done;
}

// Rows for which only double will do, a few panels at a time.
inline Outcome search_in_double(const Search& job, SearchSpace& space, const Rows& rows,
                                Watch& watch) {
    const int64_t most = space.wide_rows();
    for (int64_t begin = 0; begin < rows.count; begin += most) {
        const int64_t left = rows.count - begin;
        const Rows part{rows.list ? rows.list + begin : nullptr, rows.first + begin,
                        left < most ? left : most};
        const auto pass = [&](auto step) {
            return candidates_pass<F64, decltype(step)>(
                job, part, Method::plain, space.wide_x, space.wide_columns(), *space.wide_chunk,
                space.wide_found, nullptr, space.none, watch);
        };
        const Outcome outcome = job.form == Form::squared_euclidean ? pass(PlainSquaredGap{})
                                : job.form == Form::manhattan       ? pass(PlainGap{})
                                                                    : pass(LargestGap{});
        if (outcome != Outcome::done) return outcome;
    }
    return Outcome::done;
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

template <class Step>
inline Outcome nearest_tile(const Search& job, SearchSpace& space, const Rows& rows, Method method,
                            int64_t& n_open, Watch& watch) {
    constexpr int P = Shape<F32>::rows;
    const Mapping map = mapping_of(method, job.frame);
    const Error error = error_of(method, job.x.features);
    const int64_t padded = round_up(rows.count, P);
    for (int64_t begin = 0; begin < padded; begin += P) {
        float* panel = space.x + begin * job.x.features;
        pack(job.x, rows, begin, P, map, panel);
        const Outcome outcome =
            inspect(job.x, rows, begin, P, panel, space.outlying, space.norm + begin);
        if (outcome != Outcome::done) return outcome;
    }
    for (int64_t row = 0; row < padded; ++row) {
        space.best[row] = space.second[row] = std::numeric_limits<float>::infinity();
        space.group[row] = 0;
    }
    for (int64_t number = 0; number * space.tiles.columns < job.y.rows; ++number) {
        if (watch.stop()) return Outcome::stopped;
        fill(*space.chunk, job.y, number, space.tiles.columns, method, map, error.absolute);
        for (int64_t begin = 0; begin < padded; begin += P) first_pass<Step>(job, space, begin);
        if (method != Method::product) continue;
        for (int64_t row = 0; row < rows.count; ++row) {
            const int64_t place = best_column(space, row) - space.chunk->first;
            if (place >= 0) space.best_norm[row] = space.chunk->norm[place];
        }
    }
    settle_first_pass(job, space, rows, method, error, n_open);
    return Outcome::done;
}

template <class Step>
inline Outcome search_with(const Search& job, SearchSpace& space, const Rows& rows, Method method,
                           Watch& watch) {
    if (job.k > 1) {
        return candidates_pass<F32, Step>(job, rows, method, space.x, space.tiles.columns,
                                          *space.chunk, space.found, nullptr, space.outlying,
                                          watch);
    }
    int64_t n_open = 0;
    Outcome outcome = nearest_tile<Step>(job, space, rows, method, n_open, watch);
    if (outcome != Outcome::done) return outcome;
    if (n_open == 0) return outcome;
    const Rows open{space.open, 0, n_open};
    return candidates_pass<F32, Step>(job, open, method, space.x, space.tiles.columns,
                                      *space.chunk, space.found, space.reach, space.none, watch);
}

inline Outcome search(const Search& job, int64_t tile, void* scratch, Watch& watch) {
    Arena arena(scratch);
    SearchSpace space(job, arena);
    const int64_t first = tile * space.tiles.rows, left = job.x.rows - first;
    const Rows rows{nullptr, first, left < space.tiles.rows ? left : space.tiles.rows};
    const Method method = method_of(job.form, job.x, job.frame);
    Outcome outcome = Outcome::done;
    switch (method) {
        case Method::plain:
            return search_in_double(job, space, rows, watch);
        case Method::product:
            outcome = search_with<Product>(job, space, rows, method, watch);
            break;
        case Method::direct:
            outcome = search_with<SquaredGap>(job, space, rows, method, watch);
            break;
        case Method::gap:
            outcome = search_with<Gap>(job, space, rows, method, watch);
            break;
        case Method::largest_gap:
            outcome = search_with<LargestGap>(job, space, rows, method, watch);
            break;
    }
    if (outcome != Outcome::done) return outcome;
    int64_t n_beyond = 0;
    if (std::memchr(space.outlying, true, static_cast<size_t>(rows.count))) {
        for (int64_t row = 0; row < rows.count; ++row) {
            if (space.outlying[row]) space.beyond[n_beyond++] = rows[row];
        }
    }
    return n_beyond ? search_in_double(job, space, {space.beyond, 0, n_beyond}, watch) : outcome;
}

}  // namespace gramian::GRAMIAN_ISA
