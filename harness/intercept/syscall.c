/* syscall.c - system calls that code under test makes by number.
 *
 * Those that wait, tell the time or tell who and where the caller is are modelled; others that could
 * block or copy the process are refused by name; the rest is passed on.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "harness/intercept/futex.h"
#include "harness/intercept/identity.h"
#include "harness/intercept/real.h"
#include "harness/intercept/reset.h"
#include "harness/sched/task.h"
#include "harness/task/pool.h"

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

/* function() is behind SYS_name, its arguments as they are. */
#define CALL_BY(name, function, ...)                                                               \
    case SYS_##name:                                                                               \
        *result = (long)function(__VA_ARGS__);                                                     \
        return true
#define CALL(name, ...) CALL_BY(name, name, __VA_ARGS__)

/* Who, where and how late it is. */
static bool ask(long number, const long a[6], long *result) {
    switch (number) {
        CALL(getpid);
        CALL(getppid);
        CALL(gettid);
        CALL(getuid);
        CALL(geteuid);
        CALL(getgid);
        CALL(getegid);
        CALL(getpgid, (pid_t)a[0]);
        CALL(getsid, (pid_t)a[0]);
        CALL(getcpu, (unsigned *)a[0], (unsigned *)a[1]);
        CALL(sysinfo, (struct sysinfo *)a[0]);
        CALL(uname, (struct utsname *)a[0]);
        CALL(getrandom, (void *)a[0], (size_t)a[1], (unsigned)a[2]);
        CALL(clock_gettime, (clockid_t)a[0], (struct timespec *)a[1]);
        CALL(clock_getres, (clockid_t)a[0], (struct timespec *)a[1]);
        CALL(gettimeofday, (struct timeval *)a[0], (void *)a[1]);
        CALL(times, (struct tms *)a[0]);
        CALL(getrusage, (int)a[0], (struct rusage *)a[1]);
#ifdef SYS_time
        CALL(time, (time_t *)a[0]);
#endif
#ifdef SYS_getpgrp
        CALL(getpgrp);
#endif
    case SYS_sched_getaffinity: /* tells how many bytes it has written */
        *result = sched_getaffinity((pid_t)a[0], (size_t)a[1], (cpu_set_t *)a[2]);
        *result = *result == 0 ? (long)sizeof(long) : *result;
        return true;
    default:
        return false;
    }
}

/* Mappings, which are at addresses of the execution, and what of the process is put back behind it. */
static bool use_process(long number, const long a[6], long *result) {
    switch (number) {
        CALL(mmap, (void *)a[0], (size_t)a[1], (int)a[2], (int)a[3], (int)a[4], (off_t)a[5]);
        CALL(munmap, (void *)a[0], (size_t)a[1]);
        CALL(mremap, (void *)a[0], (size_t)a[1], (size_t)a[2], (int)a[3], (void *)a[4]);
        CALL(umask, (mode_t)a[0]);
        CALL(chdir, (const char *)a[0]);
        CALL(fchdir, (int)a[0]);
        CALL(sched_setaffinity, (pid_t)a[0], (size_t)a[1], (const cpu_set_t *)a[2]);
    default:
        return false;
    }
}

/* Files, which are closed with the execution, and what of them is a device of chance. */
static bool use_file(long number, const long a[6], long *result) {
    switch (number) {
        CALL(openat, (int)a[0], (const char *)a[1], (int)a[2], (mode_t)a[3]);
        CALL(read, (int)a[0], (void *)a[1], (size_t)a[2]);
        CALL(readv, (int)a[0], (const struct iovec *)a[1], (int)a[2]);
        CALL(close, (int)a[0]);
        CALL(dup, (int)a[0]);
        CALL(dup3, (int)a[0], (int)a[1], (int)a[2]);
        CALL(pipe2, (int *)a[0], (int)a[1]);
        CALL(memfd_create, (const char *)a[0], (unsigned)a[1]);
        CALL(socket, (int)a[0], (int)a[1], (int)a[2]);
        CALL(socketpair, (int)a[0], (int)a[1], (int)a[2], (int *)a[3]);
        CALL(epoll_create1, (int)a[0]);
        CALL_BY(eventfd2, eventfd, (unsigned)a[0], (int)a[1]);
        CALL_BY(pread64, pread, (int)a[0], (void *)a[1], (size_t)a[2], (off_t)a[3]);
#ifdef SYS_open
        CALL(open, (const char *)a[0], (int)a[1], (mode_t)a[2]);
        CALL(dup2, (int)a[0], (int)a[1]);
        CALL(pipe, (int *)a[0]);
#endif
    default:
        return false;
    }
}

/* `id`: the virtual one of a task. */
static long signal_task(int id, int number) {
    uint32_t task = (uint32_t)(id - HD_PROCESS_ID);
    if (id < HD_PROCESS_ID || task >= hd_pool_count())
        return as_result(ESRCH);
    return as_result(pthread_kill(hd_pool_handle(task), number));
}

/* The calls by number that have a modelled function; all others as they are. */
static long model(long number, const long argument[6], const void *pc) {
    long result;
    if (ask(number, argument, &result) || use_process(number, argument, &result) ||
        use_file(number, argument, &result))
        return result;
    switch (number) {
    case SYS_futex:
        return hd_futex(argument, pc);
    case SYS_sched_yield:
        return yield_task(pc);
    case SYS_nanosleep:
        return nanosleep((const struct timespec *)argument[0], (struct timespec *)argument[1]);
    case SYS_clock_nanosleep:
        return as_result(clock_nanosleep((clockid_t)argument[0], (int)argument[1],
                                         (const struct timespec *)argument[2],
                                         (struct timespec *)argument[3]));
    case SYS_kill:
        return kill((pid_t)argument[0], (int)argument[1]);
    case SYS_tkill:
        return signal_task((int)argument[0], (int)argument[1]);
    case SYS_tgkill:
        return signal_task((int)argument[1], (int)argument[2]);
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
    long result;
    if (hd_running)
        return model(number, argument, CALLER);
    return hd_loading && ask(number, argument, &result) ? result : pass_on(number, argument);
}
