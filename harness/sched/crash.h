/* crash.h - a crash of the code under test becomes a fault of the execution, and the end of the process.
 */
#ifndef HEDDLE_HARNESS_SCHED_CRASH_H
#define HEDDLE_HARNESS_SCHED_CRASH_H

#include <stdint.h>

#include "harness/result/record.h"

/* Gives every signal its default action and blocks none, whatever the process that started us blocks or
 * ignores. HD_SIGNAL_STALL is ignored until hd_crash_open. */
void hd_crash_forget_signals(void);

/* Installs handlers, on a stack of their own, for the signals of a crash and for HD_SIGNAL_STALL, and
 * blocks no signal: a blocked SIGSEGV would end the process without us. Returns 0 or -errno. Once a
 * process. */
int hd_crash_open(void);

/* Ends the execution with a fault and the process with HD_EXIT_CRASHED: for code under test that cannot
 * go on and may hold libc's locks. Async-signal-safe. `frame`, `pc`: where its stack begins. */
_Noreturn void hd_crash_end(enum hd_fault_kind kind, const char *message, uint64_t frame,
                            uint64_t pc);

/* Sent by the parent, with a number (sigqueue), to a worker that does not seem to get on. An execution that
 * has passed no point since the question before ends as a livelock; any other one notes where it is
 * (hd_outcome.position). */
#define HD_SIGNAL_STALL SIGUSR2

#endif
