// Nearest columns of a tile of rows: for k = 1 the first pass of nearest.h, then the candidates'
// pass for what it leaves open; the candidates' pass alone for k > 1.
#pragma once
#include "candidates_rough.h"
#include "nearest.h"
#include "nearest_bytes.h"
#include "regions.h"

namespace gramian::GRAMIAN_ISA {

constexpr int64_t product_features = 1;

// Whether this kind of number has a rough form.
template <class V>
constexpr bool rounds = sizeof(typename V::scalar) == 4 && F32::has_rough;

// The k best of each row in `rows`, written to the job's results; with `rough`, bfloat16 goes first.
template <class V, class Step>
inline Outcome candidates_pass(const Search& job, const Rows& rows, Method method,
                               typename V::scalar* x, int64_t columns, Chunk<V>& chunk,
                               Candidates<V>& found, const typename V::scalar* reach,
                               bool* outlying, Watch& watch, const SearchSpace* rough = nullptr) {
    using T = typename V::scalar;
    constexpr int P = Shape<V>::rows;
    const Mapping map = mapping_of(method, job.frame);
    const Error error = error_of(method, job.x.features);
    found.err(error);
    const int64_t padded = round_up(rows.count, P);
    for (int64_t begin = 0; begin < padded; begin += P) {
        T* panel = x + begin * job.x.features;
        pack<P>(job.x, rows, begin, map, panel);
        alignas(64) double norms[P];
        const Outcome outcome = inspect(job.x, rows, begin, P, panel, outlying, norms);
        if (outcome != Outcome::done) return outcome;
        if constexpr (rounds<V>) {
            if (rough) round_rows(*rough, job.x.features, begin, panel);
        }
        for (int lane = 0; lane < P; ++lane) {
            const int64_t row = begin + lane;
            const bool takes = row < rows.count && !outlying[row];
            constexpr T infinity = std::numeric_limits<T>::infinity();
            found.begin(row, static_cast<T>(norms[lane]),
                        !takes ? -infinity : reach ? reach[row] : infinity);
        }
    }
    const int64_t begun = job.first_column / columns * columns;
    for (int64_t first = begun; first < job.last_column; first += columns) {
        if (watch.stop()) return Outcome::stopped;
        fill(chunk, job.y, first, columns, method, map, error.absolute);
        if constexpr (rounds<V>) {
            if (rough && first > begun && !*rough->rough_off) {
                round_chunk(*rough, job.x.features);
                int64_t looks = 0;
                for (int64_t begin = 0; begin < padded; begin += P) {
                    looks += collect_roughly(job, *rough, rows, begin, x + begin * job.x.features,
                                             error, found);
                }
                *rough->rough_off = looks > padded * chunk.groups() / second_looks;
                continue;
            }
        }
        for (int64_t begin = 0; begin < padded; begin += P) {
            collect<V, Step>(job, rows, begin, x + begin * job.x.features, chunk, found);
        }
    }
    for (int64_t row = 0; row < rows.count; ++row) {
        if (outlying[row]) continue;
        found.compact(job, row, rows[row]);
        found.decide(job, row, rows[row]);
        for (int64_t i = 0; i < job.k; ++i) {
            const bool there = i < found.count[row];
            const int64_t to = rows[row] * job.k + i;
            job.index[to] = there ? found.candidate[row * found.capacity + i].column : -1;
            if (!job.distance) continue;
            job.distance[to] = there ? found.form[i] : std::numeric_limits<double>::infinity();
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

// The first pass of the nearest column, of floats or of bytes.
template <class Step, class V = F32>
inline Outcome nearest_first(const Search& job, SearchSpace& space, const Rows& rows,
                             Method method, int64_t& n_open, Watch& watch) {
    if constexpr (V::has_rough) {
        if (job.rough == Rough::bytes && goes_roughly(job, space, method)) {
            const Outcome outcome = nearest_bytes<V>(job, space, rows, n_open, watch);
            if (outcome != Outcome::done || n_open != given_up) return outcome;
        }
    }
    return nearest_tile<Step>(job, space, rows, method, n_open, watch);
}

template <class Step>
inline Outcome search_with(const Search& job, SearchSpace& space, const Rows& rows, Method method,
                           Watch& watch) {
    if (job.k > 1) {
        const bool halves = job.rough == Rough::halves && goes_roughly(job, space, method);
        const SearchSpace* rough = halves ? &space : nullptr;
        return candidates_pass<F32, Step>(job, rows, method, space.x, space.tiles.columns,
                                          *space.chunk, space.found, nullptr, space.outlying,
                                          watch, rough);
    }
    int64_t n_open = 0;
    Outcome outcome = nearest_first<Step>(job, space, rows, method, n_open, watch);
    if (outcome != Outcome::done) return outcome;
    if (n_open == 0) return outcome;
    const Rows open{space.open, 0, n_open};
    outcome = candidates_pass<F32, Step>(job, open, method, space.x, space.tiles.columns,
                                         *space.chunk, space.found, space.reach, space.none, watch);
    if (n_open > rows.count / 8 && goes_roughly(job, space, method)) {
        *space.rough_off = true;
    } else if (n_open > rows.count / 8 && method != method_of(job.form, job.x, job.frame)) {
        *space.tight = true;
        space.chunk->first = -1;  // its columns are packed for the product form
    }
    return outcome;
}

// The product form decides nearly every row where groups of points are not tiny beside the whole,
// at half the work of differences; doubles it saves from being computed in double. Whatever it
// leaves open is decided exactly, so the choice changes no result.
inline Method search_method(const Search& job, const SearchSpace& space) {
    const Method method = method_of(job.form, job.x, job.frame);
    if (job.k > 1 || job.form != Form::squared_euclidean || job.frame.direct) return method;
    if (!job.x.is_double && job.x.features < product_features) return method;
    return *space.tight ? method : Method::product;
}

inline Outcome search_rows(const Search& job, SearchSpace& space, const Rows& rows,
                           Watch& watch) {
    const Method method = search_method(job, space);
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

// Looks rows up, and searches those that no cell settles.
inline Outcome search_regions(const Search& job, SearchSpace& space, const Rows& rows,
                              Watch& watch) {
    const int64_t n_left = look_up(job, rows.first, rows.count, space.left), most = space.tiles.rows;
    Search rest = job;
    rest.distance = nullptr;
    for (int64_t begin = 0; begin < n_left; begin += most) {
        const int64_t left = n_left - begin;
        const Rows part{space.left + begin, 0, left < most ? left : most};
        const Outcome outcome = search_rows(rest, space, part, watch);
        if (outcome != Outcome::done) return outcome;
    }
    if (watch.stop()) return Outcome::stopped;
    if (job.distance) measure_rows(job, rows.first, rows.count, job.distance + rows.first);
    return Outcome::done;
}

inline Outcome search(const Search& job, int64_t tile, void* scratch, Watch& watch) {
    Arena arena(scratch);
    SearchSpace space(job, arena);
    const int64_t most = search_tiles(job).rows, first = tile * most, left = job.x.rows - first;
    const Rows rows{nullptr, first, left < most ? left : most};
    return job.regions ? search_regions(job, space, rows, watch)
                       : search_rows(job, space, rows, watch);
}

}  // namespace gramian::GRAMIAN_ISA
