// The passes of DBSCAN over the blocks, for one instruction set.
//
// Points are compared in double, without fused operations, features in order: what brute force
// computes, eight pairs or fewer at a time. The limit is arithmetic: for d features of squared
// Euclidean distance 3 d + 1 vector operations for a vector of pairs.
#include <cmath>

#include "blocks.h"
#include "boxes.h"
#include "forest.h"

namespace gramian::GRAMIAN_ISA {

using grid::Block;
using grid::Job;
using grid::Node;
using grid::Space;

// Pairs of rows of type T in `fixed` features, 2 or 3, or in however many where that is 0.
template <Form form, class T, int fixed>
struct Pairs {
    using reg = F64::reg;
    static constexpr int64_t stretch = 16;  // features between looks at the totals

    static int64_t features(const Job& job) { return fixed ? fixed : job.features; }

    static void point(const Job& job, const Block& block, int32_t row, double* out) {
        const T* points = static_cast<const T*>(block.points);
        for (int64_t f = 0; f < features(job); ++f) {
            out[f] = static_cast<double>(points[f * block.stride + row]);
        }
    }

    static reg add(reg total, reg gap) {
        if constexpr (form == Form::squared_euclidean) return F64::add(total, F64::mul(gap, gap));
        if constexpr (form == Form::manhattan) return F64::add(total, F64::abs(gap));
        return F64::max(total, F64::abs(gap));
    }

    // Asks `met(first, bits)` about each vector of the block's first rows that holds some within
    // reach of the point; ends, with true, when it says so.
    template <class Met>
    [[gnu::always_inline]] static bool scan(const Job& job, const double* point,
                                            const Block& block, int32_t rows, Met met) {
        const T* points = static_cast<const T*>(block.points);
        const reg reach = F64::set1(job.reach);
        for (int32_t i = 0; i < rows; i += F64::width) {
            reg total = F64::set1(0.0);
            const auto next = [&](int64_t f) {
                const reg there = F64::widen(points + f * block.stride + i);
                total = add(total, F64::sub(there, F64::set1(point[f])));
            };
            if constexpr (fixed > 0) {
                next(0);
                next(1);
                if constexpr (fixed == 3) next(2);
            } else {
                int64_t f = 0;
                for (; f + stretch < job.features; f += stretch) {
                    for (int64_t g = f; g < f + stretch; ++g) next(g);
                    if (!F64::bits(F64::le(total, reach))) break;  // a total only grows
                }
                if (f + stretch < job.features) continue;
                for (; f < job.features; ++f) next(f);
            }
            uint32_t bits = F64::bits(F64::le(total, reach));
            if (rows - i < F64::width) bits &= (1u << (rows - i)) - 1;
            if (bits && met(i, bits)) return true;
        }
        return false;
    }

    static bool any(const Job& job, const double* point, const Block& block, int32_t rows) {
        return scan(job, point, block, rows, [](int32_t, uint32_t) { return true; });
    }

    // Whether the nearest corners of two boxes are beyond reach, or a point from a box: then
    // `low` and `high` are both the point.
    static bool apart(const Job& job, const double* low, const double* high, const double* box) {
        const int64_t d = features(job);
        if constexpr (fixed > 0) return grid::gaps<form>(low, high, box, d, d) > job.reach;
        constexpr int64_t width = F64::width;
        reg totals = F64::set1(0.0);
        int64_t f = 0;
        for (; f + width <= d; f += width) {
            const reg above = F64::sub(F64::loadu(box + f), F64::loadu(high + f));
            const reg below = F64::sub(F64::loadu(low + f), F64::loadu(box + d + f));
            totals = add(totals, F64::max(F64::max(above, below), F64::set1(0.0)));
        }
        double held[width];
        F64::storeu(held, totals);
        double total = grid::gaps<form>(low + f, high + f, box + f, d - f, d);
        for (const double one : held) total = grid::add_up<form>(total, one);
        // another order than that of the features: what rounding may add does not count
        return total > job.beyond_reach;
    }

    static bool beyond(const Job& job, const double* point, const Block& block) {
        return apart(job, point, point, job.boxes + int64_t{block.node} * 2 * features(job));
    }

    // Asks `met(block)` about each block from node `start` on whose box comes within reach of
    // `box`; `inside(node)` tells whether a node that does is done with at once.
    template <class Inside, class Met>
    [[gnu::always_inline]] static void meet(const Job& job, const double* box, int32_t start,
                                            Inside inside, Met met) {
        const int64_t d = features(job);
        for (int32_t i = start; i < job.n_nodes;) {
            const Node& node = job.nodes[i];
            const double* other = job.boxes + int64_t{i} * 2 * d;
            if (apart(job, box, box + d, other) || inside(node, other)) {
                i = node.next;
                continue;
            }
            if (node.block >= 0) met(node.block);
            ++i;
        }
    }

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

    static void box_of(const Job& job, const Block& block, int32_t first, int32_t last,
                       double* box) {
        const int64_t d = features(job);
        grid::empty_box(box, d);
        for (int64_t f = 0; f < d; ++f) {
            const T* values = static_cast<const T*>(block.points) + f * block.stride;
            for (int32_t i = first; i < last; ++i) {
                grid::widen_box(box, d, f, static_cast<double>(values[i]),
                                static_cast<double>(values[i]));
            }
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

// Calls `use` with the type of pairs that a job has.
template <class Use>
[[gnu::always_inline]] inline void with_pairs(const Job& job, Use use) {
    grid::with_form(job.form, [&](auto form) {
        if (form() == Form::squared_euclidean && job.features == 2) {
            job.is_double ? use(Pairs<form(), double, 2>{}) : use(Pairs<form(), float, 2>{});
        } else if (form() == Form::squared_euclidean && job.features == 3) {
            job.is_double ? use(Pairs<form(), double, 3>{}) : use(Pairs<form(), float, 3>{});
        } else {
            job.is_double ? use(Pairs<form(), double, 0>{}) : use(Pairs<form(), float, 0>{});
        }
    });
}

#define GRAMIAN_PASS(name)                                                    \
    inline void name(const Job& job, int32_t block, const Space& space) {     \
        with_pairs(job, [&](auto pairs) { pairs.name(job, block, space); });  \
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
