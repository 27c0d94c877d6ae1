// What every test of the compiled core needs: a count of failures, and a loop over tiles.
#pragma once
#include <cstdio>

#include "../workers.h"
#include "problem.h"

namespace gramian {

inline int failures = 0;

inline void check(bool right, const char* what, const Problem& at) {
    if (right) return;
    if (++failures > 20) return;
    std::printf("  wrong: %s, %lld x %lld, %lld features, %s, layout %d\n", what,
                static_cast<long long>(at.n), static_cast<long long>(at.m),
                static_cast<long long>(at.d), at.is_double ? "double" : "float", at.layout);
}

// Runs `function(job, tile, ...)` for the tiles of n rows on some threads.
template <class Job, class Function>
inline void all_tiles(int64_t n, int64_t rows, size_t bytes, int workers, const Job& job, Function run) {
    const auto work = [&](int64_t tile, void* scratch, Watch& watch) {
        return run(job, tile, scratch, watch);
    };
    run_tiles((n + rows - 1) / rows, workers, bytes, work, [] { return false; });
}

}  // namespace gramian
