/* allocations.h - the heap of the code that a test is linked with: every block has a fence behind it,
 * and any allocation may fail. For tests that are linked with --wrap=malloc, calloc and free.
 */
#ifndef HEDDLE_TESTS_HARNESS_ALLOCATIONS_H
#define HEDDLE_TESTS_HARNESS_ALLOCATIONS_H

#include <stdint.h>

/* The allocation that fails: 1 is the next, 0 none. */
extern uint32_t allocations_fail_at;
/* Blocks that have not been freed. */
extern uint32_t allocations_live;
/* Blocks that were freed with a damaged fence. */
extern uint32_t allocations_damaged;

#endif
