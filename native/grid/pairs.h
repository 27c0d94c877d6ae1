// Rows and boxes compared, for one instruction set.
//
// Points are compared in double, without fused operations, features in order: what brute force
// computes, eight pairs or fewer at a time. The limit is arithmetic: for d features of squared
// Euclidean distance 3 d + 1 vector operations for a vector of pairs.
#pragma once
#include "blocks.h"
#include "boxes.h"

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
};

}  // namespace gramian::GRAMIAN_ISA
