// The first pass where features are more than a few and the processor multiplies pairs of whole
// numbers of 16 bits as fast as floats. The sums of shorts.h are off by so little that they decide
// the nearest column of most rows; the others are gathered and searched in floats.
#pragma once
#include "decide.h"
#include "nearest_groups.h"

namespace gramian::GRAMIAN_ISA {

// Where more than one row in so many stays open, floats alone are faster.
constexpr int64_t rows_per_open_one = 4;

template <class V>
struct RoundedRows {
    typename V::whole pair[(most_short_features + 1) / 2];
    typename V::reg size;  // of each row, before it was stretched

    // A vector of the rows of a panel, at `x`, with squared lengths `length`.
    RoundedRows(const ShortsChunk& columns, int64_t features, typename V::reg length,
                const float* x) {
        const auto added = V::set1(columns.added);
        size = V::sqrt(V::fma(added, added, length));
        const auto stretch = V::div(V::set1(length_of_shorts), size);
        const auto stretched = [&](int64_t f) {
            if (f == features) return V::mul(added, stretch);
            return f < features ? V::mul(V::load(x + f * Shape<V>::rows), stretch) : V::set1(0.0f);
        };
        for (int64_t p = 0; p < pairs_of_shorts(features); ++p) {
            pair[p] = V::pair_of_shorts(stretched(2 * p), stretched(2 * p + 1));
        }
    }
};

// One vector of rows, `x`, against the chunk that is packed now. Returns the rows that stay open, a
// bit for each.
template <class V>
inline uint32_t shorts_pass(const SearchSpace& space, const Reaches& reaches, int64_t features,
                            int64_t row, const float* x) {
    constexpr int C = V::columns;
    // Sums start here, and are then the bits of positive floats, which compare as their bits do: a
    // processor compares floats in units that do not multiply.
    constexpr int32_t start = 1 << 30;
    constexpr float most_sum = 1.0001f * length_of_shorts * length_of_shorts;
    static_assert(start - most_sum > 1 << 23 && start + most_sum < 0x7f800000);
    const Chunk<V>& chunk = *space.chunk;
    const ShortsChunk& shorts = *space.shorts;
    const int64_t pairs = pairs_of_shorts(features);
    const auto length = V::loadu(space.length + row);
    const RoundedRows<V> rows(shorts, features, length, x);
    const auto infinity = V::set1(std::numeric_limits<float>::infinity());
    const NearestTwo<V> found = nearest_of_groups<V>(
        chunk.groups(), infinity, infinity,
        [&](int64_t g, typename V::reg* form) __attribute__((always_inline)) {
            const uint32_t* y = shorts.packed + g * C * pairs;
            typename V::whole sum[C];
#pragma GCC unroll 8
            for (int c = 0; c < C; ++c) sum[c] = V::whole1(start);
            for (int64_t p = 0; p < pairs; ++p) {
                const auto a = rows.pair[p];
#pragma GCC unroll 8
                for (int c = 0; c < C; ++c) sum[c] = V::add_shorts_each(a, y + p * C + c, sum[c]);
            }
            const int64_t live = chunk.count - g * C;
#pragma GCC unroll 8
            for (int c = 0; c < C; ++c) form[c] = V::of_bits(sum[c]);
            if (live >= C) return;
#pragma GCC unroll 8
            for (int c = 0; c < C; ++c) form[c] = c < live ? form[c] : infinity;
        });
    const auto unit = V::mul(rows.size, V::set1(shorts.unit));
    const auto form = [&](typename V::reg bits, float more) {
        const auto sum = V::floats(V::sub(V::bits_of(bits), V::whole1(start)));
        return V::mul(V::add(sum, V::set1(more)), unit);
    };
    const auto most = form(found.best, shorts.off), least_other = form(found.second, -shorts.off);
    V::storeu(space.best + row, most);
    V::storeu(space.second + row, least_other);
    V::store(space.column + row, found.column);
    constexpr auto lanes = static_cast<uint32_t>((1ull << V::width) - 1);
    return ~V::bits(V::lt(reaches.of<V>(most, length), least_other)) & lanes;
}

// Rows that stay open, gathered from panels until they fill one that is searched in floats.
template <class V, class Step>
class OpenRows {
    static constexpr int P = Shape<V>::rows;
    const Search& job_;
    const SearchSpace& space_;
    int64_t row_[P];
    int count_ = 0;
    int64_t taken_ = 0;

  public:
    OpenRows(const Search& job, const SearchSpace& space) : job_(job), space_(space) {}

    // How many there were so far.
    int64_t taken() const { return taken_; }

    // The rows whose bits are set, of a vector of a panel's rows, at `x`, the first being `row`.
    void take(uint32_t open, int64_t row, const float* x) {
        for (; open; open &= open - 1) {
            const int lane = std::countr_zero(open);
            for (int64_t f = 0; f < job_.x.features; ++f) {
                space_.gathered[f * P + count_] = x[f * P + lane];
            }
            row_[count_++] = row + lane;
            if (count_ == P) search();
        }
    }

    // Searches those that there are, in the places behind the tile's own.
    void search() {
        const int64_t place = space_.tiles.rows;
        std::fill_n(space_.best + place, P, std::numeric_limits<float>::infinity());
        std::fill_n(space_.second + place, P, std::numeric_limits<float>::infinity());
        for (int r = 0; r < count_; r += V::width) {
            groups_pass<V, Step, 0>(job_, space_, place + r, space_.gathered + r);
        }
        for (int i = 0; i < count_; ++i) {
            space_.best[row_[i]] = space_.best[place + i];
            space_.second[row_[i]] = space_.second[place + i];
            space_.column[row_[i]] = space_.column[place + i];
        }
        taken_ += count_;
        count_ = 0;
    }
};

}  // namespace gramian::GRAMIAN_ISA
