/* virtual_clock.h - clocks, absolute and relative times of code under test in virtual nanoseconds.
 */
#ifndef HEDDLE_HARNESS_INTERCEPT_VIRTUAL_CLOCK_H
#define HEDDLE_HARNESS_INTERCEPT_VIRTUAL_CLOCK_H

#include <stdint.h>
#include <time.h>

/* What a clock shows at virtual time 0. */
uint64_t hd_clock_start(clockid_t clock);
/* A module begins to be loaded: its constructors' time begins anew. */
void hd_clock_loading(void);

/* The virtual deadline of an absolute time on `clock`; HD_NO_DEADLINE for NULL, and for one centuries
 * away. */
uint64_t hd_deadline_at(clockid_t clock, const struct timespec *time);
/* The virtual deadline of a time from now, which is not negative; HD_NO_DEADLINE when it is
 * centuries. */
uint64_t hd_deadline_in(const struct timespec *time);
/* Whether a timespec is one: nanoseconds in range, not negative. */
int hd_time_valid(const struct timespec *time);

#endif
