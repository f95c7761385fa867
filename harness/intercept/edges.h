/* edges.h - happens-before edges that ThreadSanitizer cannot see by itself (tsan flavour; elsewhere
 * nothing). */
#ifndef HEDDLE_HARNESS_INTERCEPT_EDGES_H
#define HEDDLE_HARNESS_INTERCEPT_EDGES_H

#ifdef HD_TSAN_FLAVOUR
void __tsan_acquire(void *address);
void __tsan_release(void *address);
#define HD_EDGE_ACQUIRE(address) __tsan_acquire((void *)(address))
#define HD_EDGE_RELEASE(address) __tsan_release((void *)(address))
#else
#define HD_EDGE_ACQUIRE(address) ((void)(address))
#define HD_EDGE_RELEASE(address) ((void)(address))
#endif

#endif
