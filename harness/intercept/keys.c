/* keys.c - thread-specific data. Values live in the borrowed identity's own table; what we add is that
 * destructors run when a task ends, and that no key or value survives an execution.
 *
 * Keys made by an execution are deleted at the next reset. Those that a module makes while it is loaded
 * stay valid, as the module's data says; their values are cleared when a task begins, since the thread
 * whose identity it carries may have set them in an earlier execution.
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

#define KEYS_MAX   1024 /* PTHREAD_KEYS_MAX */
#define ROUNDS_MAX 4    /* PTHREAD_DESTRUCTOR_ITERATIONS */

struct key {
    pthread_key_t key;
    void (*destructor)(void *);
    bool deleted; /* a kept key: by this execution */
};

struct keys {
    struct key key[KEYS_MAX];
    uint32_t count;
};

static struct keys kept; /* made while modules were loaded */
static struct keys made; /* made by this execution */
static bool loading;

void hd_keys_loading(bool begin) {
    loading = begin;
}

static struct key *find(struct keys *keys, pthread_key_t key) {
    for (uint32_t i = 0; i < keys->count; i++)
        if (keys->key[i].key == key)
            return &keys->key[i];
    return NULL;
}

/* What a task leaves at its end is given to the destructor by us, what a real thread leaves by libc. */
int pthread_key_create(pthread_key_t *key, void (*destructor)(void *)) {
    struct keys *keys = hd_running ? &made : &kept;
    if (!hd_running && !loading)
        return REAL_NEXT(pthread_key_create)(key, destructor);
    if (keys->count == KEYS_MAX)
        return EAGAIN;
    int error = REAL_NEXT(pthread_key_create)(key, hd_running ? NULL : destructor);
    if (error == 0)
        keys->key[keys->count++] = (struct key){.key = *key, .destructor = destructor};
    return error;
}

static int delete_from(struct keys *keys, struct key *at) {
    pthread_key_t key = at->key;
    *at = keys->key[--keys->count];
    return REAL_NEXT(pthread_key_delete)(key);
}

int pthread_key_delete(pthread_key_t key) {
    struct key *at = find(&kept, key);
    if (!hd_running)
        return at != NULL ? delete_from(&kept, at) : REAL_NEXT(pthread_key_delete)(key);
    if (at != NULL && !at->deleted) {
        at->deleted = true;
        return 0;
    }
    at = find(&made, key);
    return at != NULL ? delete_from(&made, at) : EINVAL;
}

/* Runs the destructors of the task that ends; true when one of them ran. */
static bool run_destructors(const struct keys *keys) {
    bool ran = false;
    for (uint32_t i = 0; i < keys->count; i++) { /* a destructor may add keys, up to KEYS_MAX */
        const struct key *key = &keys->key[i];
        void *value = pthread_getspecific(key->key);
        if (value == NULL || key->destructor == NULL || key->deleted)
            continue;
        pthread_setspecific(key->key, NULL);
        key->destructor(value);
        ran = true;
    }
    return ran;
}

/* The thread whose identity the task carries may have been another task's, in this execution too. */
static void begin_task(void) {
    for (uint32_t i = 0; i < kept.count; i++)
        pthread_setspecific(kept.key[i].key, NULL);
    for (uint32_t i = 0; i < made.count; i++)
        pthread_setspecific(made.key[i].key, NULL);
}

static void end_task(void) {
    hd_exits_run();
    for (int round = 0; round < ROUNDS_MAX; round++) {
        bool ran = run_destructors(&kept);
        ran |= run_destructors(&made);
        if (!ran)
            return;
    }
}

__attribute__((constructor)) static void register_tasks(void) {
    hd_task_beginning = begin_task;
    hd_task_ending = end_task;
}

void hd_keys_reset(void) {
    for (uint32_t i = 0; i < made.count; i++)
        REAL_NEXT(pthread_key_delete)(made.key[i].key);
    made.count = 0;
    for (uint32_t i = 0; i < kept.count; i++)
        kept.key[i].deleted = false;
}
