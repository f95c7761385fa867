/* test_map_threads.c - the safe maps with real threads. Nothing is timed and nothing is hoped for: every
 * check holds under every schedule.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "mapimpl/native.h"

#define THREADS 4u
#define KEYS    2000u

struct worker {
    const struct map_ops *ops;
    void *map;
    uint64_t first;
    uint64_t errors;
};

/* Each thread owns KEYS keys: whatever the others do, its own answers are those of a map alone. */
static void *own_keys(void *argument) {
    struct worker *w = argument;
    for (uint64_t i = 0; i < KEYS; i++) {
        w->errors += w->ops->put(w->map, w->first + i, i) != 0;
    }
    for (uint64_t i = 0; i < KEYS; i++) {
        uint64_t value = 0;
        w->errors += !w->ops->get(w->map, w->first + i, &value) || value != i;
    }
    for (uint64_t i = 0; i < KEYS; i += 2) {
        w->errors += w->ops->del(w->map, w->first + i) != 1;
    }
    for (uint64_t i = 0; i < KEYS; i++) {
        uint64_t value;
        w->errors += w->ops->get(w->map, w->first + i, &value) != (i % 2 == 1);
    }
    return NULL;
}

static bool sum_visit(void *context, uint64_t key, uint64_t value) {
    (void)value;
    *(uint64_t *)context += key;
    return true;
}

static void run(const struct map_ops *ops, void *map, void *(*body)(void *),
                struct worker *worker) {
    pthread_t thread[THREADS];
    for (uint32_t i = 0; i < THREADS; i++) {
        worker[i] = (struct worker){.ops = ops, .map = map, .first = i * KEYS};
        cr_assert_eq(pthread_create(&thread[i], NULL, body, &worker[i]), 0);
    }
    for (uint32_t i = 0; i < THREADS; i++) {
        pthread_join(thread[i], NULL);
        cr_assert_eq(worker[i].errors, 0);
    }
}

static void own_keys_on(const struct map_ops *ops) {
    struct worker worker[THREADS];
    void *map;
    cr_assert_eq(ops->create(&(struct map_options){.seed = 9}, &map_host_standalone, &map), 0);
    run(ops, map, own_keys, worker);
    cr_assert_eq(ops->length(map), THREADS * KEYS / 2);
    uint64_t sum = 0;
    cr_assert_eq(ops->iterate(map, sum_visit, &sum), THREADS * KEYS / 2);
    uint64_t all = THREADS * KEYS;
    cr_assert_eq(sum, all * all / 4); /* odd numbers below `all` */
    ops->destroy(map);
}

Test(map_threads, rwmutex_keeps_each_threads_keys) {
    own_keys_on(&rwmutex_map);
}

Test(map_threads, sharded_keeps_each_threads_keys) {
    own_keys_on(&sharded_map);
}

/* Keys below KEYS are never touched by the writer: each iteration must return each exactly once. */
struct stable {
    uint8_t times[KEYS];
};

static bool stable_visit(void *context, uint64_t key, uint64_t value) {
    (void)value;
    struct stable *stable = context;
    if (key < KEYS) {
        stable->times[key]++;
    }
    return true;
}

static void *write_others(struct worker *w) {
    for (uint64_t i = 0; i < 20000; i++) {
        w->errors += w->ops->put(w->map, KEYS + i % 5000, i) != 0;
        w->errors += w->ops->del(w->map, KEYS + (i * 7) % 5000) < 0;
    }
    return NULL;
}

static void *one_writes_the_rest_iterate(void *argument) {
    struct worker *w = argument;
    if (w->first == 0) {
        return write_others(w);
    }
    for (int round = 0; round < 50; round++) {
        struct stable stable = {{0}};
        w->ops->iterate(w->map, stable_visit, &stable);
        for (uint64_t key = 0; key < KEYS; key++) {
            w->errors += stable.times[key] != 1;
        }
    }
    return NULL;
}

static void iterations_on(const struct map_ops *ops) {
    struct worker worker[THREADS];
    void *map;
    cr_assert_eq(ops->create(&(struct map_options){.seed = 9}, &map_host_standalone, &map), 0);
    for (uint64_t key = 0; key < KEYS; key++) {
        cr_assert_eq(ops->put(map, key, key), 0);
    }
    run(ops, map, one_writes_the_rest_iterate, worker);
    ops->destroy(map);
}

Test(map_threads, rwmutex_iterates_while_others_write) {
    iterations_on(&rwmutex_map);
}

Test(map_threads, sharded_iterates_while_others_write) {
    iterations_on(&sharded_map);
}

static void *stage(void *argument) {
    struct worker *w = argument;
    for (uint64_t i = 0; i < KEYS; i++) {
        w->errors += w->ops->put(w->map, w->first + i, i) != 0;
    }
    return NULL;
}

static void *read_all(void *argument) {
    struct worker *w = argument;
    for (uint64_t key = 0; key < THREADS * KEYS; key++) {
        uint64_t value = 0;
        w->errors += !w->ops->get(w->map, key, &value) || value != key % KEYS;
    }
    w->errors += w->ops->put(w->map, w->first, 1) != -EROFS;
    w->errors += w->ops->length(w->map) != THREADS * KEYS;
    return NULL;
}

Test(map_threads, oncefrozen_is_built_once_whoever_reads_first) {
    for (int round = 0; round < 20; round++) {
        struct worker worker[THREADS];
        void *map;
        const struct map_ops *ops = &oncefrozen_map;
        cr_assert_eq(ops->create(&(struct map_options){.seed = 9}, &map_host_standalone, &map), 0);
        run(ops, map, stage, worker);
        run(ops, map, read_all, worker);
        ops->destroy(map);
    }
}

/* A writer that races with the freeze is refused or is in: never lost after it returned 0. */
static void *put_or_read(void *argument) {
    struct worker *w = argument;
    bool frozen = false;
    for (uint64_t i = 0; i < KEYS; i++) {
        int result = w->ops->put(w->map, w->first + i, i);
        w->errors += frozen ? result != -EROFS : result != 0 && result != -EROFS;
        frozen = result == -EROFS;
        if (i == KEYS / 2 && w->first == 0) {
            w->ops->freeze(w->map);
        }
        uint64_t value;
        if (frozen) {
            w->errors += w->ops->get(w->map, w->first + i, &value);
        }
    }
    return NULL;
}

Test(map_threads, oncefrozen_refuses_or_keeps_a_racing_write) {
    for (int round = 0; round < 20; round++) {
        struct worker worker[THREADS];
        void *map;
        const struct map_ops *ops = &oncefrozen_map;
        cr_assert_eq(ops->create(&(struct map_options){.seed = 9}, &map_host_standalone, &map), 0);
        run(ops, map, put_or_read, worker);
        cr_assert_geq(ops->length(map), KEYS / 2 + 1);
        ops->destroy(map);
    }
}

/* ---- writers wait for an iteration */

static void *write_once(void *argument) {
    struct worker *w = argument;
    if (w->first == 0) {
        w->ops->put(w->map, 1, 1);
    } else if (w->first == 1) {
        w->ops->del(w->map, 1);
    } else {
        w->ops->clear(w->map);
    }
    return NULL;
}

struct intruder {
    pthread_t thread;
    struct worker worker;
    int joined;
};

/* Holds the lock, as a visitor does; a write that came through would be joined. */
static bool intrude(void *context, uint64_t key, uint64_t value) {
    (void)key;
    (void)value;
    struct intruder *i = context;
    struct timespec until;
    cr_assert_eq(pthread_create(&i->thread, NULL, write_once, &i->worker), 0);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += until.tv_nsec / 950000000;
    until.tv_nsec = (until.tv_nsec + 50000000) % 1000000000;
    i->joined = pthread_timedjoin_np(i->thread, NULL, &until);
    return false;
}

Test(map_threads, rwmutex_lets_no_writer_into_an_iteration) {
    for (uint64_t operation = 0; operation < 3; operation++) {
        void *map;
        const struct map_ops *ops = &rwmutex_map;
        struct intruder i = {.worker = {.ops = ops, .first = operation}};
        cr_assert_eq(ops->create(&(struct map_options){.seed = 9}, &map_host_standalone, &map), 0);
        cr_assert_eq(ops->put(map, 1, 1), 0);
        i.worker.map = map;
        cr_assert_eq(ops->iterate(map, intrude, &i), 1);
        cr_assert_eq(i.joined, ETIMEDOUT);
        pthread_join(i.thread, NULL);
        cr_assert_eq(ops->length(map), operation == 0 ? 1 : 0);
        ops->destroy(map);
    }
}
