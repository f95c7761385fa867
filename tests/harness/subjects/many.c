/* many.c - one after another, 100,000 of each thing that the engine keeps a note of: it may run out of what
 * lives at a time, never of what has lived.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <threads.h>
#include <unistd.h>

#include "tests/harness/subjects/claims.h"

#define MANY 100000

#define ONE_AFTER_ANOTHER(symbol, ...)                                                             \
    static void symbol##_task(uint32_t index) {                                                    \
        (void)index;                                                                               \
        for (long i = 0; i < MANY; i++)                                                            \
            __VA_ARGS__;                                                                           \
    }                                                                                              \
    SUBJECT(symbol, .tasks = 1, .task = symbol##_task, .check = check)

static void use_block(size_t size) {
    char *volatile block = malloc(size);
    if (block == 0) {
        claim(0);
        return;
    }
    block[size - 1] = 1;
    free(block);
}
ONE_AFTER_ANOTHER(many_blocks, use_block(1 << 20));
ONE_AFTER_ANOTHER(many_small_blocks, use_block((size_t)i % 20000 + 1));

/* Another task frees: what has been freed may be used again whoever did it. */
static char *volatile handed;
static sem_t given, taken;

static void hands_task(uint32_t index) {
    for (int i = 0; i < 12000; i++) {
        if (index == 0) {
            handed = malloc(1 << 18);
            claim(handed != 0);
            sem_post(&given);
            sem_wait(&taken);
        } else {
            sem_wait(&given);
            free(handed);
            sem_post(&taken);
        }
    }
}
static void hands_setup(void) {
    sem_init(&given, 0, 0);
    sem_init(&taken, 0, 0);
}
SUBJECT(many_handed, .tasks = 2, .setup = hands_setup, .task = hands_task, .check = check);

static void *body(void *argument) {
    return (char *)argument + 1;
}

static pthread_key_t kept;

static void use_thread(long i) {
    pthread_t thread;
    void *result = 0;
    if (pthread_create(&thread, 0, body, (void *)i) != 0) {
        claim(0);
        return;
    }
    claim(pthread_join(thread, &result) == 0 && result == (void *)(i + 1));
}
ONE_AFTER_ANOTHER(many_threads, use_thread(i));

static void *leave_value(void *argument) {
    claim(pthread_getspecific(kept) == 0);
    pthread_setspecific(kept, argument);
    return 0;
}

/* A number that is given again is another thread: no value of the one before. */
static void values_task(uint32_t index) {
    pthread_t thread;
    (void)index;
    pthread_key_create(&kept, 0);
    for (int i = 0; i < 5000; i++) {
        if (pthread_create(&thread, 0, leave_value, &kept) != 0)
            claim(0);
        else if (i % 2 == 0)
            pthread_join(thread, 0);
        else
            pthread_detach(thread);
        if (i % 100 == 0)
            sleep(1); /* they end */
    }
}
SUBJECT(many_values, .tasks = 1, .task = values_task, .check = check);

static void use_key(void) {
    pthread_key_t key;
    claim(pthread_key_create(&key, free) == 0);
    claim(pthread_getspecific(key) == 0 && pthread_setspecific(key, &key) == 0);
    claim(pthread_key_delete(key) == 0);
}
ONE_AFTER_ANOTHER(many_keys, use_key());

static void use_locks(void) {
    pthread_mutex_t *mutex = malloc(sizeof *mutex);
    pthread_cond_t *condition = malloc(sizeof *condition);
    pthread_mutex_init(mutex, 0);
    pthread_cond_init(condition, 0);
    claim(pthread_mutex_lock(mutex) == 0 && pthread_cond_signal(condition) == 0);
    claim(pthread_mutex_unlock(mutex) == 0);
    claim(pthread_mutex_destroy(mutex) == 0 && pthread_cond_destroy(condition) == 0);
    free(mutex);
    free(condition);
}
ONE_AFTER_ANOTHER(many_locks, i % 2 == 0 ? use_locks() : (void)0);

static void nothing(void) {
}

static void use_others(void) {
    pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_spinlock_t spin;
    pthread_rwlock_t lock;
    sem_t semaphore;
    claim(pthread_once(&once, nothing) == 0);
    pthread_spin_init(&spin, 0);
    claim(pthread_spin_lock(&spin) == 0 && pthread_spin_unlock(&spin) == 0);
    pthread_rwlock_init(&lock, 0);
    claim(pthread_rwlock_rdlock(&lock) == 0 && pthread_rwlock_unlock(&lock) == 0);
    pthread_rwlock_destroy(&lock);
    sem_init(&semaphore, 0, 1);
    claim(sem_wait(&semaphore) == 0);
    sem_destroy(&semaphore);
}
ONE_AFTER_ANOTHER(many_others, i % 2 == 0 ? use_others() : (void)0);

static void use_stream(void) {
    FILE *stream = fopen("/dev/null", "r");
    if (stream == 0) {
        claim(0);
        return;
    }
    flockfile(stream);
    funlockfile(stream);
    fclose(stream);
    atexit(nothing);
}
ONE_AFTER_ANOTHER(many_streams, use_stream());

/* ---- what lives is limited, and the limit says its name ------------------------------------------- */

static void heap_used_up_task(uint32_t index) {
    (void)index;
    for (long i = 0; i < 3000; i++)
        claim(hidden(malloc(1 << 20)) != 0);
}
SUBJECT(heap_used_up, .tasks = 1, .task = heap_used_up_task, .check = check);

static void threads_used_up_task(uint32_t index) {
    pthread_t thread;
    (void)index;
    for (int i = 0; i < 1100; i++)
        claim(pthread_create(&thread, 0, body, 0) == 0);
}
SUBJECT(threads_used_up, .tasks = 1, .task = threads_used_up_task, .check = check);

static void too_large_task(uint32_t index) {
    volatile size_t most = SIZE_MAX; /* gcc knows what is too large */
    (void)index;
    claim(hidden(malloc((size_t)1 << 40)) == 0);
    claim(hidden(malloc(most)) == 0 && hidden(calloc(most, 2)) == 0);
    claim(hidden(malloc(1000 << 20)) != 0);
}
SUBJECT(too_large, .tasks = 1, .task = too_large_task, .check = check);
