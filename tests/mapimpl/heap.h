/* heap.h - a heap that says no when a test wants it, and counts. It replaces the maps' at link time
 * (--wrap). Any thread may allocate; `heap_allowed` is for tests with one.
 */
#ifndef HEDDLE_TESTS_MAPIMPL_HEAP_H
#define HEDDLE_TESTS_MAPIMPL_HEAP_H

extern int heap_allowed;         /* successful allocations left; negative: no bound */
extern _Atomic long heap_blocks; /* not freed yet */

#endif
