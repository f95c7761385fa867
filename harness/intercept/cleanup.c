/* cleanup.c - pthread_exit, and the cleanup handlers that it runs.
 *
 * In C, pthread_cleanup_push is a macro: it leaves a buffer in the caller's frame, filled by sigsetjmp, and
 * registers it; behind the second return of sigsetjmp stands the handler, and then a call that goes on to
 * the next buffer. We keep the buffers of each task as glibc keeps those of a thread, in a list through
 * the room that it leaves for that.
 *
 * Code compiled with -fexceptions, and C++, registers nothing: there the handlers are cleanups of the
 * frame, which only an unwinder would run. They are not run.
 */
#include <pthread.h>
#include <string.h>

#include "harness/base/assert.h"
#include "harness/intercept/real.h"
#include "harness/intercept/reset.h"
#include "harness/sched/task.h"

/* Of a jmp_buf the buffer has the beginning, without the mask of signals, which is not saved. */
extern _Noreturn void jump_back(struct __cancel_jmp_buf_tag *at, int value) __asm__("siglongjmp");

static struct {
    bool used; /* in this execution */
    __pthread_unwind_buf_t *newest[HD_TASKS_MAX];
    void *result[HD_TASKS_MAX]; /* of tasks that have called pthread_exit */
} cleanup;

static void push(__pthread_unwind_buf_t *buffer) {
    uint32_t self = hd_task_self();
    buffer->__pad[0] = cleanup.newest[self];
    cleanup.newest[self] = buffer;
    cleanup.used = true;
}

static void pop(const __pthread_unwind_buf_t *buffer) {
    cleanup.newest[hd_task_self()] = buffer->__pad[0];
}

/* Goes on at the newest buffer, or ends the task when there is none. */
static _Noreturn void unwind(void) {
    uint32_t self = hd_task_self();
    __pthread_unwind_buf_t *buffer = cleanup.newest[self];
    if (buffer != NULL) {
        pop(buffer);
        jump_back(buffer->__cancel_jmp_buf, 1);
    }
    hd_task_exit(cleanup.result[self]);
}

void pthread_exit(void *result) {
    if (hd_running) {
        cleanup.result[hd_task_self()] = result;
        unwind();
    }
    REAL_NEXT(pthread_exit)(result);
    __builtin_unreachable();
}

void __pthread_unwind_next(__pthread_unwind_buf_t *buffer) {
    if (hd_running)
        unwind();
    REAL_NEXT(__pthread_unwind_next)(buffer);
    __builtin_unreachable();
}

void __pthread_register_cancel(__pthread_unwind_buf_t *buffer) {
    if (hd_running)
        push(buffer);
    else
        REAL_NEXT(__pthread_register_cancel)(buffer);
}

void __pthread_unregister_cancel(__pthread_unwind_buf_t *buffer) {
    if (hd_running)
        pop(buffer);
    else
        REAL_NEXT(__pthread_unregister_cancel)(buffer);
}

/* The same with another type of cancellation, which is nothing to us: there is no pthread_cancel. */
void __pthread_register_cancel_defer(__pthread_unwind_buf_t *buffer) {
    if (hd_running)
        push(buffer);
    else
        REAL_NEXT(__pthread_register_cancel_defer)(buffer);
}

void __pthread_unregister_cancel_restore(__pthread_unwind_buf_t *buffer) {
    if (hd_running)
        pop(buffer);
    else
        REAL_NEXT(__pthread_unregister_cancel_restore)(buffer);
}

void hd_cleanup_reset(void) {
    if (cleanup.used)
        memset(cleanup.newest, 0, sizeof cleanup.newest);
    cleanup.used = false;
}
