// Sums over the columns of a tile. The entries met most never leave the registers. Others go by a
// buffer that stays in cache: forms of a panel against a block of columns become entries there, and
// are then added up, multiplied with right-hand sides by the same micro-tile, or written out.
#pragma once
#include "../simd/flush.h"
#include "block.h"
#include "entries.h"
#include "outlier.h"
#include "totals.h"

namespace gramian::GRAMIAN_ISA {

constexpr int64_t float_sum = 64;  // entries added in floats before they join a total in double

// Whether what is below the normal numbers may count as zero: entries of a kernel beside its largest
// ones. Distances may all be small, and an entry that is asked for by itself is given as it is.
inline bool may_flush(const Sum& job) {
    return job.goal != Goal::block && job.profile != Profile::identity &&
           job.profile != Profile::root;
}

template <class V>
class SumTile {
  public:
    using T = typename V::scalar;
    using reg = typename V::reg;
    static constexpr int R = V::row_vectors, C = V::columns, P = Shape<V>::rows;

    SumTile(const Sum& job, SumSpace<V>& space, const Rows& rows, Method method)
        : job_(job),
          space_(space),
          rows_(rows),
          method_(method),
          entries_(job, space, rows_, method),
          gain_(entries_.gain()),
          totals_(job, space) {}

    Outcome run(Watch& watch) {
        const Outcome outcome = begin();
        if (outcome != Outcome::done) return outcome;
        Chunk<V>& chunk = *space_.chunk;
        const int64_t columns = space_.tiles.columns;
        for (int64_t first = 0; first < job_.y.rows; first += columns) {
            if (watch.stop()) return Outcome::stopped;
            const bool fresh = chunk.first != first;
            fill(chunk, job_.y, first, columns, method_, mapping_of(method_, job_.frame), 0.0);
            if (fresh) space_.pack_weights(job_);
            const FlushUnderflow flush(may_flush(job_));
            for (int64_t panel = 0; panel < rows_.count; panel += P) {
                entries_.begin(panel);
                for (int64_t at = 0; at < chunk.count; at += block_columns) {
                    const int64_t left = chunk.count - at;
                    block(panel, at, left < block_columns ? left : block_columns);
                }
                totals_.settle(panel);
            }
        }
        if (job_.goal != Goal::block) totals_.finish(rows_, gain_);
        // the logarithms of packed entries may have no finite value in their own unit
        const bool beyond = job_.goal == Goal::logsumexp && gain_ > 1e30;
        for (int64_t row = 0; row < rows_.count; ++row) {
            if (space_.outlying[row] || beyond) {
                write_outlier<T>(job_, rows_[row], space_.total);
            }
        }
        return Outcome::done;
    }

  private:
    Outcome begin() {
        const Mapping map = mapping_of(method_, job_.frame);
        const int64_t padded = round_up(rows_.count, P);
        for (int64_t panel = 0; panel < padded; panel += P) {
            alignas(64) double norms[P];
            T* x = space_.x + panel * job_.x.features;
            pack<P>(job_.x, rows_, panel, map, x);
            const Outcome outcome = inspect(job_.x, rows_, panel, P, x, space_.outlying, norms);
            if (outcome != Outcome::done) return outcome;
            for (int lane = 0; lane < P; ++lane) {
                space_.norm[panel + lane] = static_cast<T>(norms[lane]);
            }
        }
        totals_.clear(padded);
        return Outcome::done;
    }

    void block(int64_t panel, int64_t at, int64_t live) {
        if (in_registers(panel, at, live)) return;
        entries_.block(at, live);
        if (job_.goal == Goal::block) {
            return write_block(job_, space_, rows_, panel, space_.chunk->first + at, live, gain_);
        }
        if (job_.goal != Goal::sum) {
            totals_.raise(panel, live, job_.logarithm ? 1.0 : gain_ * log2_e);
        }
        add_up(panel, at, live);
    }

    // Sums of the profiles met most: entries are made where the forms are. False if the call is of
    // another kind.
    bool in_registers(int64_t panel, int64_t at, int64_t live) {
        if (job_.goal != Goal::sum || !entries_.bounded()) return false;
        const auto with = [&](auto step) {
            using Step = decltype(step);
            switch (job_.profile) {
                case Profile::root: return make<Step, Profile::root>(panel, at, live);
                case Profile::exponential: return make<Step, Profile::exponential>(panel, at, live);
                case Profile::root_decay: return make<Step, Profile::root_decay>(panel, at, live);
                case Profile::matern32: return make<Step, Profile::matern32>(panel, at, live);
                case Profile::matern52: return make<Step, Profile::matern52>(panel, at, live);
                default: return false;
            }
        };
        switch (job_.form) {
            case Form::squared_euclidean:
                if constexpr (sizeof(T) == 4) {
                    if (method_ == Method::product) return with(Product{});
                }
                return with(SquaredGap{});
            case Form::manhattan:
                return job_.profile == Profile::exponential &&
                       make<Gap, Profile::exponential>(panel, at, live);
            default: return false;
        }
    }

    template <class Step, Profile profile>
    bool make(int64_t panel, int64_t at, int64_t live) {
        if constexpr (Entries<V>::template in_turns<Step, profile>) {
            if (entries_.worth_turns()) {
                entries_.template roots_in_turns<Step>(at, live);
                add_up(panel, at, live);
                return true;
            }
        }
        if (job_.right() > 1) {
            for (int64_t j = 0; j < live; j += C) {
                T* to = space_.buffer + j * P;
                entries_.template group<Step, profile>(at + j, [&](int c, int r, reg value) {
                    V::store(to + c * P + r * V::width, value);
                });
            }
            add_up(panel, at, live);
            return true;
        }
        add_groups(panel, live, [&](int64_t j, reg* part) __attribute__((always_inline)) {
            const T* weight = space_.single + at + j;
            entries_.template group<Step, profile>(at + j, [&](int c, int r, reg value) {
                part[r] = fma_each<V>(value, weight + c, part[r]);
            });
        });
        return true;
    }

    // Adds up what `add(j, part)` adds to the parts for the group of columns from j on: a group by
    // itself first, which makes chains of C and float_sum / C, not of float_sum.
    template <class Add>
    [[gnu::always_inline]] void add_groups(int64_t panel, int64_t live, Add add) {
        for (int64_t first = 0; first < live; first += float_sum) {
            reg sum[R];
            for (int r = 0; r < R; ++r) sum[r] = V::set1(0);
            const int64_t left = live - first, last = left < float_sum ? live : first + float_sum;
            for (int64_t j = first; j < last; j += C) {
                reg part[R];
                for (int r = 0; r < R; ++r) part[r] = V::set1(0);
                add(j, part);
                for (int r = 0; r < R; ++r) sum[r] = V::add(sum[r], part[r]);
            }
            totals_.join(panel, 0, sum);
        }
    }

    // Adds the entries in the buffer, plain or times the right-hand sides, to the totals.
    void add_up(int64_t panel, int64_t at, int64_t live) {
        const int64_t right = job_.right();
        // as `make` does it, so that a panel's way has no part in the result
        if (alone(job_)) {
            return add_groups(panel, live, [&](int64_t j, reg* part) {
                const T *weight = space_.single + at + j, *from = space_.buffer + j * P;
                for (int c = 0; c < C; ++c) {
                    for (int r = 0; r < R; ++r) {
                        const auto value = V::load(from + c * P + r * V::width);
                        part[r] = fma_each<V>(value, weight + c, part[r]);
                    }
                }
            });
        }
        reg sum[R];
        if (right == 0 || job_.goal == Goal::weighted_mean) {
            for (int64_t first = 0; first < live; first += float_sum) {
                const int64_t left = live - first;
                const int64_t last = left < float_sum ? live : first + float_sum;
                for (int r = 0; r < R; ++r) sum[r] = V::set1(0);
                for (int64_t j = first; j < last; ++j) {
#pragma GCC unroll 8
                    for (int r = 0; r < R; ++r) {
                        sum[r] = V::add(sum[r], V::load(space_.buffer + j * P + r * V::width));
                    }
                }
                totals_.join(panel, right, sum);
            }
        }
        // one chain of `block_columns` entries at most
        const T* weights = space_.weights + at * padded_right(job_);
        for (int64_t g = 0; g < right; g += C, weights += block_columns * C) {
            Accumulators<V> acc;
            accumulate<V, Product, 0>(space_.buffer, weights, nothing<V>, live, acc);
            if (job_.goal == Goal::sum) {
                totals_.gather(g, acc);
                continue;
            }
            hold<V>(acc, space_.held);
            for (int c = 0; c < C && g + c < right; ++c) {
                for (int r = 0; r < R; ++r) {
                    sum[r] = V::load(space_.held + c * P + r * V::width);
                }
                totals_.join(panel, g + c, sum);
            }
        }
        if (job_.goal == Goal::sum) totals_.count(panel);
    }

    const Sum& job_;
    SumSpace<V>& space_;
    const Rows rows_;
    const Method method_;
    Entries<V> entries_;
    const double gain_;
    Totals<V> totals_;
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
