// Sums over the columns of a tile. Forms of a panel against a block of columns go to a buffer that
// stays in cache, become entries there, and are then added up, multiplied with right-hand sides by
// the same micro-tile, or written out.
#pragma once
#include <type_traits>

#include "profile.h"
#include "search.h"

namespace gramian::GRAMIAN_ISA {

constexpr int64_t block_columns = 128;

inline int64_t padded_right(const Sum& job) { return round_up(job.right(), 8); }

template <class V>
inline Tiles sum_tiles_of(const Sum& job) {
    constexpr int64_t unit = sizeof(typename V::scalar) / sizeof(float);
    Tiles tiles = grid((job.x.features + padded_right(job)) * unit, Shape<V>::rows);
    const int64_t fewer = (1 << 16) / (job.right() + 1) / Shape<V>::rows * Shape<V>::rows;
    if (tiles.rows > fewer) tiles.rows = fewer > 0 ? fewer : Shape<V>::rows;
    return tiles;
}

template <class V>
struct SumSpace {
    using T = typename V::scalar;
    static constexpr int P = Shape<V>::rows;
    Tiles tiles;
    T* x;              // [panel][feature][row]
    T* norm;           // [row]
    bool* outlying;    // [row]
    double* total;     // [row][right-hand side], then one more for the sum of weights
    T* highest;        // [row] largest logarithm so far
    T* buffer;         // [column of the block][row of the panel]
    float* raw_x;      // [feature][row of the panel] for pairs in doubt
    T* weights;        // [block][group of right-hand sides][column][right-hand side]
    T* held;           // [column of a group][row of the panel]
    T* zeros;          // what accumulators of right-hand sides begin with
    Chunk<V>* chunk;

    SumSpace(const Sum& job, Arena& arena) : tiles(sum_tiles_of<V>(job)) {
        const int64_t d = job.x.features, n = tiles.rows;
        chunk = arena.take<Chunk<V>>(1);
        x = arena.take<T>(n * d);
        norm = arena.take<T>(n);
        outlying = arena.take<bool>(n);
        total = arena.take<double>(n * sums(job));
        highest = arena.take<T>(n);
        buffer = arena.take<T>(block_columns * P);
        raw_x = arena.take<float>(sizeof(T) == 4 && d > few_features ? P * d : 0);
        weights = arena.take<T>(round_up(tiles.columns, block_columns) * padded_right(job) + V::columns);
        held = arena.take<T>(V::columns * P);
        zeros = arena.take<T>(V::columns);
        const Chunk<V> fresh = Chunk<V>::take(arena, tiles.columns, d);
        if (chunk && !chunk->packed) *chunk = fresh;
    }

    // Numbers that are summed for each row: one per right-hand side, and the weights' own sum.
    static int64_t sums(const Sum& job) {
        return job.goal == Goal::weighted_mean ? job.right() + 1 : job.right() ? job.right() : 1;
    }
};

template <class V>
struct SumTile {
    using T = typename V::scalar;
    using reg = typename V::reg;
    static constexpr int R = V::row_vectors, C = V::columns, P = Shape<V>::rows;

    const Sum& job;
    SumSpace<V>& space;
    Rows rows;
    Method method;
    Rates<V> rates;
    DoubtTest<V> doubt;
    double gain;  // what an entry is multiplied with to undo the packed numbers' unit
    int64_t first_diagonal = -1, last_diagonal = -2;  // columns that rows of the panel are
    bool raw_packed = false;

    SumTile(const Sum& job, SumSpace<V>& space, const Rows& rows, Method method)
        : job(job), space(space), rows(rows), method(method) {
        const double s = method == Method::plain ? 1.0 : job.frame.scale;
        const bool squared = job.form == Form::squared_euclidean;
        const double per_form = squared ? s * s : s;  // a packed form is so many times the true one
        double rate = job.rate / per_form;
        if (job.profile == Profile::root_decay) rate = job.rate / (squared ? s : std::sqrt(s));
        constexpr double most = sizeof(T) == 4 ? 3e38 : 1e308;
        rates.rate = static_cast<T>(rate > most ? most : rate < -most ? -most : rate);
        rates.alpha = static_cast<T>(job.alpha);
        gain = job.profile == Profile::identity ? 1.0 / per_form
               : job.profile == Profile::root   ? 1.0 / std::sqrt(per_form)
                                                : 1.0;
        doubt.doubt = doubt_of(job.profile, rate, job.alpha, job.x.features, job.logarithm);
    }

    Outcome run(Watch& watch) {
        const Outcome outcome = begin();
        if (outcome != Outcome::done) return outcome;
        const Mapping map = mapping_of(method, job.frame);
        for (int64_t number = 0; number * space.tiles.columns < job.y.rows; ++number) {
            if (watch.stop()) return Outcome::stopped;
            const bool fresh = space.chunk->kept != number;
            fill(*space.chunk, job.y, number, space.tiles.columns, method, map, 0.0);
            if (fresh) start_columns();
            for (int64_t panel = 0; panel < rows.count; panel += P) {
                begin_panel(panel);
                for (int64_t at = 0; at < space.chunk->count; at += block_columns) {
                    const int64_t left = space.chunk->count - at;
                    const int64_t live = left < block_columns ? left : block_columns;
                    if (fused(panel, at, live)) continue;
                    forms(panel, at, live);
                    entries(live);
                    reduce(panel, at, live);
                }
            }
        }
        if (job.goal == Goal::logsumexp && gain > 1e30) {
            // packed entries have no finite value in their own unit
            for (int64_t row = 0; row < rows.count; ++row) space.outlying[row] = true;
        }
        if (job.goal != Goal::block) finish();
        outliers();
        return Outcome::done;
    }

  private:
    Outcome begin() {
        const Mapping map = mapping_of(method, job.frame);
        const int64_t padded = round_up(rows.count, P);
        for (int64_t panel = 0; panel < padded; panel += P) {
            alignas(64) double norms[P];
            T* x = space.x + panel * job.x.features;
            pack(job.x, rows, panel, P, map, x);
            const Outcome outcome = inspect(job.x, rows, panel, P, x, space.outlying, norms);
            if (outcome != Outcome::done) return outcome;
            for (int lane = 0; lane < P; ++lane) {
                space.norm[panel + lane] = method == Method::product ? static_cast<T>(norms[lane]) : 0;
                space.highest[panel + lane] = -std::numeric_limits<T>::max();
            }
        }
        const int64_t sums = space.sums(job);
        for (int64_t i = 0; i < padded * sums; ++i) space.total[i] = 0.0;
        for (int c = 0; c < C; ++c) space.zeros[c] = 0;
        return Outcome::done;
    }

    // The product form is symmetric to the bit when products are summed first: start at nothing.
    void start_columns() {
        const Chunk<V>& chunk = *space.chunk;
        for (int64_t c = 0; c < chunk.groups() * C; ++c) {
            chunk.start[c] = 0;
            if (c >= chunk.count) chunk.norm[c] = 0;
        }
        if (!job.right()) return;
        const int64_t groups = padded_right(job) / C;
        for (int64_t at = 0; at < chunk.count; at += block_columns) {
            T* block = space.weights + at * padded_right(job);
            for (int64_t g = 0; g < groups; ++g) {
                for (int64_t j = 0; j < block_columns; ++j) {
                    for (int c = 0; c < C; ++c) {
                        const int64_t column = at + j, right = g * C + c;
                        const bool inside = column < chunk.count && right < job.right();
                        block[(g * block_columns + j) * C + c] =
                            inside ? static_cast<T>(job.weights.at(chunk.first + column, right)) : 0;
                    }
                }
            }
        }
    }

    void begin_panel(int64_t panel) {
        raw_packed = false;
        first_diagonal = -1;
        last_diagonal = -2;
        if (!job.row_of || method != Method::product) return;
        for (int lane = 0; lane < P && panel + lane < rows.count; ++lane) {
            const int64_t column = job.row_of[rows[panel + lane]];
            if (column < 0) continue;
            if (first_diagonal < 0 || column < first_diagonal) first_diagonal = column;
            if (column > last_diagonal) last_diagonal = column;
        }
    }

    void forms(int64_t panel, int64_t at, int64_t live) {
        if constexpr (sizeof(T) == 4) {
            if (method == Method::product) return forms_with<Product>(panel, at, live);
        }
        switch (job.form) {
            case Form::squared_euclidean: return forms_with<SquaredGap>(panel, at, live);
            case Form::manhattan: return forms_with<Gap>(panel, at, live);
            case Form::chebyshev: return forms_with<LargestGap>(panel, at, live);
        }
    }

    template <class Step>
    void forms_with(int64_t panel, int64_t at, int64_t live) {
        for (int64_t j = 0; j < live; j += C) {
            Accumulators<V> acc;
            group<Step>(panel, at + j, acc);
            store(space.buffer + j * P, acc);
        }
    }

    [[gnu::always_inline]] static void store(T* to, const Accumulators<V>& acc) {
#pragma GCC unroll 8
        for (int c = 0; c < C; ++c) {
#pragma GCC unroll 8
            for (int r = 0; r < R; ++r) V::store(to + c * P + r * V::width, acc.at[r][c]);
        }
    }

    // Forms of the panel against one group of the chunk's columns.
    template <class Step>
    [[gnu::always_inline]] void group(int64_t panel, int64_t column, Accumulators<V>& acc) {
        const Chunk<V>& chunk = *space.chunk;
        accumulate<V, Step>(space.x + panel * job.x.features,
                            chunk.packed + column * job.x.features, chunk.start + column,
                            job.x.features, acc);
        if constexpr (std::is_same_v<Step, Product>) {
            typename V::mask any = {};
#pragma GCC unroll 8
            for (int c = 0; c < C; ++c) {
                const reg other = V::set1(chunk.norm[column + c]);
#pragma GCC unroll 8
                for (int r = 0; r < R; ++r) {
                    const reg size = V::add(V::load(space.norm + panel + r * V::width), other);
                    const reg t = V::max(V::add(size, acc.at[r][c]), V::set1(0));
                    any = c + r == 0 ? doubt(t, size) : V::either(any, doubt(t, size));
                    acc.at[r][c] = t;
                }
            }
            const int64_t place = chunk.first + column;
            if (V::bits(any) || (place <= last_diagonal && place + C > first_diagonal)) {
                store(space.held, acc);
                mend(panel, column, space.held);
                for (int c = 0; c < C; ++c) {
                    for (int r = 0; r < R; ++r) {
                        acc.at[r][c] = V::load(space.held + c * P + r * V::width);
                    }
                }
            }
        }
    }

    // Plain sums, and products with one column, of the profiles met most: entries never leave the
    // registers. False if the call is of another kind.
    bool fused(int64_t panel, int64_t at, int64_t live) {
        if (sizeof(T) == 8 || job.goal != Goal::sum || job.right() > 1) return false;
        if constexpr (sizeof(T) == 4) {
            const auto with = [&](auto step) {
                using Step = decltype(step);
                switch (job.profile) {
                    case Profile::root: return add<Step, Profile::root>(panel, at, live);
                    case Profile::exponential:
                        return add<Step, Profile::exponential>(panel, at, live);
                    case Profile::root_decay:
                        return add<Step, Profile::root_decay>(panel, at, live);
                    case Profile::matern32: return add<Step, Profile::matern32>(panel, at, live);
                    case Profile::matern52: return add<Step, Profile::matern52>(panel, at, live);
                    default: return false;
                }
            };
            switch (method) {
                case Method::product: return with(Product{});
                case Method::direct: return with(SquaredGap{});
                case Method::gap:
                    return job.profile == Profile::exponential &&
                           add<Gap, Profile::exponential>(panel, at, live);
                default: break;
            }
        }
        return false;
    }

    template <class Step, Profile profile>
    bool add(int64_t panel, int64_t at, int64_t live) {
        const T* weights = space.weights + at * padded_right(job);
        for (int64_t begin = 0; begin < live; begin += feature_block) {
            reg sum[R];
            for (int r = 0; r < R; ++r) sum[r] = V::set1(0);
            const int64_t end = begin + feature_block < live ? begin + feature_block : live;
            for (int64_t j = begin; j < end; j += C) {
                Accumulators<V> acc;
                group<Step>(panel, at + j, acc);
                const bool plain = j + C <= end && job.right() == 0;
#pragma GCC unroll 8
                for (int c = 0; c < C; ++c) {
                    const T one = j + c < end ? T(1) : T(0);
                    const reg weight = V::set1(job.right() ? weights[(j + c) * C] : one);
#pragma GCC unroll 8
                    for (int r = 0; r < R; ++r) {
                        const reg value = entry<V, profile>(acc.at[r][c], rates);
                        sum[r] = plain ? V::add(sum[r], value) : V::fma(value, weight, sum[r]);
                    }
                }
            }
            join(panel, sum, 0);
        }
        return true;
    }

    // Computes the doubtful pairs of one group again, by differences in double.
    void mend(int64_t panel, int64_t column, T* forms) {
        const Chunk<V>& chunk = *space.chunk;
        for (int c = 0; c < C && column + c < chunk.count; ++c) {
            uint64_t wrong = 0;
            for (int r = 0; r < R; ++r) {
                const reg size = V::add(V::load(space.norm + panel + r * V::width),
                                        V::set1(chunk.norm[column + c]));
                const reg t = V::load(forms + c * P + r * V::width);
                wrong |= static_cast<uint64_t>(V::bits(doubt(t, size))) << (r * V::width);
            }
            if (wrong) {
                alignas(64) double again[P];
                differences(panel, chunk.first + column + c, again);
                for (; wrong; wrong &= wrong - 1) {
                    const int lane = __builtin_ctzll(wrong);
                    forms[c * P + lane] = static_cast<T>(again[lane]);
                }
            }
            if (first_diagonal < 0) continue;
            for (int lane = 0; lane < P && panel + lane < rows.count; ++lane) {
                if (job.row_of[rows[panel + lane]] == chunk.first + column + c) {
                    forms[c * P + lane] = 0;
                }
            }
        }
    }

    // Squared distances of a panel's rows to one column, in packed units.
    void differences(int64_t panel, int64_t column, double* out) {
        const int64_t d = job.x.features;
        if (!raw_packed) pack(job.x, rows, panel, P, Mapping{nullptr, 1.0}, space.raw_x);
        raw_packed = true;
        constexpr int wide = P / F64::width;
        F64::reg total[wide];
        for (int w = 0; w < wide; ++w) total[w] = F64::set1(0);
        for (int64_t f = 0; f < d; ++f) {
            const auto b = F64::set1(job.y.at(column, f));
#pragma GCC unroll 16
            for (int w = 0; w < wide; ++w) {
                const auto gap = F64::sub(F64::widen(space.raw_x + f * P + w * F64::width), b);
                total[w] = F64::fma(gap, gap, total[w]);
            }
        }
        const auto unit = F64::set1(job.frame.scale * job.frame.scale);
        for (int w = 0; w < wide; ++w) F64::store(out + w * F64::width, F64::mul(total[w], unit));
    }

    // Forms in the buffer become entries, or logarithms to base 2 where sums need them.
    void entries(int64_t live) {
        switch (job.profile) {
#define GRAMIAN_PROFILE(name)      \
    case Profile::name:            \
        return job.logarithm ? apply<Profile::name, true>(live) : apply<Profile::name, false>(live);
            GRAMIAN_PROFILE(identity)
            GRAMIAN_PROFILE(root)
            GRAMIAN_PROFILE(exponential)
            GRAMIAN_PROFILE(root_decay)
            GRAMIAN_PROFILE(matern32)
            GRAMIAN_PROFILE(matern52)
            GRAMIAN_PROFILE(rational)
            GRAMIAN_PROFILE(tophat)
            GRAMIAN_PROFILE(epanechnikov)
            GRAMIAN_PROFILE(triangular)
            GRAMIAN_PROFILE(cosine)
#undef GRAMIAN_PROFILE
        }
    }

    template <Profile profile, bool logs>
    void apply(int64_t live) {
        for (int64_t i = 0; i < live * P; i += V::width) {
            const reg t = V::load(space.buffer + i);
            if constexpr (logs) {
                V::store(space.buffer + i, log_entry<V, profile>(t, rates));
            } else {
                V::store(space.buffer + i, entry<V, profile>(t, rates));
            }
        }
    }

    void reduce(int64_t panel, int64_t at, int64_t live) {
        switch (job.goal) {
            case Goal::sum:
                return add_up(panel, at, live);
            case Goal::weighted_mean:
            case Goal::logsumexp:
                raise(panel, live);
                return add_up(panel, at, live);
            case Goal::block:
                return write(panel, at, live);
        }
    }

    // Entries become 2^(logarithm - highest so far); sums so far follow when the highest rises.
    void raise(int64_t panel, int64_t live) {
        const reg to_base_2 = V::set1(job.logarithm ? T(1) : static_cast<T>(gain * log2_e));
        const int64_t sums = space.sums(job);
        for (int r = 0; r < R; ++r) {
            T* column = space.buffer + r * V::width;
            const reg before = V::load(space.highest + panel + r * V::width);
            reg highest = before;
            for (int64_t j = 0; j < live; ++j) {
                const reg value = V::mul(V::load(column + j * P), to_base_2);
                highest = V::max(highest, value);
                V::store(column + j * P, value);
            }
            for (int64_t j = 0; j < live; ++j) {
                V::store(column + j * P, exp2<V>(V::sub(V::load(column + j * P), highest)));
            }
            if (!V::bits(V::lt(before, highest))) continue;
            for (int lane = 0; lane < V::width; ++lane) {
                const int64_t row = panel + r * V::width + lane;
                alignas(64) T raised[V::width];
                V::store(raised, highest);
                if (!(space.highest[row] < raised[lane])) continue;
                const double factor = std::exp2(static_cast<double>(space.highest[row]) - raised[lane]);
                for (int64_t i = 0; i < sums; ++i) space.total[row * sums + i] *= factor;
                space.highest[row] = raised[lane];
            }
        }
    }

    void add_up(int64_t panel, int64_t at, int64_t live) {
        const int64_t right = job.right();
        if (right == 0 || job.goal == Goal::weighted_mean) {
            for (int64_t j = 0; j < live; j += feature_block) {
                const int64_t end = j + feature_block < live ? j + feature_block : live;
                reg sum[R];
                for (int r = 0; r < R; ++r) sum[r] = V::load(space.buffer + j * P + r * V::width);
                for (int64_t i = j + 1; i < end; ++i) {
#pragma GCC unroll 8
                    for (int r = 0; r < R; ++r) {
                        sum[r] = V::add(sum[r], V::load(space.buffer + i * P + r * V::width));
                    }
                }
                join(panel, sum, right);
            }
        }
        if (right == 0) return;
        const T* block = space.weights + at * padded_right(job);
        for (int64_t g = 0; g < right; g += C, block += block_columns * C) {
            Accumulators<V> acc;
            accumulate<V, Product>(space.buffer, block, space.zeros, live, acc);
            for (int c = 0; c < C && g + c < right; ++c) {
                reg sum[R];
                for (int r = 0; r < R; ++r) sum[r] = acc.at[r][c];
                join(panel, sum, g + c);
            }
        }
    }

    // Adds a short float sum to the row's total in double.
    void join(int64_t panel, const reg (&sum)[R], int64_t which) {
        const int64_t sums = space.sums(job);
        alignas(64) T part[P];
        for (int r = 0; r < R; ++r) V::store(part + r * V::width, sum[r]);
        double* total = space.total + panel * sums + which;
        for (int lane = 0; lane < P; ++lane) total[lane * sums] += static_cast<double>(part[lane]);
    }

    void write(int64_t panel, int64_t at, int64_t live) {
        const T factor = static_cast<T>(gain);
        T* out = static_cast<T*>(job.out);
        const int64_t column = space.chunk->first + at;
        for (int r = 0; r < P; r += V::width) {
            const int64_t left = rows.count - panel - r;
            for (int64_t j = 0; j < live; j += V::width) {
                T* corner = out + rows[panel + r] * job.out_stride + column + j;
                if constexpr (sizeof(T) == 4) {
                    if (left >= V::width && j + V::width <= live && gain > 1e-30 && gain < 1e30) {
                        reg square[V::width];
                        for (int i = 0; i < V::width; ++i) {
                            square[i] = V::load(space.buffer + (j + i) * P + r);
                        }
                        transpose(square);
                        for (int i = 0; i < V::width; ++i) {
                            V::storeu(corner + i * job.out_stride,
                                      V::mul(square[i], V::set1(factor)));
                        }
                        continue;
                    }
                }
                for (int64_t i = 0; i < V::width && i < left; ++i) {
                    for (int64_t c = 0; c < V::width && j + c < live; ++c) {
                        const double packed = space.buffer[(j + c) * P + r + i];
                        corner[i * job.out_stride + c] = static_cast<T>(packed * gain);
                    }
                }
            }
        }
    }

    void finish() {
        const int64_t sums = space.sums(job), right = job.right();
        T* out = static_cast<T*>(job.out);
        for (int64_t row = 0; row < rows.count; ++row) {
            const double* total = space.total + row * sums;
            const int64_t to = rows[row] * job.out_stride;
            if (job.goal == Goal::logsumexp) {
                const double highest = space.highest[row];
                out[to] = static_cast<T>(std::isfinite(highest)
                                             ? (highest + std::log2(total[0])) / log2_e
                                             : highest);
            } else if (job.goal == Goal::weighted_mean) {
                for (int64_t i = 0; i < right; ++i) out[to + i] = static_cast<T>(total[i] / total[right]);
            } else {
                for (int64_t i = 0; i < sums; ++i) out[to + i] = static_cast<T>(total[i] * gain);
            }
        }
    }

    // Rows too far out for packed numbers, in plain double.
    void outliers() {
        for (int64_t row = 0; row < rows.count; ++row) {
            if (space.outlying[row]) outlier(rows[row], space.total + row * space.sums(job));
        }
    }

    void outlier(int64_t row, double* total) {
        const int64_t sums = space.sums(job), right = job.right();
        T* out = static_cast<T*>(job.out) + row * job.out_stride;
        const bool shifted = job.goal == Goal::weighted_mean || job.goal == Goal::logsumexp;
        const auto value = [&](int64_t j) {
            double form = 0.0;
            exact_pairs(job.form, job.x, &row, job.y, &j, 1, &form);
            if (job.row_of && job.row_of[row] == j) form = 0.0;
            return job.logarithm ? log_entry_of(job.profile, form, job.rate, job.alpha)
                                 : entry_of(job.profile, form, job.rate, job.alpha);
        };
        double highest = -std::numeric_limits<double>::infinity();
        for (int64_t j = 0; shifted && j < job.y.rows; ++j) highest = std::fmax(highest, value(j));
        for (int64_t i = 0; i < sums; ++i) total[i] = 0.0;
        for (int64_t j = 0; j < job.y.rows; ++j) {
            double weight = value(j);
            if (job.goal == Goal::block) {
                out[j] = static_cast<T>(weight);
                continue;
            }
            if (shifted) weight = job.logarithm ? std::exp2(weight - highest) : std::exp(weight - highest);
            if (right == 0 || job.goal == Goal::weighted_mean) total[right] += weight;
            for (int64_t i = 0; i < right; ++i) total[i] += weight * job.weights.at(j, i);
        }
        if (job.goal == Goal::block) return;
        if (job.goal == Goal::logsumexp) {
            const double top = job.logarithm ? highest / log2_e : highest;
            out[0] = static_cast<T>(std::isfinite(top) ? top + std::log(total[0]) : top);
        } else if (job.goal == Goal::weighted_mean) {
            for (int64_t i = 0; i < right; ++i) out[i] = static_cast<T>(total[i] / total[right]);
        } else {
            for (int64_t i = 0; i < sums; ++i) out[i] = static_cast<T>(total[i]);
        }
    }
};

inline Tiles sum_tiles(const Sum& job) {
    return job.x.is_double ? sum_tiles_of<F64>(job) : sum_tiles_of<F32>(job);
}

inline size_t sum_bytes(const Sum& job) {
    Arena count(nullptr);
    if (job.x.is_double) {
        SumSpace<F64> space(job, count);
    } else {
        SumSpace<F32> space(job, count);
    }
    return count.used();
}

template <class V>
inline Outcome sum_with(const Sum& job, int64_t tile, void* scratch, Method method, Watch& watch) {
    Arena arena(scratch);
    SumSpace<V> space(job, arena);
    const int64_t first = tile * space.tiles.rows, left = job.x.rows - first;
    const Rows rows{nullptr, first, left < space.tiles.rows ? left : space.tiles.rows};
    return SumTile<V>(job, space, rows, method).run(watch);
}

inline Outcome sum(const Sum& job, int64_t tile, void* scratch, Watch& watch) {
    if (job.x.is_double) return sum_with<F64>(job, tile, scratch, Method::plain, watch);
    return sum_with<F32>(job, tile, scratch, method_of(job.form, job.x, job.frame), watch);
}

}  // namespace gramian::GRAMIAN_ISA
