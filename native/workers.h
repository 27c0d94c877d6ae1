// Tiles shared out among threads that live for one call, which keeps fork and nesting safe.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>

#include "core.h"

namespace gramian {

using Work = std::function<Outcome(int64_t tile, void* scratch, Watch&)>;

// Runs every tile once. `interrupted` is asked from the calling thread, about twenty times a
// second, and ends the work when it returns true. Throws std::bad_alloc before any work is done.
Outcome run_tiles(int64_t tiles, int workers, size_t scratch_bytes, const Work& work,
                  const std::function<bool()>& interrupted);

}  // namespace gramian
