/* tsan.h - what the engine does about ThreadSanitizer. In the other flavours all of it is nothing. */
#ifndef HEDDLE_HARNESS_INTERCEPT_TSAN_H
#define HEDDLE_HARNESS_INTERCEPT_TSAN_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/sched/outcome.h"

/* The status of a process that ThreadSanitizer's runtime has ended, not we: it could not start, or go on,
 * or was told to stop by TSAN_OPTIONS. */
#define HD_EXIT_TSAN 66

#ifdef HD_TSAN_FLAVOUR
#define HD_TSAN true
/* Raises the fault of a race that was reported since the last call, if there is one. */
void hd_tsan_check(void);
/* The race reported since the last call as a message and two tasks; false when there is none. */
bool hd_tsan_take(char *message, size_t size, struct hd_raw_task task[2]);
/* Looks at reports outside of executions too. */
void hd_tsan_watch(void);
/* Accesses by the calling task are not looked at between the two (they nest). */
void hd_tsan_ignore_begin(void);
void hd_tsan_ignore_end(void);
#else
#define HD_TSAN false
static inline void hd_tsan_check(void) {
}
static inline bool hd_tsan_take(char *message, size_t size, struct hd_raw_task task[2]) {
    (void)message;
    (void)size;
    (void)task;
    return false;
}
static inline void hd_tsan_watch(void) {
}
static inline void hd_tsan_ignore_begin(void) {
}
static inline void hd_tsan_ignore_end(void) {
}
#endif

#endif
