/* queue.c - see queue.h. */
#include "harness/intercept/queue.h"

#include <stddef.h>

#include "harness/base/assert.h"
#include "harness/intercept/reset.h"
#include "harness/sched/task.h"

static struct {
    uint32_t count;
    uint32_t task[HD_TASKS_MAX];  /* that wait, in no order of meaning */
    const void *on[HD_TASKS_MAX]; /* by task; NULL: does not wait */
    bool woken[HD_TASKS_MAX];     /* by task */
} queue;

void hd_queue_reset(void) {
    for (uint32_t i = 0; i < queue.count; i++)
        queue.on[queue.task[i]] = NULL;
    queue.count = 0;
}

void hd_queue_enter(uint32_t task, const void *object) {
    HD_ASSERT(queue.on[task] == NULL && object != NULL);
    queue.on[task] = object;
    queue.woken[task] = false;
    queue.task[queue.count++] = task;
}

void hd_queue_leave(uint32_t task) {
    uint32_t at = 0;
    while (queue.task[at] != task) {
        at++;
        HD_ASSERT(at < queue.count);
    }
    queue.task[at] = queue.task[--queue.count];
    queue.on[task] = NULL;
}

bool hd_queue_woken(uint32_t task) {
    return queue.woken[task];
}

static bool waits(uint32_t task, const void *object) {
    return queue.on[task] == object && !queue.woken[task];
}

uint32_t hd_queue_waiting(const void *object) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < queue.count; i++)
        count += waits(queue.task[i], object);
    return count;
}

/* Wakes waiter number `which` of the object. */
static void wake_one(const void *object, uint64_t which) {
    for (uint32_t i = 0; i < queue.count; i++) {
        if (!waits(queue.task[i], object) || which-- > 0)
            continue;
        queue.woken[queue.task[i]] = true;
        return;
    }
}

uint32_t hd_queue_wake(const void *object, uint32_t count) {
    uint32_t waiting = hd_queue_waiting(object);
    uint32_t woken = count < waiting ? count : waiting;
    for (uint32_t i = 0; i < woken; i++, waiting--)
        wake_one(object, woken - i < waiting ? hd_choose(waiting) : 0);
    return woken;
}
