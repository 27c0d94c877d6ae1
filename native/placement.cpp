#include "placement.h"

#if defined(__linux__)
#include <pthread.h>
#include <sched.h>
#endif

namespace gramian {

void start_elsewhere([[maybe_unused]] std::thread& thread) {
#if defined(__linux__)
    cpu_set_t allowed;
    const int here = sched_getcpu();
    // fails where there are more processors than the set has room for: the kernel's choice stands
    if (here < 0 || sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
    cpu_set_t others = allowed;
    CPU_CLR(here, &others);
    if (CPU_COUNT(&others) == 0) return;
    // The first call moves the thread only if it is here; by the second it may come back, as any
    // thread may. Should it have ended by now, both fall on the caller and leave it as it was.
    pthread_setaffinity_np(thread.native_handle(), sizeof others, &others);
    pthread_setaffinity_np(thread.native_handle(), sizeof allowed, &allowed);
#endif
}

}  // namespace gramian
