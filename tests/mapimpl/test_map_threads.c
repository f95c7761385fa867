/* test_map_threads.c - the safe maps with real threads. Nothing is timed and nothing is hoped for: every
 * check holds under every schedule.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "mapimpl/native.h"
#include "tests/mapimpl/support.h"

#define THREADS 4u
#define KEYS    2000u

/* The maps that allow any mix of operations, at any time. */
static bool safe(const struct map_ops *ops) {
    return ops->kind == MAP_SAFE && ops != &oncefrozen_map;
}

static bool is_oncefrozen(const struct map_ops *ops) {
    return ops == &oncefrozen_map;
}

#define EVERY_SAFE_MAP(name)                                                                       \
    ParameterizedTestParameters(map_threads, name) {                                               \
        return test_subjects(safe);                                                                \
    }                                                                                              \
    ParameterizedTest(struct test_subject *subject, map_threads, name)

struct worker {
    const struct test_subject *subject;
    const struct map_ops *ops;
    void *map;
    uint64_t first;
    uint64_t errors;
    int64_t balance;
};

/* Each thread owns KEYS keys: whatever the others do, its own answers are those of a map alone. */
static void *own_keys(void *argument) {
    struct worker *w = argument;
    for (uint64_t i = 0; i < KEYS; i++) {
        w->errors += test_put(w->subject, w->map, w->first + i, i) != 0;
    }
    for (uint64_t i = 0; i < KEYS; i++) {
        uint64_t value = 0;
        w->errors += !test_get(w->subject, w->map, w->first + i, &value) || value != i;
    }
    for (uint64_t i = 0; i < KEYS; i += 2) {
        w->errors += test_del(w->subject, w->map, w->first + i) != 1;
    }
    for (uint64_t i = 0; i < KEYS; i++) {
        uint64_t value;
        w->errors += test_get(w->subject, w->map, w->first + i, &value) != (i % 2 == 1);
    }
    return NULL;
}

static bool sum_visit(void *context, uint64_t key, uint64_t value) {
    (void)value;
    *(uint64_t *)context += key;
    return true;
}

static void run(const struct test_subject *subject, void *map, void *(*body)(void *),
                struct worker *worker) {
    pthread_t thread[THREADS];
    for (uint32_t i = 0; i < THREADS; i++) {
        worker[i] = (struct worker){
            .subject = subject, .ops = test_ops(subject), .map = map, .first = i * KEYS};
        cr_assert_eq(pthread_create(&thread[i], NULL, body, &worker[i]), 0);
    }
    for (uint32_t i = 0; i < THREADS; i++) {
        pthread_join(thread[i], NULL);
        cr_assert_eq(worker[i].errors, 0);
    }
}

EVERY_SAFE_MAP(keeps_each_threads_keys) {
    const struct map_ops *ops = test_ops(subject);
    struct worker worker[THREADS];
    void *map = test_made(subject, (struct map_options){.seed = 9});
    run(subject, map, own_keys, worker);
    cr_assert_eq(ops->length(map), THREADS * KEYS / 2);
    uint64_t sum = 0;
    cr_assert_eq(test_iterate(subject, map, sum_visit, &sum), THREADS * KEYS / 2);
    uint64_t all = THREADS * KEYS;
    cr_assert_eq(sum, all * all / 4); /* odd numbers below `all` */
    ops->destroy(map);
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
        w->errors += test_put(w->subject, w->map, KEYS + i % 5000, i) != 0;
        w->errors += test_del(w->subject, w->map, KEYS + (i * 7) % 5000) < 0;
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
        test_iterate(w->subject, w->map, stable_visit, &stable);
        for (uint64_t key = 0; key < KEYS; key++) {
            w->errors += stable.times[key] != 1;
        }
    }
    return NULL;
}

EVERY_SAFE_MAP(iterates_while_others_write) {
    const struct map_ops *ops = test_ops(subject);
    struct worker worker[THREADS];
    void *map = test_made(subject, (struct map_options){.seed = 9});
    for (uint64_t key = 0; key < KEYS; key++) {
        cr_assert_eq(test_put(subject, map, key, key), 0);
    }
    run(subject, map, one_writes_the_rest_iterate, worker);
    ops->destroy(map);
}

/* ---- all threads on the same few keys: a value says whose it is */

#define SHARED_KEYS 64u
#define TOP_BIT     (UINT64_C(1) << 63) /* a value that syncmap keeps in a block of its own */

static uint64_t value_for(uint64_t key, uint64_t draw) {
    uint64_t value = draw >> 8 << 8 | key;
    return draw & 1 ? value | TOP_BIT : value & ~TOP_BIT;
}

static bool owner_visit(void *context, uint64_t key, uint64_t value) {
    *(uint64_t *)context += value % 256 != key;
    return true;
}

static void step(struct worker *w, uint64_t draw) {
    uint64_t key = draw % SHARED_KEYS;
    uint64_t kind = (draw >> 32) % 256;
    uint64_t value = key;
    if (kind < 80) {
        w->errors += test_put(w->subject, w->map, key, value_for(key, draw)) != 0;
    } else if (kind < 120) {
        int told = test_del(w->subject, w->map, key);
        w->errors += told != 0 && told != 1;
    } else if (kind < 253) {
        test_get(w->subject, w->map, key, &value);
        w->errors += value % 256 != key;
    } else if (kind == 253) {
        test_iterate(w->subject, w->map, owner_visit, &w->errors);
    } else if (kind == 254) {
        w->errors += w->ops->length(w->map) > SHARED_KEYS;
    } else {
        w->errors += w->ops->clear(w->map) != 0;
    }
}

static void *share_keys(void *argument) {
    struct worker *w = argument;
    for (uint64_t n = 0; n < 100000; n++) {
        step(w, test_random(w->first, n));
    }
    return NULL;
}

EVERY_SAFE_MAP(returns_no_value_of_another_key) {
    const struct map_ops *ops = test_ops(subject);
    struct worker worker[THREADS];
    void *map = test_made(subject, (struct map_options){.seed = 9});
    run(subject, map, share_keys, worker);
    uint64_t errors = 0;
    cr_assert_eq(test_iterate(subject, map, owner_visit, &errors), ops->length(map));
    cr_assert_eq(errors, 0);
    ops->destroy(map);
}

/* Every removal is told to exactly one thread: what was put is removed, cleared or left. Nobody clears
 * here, so that the sums must agree. */
static void *count_own_share(void *argument) {
    struct worker *w = argument;
    int64_t balance = 0;
    for (uint64_t n = 0; n < 100000; n++) {
        uint64_t draw = test_random(w->first + 1, n);
        uint64_t key = draw % 8 + 8 * w->first; /* only the owner puts, so he knows what is new */
        uint64_t foreign = (draw >> 16) % 8 + 8 * KEYS * ((draw >> 8) % THREADS);
        uint64_t value;
        if (!test_get(w->subject, w->map, key, &value)) {
            w->errors += test_put(w->subject, w->map, key, n) != 0;
            balance++;
        }
        balance -= test_del(w->subject, w->map, draw >> 40 & 1 ? foreign : key);
    }
    w->balance = balance;
    return NULL;
}

EVERY_SAFE_MAP(tells_each_removal_to_one_thread) {
    const struct map_ops *ops = test_ops(subject);
    struct worker worker[THREADS];
    void *map = test_made(subject, (struct map_options){.seed = 9});
    run(subject, map, count_own_share, worker);
    int64_t left = 0;
    for (uint32_t i = 0; i < THREADS; i++) {
        left += worker[i].balance;
    }
    cr_assert_eq((int64_t)ops->length(map), left);
    ops->destroy(map);
}

static void *stage(void *argument) {
    struct worker *w = argument;
    for (uint64_t i = 0; i < KEYS; i++) {
        w->errors += test_put(w->subject, w->map, w->first + i, i) != 0;
    }
    return NULL;
}

static void *read_all(void *argument) {
    struct worker *w = argument;
    for (uint64_t key = 0; key < THREADS * KEYS; key++) {
        uint64_t value = 0;
        w->errors += !test_get(w->subject, w->map, key, &value) || value != key % KEYS;
    }
    w->errors += test_put(w->subject, w->map, w->first, 1) != -EROFS;
    w->errors += w->ops->length(w->map) != THREADS * KEYS;
    return NULL;
}

ParameterizedTestParameters(map_threads, oncefrozen_is_built_once_whoever_reads_first) {
    return test_subjects(is_oncefrozen);
}

ParameterizedTest(struct test_subject *subject, map_threads,
                  oncefrozen_is_built_once_whoever_reads_first) {
    for (int round = 0; round < 20; round++) {
        struct worker worker[THREADS];
        const struct map_ops *ops = &oncefrozen_map;
        void *map = test_made(subject, (struct map_options){.seed = 9});
        run(subject, map, stage, worker);
        run(subject, map, read_all, worker);
        ops->destroy(map);
    }
}

/* A writer that races with the freeze is refused or is in: never lost after it returned 0. */
static void *put_or_read(void *argument) {
    struct worker *w = argument;
    bool frozen = false;
    for (uint64_t i = 0; i < KEYS; i++) {
        int result = test_put(w->subject, w->map, w->first + i, i);
        w->errors += frozen ? result != -EROFS : result != 0 && result != -EROFS;
        frozen = result == -EROFS;
        if (i == KEYS / 2 && w->first == 0) {
            w->ops->freeze(w->map);
        }
        uint64_t value;
        if (frozen) {
            w->errors += test_get(w->subject, w->map, w->first + i, &value);
        }
    }
    return NULL;
}

ParameterizedTestParameters(map_threads, oncefrozen_refuses_or_keeps_a_racing_write) {
    return test_subjects(is_oncefrozen);
}

ParameterizedTest(struct test_subject *subject, map_threads,
                  oncefrozen_refuses_or_keeps_a_racing_write) {
    for (int round = 0; round < 20; round++) {
        struct worker worker[THREADS];
        const struct map_ops *ops = &oncefrozen_map;
        void *map = test_made(subject, (struct map_options){.seed = 9});
        run(subject, map, put_or_read, worker);
        cr_assert_geq(ops->length(map), KEYS / 2 + 1);
        ops->destroy(map);
    }
}

/* ---- writers wait for an iteration */

static void *write_once(void *argument) {
    struct worker *w = argument;
    if (w->first == 0) {
        test_put(w->subject, w->map, 1, 1);
    } else if (w->first == 1) {
        test_del(w->subject, w->map, 1);
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

static bool one_moment(const struct map_ops *ops) {
    return ops == &mutex_map || ops == &rwmutex_map || ops == &gorwmutex_map || ops == &seqlock_map;
}

ParameterizedTestParameters(map_threads, no_writer_comes_into_an_iteration_of_one_moment) {
    return test_subjects(one_moment);
}

ParameterizedTest(struct test_subject *subject, map_threads,
                  no_writer_comes_into_an_iteration_of_one_moment) {
    const struct map_ops *ops = test_ops(subject);
    for (uint64_t operation = 0; operation < 3; operation++) {
        void *map = test_made(subject, (struct map_options){.seed = 9});
        struct intruder i = {.worker = {.subject = subject, .ops = ops, .first = operation}};
        cr_assert_eq(test_put(subject, map, 1, 1), 0);
        i.worker.map = map;
        cr_assert_eq(test_iterate(subject, map, intrude, &i), 1);
        cr_assert_eq(i.joined, ETIMEDOUT);
        pthread_join(i.thread, NULL);
        cr_assert_eq(ops->length(map), operation == 0 ? 1 : 0);
        ops->destroy(map);
    }
}
