/* refuse.c - calls that could block or copy the process and are not modelled: refused by name.
 *
 * A task that really waited in one of them would stop the whole process, and one that set a timer would be
 * disturbed by the real clock. All of these functions take
 * only integers and pointers, so one shape passes the arguments on when no execution is running.
 */
#include <stdint.h>

#include "harness/intercept/real.h"
#include "harness/sched/task.h"

typedef long any_function(long, long, long, long, long, long);

#define REFUSE(name)                                                                               \
    long name(long a, long b, long c, long d, long e, long f);                                     \
    long name(long a, long b, long c, long d, long e, long f) {                                    \
        static any_function *next;                                                                 \
        if (hd_running)                                                                            \
            hd_fault(HD_FAULT_MISUSE, #name "() is not modelled and could block");                 \
        if (next == 0)                                                                             \
            next = (any_function *)(uintptr_t)hd_real_find(#name);                                 \
        return next(a, b, c, d, e, f);                                                             \
    }

REFUSE(posix_spawn)
REFUSE(posix_spawnp)
REFUSE(system)
REFUSE(popen)
REFUSE(wait)
REFUSE(waitpid)
REFUSE(waitid)
REFUSE(pause)
REFUSE(sigsuspend)
REFUSE(sigwait)
REFUSE(sigwaitinfo)
REFUSE(sigtimedwait)
REFUSE(alarm)
REFUSE(ualarm)
REFUSE(setitimer)
REFUSE(timer_create)
REFUSE(timerfd_create)
REFUSE(signalfd)
REFUSE(poll)
REFUSE(ppoll)
REFUSE(select)
REFUSE(pselect)
REFUSE(epoll_wait)
REFUSE(epoll_pwait)
REFUSE(accept)
REFUSE(accept4)
REFUSE(connect)
REFUSE(recv)
REFUSE(recvfrom)
REFUSE(recvmsg)
REFUSE(msgrcv)
REFUSE(semop)
REFUSE(sem_open)
REFUSE(mq_receive)
REFUSE(flock)
REFUSE(lockf)
REFUSE(pthread_cancel)
