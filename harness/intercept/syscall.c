/* syscall.c - system calls that code under test makes by number.
 *
 * Those that wait, tell the time or tell who and where the caller is are modelled; others that could
 * block or copy the process are refused by name; the rest is passed on.
 */
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "harness/intercept/futex.h"
#include "harness/intercept/identity.h"
#include "harness/intercept/real.h"
#include "harness/sched/task.h"

#define NAMED(name)                                                                                \
    { SYS_##name, "SYS_" #name }

static const struct {
    long number;
    const char *name;
} refused[] = {
    NAMED(clone),       NAMED(clone3),          NAMED(execve),        NAMED(execveat),
    NAMED(wait4),       NAMED(waitid),          NAMED(rt_sigsuspend), NAMED(rt_sigtimedwait),
    NAMED(ppoll),       NAMED(pselect6),        NAMED(epoll_pwait),   NAMED(epoll_pwait2),
    NAMED(accept),      NAMED(accept4),         NAMED(connect),       NAMED(recvfrom),
    NAMED(recvmsg),     NAMED(recvmmsg),        NAMED(msgrcv),        NAMED(semop),
    NAMED(semtimedop),  NAMED(mq_timedreceive), NAMED(flock),         NAMED(io_getevents),
    NAMED(futex_waitv),
#ifdef SYS_fork /* the older calls, which arm64 does not have */
    NAMED(fork),        NAMED(vfork),           NAMED(pause),         NAMED(poll),
    NAMED(select),      NAMED(epoll_wait),
#endif
};
#define REFUSED (sizeof refused / sizeof refused[0])

static void refuse(long number) {
    for (size_t i = 0; i < REFUSED; i++)
        if (refused[i].number == number)
            hd_fault(HD_FAULT_MISUSE, "syscall(%s) is not modelled and could block",
                     refused[i].name);
}

static long pass_on(long number, const long argument[6]) {
    return REAL_NEXT(syscall)(number, argument[0], argument[1], argument[2], argument[3],
                              argument[4], argument[5]);
}

/* It is found before a signal handler may ask for it. */
__attribute__((constructor)) static void find_real(void) {
    const long none[6] = {0};
    pass_on(SYS_getpid, none);
}

/* A signal for a virtual id. */
static long send_signal(long number, const long argument[6]) {
    long real[6] = {hd_identity_real((int)argument[0]), argument[1], argument[2]};
    if (number == SYS_tgkill)
        real[1] = hd_identity_real((int)argument[1]);
    return pass_on(number, real);
}

static long yield_task(const void *pc) {
    hd_yield(pc);
    return 0;
}

static long as_result(int error) {
    if (error == 0)
        return 0;
    errno = error;
    return -1;
}

/* The calls by number that have a modelled function; all others as they are. */
static long model(long number, const long argument[6], const void *pc) {
    switch (number) {
    case SYS_futex:
        return hd_futex(argument, pc);
    case SYS_sched_yield:
        return yield_task(pc);
    case SYS_getpid:
        return getpid();
    case SYS_getppid:
        return getppid();
    case SYS_gettid:
        return gettid();
    case SYS_getcpu:
        return getcpu((unsigned *)argument[0], (unsigned *)argument[1]);
    case SYS_nanosleep:
        return nanosleep((const struct timespec *)argument[0], (struct timespec *)argument[1]);
    case SYS_clock_nanosleep:
        return as_result(clock_nanosleep((clockid_t)argument[0], (int)argument[1],
                                         (const struct timespec *)argument[2],
                                         (struct timespec *)argument[3]));
    case SYS_clock_gettime:
        return clock_gettime((clockid_t)argument[0], (struct timespec *)argument[1]);
    case SYS_gettimeofday:
        return gettimeofday((struct timeval *)argument[0], (void *)argument[1]);
#ifdef SYS_time
    case SYS_time:
        return time((time_t *)argument[0]);
#endif
    case SYS_kill:
    case SYS_tkill:
    case SYS_tgkill:
        return send_signal(number, argument);
    default:
        refuse(number);
        return pass_on(number, argument);
    }
}

/* A call has up to six arguments; those that the caller did not pass are whatever is there, which is no
 * concern of AddressSanitizer. */
__attribute__((no_sanitize("address"))) long syscall(long number, ...) {
    long argument[6];
    va_list arguments;
    va_start(arguments, number);
    for (int i = 0; i < 6; i++)
        argument[i] = va_arg(arguments, long);
    va_end(arguments);
    return hd_running ? model(number, argument, CALLER) : pass_on(number, argument);
}
