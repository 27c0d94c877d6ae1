// The first pass where features are many and the processor multiplies four bytes in the time of one
// float. Bytes are coarse, so most rows have two or three columns within reach. Each of these is one
// product of a row with a column, both as they lie in memory; it tells the float form, as the float
// pass would have it. Where two of those are too near to each other, the row's shortlist is computed
// in double.
#pragma once
#include "bytes_pass.h"
#include "decide.h"

namespace gramian::GRAMIAN_ISA {

// start + x.z in floats, in chains that are shorter than the micro-tile's.
template <class V>
inline float product_form(const float* x, const float* z, int64_t features, float start) {
    constexpr int W = V::width, chains = 4;
    typename V::reg sum[chains];
    for (auto& each : sum) each = V::set1(0.0f);
    int64_t f = 0;
    for (; f + chains * W <= features; f += chains * W) {
#pragma GCC unroll 4
        for (int i = 0; i < chains; ++i) {
            sum[i] = V::fma(V::loadu(x + f + i * W), V::loadu(z + f + i * W), sum[i]);
        }
    }
    for (; f < features; f += W) {
        sum[0] = V::fma(load_live<V>(x, features, f), load_live<V>(z, features, f), sum[0]);
    }
    return start + V::total(V::add(V::add(sum[0], sum[1]), V::add(sum[2], sum[3])));
}

// A panel of rows that meets a chunk. Limits only fall, so the float forms of columns that are not
// looked at lie above each row's final reach, and above its second-best form where that is wanted.
template <class V>
class BytePanel {
    static constexpr int R = V::row_vectors, C = V::columns, W = V::width, P = Shape<V>::rows;

  public:
    BytePanel(const Search& job, const SearchSpace& space, int64_t begin, int64_t live,
              const float* x, const Reaches& reaches, const Error& error)
        : space_(space), chunk_(*space.byte_chunk), begin_(begin), features_(job.x.features),
          bounds_(job.upper), x_(x), reaches_(reaches) {
        for (int lane = 0; lane < P; ++lane) {
            const int64_t row = begin + lane;
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
            bytes_pass<V>(chunk_, words, first, groups, rough_x, space_.unit + begin_, block);
            look_at_best(block, first);
            look_at_others(block, first, groups);
        }
        return looks_;
    }

  private:
    // The groups that have the block's best rough forms, so that the others meet a low limit.
    void look_at_best(const ByteBlock<V>& block, int64_t first) {
        for (int lane = 0; lane < P; ++lane) {
            seen_[lane] = -1;
            if (!(block.best[lane] <= limit_[lane])) continue;
            const int64_t group = seen_[lane] = block.group[lane];
            const float* const form = block.form + group * C * P + lane;
            const int best = __builtin_ctz(columns_within(form, block.best[lane]));
            look(lane, (first + group) * C + best);
            uint32_t seen = 1u << best;
            if (bounds_) {
                const int next = next_best(form, best);
                look(lane, (first + group) * C + next);
                seen |= 1u << next;
            }
            look_at_group(form, (first + group) * C, lane, seen);
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
                    if (g == seen_[lane]) continue;
                    look_at_group(block.form + g * C * P + lane, (first + g) * C, lane);
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

    // The columns from `first` on that were not `seen`, of which `form` holds the rough forms.
    void look_at_group(const float* form, int64_t first, int lane, uint32_t seen = 0) {
        const uint32_t within = columns_within(form, limit_[lane]);
        for (uint32_t open = within & ~seen; open; open &= open - 1) {
            look(lane, first + __builtin_ctz(open));
        }
    }

    void look(int lane, int64_t column) {
        const int64_t row = begin_ + lane;
        const float value = product_form<V>(x_ + lane * features_, chunk_.columns + column * features_,
                                            features_, chunk_.form[column]);
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
    const float* x_;  // [row][feature]
    const Reaches& reaches_;
    alignas(64) float half_[P];    // by how much a rough form may be off
    alignas(64) float limit_[P];   // the rough form up to which a column is looked at
    int64_t seen_[P];              // the group of the block that was looked at first
    int64_t looks_ = 0;
};

// Whether so many looks took more time than bytes save.
inline bool looks_too_often(int64_t looks, int64_t rows, int64_t columns, int64_t features) {
    return 6 * looks * (features + 300) > rows * columns * features;
}

// Maps, measures and rounds a panel of rows.
template <class V>
inline Outcome begin_bytes(const Search& job, const SearchSpace& space, const Rows& rows,
                           int64_t begin, const Mapping& map, float* x, uint32_t* rough_x) {
    constexpr int P = Shape<V>::rows, W = V::width;
    const int64_t d = job.x.features;
    for (int lane = 0; lane < P; ++lane) {
        const int64_t row = begin + lane;
        float* const to = x + lane * d;
        space.outlying[row] = false;
        space.best[row] = space.second[row] = std::numeric_limits<float>::infinity();
        space.shortlist[row].count = 0;
        const bool live = row < rows.count;
        RowSize size{};
        if (live) size = map_row<V>(job.x, rows[row], map, to);
        if (!live || !(size.squares <= static_cast<float>(far * far))) {
            if (live && !is_finite(job.x, rows[row])) return Outcome::not_finite;
            space.outlying[row] = live;
            std::memset(to, 0, static_cast<size_t>(d) * sizeof *to);
            size = {};
        }
        space.length[row] = size.squares;
        space.unit[row] = byte_unit(size.largest);
        space.loss[row] = round_row<V>(to, d, space.unit[row], 128,
                                       space.words.words + lane % W * space.words.stride)
                              .loss;
        if (lane % W == W - 1) transpose_words<V>(space.words, words_of(d), P, rough_x + lane - (W - 1));
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

// `nearest_tile` with bytes first.
template <class V>
inline Outcome nearest_bytes(const Search& job, SearchSpace& space, const Rows& rows,
                             int64_t& n_open, Watch& watch) {
    constexpr int P = Shape<V>::rows;
    const int64_t d = job.x.features, padded = round_up(rows.count, P);
    const Mapping map = mapping_of(Method::product, job.frame);
    const Error error = error_of(Method::product, d);
    const Reaches reaches(Method::product, error, d);
    // where all columns make one chunk, a panel is used once: one place, which stays in cache
    const int64_t columns = space.tiles.columns;
    const int64_t stride = job.y.rows <= columns ? 0 : 1;
    const int64_t begun = job.first_column / columns * columns;
    for (int64_t first = begun; first < job.last_column; first += columns) {
        if (watch.stop()) return Outcome::stopped;
        fill_bytes<V>(*space.byte_chunk, job.y, first, columns, map, error.absolute, space.words);
        int64_t looks = 0;
        for (int64_t begin = 0; begin < padded; begin += P) {
            float* const x = space.x + stride * begin * d;
            uint32_t* const rough_x = space.rough_x + stride * begin * words_of(d);
            if (first == begun) {
                const Outcome outcome = begin_bytes<V>(job, space, rows, begin, map, x, rough_x);
                if (outcome != Outcome::done) return outcome;
            }
            BytePanel<V> panel(job, space, begin, rows.count - begin, x, reaches, error);
            looks += panel.meet(rough_x);
            note_columns(job, space, rows, begin, first);
        }
        if (looks_too_often(looks, padded, space.byte_chunk->count, d)) *space.rough_off = true;
    }
    n_open = open_rows(job, space, rows, Method::product, error,
                       [&](int64_t row) { return settle(job, space, rows, row); });
    if (job.distance) measure_rows(job, rows.first, rows.count);
    return Outcome::done;
}

}  // namespace gramian::GRAMIAN_ISA
