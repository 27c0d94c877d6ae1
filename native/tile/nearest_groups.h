// The first pass where features are few and registers many. What limits such a search is not the
// forms but the comparisons, so it compares groups of columns: of each group it takes the smallest
// form, and it keeps the forms of the best group in registers. Only at the end are those compared
// one by one. A form costs one comparison and one move instead of four comparisons.
#pragma once
#include "search_space.h"

namespace gramian::GRAMIAN_ISA {

constexpr int64_t comparisons_limit = 64;  // features up to which comparisons are worth saving

// What a vector of rows has found: the smallest form, the next, and the smallest one's column.
template <class V>
struct NearestTwo {
    typename V::reg best, second;
    typename V::whole column;
};

// The best of `groups` groups of columns, whose forms `forms(g, form)` computes, and of two forms
// that are known already; the column means nothing where the best is one of these.
template <class V, class Forms>
[[gnu::always_inline]] inline NearestTwo<V> nearest_of_groups(int64_t groups, typename V::reg best,
                                                              typename V::reg second, Forms forms) {
    constexpr int C = V::columns;
    const auto infinity = V::set1(std::numeric_limits<float>::infinity());
    auto group = V::whole1(0);
    typename V::reg held[C];
#pragma GCC unroll 8
    for (int c = 0; c < C; ++c) held[c] = infinity;
    for (int64_t g = 0; g < groups; ++g) {
        typename V::reg form[C], least_of[C];
        forms(g, form);
#pragma GCC unroll 8
        for (int c = 0; c < C; ++c) least_of[c] = form[c];
#pragma GCC unroll 3
        for (int half = C / 2; half > 0; half /= 2) {
#pragma GCC unroll 8
            for (int c = 0; c < half; ++c) least_of[c] = V::min(least_of[c], least_of[c + half]);
        }
        const auto better = V::lt(least_of[0], best);
        second = V::min(second, V::max(best, least_of[0]));
        best = V::min(best, least_of[0]);
        group = V::select(better, V::whole1(static_cast<int32_t>(g)), group);
#pragma GCC unroll 8
        for (int c = 0; c < C; ++c) held[c] = V::select(better, form[c], held[c]);
    }
    auto lowest = infinity;
    auto place = V::whole1(0);
#pragma GCC unroll 8
    for (int c = 0; c < C; ++c) {
        second = V::min(second, V::max(lowest, held[c]));
        place = V::select(V::lt(held[c], lowest), V::whole1(c), place);
        lowest = V::min(lowest, held[c]);
    }
    return {best, second, V::mul_add(group, C, place)};
}

// One vector of rows, `x`, against the chunk that is packed now.
template <class V, class Step, int64_t Features>
inline void groups_pass(const Search& job, const SearchSpace& space, int64_t row, const float* x) {
    constexpr int C = V::columns;
    const Chunk<V>& chunk = *space.chunk;
    const int64_t d = Features ? Features : job.x.features;
    const auto before = V::loadu(space.best + row);
    const NearestTwo<V> found = nearest_of_groups<V>(
        chunk.groups(), before, V::loadu(space.second + row),
        [&](int64_t g, typename V::reg* form) __attribute__((always_inline)) {
            const float* y = chunk.packed + g * C * d;
#pragma GCC unroll 8
            for (int c = 0; c < C; ++c) form[c] = V::set1(chunk.start[g * C + c]);
            for (int64_t f = 0; f < d; ++f) {
                const auto a = V::load(x + f * Shape<V>::rows);
#pragma GCC unroll 8
                for (int c = 0; c < C; ++c) {
                    form[c] = Step::template step<V>(form[c], a, y + f * C + c);
                }
            }
        });
    V::storeu(space.best + row, found.best);
    V::storeu(space.second + row, found.second);
    const auto better = V::lt(found.best, before);
    V::store(space.column + row, V::select(better, found.column, V::whole1(-1)));
}

}  // namespace gramian::GRAMIAN_ISA
