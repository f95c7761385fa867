/* keys.c - thread-specific data. Values live in the borrowed identity's own table; what we add is that
 * destructors run when a task ends, and that no key or value survives an execution.
 *
 * Keys made by an execution are deleted at the next reset.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "harness/intercept/real.h"
#include "harness/intercept/reset.h"
#include "harness/sched/task.h"
#include "harness/task/pool.h"
#include "harness/task/switch.h"

#define KEYS_MAX   256
#define ROUNDS_MAX 4 /* PTHREAD_DESTRUCTOR_ITERATIONS */

static struct {
    pthread_key_t key[KEYS_MAX];
    void (*destructor[KEYS_MAX])(void *);
    uint32_t count;
} keys;

int pthread_key_create(pthread_key_t *key, void (*destructor)(void *)) {
    if (!hd_running)
        return REAL_NEXT(pthread_key_create)(key, destructor);
    if (keys.count == KEYS_MAX)
        return EAGAIN;
    int error = REAL_NEXT(pthread_key_create)(key, NULL);
    if (error != 0)
        return error;
    keys.key[keys.count] = *key;
    keys.destructor[keys.count++] = destructor;
    return 0;
}

int pthread_key_delete(pthread_key_t key) {
    if (!hd_running)
        return REAL_NEXT(pthread_key_delete)(key);
    for (uint32_t i = 0; i < keys.count; i++)
        if (keys.key[i] == key) {
            keys.key[i] = keys.key[--keys.count];
            keys.destructor[i] = keys.destructor[keys.count];
            return REAL_NEXT(pthread_key_delete)(key);
        }
    return EINVAL;
}

/* Runs the destructors of the task that ends; true when one of them ran. */
static bool run_destructors(void) {
    bool ran = false;
    for (uint32_t i = 0; i < keys.count; i++) { /* a destructor may add keys, up to KEYS_MAX */
        void *value = pthread_getspecific(keys.key[i]);
        if (value == NULL || keys.destructor[i] == NULL)
            continue;
        pthread_setspecific(keys.key[i], NULL);
        keys.destructor[i](value);
        ran = true;
    }
    return ran;
}

static void end_task(uint32_t task) {
    (void)task;
    for (int round = 0; round < ROUNDS_MAX && keys.count > 0; round++)
        if (!run_destructors())
            return;
}

__attribute__((constructor)) static void register_end(void) {
    hd_task_ending = end_task;
}

void hd_keys_reset(void) {
    for (uint32_t i = 0; i < keys.count; i++)
        REAL_NEXT(pthread_key_delete)(keys.key[i]);
    keys.count = 0;
}
