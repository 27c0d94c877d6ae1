// The first pass where features are many and the processor multiplies four bytes in the time of one
// float. Bytes are coarse, so most rows have two or three columns within reach. Each of these is one
// product of a row with a column, both as they lie in memory; it tells the float form, as the float
// pass would have it. Where two of those are too near to each other, the row's shortlist is computed
// in double.
#pragma once
#include "bytes_pass.h"
#include "decide.h"

namespace gramian::GRAMIAN_ISA {

// A row that was mapped before.
template <class V>
struct MappedRow {
    const float* x;

    typename V::reg at(int64_t f) const { return V::loadu(x + f); }
    typename V::reg part(int64_t f, int live) const { return V::load_part(x + f, live); }
};

// A row as it lies in the table, mapped on its way.
template <class V>
struct TableRow {
    const float *x, *centre;
    typename V::reg scale;

    typename V::reg at(int64_t f) const {
        return V::mul(V::sub(V::loadu(x + f), V::load(centre + f)), scale);
    }
    typename V::reg part(int64_t f, int live) const {
        return V::mul(V::sub(V::load_part(x + f, live), V::load(centre + f)), scale);
    }
};

// start + x.z in floats, in chains that are shorter than the micro-tile's.
template <class V, class Row>
inline float product_form(const Row& x, const float* z, int64_t features, float start) {
    constexpr int W = V::width, chains = 4;
    typename V::reg sum[chains];
    for (auto& each : sum) each = V::set1(0.0f);
    int64_t f = 0;
    for (; f + chains * W <= features; f += chains * W) {
#pragma GCC unroll 4
        for (int i = 0; i < chains; ++i) {
            sum[i] = V::fma(x.at(f + i * W), V::loadu(z + f + i * W), sum[i]);
        }
    }
    for (; f + W <= features; f += W) sum[0] = V::fma(x.at(f), V::loadu(z + f), sum[0]);
    if (const int live = static_cast<int>(features - f); live > 0) {
        sum[0] = V::fma(x.part(f, live), V::load_part(z + f, live), sum[0]);
    }
    return start + V::total(V::add(V::add(sum[0], sum[1]), V::add(sum[2], sum[3])));
}

// A panel of rows that meets a chunk. Limits only fall, so the float forms of columns that are not
// looked at lie above each row's final reach, and above its second-best form where that is wanted.
template <class V>
class BytePanel {
    static constexpr int R = V::row_vectors, C = V::columns, W = V::width, P = Shape<V>::rows;

  public:
    // `x`: the panel's rows, mapped; null where the table's own serve
    BytePanel(const Search& job, const SearchSpace& space, const Rows& rows, int64_t begin,
              const float* x, float scale, const Reaches& reaches, const Error& error)
        : space_(space), chunk_(*space.byte_chunk), begin_(begin), features_(job.x.features),
          bounds_(job.upper), mapped_(x), scale_(scale), reaches_(reaches) {
        const int64_t live = rows.count - begin;
        for (int lane = 0; lane < P; ++lane) {
            const int64_t row = begin + lane;
            x_[lane] = x             ? x + lane * features_
                       : lane < live ? static_cast<const float*>(job.x.data) +
                                           rows[row] * job.x.row_stride
                                     : static_cast<const float*>(job.x.data);
            half_[lane] = 0.51f * rough_width(space.length[row], space.loss[row], chunk_, error,
                                              features_);
            if (lane < live && !space.outlying[row]) {
                set_limit(lane);
            } else {
                limit_[lane] = -std::numeric_limits<float>::infinity();
            }
            space.column[row] = -1;
        }
    }

    // Meets the chunk; gives how many columns were looked at in floats.
    int64_t meet(const uint32_t* rough_x) {
        const int64_t words = words_of(features_), all = chunk_.groups();
        ByteBlock<V>& block = *space_.byte_block;
        for (int64_t first = 0; first < all; first += block_groups) {
            const int64_t groups = all - first < block_groups ? all - first : block_groups;
            const auto pass = bounds_ ? bytes_pass<true, V> : bytes_pass<false, V>;
            pass(chunk_, words, first, groups, rough_x, space_.unit + begin_, x_, block);
            look_at_best(block, first);
            look_at_others(block, first, groups);
        }
        return looks_;
    }

  private:
    // The columns that have the block's best rough forms, so that the others meet a low limit.
    void look_at_best(const ByteBlock<V>& block, int64_t first) {
        for (int lane = 0; lane < P; ++lane) {
            best_[lane] = next_[lane] = -1;
            if (!(block.best[lane] <= limit_[lane])) continue;
            const int64_t group = block.best_group[lane];
            const float* const form = block.form + group * C * P + lane;
            const int best = __builtin_ctz(columns_within(form, block.best[lane]));
            best_[lane] = group * C + best;
            look(lane, first * C + best_[lane]);
            if (!bounds_) continue;
            const int next = next_best(form, best);
            next_[lane] = group * C + next;
            if (block.next[lane] < form[next * P]) {
                const int64_t other = block.next_group[lane] * C;
                const float* const others = block.form + other * P + lane;
                next_[lane] = other + __builtin_ctz(columns_within(others, block.next[lane]));
            }
            look(lane, first * C + next_[lane]);
        }
    }

    // All others that are within reach.
    void look_at_others(const ByteBlock<V>& block, int64_t first, int64_t groups) {
        typename V::reg limit[R];
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) limit[r] = V::load(limit_ + r * W);
        for (int64_t g = 0; g < groups; ++g) {
            uint32_t near[R], any = 0;
#pragma GCC unroll 8
            for (int r = 0; r < R; ++r) {
                const auto least = V::load(block.least + g * P + r * W);
                any |= near[r] = static_cast<uint32_t>(V::bits(V::le(least, limit[r])));
            }
            if (!any) continue;
            for (int r = 0; r < R; ++r) {
                for (uint32_t open = near[r]; open; open &= open - 1) {
                    const int lane = r * W + __builtin_ctz(open);
                    const uint32_t seen = bit(best_[lane] - g * C) | bit(next_[lane] - g * C);
                    look_at_group(block.form + g * C * P + lane, (first + g) * C, lane, seen);
                }
            }
        }
    }

    static uint32_t columns_within(const float* form, float limit) {
        uint32_t within = 0;
        for (int c = 0; c < C; ++c) within |= static_cast<uint32_t>(form[c * P] <= limit) << c;
        return within;
    }

    static int next_best(const float* form, int best) {
        int next = best == 0 ? 1 : 0;
        for (int c = 0; c < C; ++c) {
            if (c != best && form[c * P] < form[next * P]) next = c;
        }
        return next;
    }

    // Of a column of a group; none for other columns.
    static uint32_t bit(int64_t column) { return column >= 0 && column < C ? 1u << column : 0; }

    // The columns from `first` on that were not `seen`, of which `form` holds the rough forms.
    void look_at_group(const float* form, int64_t first, int lane, uint32_t seen) {
        const uint32_t within = columns_within(form, limit_[lane]);
        for (uint32_t open = within & ~seen; open; open &= open - 1) {
            look(lane, first + __builtin_ctz(open));
        }
    }

    void look(int lane, int64_t column) {
        const int64_t row = begin_ + lane;
        const float* const z = chunk_.columns + column * features_;
        const float start = chunk_.form[column];
        const float value =
            mapped_ ? product_form<V>(MappedRow<V>{x_[lane]}, z, features_, start)
                    : product_form<V>(TableRow<V>{x_[lane], chunk_.centre, V::set1(scale_)}, z,
                                      features_, start);
        const float best = space_.best[row], worse = value < best ? best : value;
        ++looks_;
        if (worse < space_.second[row]) space_.second[row] = worse;
        if (value < best) {
            space_.best[row] = value;
            space_.column[row] = static_cast<int32_t>(column);
        }
        if (value < best || bounds_) set_limit(lane);
        space_.shortlist[row].push(chunk_.first + column, value, [&] { return reach(row); });
    }

    float reach(int64_t row) const { return reaches_.of(space_.best[row], space_.length[row]); }

    void set_limit(int lane) {
        const int64_t row = begin_ + lane;
        const float best = reach(row), second = space_.second[row];
        limit_[lane] = (bounds_ && second > best ? second : best) + half_[lane];
    }

    const SearchSpace& space_;
    const ByteChunk& chunk_;
    int64_t begin_, features_;
    bool bounds_;     // whether the second-best form is wanted as well as bytes can tell it
    const float* x_[P];  // [row][feature]
    bool mapped_;
    float scale_;
    const Reaches& reaches_;
    alignas(64) float half_[P];    // by how much a rough form may be off
    alignas(64) float limit_[P];   // the rough form up to which a column is looked at
    int64_t best_[P], next_[P];    // the columns of the block that were looked at first, or -1
    int64_t looks_ = 0;
};

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
