/* clock.c - see clock.h. */
#include "harness/base/clock.h"

#include <time.h>

#define AWAY_NS 1000000000u

uint64_t hd_clock_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t hd_clock_process_ns(pid_t pid) {
    struct timespec used;
    clockid_t clock;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0)
        return 0;
    return (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
}

uint64_t hd_clock_away(uint64_t *seen) {
    uint64_t now = hd_clock_ns();
    uint64_t passed = now - *seen;
    *seen = now;
    return passed > AWAY_NS ? passed : 0;
}

void hd_clock_rest(uint64_t ns) {
    struct timespec time = {.tv_sec = (time_t)(ns / 1000000000u),
                            .tv_nsec = (long)(ns % 1000000000u)};
    nanosleep(&time, NULL);
}
