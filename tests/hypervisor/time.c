// The parts of macOS's libSystem that the binding uses: time, caches.
#include "standin.h"
#include <stdlib.h>
#include <time.h>

// Apple's M1 to M3 count 24 million times a second; HVF_STANDIN_HZ says otherwise.
uint64_t standin_hertz(void)
{
    static uint64_t hertz;
    const char *text = getenv("HVF_STANDIN_HZ");
    if (!hertz) hertz = text && strtoull(text, NULL, 10) ? strtoull(text, NULL, 10) : 24000000;
    return hertz;
}
API uint64_t mach_absolute_time(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)(((unsigned __int128)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec) * standin_hertz() / 1000000000);
}
typedef struct { uint32_t numer, denom; } mach_timebase_info_data_t;
API int mach_timebase_info(mach_timebase_info_data_t *info)
{
    uint64_t a = 1000000000, b = standin_hertz();
    while (b) { uint64_t c = a % b; a = b; b = c; }
    *info = (mach_timebase_info_data_t){ (uint32_t)(1000000000 / a), (uint32_t)(standin_hertz() / a) };
    return 0;
}
// Translated code that was made from old bytes is gone after this; without it, it is executed on, as stale lines of an instruction cache would be.
API void sys_icache_invalidate(void *start, size_t bytes)
{
    if (!bytes) return;
    pthread_mutex_lock(&standin_lock);
    vm_change_code(start, bytes);
    for (int i = 0; i < MAX_VCPUS; i++) if (standin_vcpus[i]) standin_vcpus[i]->kick = true;
    pthread_mutex_unlock(&standin_lock);
}
API void sys_dcache_flush(void *start, size_t bytes) { (void)start; (void)bytes; }
