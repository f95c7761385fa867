/* claims.h - for subjects whose result is the line of the first of their claims that failed, or 0. */
#ifndef HEDDLE_TESTS_HARNESS_SUBJECTS_CLAIMS_H
#define HEDDLE_TESTS_HARNESS_SUBJECTS_CLAIMS_H

#include <time.h>

#include "tests/harness/subjects/subject.h"

static volatile long failures;

#define claim(holds) claim_at(holds, __LINE__)

/* Not every subject uses both. */
__attribute__((unused)) UNSEEN static void claim_at(int holds, int line) {
    if (!holds && failures == 0)
        failures = line;
}

__attribute__((unused)) static long check(void) {
    return failures;
}

/* A subject of one task that does what is given. */
#define ALONE(symbol, ...)                                                                         \
    static void symbol##_task(uint32_t index) {                                                    \
        (void)index;                                                                               \
        __VA_ARGS__;                                                                               \
    }                                                                                              \
    SUBJECT(symbol, .tasks = 1, .task = symbol##_task, .check = check)

static inline struct timespec after(clockid_t clock, long ms) {
    struct timespec time;
    clock_gettime(clock, &time);
    time.tv_nsec += ms % 1000 * 1000000;
    time.tv_sec += ms / 1000 + time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return time;
}

static inline long ms_since(clockid_t clock, const struct timespec *from) {
    struct timespec to;
    clock_gettime(clock, &to);
    return (to.tv_sec - from->tv_sec) * 1000 + (to.tv_nsec - from->tv_nsec) / 1000000;
}

#endif
