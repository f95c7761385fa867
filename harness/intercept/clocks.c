/* clocks.c - what code under test is told of the time, by any of the ways to ask.
 *
 * Virtual time starts the same in every execution and is a little later at each reading; see
 * harness/sched/wait.c. Clocks of processor time show what has passed of it: one task or all of them, since
 * only one runs at a time.
 */
#include <errno.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/timeb.h>
#include <sys/times.h>
#include <time.h>

#include "harness/intercept/real.h"
#include "harness/intercept/reset.h"
#include "harness/intercept/virtual_clock.h"
#include "harness/sched/task.h"

#define NS              1000000000ull
#define REALTIME_START  (1700000000ull * NS) /* what CLOCK_REALTIME shows at virtual time 0 */
#define MONOTONIC_START (1000ull * NS)
#define TICK_NS         (NS / 100) /* sysconf(_SC_CLK_TCK) is 100 */
#define COARSE_NS       4000000
#define LOADING_NS      50 /* a reading by a module's constructor */

static uint64_t loading_now;

void hd_clock_loading(void) {
    loading_now = 0;
}

static uint64_t now(void) {
    return hd_running ? hd_time_now() : (loading_now += LOADING_NS);
}

/* Negative ones are those of a process's or a thread's processor time: clock_getcpuclockid. */
static bool known(clockid_t clock) {
    return clock <= CLOCK_TAI && clock != 10; /* 10 was CLOCK_SGI_CYCLE */
}

uint64_t hd_clock_start(clockid_t clock) {
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_REALTIME_ALARM:
    case CLOCK_TAI:
        return REALTIME_START;
    case CLOCK_PROCESS_CPUTIME_ID:
    case CLOCK_THREAD_CPUTIME_ID:
        return 0;
    default:
        return clock < 0 ? 0 : MONOTONIC_START;
    }
}

static int fail(int error) {
    errno = error;
    return -1;
}

static struct timespec to_timespec(uint64_t ns) {
    return (struct timespec){.tv_sec = (time_t)(ns / NS), .tv_nsec = (long)(ns % NS)};
}

static struct timeval to_timeval(uint64_t ns) {
    return (struct timeval){.tv_sec = (time_t)(ns / NS), .tv_usec = (long)(ns % NS / 1000)};
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    if (!hd_ours())
        return REAL(clock_gettime)(clock, time);
    if (!known(clock))
        return fail(EINVAL);
    *time = to_timespec(hd_clock_start(clock) + now());
    return 0;
}

int clock_getres(clockid_t clock, struct timespec *resolution) {
    if (!hd_ours())
        return REAL_NEXT(clock_getres)(clock, resolution);
    if (!known(clock))
        return fail(EINVAL);
    bool coarse = clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE;
    if (resolution != NULL)
        *resolution = (struct timespec){.tv_nsec = coarse ? COARSE_NS : 1};
    return 0;
}

int clock_getcpuclockid(pid_t process, clockid_t *clock) {
    if (!hd_ours())
        return REAL_NEXT(clock_getcpuclockid)(process, clock);
    *clock = CLOCK_PROCESS_CPUTIME_ID;
    return 0;
}

int pthread_getcpuclockid(pthread_t thread, clockid_t *clock) {
    if (!hd_ours())
        return REAL_NEXT(pthread_getcpuclockid)(thread, clock);
    *clock = CLOCK_THREAD_CPUTIME_ID;
    return 0;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    if (!hd_ours())
        return REAL_NEXT(gettimeofday)(time, zone);
    *time = to_timeval(REALTIME_START + now());
    if (zone != NULL)
        *(struct timezone *)zone = (struct timezone){0};
    return 0;
}

time_t time(time_t *out) {
    if (!hd_ours())
        return REAL_NEXT(time)(out);
    time_t seconds = (time_t)((REALTIME_START + now()) / NS);
    if (out != NULL)
        *out = seconds;
    return seconds;
}

int timespec_get(struct timespec *time, int base) {
    if (!hd_ours())
        return REAL_NEXT(timespec_get)(time, base);
    if (base != TIME_UTC)
        return 0;
    *time = to_timespec(REALTIME_START + now());
    return base;
}

/* Later headers do not declare the first, earlier ones not the second. */
#pragma GCC diagnostic ignored "-Wredundant-decls"
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
int ftime(struct timeb *time);
int ftime(struct timeb *time) {
    uint64_t ns;
    if (!hd_ours())
        return REAL_NEXT(ftime)(time);
    ns = REALTIME_START + now();
    *time =
        (struct timeb){.time = (time_t)(ns / NS), .millitm = (unsigned short)(ns % NS / 1000000)};
    return 0;
}

int timespec_getres(struct timespec *resolution, int base);
int timespec_getres(struct timespec *resolution, int base) {
    if (!hd_ours())
        return REAL_NEXT(timespec_getres)(resolution, base);
    if (base != TIME_UTC)
        return 0;
    if (resolution != NULL)
        *resolution = (struct timespec){.tv_nsec = 1};
    return base;
}

clock_t clock(void) {
    return hd_ours() ? (clock_t)(now() / (NS / CLOCKS_PER_SEC)) : REAL_NEXT(clock)();
}

clock_t times(struct tms *used) {
    if (!hd_ours())
        return REAL_NEXT(times)(used);
    clock_t ticks = (clock_t)(now() / TICK_NS);
    if (used != NULL)
        *used = (struct tms){.tms_utime = ticks};
    return (clock_t)(MONOTONIC_START / TICK_NS) + ticks;
}

int getrusage(__rusage_who_t who, struct rusage *usage) {
    if (!hd_ours())
        return REAL_NEXT(getrusage)(who, usage);
    if (who != RUSAGE_SELF && who != RUSAGE_CHILDREN && who != RUSAGE_THREAD)
        return fail(EINVAL);
    *usage = (struct rusage){0};
    if (who != RUSAGE_CHILDREN)
        usage->ru_utime = to_timeval(now());
    return 0;
}
