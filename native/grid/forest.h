// Disjoint sets that several threads unite at once. Source: R. J. Anderson, H. Woll, "Wait-free
// parallel algorithms for the union-find problem", STOC 1991; the smallest member is the root, so
// the sets and their roots do not depend on the order of the unions.
#pragma once
#include <atomic>
#include <cstdint>

namespace gramian::grid {

[[gnu::always_inline]] inline int32_t find_root(std::atomic<int32_t>* parent, int32_t member) {
    for (;;) {
        int32_t above = parent[member].load(std::memory_order_relaxed);
        if (above == member) return member;
        const int32_t higher = parent[above].load(std::memory_order_relaxed);
        if (higher == above) return above;
        // halve the path; whoever else changed it meanwhile only shortened it
        parent[member].compare_exchange_weak(above, higher, std::memory_order_relaxed);
        member = higher;
    }
}

// Whether they were two sets.
[[gnu::always_inline]] inline bool unite(std::atomic<int32_t>* parent, int32_t a, int32_t b) {
    for (;;) {
        a = find_root(parent, a);
        b = find_root(parent, b);
        if (a == b) return false;
        int32_t high = a < b ? b : a;
        if (parent[high].compare_exchange_strong(high, a < b ? a : b, std::memory_order_relaxed)) {
            return true;
        }
    }
}

}  // namespace gramian::grid
