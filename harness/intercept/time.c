/* time.c - deadlines and sleeping in virtual time.
 *
 * Virtual time starts the same in every execution, is a little later at each reading, and passes to the
 * next deadline when no task can run: harness/sched/wait.c.
 */
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "harness/intercept/operations.h"
#include "harness/intercept/real.h"
#include "harness/intercept/virtual_clock.h"
#include "harness/sched/task.h"

#define NS    1000000000ull
#define NEVER ((uint64_t)INT64_MAX) /* ns, as the kernel's KTIME_MAX: 292 years */

/* Of a time that is not negative; HD_NO_DEADLINE when it is beyond NEVER. */
static uint64_t to_ns(const struct timespec *time) {
    if ((uint64_t)time->tv_sec >= NEVER / NS)
        return HD_NO_DEADLINE;
    return (uint64_t)time->tv_sec * NS + (uint64_t)time->tv_nsec;
}

static struct timespec from_ns(uint64_t ns) {
    return (struct timespec){.tv_sec = (time_t)(ns / NS), .tv_nsec = (long)(ns % NS)};
}

int hd_time_valid(const struct timespec *time) {
    return time->tv_nsec >= 0 && time->tv_nsec < (long)NS;
}

uint64_t hd_deadline_at(clockid_t clock, const struct timespec *time) {
    uint64_t start = hd_clock_start(clock);
    if (time == NULL)
        return HD_NO_DEADLINE;
    if (time->tv_sec < 0 || to_ns(time) < start)
        return 0;
    return to_ns(time) >= NEVER ? HD_NO_DEADLINE : to_ns(time) - start;
}

/* No wait takes no time: who sleeps for 0 ns lets others run, again and again if need be. */
uint64_t hd_deadline_in(const struct timespec *time) {
    uint64_t ns = to_ns(time), now = hd_time_now();
    if (ns >= NEVER || now + ns >= NEVER)
        return HD_NO_DEADLINE;
    return now + (ns == 0 ? 1 : ns);
}

static bool never(const struct hd_pending *pending, uint32_t task) {
    (void)pending;
    (void)task;
    return false;
}

static void sleep_until(uint64_t deadline, const void *pc) {
    struct hd_pending pending = {
        .ready = never, .deadline = deadline, .what = HD_WHAT(HD_SLEEP, 0), .purpose = "sleep"};
    hd_wait_for(&pending, pc);
}

int hd_sleep(const struct timespec *time, const void *pc) {
    if (!hd_time_valid(time) || time->tv_sec < 0)
        return EINVAL;
    sleep_until(hd_deadline_in(time), pc);
    return 0;
}

int nanosleep(const struct timespec *time, struct timespec *left) {
    if (!hd_running)
        return REAL(nanosleep)(time, left);
    int error = hd_sleep(time, CALLER);
    if (error == 0)
        return 0;
    errno = error;
    return -1;
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time,
                    struct timespec *left) {
    if (!hd_running)
        return REAL_NEXT(clock_nanosleep)(clock, flags, time, left);
    if (!hd_time_valid(time) || time->tv_sec < 0)
        return EINVAL;
    uint64_t deadline =
        (flags & TIMER_ABSTIME) != 0 ? hd_deadline_at(clock, time) : hd_deadline_in(time);
    sleep_until(deadline, CALLER);
    return 0;
}

int usleep(useconds_t us) {
    if (!hd_running)
        return REAL(usleep)(us);
    struct timespec time = from_ns((uint64_t)us * 1000u);
    sleep_until(hd_deadline_in(&time), CALLER);
    return 0;
}

unsigned sleep(unsigned seconds) {
    if (!hd_running)
        return REAL(sleep)(seconds);
    struct timespec time = {.tv_sec = (time_t)seconds};
    sleep_until(hd_deadline_in(&time), CALLER);
    return 0;
}
