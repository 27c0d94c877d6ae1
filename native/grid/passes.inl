// The passes of DBSCAN over the blocks, for one instruction set.
#include <cmath>

#include "forest.h"
#include "pairs.h"

namespace gramian::GRAMIAN_ISA {

template <Form form, class T, int fixed>
struct Steps : Pairs<form, T, fixed> {
    using Of = Pairs<form, T, fixed>;
    using Of::any, Of::beyond, Of::box_of, Of::features, Of::meet, Of::point, Of::scan;

    static void count(const Job& job, int32_t a, const Space& space) {
        const Block& block = job.blocks[a];
        if (block.cores == block.rows) return;  // of a smaller radius already
        const int64_t d = features(job);
        const double* box = job.boxes + int64_t{block.node} * 2 * d;
        int32_t near = 1;
        int64_t sure = 0;
        bool own = true;
        meet(
            job, box, 0,
            [&](const Node& node, const double* other) {
                // every row of the node is a neighbour of every row of the block
                if (job.weights || !grid::surrounded<form>(box, other, d, job.reach)) return false;
                sure += node.rows;
                own = own && !(node.first <= block.first && block.first < node.first + node.rows);
                return true;
            },
            [&](int32_t b) {
                if (b != a) space.near[near++] = b;
            });
        space.near[0] = a;  // its own rows are the nearest
        bool* core = job.core + block.first;
        if (job.weights) {
            for (int32_t i = block.cores; i < block.rows; ++i) {
                core[i] = heavy(job, block, i, near, space);
            }
            return;
        }
        for (int32_t i = block.cores; i < block.rows; ++i) {
            int64_t found = sure;
            if (static_cast<double>(found) < job.wanted) {
                point(job, block, i, space.point);
            }
            for (int32_t b = own ? 0 : 1; b < near && static_cast<double>(found) < job.wanted; ++b) {
                const Block& other = job.blocks[space.near[b]];
                if (other.rows > F64::width && beyond(job, space.point, other)) continue;
                scan(job, space.point, other, other.rows, [&](int32_t, uint32_t bits) {
                    found += __builtin_popcount(bits);
                    return false;
                });
            }
            core[i] = static_cast<double>(found) >= job.wanted;
        }
    }

    // Whether the weights within reach of a row add up to what is wanted. The sum is told by a
    // rough one unless they are as good as equal: then it is added up in the order of the rows.
    static bool heavy(const Job& job, const Block& block, int32_t i, int32_t near,
                      const Space& space) {
        constexpr double margin = 1e-6;  // far beyond the rounding of any order of the sum
        point(job, block, i, space.point);
        double sum = 0.0, size = job.wanted;
        int64_t found = 0;
        for (int32_t b = 0; b < near; ++b) {
            const Block& other = job.blocks[space.near[b]];
            scan(job, space.point, other, other.rows, [&](int32_t first, uint32_t bits) {
                for (; bits; bits &= bits - 1) {
                    const int32_t row = job.order[other.first + first + __builtin_ctz(bits)];
                    space.found[found++] = row;
                    sum += job.weights[row];
                    size += std::fabs(job.weights[row]);
                }
                return false;
            });
            if (!job.negative && sum - job.wanted > margin * size) return true;
        }
        if (std::fabs(sum - job.wanted) > margin * size) return sum > job.wanted;
        return grid::total_in_order(space.found, found, job.weights) >= job.wanted;
    }

    // Core rows come first and are joined where they are within reach of each other. The block's box
    // becomes theirs.
    static void arrange(const Job& job, int32_t a, const Space& space) {
        Block& block = job.blocks[a];
        const int64_t d = features(job);
        double* box = job.boxes + int64_t{block.node} * 2 * d;
        const bool together = grid::surrounded<form>(box, box, d, job.reach);
        bool* core = job.core + block.first;
        for (int32_t i = block.cores; i < block.rows; ++i) {
            job.parent[block.first + i].store(block.first + i, std::memory_order_relaxed);
        }
        for (int32_t i = block.cores; i < block.rows; ++i) {
            if (!core[i]) continue;
            if (i != block.cores) exchange(job, block, block.cores, i);
            ++block.cores;
        }
        box_of(job, block, 0, block.cores, box);
        join_rows(job, block, together, space);
    }

    static void exchange(const Job& job, const Block& block, int32_t i, int32_t j) {
        bool* core = job.core + block.first;
        const bool held = core[i];
        core[i] = core[j];
        core[j] = held;
        int32_t* order = job.order + block.first;
        const int32_t row = order[i];
        order[i] = order[j];
        order[j] = row;
        for (int64_t f = 0; f < features(job); ++f) {
            T* values = static_cast<T*>(block.points) + f * block.stride;
            const T value = values[i];
            values[i] = values[j];
            values[j] = value;
        }
    }

    // The core rows of one block; those of a block that lies together need no distances.
    static void join_rows(const Job& job, Block& block, bool together, const Space& space) {
        int32_t sets = block.cores;  // at most
        for (int32_t i = 1; i < block.cores && sets > 1; ++i) {
            if (together) {
                sets -= grid::unite(job.parent, block.first, block.first + i);
                continue;
            }
            point(job, block, i, space.point);
            scan(job, space.point, block, i, [&](int32_t first, uint32_t bits) {
                for (; bits; bits &= bits - 1) {
                    sets -= grid::unite(job.parent, block.first + i,
                                        block.first + first + __builtin_ctz(bits));
                }
                return sets == 1;
            });
        }
        block.whole = true;
        const int32_t root = grid::find_root(job.parent, block.first);
        for (int32_t i = 1; i < block.cores; ++i) {
            if (grid::find_root(job.parent, block.first + i) != root) block.whole = false;
        }
    }

    static void join(const Job& job, int32_t a, const Space& space) {
        const Block& block = job.blocks[a];
        if (!block.cores) return;
        const double* box = job.boxes + int64_t{block.node} * 2 * features(job);
        meet(job, box, block.node + 1, [](const Node&, const double*) { return false; },
             [&](int32_t b) {
                 const Block& other = job.blocks[b];
                 if (block.whole && other.whole) {
                     join_wholes(job, block, other, space);
                 } else if (block.whole) {
                     join_each(job, other, block, space);
                 } else {
                     join_each(job, block, other, space);
                 }
             });
    }

    // Two blocks that are one set each: the first pair within reach is enough.
    static void join_wholes(const Job& job, const Block& a, const Block& b, const Space& space) {
        if (grid::find_root(job.parent, a.first) == grid::find_root(job.parent, b.first)) return;
        for (int32_t i = 0; i < a.cores; ++i) {
            point(job, a, i, space.point);
            if (beyond(job, space.point, b)) continue;
            if (!any(job, space.point, b, b.cores)) continue;
            grid::unite(job.parent, a.first, b.first);
            return;
        }
    }

    // Every core row of a with those of b within its reach; one of them where b is one set.
    static void join_each(const Job& job, const Block& a, const Block& b, const Space& space) {
        for (int32_t i = 0; i < a.cores; ++i) {
            const int32_t here = a.first + i;
            if (b.whole && grid::find_root(job.parent, here) ==
                               grid::find_root(job.parent, b.first)) {
                continue;
            }
            point(job, a, i, space.point);
            if (beyond(job, space.point, b)) continue;
            scan(job, space.point, b, b.cores, [&](int32_t first, uint32_t bits) {
                for (; bits; bits &= bits - 1) {
                    grid::unite(job.parent, here, b.first + first + __builtin_ctz(bits));
                }
                return b.whole;
            });
        }
    }

    // Each row that is not core gets the lowest label of a core row within reach, if there is one.
    static void border(const Job& job, int32_t a, const Space& space) {
        const Block& block = job.blocks[a];
        if (block.cores == block.rows) return;
        box_of(job, block, block.cores, block.rows, space.box);
        int32_t near = 0;
        meet(job, space.box, 0, [](const Node&, const double*) { return false; },
             [&](int32_t b) { space.near[near++] = b; });
        for (int32_t i = block.cores; i < block.rows; ++i) {
            point(job, block, i, space.point);
            int64_t lowest = -1;
            for (int32_t b = 0; b < near; ++b) {
                const Block& other = job.blocks[space.near[b]];
                if (other.whole && lowest >= 0 && other.label >= lowest) continue;
                if (beyond(job, space.point, other)) continue;
                scan(job, space.point, other, other.cores, [&](int32_t first, uint32_t bits) {
                    for (; bits; bits &= bits - 1) {
                        const int32_t there = other.first + first + __builtin_ctz(bits);
                        const int64_t label = job.labels[job.order[there]];
                        if (lowest < 0 || label < lowest) lowest = label;
                    }
                    return other.whole;
                });
            }
            job.labels[job.order[block.first + i]] = lowest;
        }
    }
};

// Calls `use` with the steps for a job's type of rows.
template <class Use>
[[gnu::always_inline]] inline void with_steps(const Job& job, Use use) {
    grid::with_form(job.form, [&](auto form) {
        if (form() == Form::squared_euclidean && job.features == 2) {
            job.is_double ? use(Steps<form(), double, 2>{}) : use(Steps<form(), float, 2>{});
        } else if (form() == Form::squared_euclidean && job.features == 3) {
            job.is_double ? use(Steps<form(), double, 3>{}) : use(Steps<form(), float, 3>{});
        } else {
            job.is_double ? use(Steps<form(), double, 0>{}) : use(Steps<form(), float, 0>{});
        }
    });
}

#define GRAMIAN_PASS(name)                                                    \
    inline void name(const Job& job, int32_t block, const Space& space) {     \
        with_steps(job, [&](auto steps) { steps.name(job, block, space); });  \
    }
GRAMIAN_PASS(count)
GRAMIAN_PASS(arrange)
GRAMIAN_PASS(join)
GRAMIAN_PASS(border)
#undef GRAMIAN_PASS

#define GRAMIAN_NAME_OF(isa) #isa
#define GRAMIAN_NAME(isa) GRAMIAN_NAME_OF(isa)

extern const grid::Passes passes;
const grid::Passes passes{GRAMIAN_NAME(GRAMIAN_ISA), count, arrange, join, border};

}  // namespace gramian::GRAMIAN_ISA
