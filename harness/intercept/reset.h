/* reset.h - what each file of this layer forgets between executions, and what it does while a module is
 * loaded.
 *
 * A module's constructors run outside of executions. What they ask for chance, time and identity ends up in
 * data that every execution begins with, so they, too, get the same answers in every process.
 */
#ifndef HEDDLE_HARNESS_INTERCEPT_RESET_H
#define HEDDLE_HARNESS_INTERCEPT_RESET_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/sched/task.h"

/* A module is being loaded: see hd_intercept_loading. */
extern bool hd_loading;

/* Whether a call is made by code under test, or on its behalf by a library. */
static inline bool hd_ours(void) {
    return hd_running || hd_loading;
}

/* Begin and end of the loading of a module. */
void hd_intercept_loading(bool begin);

void hd_cleanup_reset(void);
void hd_exits_reset(void);
void hd_files_reset(void);
void hd_keys_reset(void);
void hd_mappings_reset(void);
void hd_queue_reset(void);
void hd_signals_reset(void);
void hd_stdio_reset(void);
void hd_surroundings_reset(void);

/* The calling task ends: runs its destructors of thread_local objects. */
void hd_exits_run(void);

/* Keys made while a module is loaded are not forgotten, but their values are. */
void hd_keys_loading(bool begin);

#endif
