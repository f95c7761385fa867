/* frees.h - full runs: who freed which block, and who uses what has been freed, so that a fault can say so.
 *
 * Of more than HD_FREES_MAX blocks freed in an execution the earliest are not known.
 *
 * Invariant F1: nothing here changes what an execution does.
 * Nothing allocates: the signal handler asks, too.
 */
#ifndef HEDDLE_HARNESS_SCHED_FREES_H
#define HEDDLE_HARNESS_SCHED_FREES_H

#include <stddef.h>
#include <stdint.h>

#define HD_FREES_MAX 4096u

/* The running task frees the block that starts at `address`. Before it is freed. */
void hd_freed(const void *address);
/* The running task uses what lies at `address`, or is about to. */
void hd_frees_touch(uint64_t address);
/* Into `text`: "block 1.3 was freed by task 2 in delete(7)", if what `task` used last in its present
 * operation had been freed; else "". */
void hd_frees_say(uint32_t task, char *text, size_t size);
void hd_frees_forget(void);

#endif
