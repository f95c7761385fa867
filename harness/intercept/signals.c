/* signals.c - signals that code under test handles and raises.
 *
 * A handler belongs to the execution, and to every one when a module's constructor has set it.
 * raise, and kill of the own process, run it at once on the calling task, as POSIX says of raise.
 * What is modelled goes no further: a signal for another task that would run a handler, one that is
 * blocked, timers and alternate stacks are refused by name, and so is a handler of a signal by which
 * a fault of the program itself is seen.
 *
 * A signal that nothing handles and that would end the process is a crash of the execution.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "harness/intercept/modules.h"
#include "harness/intercept/real.h"
#include "harness/intercept/reset.h"
#include "harness/task/pool.h"

#define SIGNALS (NSIG)

static struct {
    struct sigaction action[SIGNALS]; /* of this execution */
    struct sigaction loaded[SIGNALS]; /* every execution begins with these */
    sigset_t blocked[HD_POOL_MAX];    /* by task */
    uint32_t blocked_tasks;           /* of those below it a mask may be set */
} signals;

void hd_signals_reset(void) {
    memcpy(signals.action, signals.loaded, sizeof signals.action);
    memset(signals.blocked, 0, signals.blocked_tasks * sizeof signals.blocked[0]);
    signals.blocked_tasks = 0;
}

static struct sigaction *table(void) {
    return hd_running ? signals.action : signals.loaded;
}

static bool known(int number) {
    return number > 0 && number < SIGNALS;
}

/* By these a fault of the code under test is seen. */
static bool is_fault(int number) {
    return number == SIGSEGV || number == SIGBUS || number == SIGFPE || number == SIGILL ||
           number == SIGTRAP || number == SIGSYS || number == SIGABRT;
}

static bool has_handler(const struct sigaction *action) {
    return action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN;
}

static int set_action(int number, const struct sigaction *action, struct sigaction *old) {
    if (!known(number) || (action != NULL && (number == SIGKILL || number == SIGSTOP))) {
        errno = EINVAL;
        return -1;
    }
    if (hd_running && action != NULL && is_fault(number) && has_handler(action))
        hd_fault(HD_FAULT_MISUSE, "a handler of SIG%s is not modelled", sigabbrev_np(number));
    if (old != NULL)
        *old = table()[number];
    if (action != NULL)
        table()[number] = *action;
    return 0;
}

int sigaction(int number, const struct sigaction *action, struct sigaction *old) {
    return hd_ours() ? set_action(number, action, old) : REAL_NEXT(sigaction)(number, action, old);
}

sighandler_t signal(int number, sighandler_t handler) {
    struct sigaction old, action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    if (!hd_ours())
        return REAL_NEXT(signal)(number, handler);
    return set_action(number, &action, &old) == 0 ? old.sa_handler : SIG_ERR;
}

static bool harmless(int number) {
    return number == SIGCHLD || number == SIGURG || number == SIGWINCH || number == SIGCONT;
}

static void run_handler(int number, struct sigaction action, int value) {
    uint32_t self = hd_task_self();
    sigset_t before = signals.blocked[self];
    siginfo_t info = {.si_signo = number, .si_code = SI_TKILL};
    info.si_value.sival_int = value;
    if (action.sa_flags & (int)SA_RESETHAND)
        signals.action[number].sa_handler = SIG_DFL;
    if (self >= signals.blocked_tasks)
        signals.blocked_tasks = self + 1;
    sigorset(&signals.blocked[self], &before, &action.sa_mask);
    if (!(action.sa_flags & SA_NODEFER))
        sigaddset(&signals.blocked[self], number);
    if (action.sa_flags & SA_SIGINFO)
        action.sa_sigaction(number, &info, NULL);
    else
        action.sa_handler(number);
    signals.blocked[self] = before;
}

/* `task`: for whom it is. Returns 0 or an error number. */
static int deliver(int number, uint32_t task, int value, const void *pc) {
    if (number == 0)
        return 0;
    if (!known(number))
        return EINVAL;
    const struct sigaction *action = &signals.action[number];
    hd_point(NULL, HD_WHAT(HD_SIGNAL, 0), pc);
    if (action->sa_handler == SIG_IGN || (action->sa_handler == SIG_DFL && harmless(number)))
        return 0;
    if (action->sa_handler == SIG_DFL)
        hd_fault(HD_FAULT_CRASH, "SIG%s raised, and nothing handles it", sigabbrev_np(number));
    if (task != hd_task_self())
        hd_fault(HD_FAULT_MISUSE, "a signal for another task, SIG%s, is not modelled",
                 sigabbrev_np(number));
    if (sigismember(&signals.blocked[task], number) == 1)
        hd_fault(HD_FAULT_MISUSE, "a signal that is blocked, SIG%s, is not modelled",
                 sigabbrev_np(number));
    run_handler(number, *action, value);
    return 0;
}

static int answer(int error) {
    if (error == 0)
        return 0;
    errno = error;
    return -1;
}

int raise(int number) {
    return hd_running ? answer(deliver(number, hd_task_self(), 0, CALLER))
                      : REAL_NEXT(raise)(number);
}

int pthread_kill(pthread_t thread, int number) {
    if (!hd_running)
        return REAL_NEXT(pthread_kill)(thread, number);
    uint32_t task = hd_pool_task_of(thread);
    return task == UINT32_MAX ? ESRCH : deliver(number, task, 0, CALLER);
}

/* Of a signal for the process any thread may be the one that takes it. */
static void check_own(pid_t process, const char *function) {
    if (process != getpid() && process != 0)
        hd_fault(HD_FAULT_MISUSE, "%s of another process is not modelled", function);
}

int kill(pid_t process, int number) {
    if (!hd_running)
        return REAL(kill)(process, number);
    check_own(process, "kill()");
    return answer(deliver(number, hd_task_self(), 0, CALLER));
}

int sigqueue(pid_t process, int number, const union sigval value) {
    if (!hd_running)
        return REAL_NEXT(sigqueue)(process, number, value);
    check_own(process, "sigqueue()");
    return answer(deliver(number, hd_task_self(), value.sival_int, CALLER));
}

static int set_mask(int how, const sigset_t *set, sigset_t *old) {
    uint32_t self = hd_running ? hd_task_self() : 0;
    sigset_t before = signals.blocked[self];
    if (old != NULL)
        *old = before;
    if (set == NULL)
        return 0;
    if (self >= signals.blocked_tasks)
        signals.blocked_tasks = self + 1;
    if (how == SIG_BLOCK)
        sigorset(&signals.blocked[self], &before, set);
    else if (how == SIG_SETMASK)
        signals.blocked[self] = *set;
    else if (how != SIG_UNBLOCK)
        return EINVAL;
    for (int number = 1; number < SIGNALS && how == SIG_UNBLOCK; number++)
        if (sigismember(set, number) == 1)
            sigdelset(&signals.blocked[self], number);
    return 0;
}

int pthread_sigmask(int how, const sigset_t *set, sigset_t *old) {
    return hd_running ? set_mask(how, set, old) : REAL_NEXT(pthread_sigmask)(how, set, old);
}

int sigprocmask(int how, const sigset_t *set, sigset_t *old) {
    return hd_running ? answer(set_mask(how, set, old)) : REAL_NEXT(sigprocmask)(how, set, old);
}

int sigpending(sigset_t *set) {
    return hd_running ? sigemptyset(set) : REAL_NEXT(sigpending)(set);
}

/* The engine's own handler has the one that there is. AddressSanitizer asks for it, too. */
int sigaltstack(const stack_t *stack, stack_t *old) {
    if (hd_running && hd_modules_own((uint64_t)CALLER - 1))
        hd_fault(HD_FAULT_MISUSE, "sigaltstack() is not modelled");
    return REAL_NEXT(sigaltstack)(stack, old);
}
