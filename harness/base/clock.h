/* clock.h - the one place that reads the real clock. Nothing that enters a digest may come from here.
 */
#ifndef HEDDLE_HARNESS_BASE_CLOCK_H
#define HEDDLE_HARNESS_BASE_CLOCK_H

#include <stdint.h>
#include <sys/types.h>

/* Monotonic wall time in nanoseconds. Outside of tasks. */
uint64_t hd_clock_ns(void);
/* Processor time that a process has used, in nanoseconds; 0 when nobody can tell, as of one that has
 * ended. */
uint64_t hd_clock_process_ns(pid_t pid);
/* For whoever looks at *seen, the time of the last look, again and again: sets it to now. Returns how long
 * ago that was when it is so long that this process was itself stopped or starved, and no deadline of
 * another that was stopped with it should count it; else 0. Outside of tasks. */
uint64_t hd_clock_away(uint64_t *seen);
/* Lets the process rest for about so long. Outside of tasks. */
void hd_clock_rest(uint64_t ns);

#endif
