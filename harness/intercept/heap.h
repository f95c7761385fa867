/* heap.h - the heap of code under test for other calls that take memory from it.
 *
 * Threads: tasks, and the thread that loads modules (hd_ours). May switch tasks unless `pc` is NULL.
 */
#ifndef HEDDLE_HARNESS_INTERCEPT_HEAP_H
#define HEDDLE_HARNESS_INTERCEPT_HEAP_H

#include <stddef.h>

/* A block of `size` bytes, aligned to `alignment` (a power of two); a point of the code at `pc`, or of
 * nobody. NULL, with errno, when there is no room. */
void *hd_heap_allocate(size_t size, size_t alignment, const void *pc);
/* Gives back a block, or what libc's heap gave. `function`: who asks, for the fault that a wrong
 * address is. */
void hd_heap_free(void *address, const char *function, const void *pc);
/* A block for the bytes at `from`, with a NUL behind them; as hd_heap_allocate. */
char *hd_heap_copy(const char *from, size_t length, const void *pc);

#endif
