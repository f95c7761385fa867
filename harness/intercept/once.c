/* once.c - pthread_once. The control word is used as glibc uses it, so that calls outside of
 * executions understand it: 0 not yet, 1 in progress, 2 done. */
#include <pthread.h>

#include "harness/intercept/edges.h"
#include "harness/intercept/operations.h"
#include "harness/intercept/real.h"
#include "harness/sched/task.h"

enum { ONCE_NEW = 0, ONCE_IN_PROGRESS = 1, ONCE_DONE = 2 };

static bool ready(const struct hd_pending *pending, uint32_t task) {
    (void)task;
    return *(const volatile pthread_once_t *)pending->object != ONCE_IN_PROGRESS;
}

void hd_once(pthread_once_t *control, void (*function)(void), const void *pc) {
    struct hd_pending pending = {.object = control,
                                 .ready = ready,
                                 .deadline = HD_NO_DEADLINE,
                                 .what = HD_WHAT(HD_ONCE, 0),
                                 .purpose = "once"};
    hd_wait_for(&pending, pc);
    if (*control == ONCE_NEW) {
        *control = ONCE_IN_PROGRESS;
        hd_changed(control);
        function();
        HD_EDGE_RELEASE(control);
        *control = ONCE_DONE;
        hd_changed(control);
    } else {
        HD_EDGE_ACQUIRE(control);
    }
}

int pthread_once(pthread_once_t *control, void (*function)(void)) {
    if (!hd_running)
        return REAL(pthread_once)(control, function);
    hd_once(control, function, CALLER);
    return 0;
}
