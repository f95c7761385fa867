/* stall.c - see stall.h. */
#include "harness/explore/stall.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "harness/base/clock.h"
#include "harness/sched/crash.h"

#define KILL_AFTER_NS 1000000000u

/* A question needs half of the limit, wall or processor time; the second one ends what stands still. */
static bool time_to_ask(const struct hd_stall *stall, uint64_t now, uint64_t busy) {
    return now > stall->since_ns + stall->limit_ns / 2 ||
           busy > stall->busy_ns + stall->limit_ns / 5;
}

/* The number tells a question from the same one again. */
static void ask(const struct hd_stall *stall) {
    sigqueue(stall->pid, HD_SIGNAL_STALL, (union sigval){.sival_int = stall->question});
}

void hd_stall_begin(struct hd_stall *stall, pid_t pid, uint32_t limit_ms, uint64_t now) {
    uint64_t limit = limit_ms != 0 ? limit_ms : HD_STALL_MS;
    *stall = (struct hd_stall){.pid = pid, .limit_ns = limit * 1000000u, .since_ns = now};
}

void hd_stall_look(struct hd_stall *stall, const uint64_t count[HD_STALL_COUNTS], uint64_t now,
                   uint64_t away) {
    uint64_t busy = hd_clock_process_ns(stall->pid);
    stall->since_ns += away;
    if (stall->stopped) {
        stall->since_ns = now;
    } else if (memcmp(count, stall->count, sizeof stall->count) != 0) {
        memcpy(stall->count, count, sizeof stall->count);
        stall->since_ns = now;
        stall->busy_ns = busy;
        stall->asked = false;
    } else if (stall->asked) { /* it may have begun an execution since, and not get on there */
        bool silent = now > stall->since_ns + stall->limit_ns / 2 + KILL_AFTER_NS;
        if (silent)
            kill(stall->pid, SIGKILL);
        else
            ask(stall);
    } else if (time_to_ask(stall, now, busy)) {
        stall->since_ns = now;
        stall->asked = true;
        stall->question++;
        ask(stall);
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
