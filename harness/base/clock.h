/* clock.h - the one place that reads the real clock. Nothing that enters a digest may come from here.
 */
#ifndef HEDDLE_HARNESS_BASE_CLOCK_H
#define HEDDLE_HARNESS_BASE_CLOCK_H

#include <stdint.h>

/* Monotonic wall time in nanoseconds. Outside of tasks. */
uint64_t hd_clock_ns(void);
/* Lets the process rest for about so long. Outside of tasks. */
void hd_clock_rest(uint64_t ns);

#endif
