// Counts the heap allocations of a thread, so that "allocates nothing" is a figure and not a claim.
//
// Whoever links this gets malloc and its kin from here: each counts, where its thread asked for that, and calls glibc's
// own. Outside of benchmarks and their tests nothing links it.
#ifndef FLEETSTREAM_ALLOCATION_COUNT_H
#define FLEETSTREAM_ALLOCATION_COUNT_H

// Begins to count the calling thread's allocations, from zero. Growing a block in place counts too.
void allocation_count_begin(void);

// Ends it: how many there were. -1 where nothing can be counted, because a sanitizer has the allocator.
long allocation_count_end(void);

#endif
