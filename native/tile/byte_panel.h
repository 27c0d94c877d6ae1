// A panel of rows that meets a chunk of rounded columns. Bytes are coarse, so most rows have two or
// three columns within reach. Each of these is one product of a row with a column, both as they lie
// in memory; it tells the float form, as the float pass would have it.
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

}  // namespace gramian::GRAMIAN_ISA
