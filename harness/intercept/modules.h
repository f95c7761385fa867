/* modules.h - all modules under test of this process, as the scheduler needs them.
 *
 * Threads: the one thread that runs the tasks.
 */
#ifndef HEDDLE_HARNESS_INTERCEPT_MODULES_H
#define HEDDLE_HARNESS_INTERCEPT_MODULES_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/intercept/module.h"
#include "harness/sched/task.h"

/* Names the modules of the executions to come and saves their data. Returns 0 or -ENOMEM. */
int hd_modules_use(struct hd_module *const *module, uint32_t count);
/* Copies the saved data back. The TLS of a task is restored when it is born, if there is any. */
void hd_modules_restore(void);
extern bool hd_modules_have_tls;
void hd_modules_restore_tls(uint32_t task);

/* Whether `pc` lies in their code. Async-signal-safe. */
bool hd_modules_own(uint64_t pc);
/* `pc` relative to the module that owns it, with the module's number; the same wherever it is loaded. */
uint64_t hd_modules_offset(uint64_t pc);
/* Whether `address` lies in a module's data: its number and the offset in the module. */
bool hd_modules_data(uint64_t address, uint32_t *module, uint64_t *offset);

/* Forgets everything the interposed calls keep for an execution. `key` decides what the next one is told
 * when it asks for chance. */
void hd_intercept_reset(uint64_t key);

#endif
