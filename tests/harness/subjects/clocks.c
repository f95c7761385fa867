/* clocks.c - what code under test is told of the time: each way to ask, to the nanosecond that it can
 * tell, and how long each way to sleep takes.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timeb.h>
#include <sys/times.h>
#include <threads.h>
#include <unistd.h>

#include "tests/harness/subjects/claims.h"

/* Later headers do not declare the first, earlier ones not the second. */
#pragma GCC diagnostic ignored "-Wredundant-decls"
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
int ftime(struct timeb *time);
int timespec_getres(struct timespec *resolution, int base);

#define NS 1000000000l

/* Virtual time passes by this much at each reading. */
enum { STEP = 50 };

static long ns_of(const struct timespec *time) {
    return time->tv_sec * NS + time->tv_nsec;
}

static long shown(clockid_t clock) {
    struct timespec time = {-1, -1};
    claim(clock_gettime(clock, &time) == 0 && time.tv_nsec >= 0 && time.tv_nsec < NS);
    return ns_of(&time);
}

/* What a clock is ahead of virtual time, and whether it is coarse. */
static const struct {
    clockid_t clock;
    long start;
    long resolution;
} clocks[] = {
    {CLOCK_REALTIME, 1700000000, 1},
    {CLOCK_MONOTONIC, 1000, 1},
    {CLOCK_PROCESS_CPUTIME_ID, 0, 1},
    {CLOCK_THREAD_CPUTIME_ID, 0, 1},
    {CLOCK_MONOTONIC_RAW, 1000, 1},
    {CLOCK_REALTIME_COARSE, 1700000000, 4000000},
    {CLOCK_MONOTONIC_COARSE, 1000, 4000000},
    {CLOCK_BOOTTIME, 1000, 1},
    {CLOCK_REALTIME_ALARM, 1700000000, 1},
    {CLOCK_BOOTTIME_ALARM, 1000, 1},
    {CLOCK_TAI, 1700000000, 1},
};
enum { CLOCKS = sizeof clocks / sizeof clocks[0] };

static void readings_task(uint32_t index) {
    struct timespec time;
    (void)index;
    long now = shown(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < CLOCKS; i++) {
        now += STEP;
        claim(shown(clocks[i].clock) == clocks[i].start * NS + now);
        claim(clock_getres(clocks[i].clock, &time) == 0 && ns_of(&time) == clocks[i].resolution);
        claim(clock_getres(clocks[i].clock, NULL) == 0);
        now += STEP;
        claim(syscall(SYS_clock_gettime, clocks[i].clock, &time) == 0);
        claim(ns_of(&time) == clocks[i].start * NS + now);
        memset(&time, 0, sizeof time);
        claim(syscall(SYS_clock_getres, clocks[i].clock, &time) == 0);
        claim(ns_of(&time) == clocks[i].resolution);
    }
    for (clockid_t wrong = 10; wrong < 14; wrong += wrong == 10 ? 2 : 1) {
        errno = 0;
        claim(clock_gettime(wrong, &time) == -1 && errno == EINVAL);
        errno = 0;
        claim(clock_getres(wrong, &time) == -1 && errno == EINVAL);
        errno = 0;
        claim(syscall(SYS_clock_gettime, wrong, &time) == -1 && errno == EINVAL);
    }
}
SUBJECT(readings, .tasks = 1, .task = readings_task, .check = check);

static void processor_task(uint32_t index) {
    clockid_t process = 99, thread = 99;
    struct rusage usage;
    struct tms used;
    struct timespec nap = {.tv_sec = 2, .tv_nsec = 530000000};
    (void)index;
    nanosleep(&nap, NULL);
    claim(clock_getcpuclockid(0, &process) == 0 && process == CLOCK_PROCESS_CPUTIME_ID);
    claim(pthread_getcpuclockid(pthread_self(), &thread) == 0 && thread == CLOCK_THREAD_CPUTIME_ID);
    long now = shown(CLOCK_THREAD_CPUTIME_ID);
    claim(now >= 2530000000 && now < 2530000000 + 100 * STEP);
    claim(clock() == 2530000);
    memset(&used, 0xff, sizeof used);
    claim(times(&used) == 100253 && used.tms_utime == 253);
    claim(used.tms_stime == 0 && used.tms_cutime == 0 && used.tms_cstime == 0);
    claim(times(NULL) == 100253 && syscall(SYS_times, &used) == 100253 && used.tms_utime == 253);
    memset(&usage, 0xff, sizeof usage);
    claim(getrusage(RUSAGE_SELF, &usage) == 0 && usage.ru_utime.tv_sec == 2);
    claim(usage.ru_utime.tv_usec == 530000 && usage.ru_stime.tv_usec == 0 && usage.ru_maxrss == 0);
    claim(getrusage(RUSAGE_CHILDREN, &usage) == 0 && usage.ru_utime.tv_sec == 0);
    claim(getrusage(RUSAGE_THREAD, &usage) == 0 && usage.ru_utime.tv_sec == 2);
    memset(&usage, 0xff, sizeof usage);
    claim(syscall(SYS_getrusage, RUSAGE_SELF, &usage) == 0 && usage.ru_utime.tv_sec == 2);
    errno = 0;
    claim(getrusage((__rusage_who_t)77, &usage) == -1 && errno == EINVAL);
}
SUBJECT(processor, .tasks = 1, .task = processor_task, .check = check);

static time_t seconds(time_t *out) {
    return time(out);
}

/* The time of day, by the calls that tell no clock: 7.654321 s and a few readings after the start. */
static void day_task(uint32_t index) {
    struct timespec nap = {.tv_sec = 7, .tv_nsec = 654321000}, fine;
    struct timeval day;
    struct timezone zone;
    struct timeb old;
    time_t kept = 0;
    (void)index;
    nanosleep(&nap, NULL);
    memset(&zone, 0xff, sizeof zone);
    claim(gettimeofday(&day, &zone) == 0 && day.tv_sec == 1700000007 && day.tv_usec == 654321);
    claim(zone.tz_minuteswest == 0 && zone.tz_dsttime == 0 && gettimeofday(&day, NULL) == 0);
    day.tv_usec = 0;
    claim(syscall(SYS_gettimeofday, &day, NULL) == 0 && day.tv_usec == 654321);
    claim(seconds(&kept) == 1700000007 && kept == 1700000007 && seconds(NULL) == 1700000007);
    long before = shown(CLOCK_REALTIME);
    claim(timespec_get(&fine, TIME_UTC) == TIME_UTC && ns_of(&fine) == before + STEP);
    claim(timespec_get(&fine, 77) == 0 && timespec_getres(&fine, TIME_UTC) == TIME_UTC);
    claim(ns_of(&fine) == 1 && timespec_getres(NULL, TIME_UTC) == TIME_UTC);
    claim(timespec_getres(&fine, 77) == 0);
    memset(&old, 0xff, sizeof old);
    claim(ftime(&old) == 0 && old.time == 1700000007 && old.millitm == 654);
    claim(old.timezone == 0 && old.dstflag == 0);
}
SUBJECT(time_of_day, .tasks = 1, .task = day_task, .check = check);

/* ---- sleeping ------------------------------------------------------------------------------------- */

static long slept_from;
static void from_here(void) {
    slept_from = shown(CLOCK_MONOTONIC);
}

/* Whether it is `ns` later, and a few readings. */
static int slept(long ns) {
    long took = shown(CLOCK_MONOTONIC) - slept_from;
    from_here();
    return took >= ns && took < ns + 10 * STEP;
}

static void sleeps_task(uint32_t index) {
    struct timespec nap = {.tv_sec = 1, .tv_nsec = 5000000}, nothing = {0}, time;
    (void)index;
    from_here();
    claim(nanosleep(&nap, NULL) == 0 && slept(1005000000));
    claim(nanosleep(&nap, &nap) == 0 && slept(1005000000));
    claim(usleep(1500) == 0 && slept(1500000) && sleep(3) == 0 && slept(3 * NS));
    claim(usleep(0) == 0 && sleep(0) == 0 && nanosleep(&nothing, NULL) == 0 && slept(3));
    claim(clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL) == 0 && slept(1005000000));
    claim(clock_nanosleep(CLOCK_REALTIME, 0, &nap, NULL) == 0 && slept(1005000000));
    claim(thrd_sleep(&nap, NULL) == 0 && slept(1005000000));
    claim(syscall(SYS_nanosleep, &nap, NULL) == 0 && slept(1005000000));
    claim(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &nap, NULL) == 0 && slept(1005000000));
    for (int i = 0; i < 2; i++) {
        clockid_t clock = i == 0 ? CLOCK_MONOTONIC : CLOCK_REALTIME;
        time = after(clock, 2500);
        claim(clock_nanosleep(clock, TIMER_ABSTIME, &time, NULL) == 0 && slept(2500000000));
        claim(clock_nanosleep(clock, TIMER_ABSTIME, &time, NULL) == 0 && slept(0));
        claim(clock_nanosleep(clock, TIMER_ABSTIME, &nothing, NULL) == 0 && slept(0));
    }
}
SUBJECT(sleeps, .tasks = 1, .task = sleeps_task, .check = check);

static void wrong_sleeps_task(uint32_t index) {
    static const struct timespec wrong[] = {{.tv_nsec = -1}, {.tv_nsec = NS}, {.tv_sec = -1}};
    (void)index;
    from_here();
    for (int i = 0; i < 3; i++) {
        errno = 0;
        claim(nanosleep(&wrong[i], NULL) == -1 && errno == EINVAL);
        claim(clock_nanosleep(CLOCK_MONOTONIC, 0, &wrong[i], NULL) == EINVAL);
        claim(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &wrong[i], NULL) == EINVAL);
        claim(thrd_sleep(&wrong[i], NULL) == -2);
        errno = 0;
        claim(syscall(SYS_nanosleep, &wrong[i], NULL) == -1 && errno == EINVAL);
        errno = 0;
        claim(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &wrong[i], NULL) == -1);
        claim(errno == EINVAL);
    }
    struct timespec most = {.tv_nsec = NS - 1};
    claim(slept(0) && nanosleep(&most, NULL) == 0 && slept(NS - 1));
}
SUBJECT(wrong_sleeps, .tasks = 1, .task = wrong_sleeps_task, .check = check);

/* Times that are centuries away are never, and do not wrap around. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static const struct timespec centuries[] = {
    {.tv_sec = INT64_MAX}, {.tv_sec = INT64_MAX / NS}, {.tv_sec = INT64_MAX / NS - 1}};

static void never_task(uint32_t index) {
    if (index == 0) {
        pthread_mutex_lock(&mutex);
        sleep(5);
        pthread_mutex_unlock(&mutex);
        return;
    }
    sleep(1);
    claim(pthread_mutex_timedlock(&mutex, &centuries[index - 1]) == 0);
    pthread_mutex_unlock(&mutex);
}
SUBJECT(never, .tasks = 4, .task = never_task, .check = check);

ALONE(sleeps_for_ever, nanosleep(&centuries[0], NULL));
ALONE(sleeps_for_centuries, nanosleep(&centuries[1], NULL));
ALONE(sleeps_beyond_time, sleep(10); nanosleep(&centuries[2], NULL));
ALONE(sleeps_until_the_end, clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &centuries[1], NULL));
