/* trial.c - see trial.h. */
#include "harness/intercept/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/assert.h"
#include "harness/base/clock.h"

#define POLL_NS 200000u

struct answer {
    int done; /* the attempt returned, and what it did could be undone */
    int status;
    bool processes; /* there are children of the child */
    nlink_t threads_before;
    nlink_t threads_after;
    char line[HD_TRIAL_LINE_MAX];
};

/* One more than the threads of this process: the directory of them has an entry for each. */
static nlink_t count_threads(void) {
    struct stat status;
    return stat("/proc/self/task", &status) == 0 ? status.st_nlink : 0;
}

static void become_silent(void) {
    const struct rlimit none = {0};
    int null = open("/dev/null", O_RDWR);
    for (int descriptor = 0; descriptor < 3 && null >= 0; descriptor++)
        dup2(null, descriptor);
    setrlimit(RLIMIT_CORE, &none);
}

/* A crash is a crash in every build: a sanitizer's handler would end the process with a status. */
static void let_signals_kill(void) {
    static const int deadly[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
    for (size_t index = 0; index < sizeof deadly / sizeof deadly[0]; index++)
        signal(deadly[index], SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool alone(const struct answer *answer) {
    return !answer->processes && answer->threads_after == answer->threads_before;
}

_Noreturn static void child(const struct hd_trial *trial, struct answer *answer) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0);
    pid_t self = getpid();
    become_silent();
    let_signals_kill();
    answer->threads_before = count_threads();
    answer->status = trial->attempt(trial->context, answer->line, sizeof answer->line);
    if (getpid() != self) /* a copy that the attempt has made */
        hd_exit_now(0);
    answer->threads_after = count_threads();
    answer->processes = waitpid(-1, NULL, WNOHANG) != -1;
    if (answer->status == 0 && alone(answer)) /* a thread must not lose the code that it runs */
        trial->undo(trial->context);
    __atomic_store_n(&answer->done, 1, __ATOMIC_RELEASE);
    hd_exit_now(0);
}

/* Returns 0 with the child's status, -1 when it had to be killed; or -errno. */
static int wait_for(pid_t process, uint64_t limit_ns, int *status) {
    uint64_t now = hd_clock_ns(), limit = now + limit_ns;
    bool killed = false;
    pid_t ended;
    while ((ended = waitpid(process, status, WNOHANG)) == 0) { /* ends: it is killed */
        limit += hd_clock_away(&now);                          /* it was stopped, too */
        if (!killed && now > limit) {
            killed = true;
            kill(process, SIGKILL);
        }
        hd_clock_rest(POLL_NS);
    }
    int error = ended < 0 ? -errno : 0;
    kill(-process, SIGKILL); /* what it started */
    if (killed)
        *status = -1;
    return error;
}

static int explain(const struct answer *answer, int status, const char *name, char *error,
                   size_t size) {
    if (answer->done != 0 && alone(answer)) {
        snprintf(error, size, "%s", answer->line);
        return answer->status;
    }
    if (answer->done != 0)
        snprintf(error, size, "%s: starts a %s when it is loaded", name,
                 answer->processes ? "process" : "thread");
    else if (status == -1)
        snprintf(error, size, "%s: does not come to an end when it is loaded", name);
    else if (WIFSIGNALED(status))
        snprintf(error, size, "%s: crashes when it is loaded (SIG%s)", name,
                 sigabbrev_np(WTERMSIG(status)));
    else
        snprintf(error, size, "%s: ends the process (status %d) when it is loaded", name,
                 WEXITSTATUS(status));
    return -ENOEXEC;
}

int hd_trial_run(const struct hd_trial *trial, char *error, size_t size) {
    struct answer *answer =
        mmap(NULL, sizeof *answer, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (answer == MAP_FAILED)
        return -errno;
    fflush(NULL);
    pid_t process = fork();
    if (process == 0)
        child(trial, answer);
    int status;
    int failed = process < 0 ? -errno : wait_for(process, trial->limit_ns, &status);
    if (failed == 0)
        failed = explain(answer, status, trial->name, error, size);
    munmap(answer, sizeof *answer);
    return failed;
}
