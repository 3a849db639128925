// What Swift cannot say about memory.
#ifndef FLEETSTREAM_MEMORY_ACCESS_H
#define FLEETSTREAM_MEMORY_ACCESS_H
#include <malloc.h>
#include <sys/mman.h>

// Begins to bring the cache line at `address` nearer, for reading; harmless where there is no such address.
static inline void platform_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }
#endif
