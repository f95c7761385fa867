/* process.c - code under test that would end or copy the process. */
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "harness/intercept/real.h"
#include "harness/sched/task.h"

/* Ending: a crash of the execution, not of the harness. */
#define ENDS(name)                                                                                 \
    void name(int status) {                                                                        \
        if (hd_running)                                                                            \
            hd_fault(HD_FAULT_CRASH, #name "(%d) called", status);                                 \
        REAL_NEXT(name)(status);                                                                   \
        __builtin_unreachable();                                                                   \
    }

ENDS(exit)
ENDS(_exit)
ENDS(_Exit)
ENDS(quick_exit)

pid_t fork(void) {
    if (hd_running)
        hd_fault(HD_FAULT_MISUSE, "fork() is not modelled");
    return REAL(fork)(); /* ThreadSanitizer's puts its own state in order in the child */
}

/* Outside of executions a plain fork: vfork cannot be passed on by a function that returns. */
pid_t vfork(void) {
    if (hd_running)
        hd_fault(HD_FAULT_MISUSE, "vfork() is not modelled");
    return fork();
}

_Noreturn void __assert_fail(const char *assertion, const char *file, unsigned line,
                             const char *function);
void __assert_fail(const char *assertion, const char *file, unsigned line, const char *function) {
    if (hd_running)
        hd_fault(HD_FAULT_ASSERT, "assertion `%s' failed in %s", assertion, function);
    REAL_NEXT(__assert_fail)(assertion, file, line, function);
    __builtin_unreachable();
}
