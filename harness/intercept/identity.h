/* identity.h - what code under test is told about its process and its machine: the same everywhere.
 *
 * Process and thread ids are beyond those that Linux gives out, so that a signal sent to one by a way
 * that is not interposed reaches nobody.
 */
#ifndef HEDDLE_HARNESS_INTERCEPT_IDENTITY_H
#define HEDDLE_HARNESS_INTERCEPT_IDENTITY_H

#include <stdint.h>

#define HD_PROCESS_ID 5000000 /* Linux: at most 4194304 */
#define HD_PROCESSORS 4

/* The process's own id for the main task, then one each. */
static inline int hd_thread_id(uint32_t task) {
    return HD_PROCESS_ID + (int)task;
}

#endif
