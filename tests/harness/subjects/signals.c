/* signals.c - signals that a program sets, raises, blocks and asks about: what each call returns, and
 * what a handler is given.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/harness/subjects/claims.h"

static volatile int handled, seen_code, seen_value, depth;
static sigset_t seen;

static void handle(int number) {
    handled = handled * 100 + number;
    sigprocmask(SIG_BLOCK, NULL, &seen);
}

static void handle_value(int number, siginfo_t *info, void *context) {
    (void)context;
    handled = number == info->si_signo ? number : -1;
    seen_code = info->si_code;
    seen_value = info->si_value.sival_int;
}

static struct sigaction action_of(sighandler_t handler, int flags) {
    return (struct sigaction){.sa_handler = handler, .sa_flags = flags};
}

static sigset_t set_of(int first, int second) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, first);
    sigaddset(&set, second);
    return set;
}

static sigset_t mask_now(void) {
    sigset_t set;
    sigfillset(&set);
    claim(pthread_sigmask(0, NULL, &set) == 0);
    return set;
}

static int only(sigset_t set, int first, int second) {
    for (int number = 1; number < NSIG; number++)
        if (sigismember(&set, number) != (number == first || number == second))
            return 0;
    return 1;
}

/* ---- actions -------------------------------------------------------------------------------------- */

static void actions_task(uint32_t index) {
    struct sigaction old, ignore = action_of(SIG_IGN, 0), own = action_of(handle, SA_NODEFER);
    (void)index;
    memset(&old, 0xff, sizeof old);
    own.sa_mask = set_of(SIGHUP, SIGRTMAX);
    claim(sigaction(SIGRTMAX, &own, &old) == 0 && old.sa_handler == SIG_DFL && old.sa_flags == 0);
    claim(sigaction(SIGRTMAX, NULL, &old) == 0 && old.sa_handler == handle);
    claim(old.sa_flags == SA_NODEFER && only(old.sa_mask, SIGHUP, SIGRTMAX));
    claim(sigaction(SIGHUP, NULL, NULL) == 0 && sigaction(SIGHUP, &own, NULL) == 0);
    claim(signal(SIGHUP, SIG_IGN) == handle && signal(SIGHUP, SIG_DFL) == SIG_IGN);
    claim(signal(SIGHUP, handle) == SIG_DFL && sigaction(SIGHUP, NULL, &old) == 0);
    claim(old.sa_handler == handle && old.sa_flags == SA_RESTART && only(old.sa_mask, 0, 0));
    static const int wrong[] = {0, -1, NSIG, SIGKILL, SIGSTOP};
    for (int i = 0; i < 5; i++) {
        errno = 0;
        claim(sigaction(wrong[i], &ignore, NULL) == -1 && errno == EINVAL);
        errno = 0;
        claim(signal(wrong[i], SIG_IGN) == SIG_ERR && errno == EINVAL);
        claim(sigaction(wrong[i], NULL, &old) == (i < 3 ? -1 : 0));
    }
}
SUBJECT(actions, .tasks = 1, .task = actions_task, .check = check);

static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT};

static void ignored_faults_task(uint32_t index) {
    struct sigaction old;
    (void)index;
    for (int i = 0; i < 7; i++) {
        claim(signal(faults[i], SIG_IGN) == SIG_DFL && raise(faults[i]) == 0);
        claim(sigaction(faults[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN);
        claim(signal(faults[i], SIG_DFL) == SIG_IGN);
    }
}
SUBJECT(ignored_faults, .tasks = 1, .task = ignored_faults_task, .check = check);

ALONE(handles_bus, signal(SIGBUS, handle));
ALONE(handles_fpe, signal(SIGFPE, handle));
ALONE(handles_ill, signal(SIGILL, handle));
ALONE(handles_trap, signal(SIGTRAP, handle));
ALONE(handles_sys, signal(SIGSYS, handle));
ALONE(handles_abrt, signal(SIGABRT, handle));
ALONE(handles_info, struct sigaction own = action_of(handle, 0); sigaction(SIGSEGV, &own, NULL));
ALONE(own_stack, claim(sigaltstack(NULL, NULL) == 0));

/* ---- delivery ------------------------------------------------------------------------------------- */

static void delivery_task(uint32_t index) {
    static const int harmless[] = {SIGCHLD, SIGURG, SIGWINCH, SIGCONT};
    struct sigaction with_value = {.sa_sigaction = handle_value, .sa_flags = SA_SIGINFO};
    (void)index;
    for (int i = 0; i < 4; i++)
        claim(raise(harmless[i]) == 0);
    signal(SIGHUP, handle);
    signal(SIGINT, handle);
    claim(raise(SIGHUP) == 0 && handled == SIGHUP);
    claim(kill(getpid(), SIGINT) == 0 && handled == 100 * SIGHUP + SIGINT);
    handled = 0;
    claim(kill(0, SIGHUP) == 0 && pthread_kill(pthread_self(), SIGINT) == 0);
    claim(handled == 100 * SIGHUP + SIGINT);
    handled = 0;
    claim(syscall(SYS_tkill, gettid(), SIGHUP) == 0 && syscall(SYS_kill, getpid(), SIGINT) == 0);
    claim(handled == 100 * SIGHUP + SIGINT);
    handled = 0;
    claim(syscall(SYS_tgkill, getpid(), gettid(), SIGINT) == 0 && handled == SIGINT);
    sigaction(SIGUSR1, &with_value, NULL);
    claim(sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = -5}) == 0);
    claim(handled == SIGUSR1 && seen_value == -5 && seen_code == SI_TKILL);
    claim(raise(SIGUSR1) == 0 && seen_value == 0);
    seen_value = 1;
    claim(kill(getpid(), SIGUSR1) == 0 && seen_value == 0);
    seen_value = 1;
    claim(pthread_kill(pthread_self(), SIGUSR1) == 0 && seen_value == 0);
}
SUBJECT(delivery, .tasks = 1, .task = delivery_task, .check = check);

/* Number 0 asks whether there is anybody; a number that is none is an error. */
static void nothing_sent_task(uint32_t index) {
    static const int wrong[] = {-1, NSIG};
    (void)index;
    claim(raise(0) == 0 && kill(getpid(), 0) == 0 && kill(0, 0) == 0);
    claim(pthread_kill(pthread_self(), 0) == 0 && syscall(SYS_tkill, gettid(), 0) == 0);
    claim(sigqueue(getpid(), 0, (union sigval){0}) == 0);
    for (int i = 0; i < 2; i++) {
        errno = 0;
        claim(raise(wrong[i]) == -1 && errno == EINVAL);
        errno = 0;
        claim(kill(getpid(), wrong[i]) == -1 && errno == EINVAL);
        errno = 0;
        claim(sigqueue(getpid(), wrong[i], (union sigval){0}) == -1 && errno == EINVAL);
        claim(pthread_kill(pthread_self(), wrong[i]) == EINVAL);
        errno = 0;
        claim(syscall(SYS_tkill, gettid(), wrong[i]) == -1 && errno == EINVAL);
    }
    errno = 0;
    claim(syscall(SYS_tkill, getpid() - 1, 0) == -1 && errno == ESRCH);
    errno = 0;
    claim(syscall(SYS_tgkill, getpid(), getpid() + 1000, 0) == -1 && errno == ESRCH);
    claim(syscall(SYS_tgkill, getpid(), getpid(), 0) == 0);
    claim(pthread_kill((pthread_t)&handled, 0) == ESRCH);
}
SUBJECT(nothing_sent, .tasks = 1, .task = nothing_sent_task, .check = check);

/* To another task that is there goes what nobody handles there. */
static pthread_t other;
static void another_task(uint32_t index) {
    if (index == 0) {
        other = pthread_self();
        sleep(5);
        return;
    }
    sleep(1);
    claim(pthread_kill(other, 0) == 0 && pthread_kill(other, SIGCHLD) == 0);
    signal(SIGHUP, SIG_IGN);
    claim(pthread_kill(other, SIGHUP) == 0 && pthread_kill(other, NSIG) == EINVAL);
}
SUBJECT(another, .tasks = 2, .task = another_task, .check = check);

ALONE(dies_of_term, raise(SIGTERM));
ALONE(dies_of_abort, kill(0, SIGABRT));
ALONE(dies_of_queue, sigqueue(getpid(), SIGRTMIN, (union sigval){0}));
ALONE(queue_elsewhere, sigqueue(1, SIGCHLD, (union sigval){0}));
ALONE(kill_group, kill(-1, 0));

/* ---- masks ---------------------------------------------------------------------------------------- */

static void masks_task(uint32_t index) {
    sigset_t two = set_of(SIGHUP, SIGRTMAX), one = set_of(SIGHUP, SIGHUP), old;
    claim(only(mask_now(), 0, 0)); /* whatever tasks of earlier executions have left */
    sigfillset(&old);
    claim(pthread_sigmask(SIG_BLOCK, &two, &old) == 0 && only(old, 0, 0));
    claim(only(mask_now(), SIGHUP, SIGRTMAX));
    claim(sigprocmask(SIG_UNBLOCK, &one, &old) == 0 && only(old, SIGHUP, SIGRTMAX));
    claim(only(mask_now(), SIGRTMAX, SIGRTMAX));
    claim(sigprocmask(SIG_BLOCK, &one, NULL) == 0 && only(mask_now(), SIGHUP, SIGRTMAX));
    claim(pthread_sigmask(SIG_UNBLOCK, &two, NULL) == 0 && only(mask_now(), 0, 0));
    claim(sigprocmask(SIG_SETMASK, &two, NULL) == 0 && only(mask_now(), SIGHUP, SIGRTMAX));
    claim(sigprocmask(SIG_SETMASK, &one, &old) == 0 && only(old, SIGHUP, SIGRTMAX));
    claim(only(mask_now(), SIGHUP, SIGHUP));
    errno = 0;
    claim(sigprocmask(99, &two, NULL) == -1 && errno == EINVAL);
    claim(pthread_sigmask(99, &two, NULL) == EINVAL && pthread_sigmask(99, NULL, NULL) == 0);
    claim(only(mask_now(), SIGHUP, SIGHUP));
    sigfillset(&old);
    claim(sigpending(&old) == 0 && only(old, 0, 0));
    if (index == 1)
        pthread_exit(NULL);
}
SUBJECT(masks, .tasks = 3, .task = masks_task, .check = check);

/* While a handler runs: its own signal, those of its mask, and those that were blocked before. */
static void masks_of_handlers_task(uint32_t index) {
    struct sigaction own = action_of(handle, 0);
    sigset_t before = set_of(SIGHUP, SIGHUP);
    (void)index;
    claim(only(mask_now(), 0, 0));
    sigaction(SIGUSR1, &own, NULL);
    raise(SIGUSR1);
    claim(handled == SIGUSR1 && only(seen, SIGUSR1, SIGUSR1) && only(mask_now(), 0, 0));
    own.sa_mask = set_of(SIGINT, SIGINT);
    sigaction(SIGUSR1, &own, NULL);
    raise(SIGUSR1);
    claim(only(seen, SIGUSR1, SIGINT) && only(mask_now(), 0, 0));
    own.sa_flags = SA_NODEFER;
    sigaction(SIGUSR1, &own, NULL);
    sigprocmask(SIG_BLOCK, &before, NULL);
    raise(SIGUSR1);
    claim(only(seen, SIGHUP, SIGINT) && only(mask_now(), SIGHUP, SIGHUP));
}
SUBJECT(masks_of_handlers, .tasks = 1, .task = masks_of_handlers_task, .check = check);

static void leave(int number) {
    (void)number;
    pthread_exit(NULL);
}

static void left_in_a_handler_task(uint32_t index) {
    claim(only(mask_now(), 0, 0));
    if (index == 1)
        signal(SIGUSR1, leave);
    if (index == 1)
        raise(SIGUSR1);
}
SUBJECT(left_in_a_handler, .tasks = 2, .task = left_in_a_handler_task, .check = check);

static void again(int number) {
    handled = handled + 1;
    if (depth++ < 3)
        raise(number);
}

static void flags_task(uint32_t index) {
    struct sigaction own = action_of(again, SA_NODEFER), old;
    (void)index;
    sigaction(SIGUSR1, &own, NULL);
    claim(raise(SIGUSR1) == 0 && handled == 4);
    own = action_of(handle, (int)SA_RESETHAND);
    sigaction(SIGUSR1, &own, NULL);
    handled = 0;
    claim(raise(SIGUSR1) == 0 && handled == SIGUSR1);
    claim(sigaction(SIGUSR1, NULL, &old) == 0 && old.sa_handler == SIG_DFL);
    signal(SIGUSR1, handle);
    claim(raise(SIGUSR1) == 0 && sigaction(SIGUSR1, NULL, &old) == 0 && old.sa_handler == handle);
}
SUBJECT(flags, .tasks = 1, .task = flags_task, .check = check);

ALONE(again_in_its_handler, signal(SIGUSR1, again); raise(SIGUSR1));

static void raise_interrupt(int number) {
    (void)number;
    raise(SIGINT);
}
ALONE(masked_in_a_handler, struct sigaction own = action_of(raise_interrupt, 0);
      own.sa_mask = set_of(SIGINT, SIGINT); signal(SIGINT, handle); sigaction(SIGUSR1, &own, NULL);
      raise(SIGUSR1));

/* A mask is that of its task. */
static volatile int blocked;
static void mask_of_another_task(uint32_t index) {
    sigset_t one = set_of(SIGUSR1, SIGUSR1);
    signal(SIGUSR1, handle);
    if (index == 0) {
        sigprocmask(SIG_BLOCK, &one, NULL);
        blocked = 1;
        sleep(5);
        return;
    }
    sleep(1);
    claim(blocked && only(mask_now(), 0, 0) && raise(SIGUSR1) == 0);
}
SUBJECT(mask_of_another, .tasks = 2, .task = mask_of_another_task, .check = check);

/* ---- set while the module is loaded --------------------------------------------------------------- */

static sighandler_t loaded_before;

__attribute__((constructor)) static void set_while_loaded(void) {
    struct sigaction own = action_of(handle, SA_NODEFER);
    loaded_before = signal(SIGUSR2, handle);
    sigaction(SIGALRM, &own, NULL);
}

static void loaded_task(uint32_t index) {
    struct sigaction old;
    (void)index;
    claim(loaded_before == SIG_DFL && raise(SIGUSR2) == 0 && handled == SIGUSR2);
    claim(sigaction(SIGALRM, NULL, &old) == 0 && old.sa_handler == handle);
    signal(SIGUSR2, SIG_IGN); /* until the end of the execution */
    claim(raise(SIGUSR2) == 0 && handled == SIGUSR2);
}
SUBJECT(loaded, .tasks = 1, .task = loaded_task, .check = check);
