// The first pass where features are many and the processor multiplies four bytes in the time of one
// float. Panels of rows meet chunks of columns; where two float forms are too near to each other, the
// row's shortlist is computed in double.
#pragma once
#include "byte_panel.h"

namespace gramian::GRAMIAN_ISA {

// Whether so many looks took more time than bytes save.
inline bool looks_too_often(int64_t looks, int64_t rows, int64_t columns, int64_t features) {
    return 6 * looks * (features + 300) > rows * columns * features;
}

// Maps, measures and rounds a row of the table, or zeros for one that is not there (-1).
template <class V>
inline Outcome round_new(const Search& job, int64_t row, const Mapping& map, float* x,
                         uint32_t* words, RoundedRow& rounded) {
    const int64_t d = job.x.features;
    RowSize size{};
    rounded.state = Rounding::done;
    if (row >= 0) size = map_row<V>(job.x, row, map, x);
    if (row < 0 || !(size.squares <= static_cast<float>(far * far))) {
        if (row >= 0 && !is_finite(job.x, row)) return Outcome::not_finite;
        if (row >= 0) rounded.state = Rounding::outlying;
        std::memset(x, 0, static_cast<size_t>(d) * sizeof *x);
        size = {};
    }
    rounded.length = size.squares;
    rounded.unit = byte_unit(size.largest);
    rounded.loss = round_row<V>(x, d, rounded.unit, 128, words).loss;
    return Outcome::done;
}

// Rounds a panel of rows that are not kept from earlier searches.
template <class V>
inline Outcome begin_bytes(const Search& job, const SearchSpace& space, const Rows& rows,
                           const KeptRows& kept, int64_t begin, const Mapping& map, float* x,
                           uint32_t* rough_x) {
    constexpr int P = Shape<V>::rows, W = V::width;
    const uint32_t* words[W];
    for (int lane = 0; lane < P; ++lane) {
        const int64_t row = begin + lane, source = row < rows.count ? rows[row] : -1;
        const bool keeps = kept.records && source >= 0;
        uint32_t* const to = keeps ? words_kept(kept, source) : space.words[lane];
        RoundedRow fresh{}, &rounded = keeps ? row_kept(kept, source) : fresh;
        if (rounded.state == Rounding::unknown) {
            float* const place = x + lane * job.x.features;
            const Outcome outcome = round_new<V>(job, source, map, place, to, rounded);
            if (outcome != Outcome::done) return outcome;
        }
        space.best[row] = space.second[row] = std::numeric_limits<float>::infinity();
        space.shortlist[row].count = 0;
        space.outlying[row] = rounded.state == Rounding::outlying;
        space.length[row] = rounded.length;
        space.unit[row] = rounded.unit;
        space.loss[row] = rounded.loss;
        words[lane % W] = to;
        if (lane % W == W - 1) {
            transpose_words<P, V>(words, words_of(job.x.features), rough_x + lane - (W - 1));
        }
    }
    return Outcome::done;
}

// Decides between the columns on a row's shortlist, if that has room for all that may be nearest.
inline bool settle(const Search& job, const SearchSpace& space, const Rows& rows, int64_t row) {
    Shortlist& list = space.shortlist[row];
    list.drop_beyond(space.reach[row]);
    if (list.count > Shortlist::most) return false;
    int64_t source[Shortlist::most];
    double form[Shortlist::most];
    for (int64_t& each : source) each = rows[row];
    exact_pairs(job.form, job.x, source, job.y, list.column, list.count, form);
    int best = 0;
    for (int i = 1; i < list.count; ++i) {
        const bool earlier = form[i] == form[best] && list.column[i] < list.column[best];
        if (form[i] < form[best] || earlier) best = i;
    }
    job.index[rows[row]] = list.column[best];
    return true;
}

// What `nearest_bytes` says of open rows where it gave up.
constexpr int64_t given_up = -1;

// `nearest_tile` with bytes first. Gives up where they turn out to spare too little, if most columns
// are still to be met.
template <class V>
inline Outcome nearest_bytes(const Search& job, SearchSpace& space, const Rows& rows,
                             int64_t& n_open, Watch& watch) {
    constexpr int P = Shape<V>::rows;
    const int64_t d = job.x.features, padded = round_up(rows.count, P);
    const Mapping map = mapping_of(Method::product, job.frame);
    const Error error = error_of(Method::product, d);
    const Reaches reaches(Method::product, error, d);
    // adjacent floats are looked at as they lie in the table; others have to stay mapped
    const bool plain = contiguous(job.x, map);
    const KeptRows kept = plain ? job.kept : KeptRows{};
    // where all columns make one chunk, a panel is used once: one place, which stays in cache
    const int64_t columns = space.tiles.columns;
    const int64_t stride = job.y.rows <= columns ? 0 : 1;
    const int64_t begun = job.first_column / columns * columns;
    for (int64_t first = begun; first < job.last_column; first += columns) {
        if (watch.stop()) return Outcome::stopped;
        fill_bytes<V>(*space.byte_chunk, job.y, first, columns, map, error.absolute, space.words);
        int64_t looks = 0;
        for (int64_t begin = 0; begin < padded; begin += P) {
            float* const x = space.x + (plain ? 0 : stride * begin * d);
            uint32_t* const rough_x = space.rough_x + stride * begin * words_of(d);
            if (first == begun) {
                const Outcome outcome = begin_bytes<V>(job, space, rows, kept, begin, map, x, rough_x);
                if (outcome != Outcome::done) return outcome;
            }
            BytePanel<V> panel(job, space, rows, begin, plain ? nullptr : x,
                               static_cast<float>(map.scale), reaches, error);
            looks += panel.meet(rough_x);
            note_columns(job, space, rows, begin, first);
        }
        if (!looks_too_often(looks, padded, space.byte_chunk->count, d)) continue;
        *space.rough_off = true;
        if (first + columns - begun < job.last_column - first - columns) {
            n_open = given_up;
            return Outcome::done;
        }
    }
    n_open = open_rows(job, space, rows, Method::product, error,
                       [&](int64_t row) { return settle(job, space, rows, row); });
    if (job.distance) measure_rows(job, rows.first, rows.count, job.distance + rows.first);
    return Outcome::done;
}

}  // namespace gramian::GRAMIAN_ISA
