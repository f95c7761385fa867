/* exits.c - what code under test wants to be called at the end of a thread, or of the process.
 *
 * Destructors of thread_local objects run at the end of their task, the last one first, before those of
 * thread-specific data, as in glibc. What is registered for the end of the process is not called: the
 * process goes on after the execution, whose objects are then gone. A module that is being loaded registers
 * as ever.
 */
#include <stdlib.h>

#include "harness/base/assert.h"
#include "harness/intercept/real.h"
#include "harness/intercept/reset.h"

struct exit {
    struct exit *next;
    void (*destructor)(void *);
    void *object;
};

static struct {
    bool used;
    struct exit *newest[HD_TASKS_MAX];
} exits;

int __cxa_thread_atexit_impl(void (*destructor)(void *), void *object, void *module);
int __cxa_thread_atexit_impl(void (*destructor)(void *), void *object, void *module) {
    if (!hd_running)
        return REAL_NEXT(__cxa_thread_atexit_impl)(destructor, object, module);
    struct exit *exit = malloc(sizeof *exit);
    HD_ASSERT(exit != NULL);
    struct exit **newest = &exits.newest[hd_task_self()];
    *exit = (struct exit){.next = *newest, .destructor = destructor, .object = object};
    *newest = exit;
    exits.used = true;
    return 0;
}

/* A destructor may register another one. */
void hd_exits_run(void) {
    struct exit **newest = &exits.newest[hd_task_self()];
    while (exits.used && *newest != NULL) {
        struct exit exit = **newest;
        free(*newest);
        *newest = exit.next;
        exit.destructor(exit.object);
    }
}

/* Of tasks that did not come to their end. */
void hd_exits_reset(void) {
    for (uint32_t task = 0; exits.used && task < HD_TASKS_MAX; task++)
        while (exits.newest[task] != NULL) {
            struct exit *next = exits.newest[task]->next;
            free(exits.newest[task]);
            exits.newest[task] = next;
        }
    exits.used = false;
}

/* name(): for the end of the process. */
#define AT_EXIT(name, parameters, arguments)                                                       \
    int name parameters;                                                                           \
    int name parameters {                                                                          \
        return hd_running ? 0 : REAL_NEXT(name) arguments;                                         \
    }

AT_EXIT(__cxa_atexit, (void (*destructor)(void *), void *object, void *module),
        (destructor, object, module))
AT_EXIT(__cxa_at_quick_exit, (void (*destructor)(void *), void *module), (destructor, module))
AT_EXIT(on_exit, (void (*function)(int, void *), void *argument), (function, argument))
