/* stall.c - see stall.h. */
#include "harness/explore/stall.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "harness/base/clock.h"
#include "harness/sched/crash.h"

#define KILL_AFTER_NS 1000000000u

static uint64_t busy_limit(const struct hd_stall *stall) {
    return stall->limit_ns / 5 * 2;
}

void hd_stall_begin(struct hd_stall *stall, pid_t pid, uint32_t limit_ms, uint64_t now) {
    uint64_t limit = limit_ms != 0 ? limit_ms : HD_STALL_MS;
    *stall = (struct hd_stall){.pid = pid, .limit_ns = limit * 1000000u, .since_ns = now};
}

void hd_stall_look(struct hd_stall *stall, const uint64_t count[2], uint64_t now, uint64_t away) {
    uint64_t busy = hd_clock_process_ns(stall->pid);
    stall->since_ns += away;
    if (stall->stopped) {
        stall->since_ns = now;
    } else if (memcmp(count, stall->count, sizeof stall->count) != 0) {
        memcpy(stall->count, count, sizeof stall->count);
        stall->since_ns = now;
        stall->busy_ns = busy;
        stall->asked = false;
    } else if (stall->asked ? now > stall->since_ns + KILL_AFTER_NS
                            : now > stall->since_ns + stall->limit_ns ||
                                  busy > stall->busy_ns + busy_limit(stall)) {
        kill(stall->pid, stall->asked ? SIGKILL : HD_SIGNAL_STALL);
        stall->since_ns = now;
        stall->asked = true;
    } else if (stall->asked) { /* it may have begun an execution since, and not get on there */
        kill(stall->pid, HD_SIGNAL_STALL);
    }
}

pid_t hd_stall_wait(struct hd_stall *stall, int *status) {
    pid_t ended = waitpid(stall->pid, status, WNOHANG | WUNTRACED | WCONTINUED);
    if (ended <= 0 || WIFEXITED(*status) || WIFSIGNALED(*status))
        return ended;
    stall->stopped = WIFSTOPPED(*status);
    return 0;
}

bool hd_ended_from_outside(int status) {
    static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};
    if (!WIFSIGNALED(status))
        return false;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (WTERMSIG(status) == own[i])
            return false;
    return true;
}
