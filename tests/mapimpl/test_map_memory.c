/* test_map_memory.c - every map without memory, and how much of it a map keeps.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>

#include "mapimpl/native.h"
#include "mapimpl/syncmap/syncmap.h"
#include "tests/mapimpl/heap.h"
#include "tests/mapimpl/support.h"

Test(map_memory, create_fails_cleanly_at_each_allocation) {
    uint32_t count;
    const struct map_ops *const *ops = map_native(&count);
    struct map_options options = {.hint = 100000, .seed = 1};
    for (uint32_t i = 0; i < count; i++) {
        int error = -ENOMEM;
        for (int calls = 0; calls < 100 && error != 0; calls++) {
            void *map = &map;
            long before = heap_blocks;
            heap_allowed = calls;
            error = ops[i]->create(&options, &map_host_standalone, &map);
            heap_allowed = -1;
            cr_assert(error == 0 || error == -ENOMEM);
            cr_assert(error == 0 || map == (void *)&map);
            if (error == 0) {
                cr_assert_gt(calls, 0);
                ops[i]->destroy(map);
            }
            cr_assert_eq(heap_blocks, before, "%s leaks after %d allocations", ops[i]->name, calls);
        }
        cr_assert_eq(error, 0);
    }
}

static bool visit_none(void *context, uint64_t key, uint64_t value) {
    (void)context;
    (void)key;
    (void)value;
    return false;
}

Test(map_memory, destroy_gives_every_block_back) {
    uint32_t count;
    const struct map_ops *const *ops = map_native(&count);
    for (uint32_t i = 0; i < count; i++) {
        void *map;
        uint64_t value;
        long before = heap_blocks;
        cr_assert_eq(ops[i]->create(&(struct map_options){.seed = 1}, &map_host_standalone, &map),
                     0);
        for (uint64_t n = 0; n < 20000; n++) {
            cr_assert_eq(ops[i]->put(map, test_random(1, n) % 5000, n), 0);
            cr_assert_geq(ops[i]->del(map, test_random(2, n) % 5000), 0);
            cr_assert(n % 7000 != 6999 || ops[i]->clear(map) == 0);
        }
        cr_assert_gt(heap_blocks, before);
        ops[i]->get(map, 1, &value);
        ops[i]->iterate(map, visit_none, NULL);
        ops[i]->destroy(map);
        cr_assert_eq(heap_blocks, before, "%s leaks", ops[i]->name);
    }
}

/* ---- a put that fails */

/* The maps that keep more than gomap's tables. */
static bool allocates(const struct map_ops *ops) {
    return ops == &syncmap_map || ops == &seqlock_map;
}

#define ALLOCATING(name)                                                                           \
    ParameterizedTestParameters(map_memory, name) {                                                \
        return test_subjects(allocates);                                                           \
    }                                                                                              \
    ParameterizedTest(struct test_subject *subject, map_memory, name)

static void check_content(const struct test_subject *subject, void *map, uint64_t count) {
    const struct map_ops *ops = test_ops(subject);
    cr_assert_eq(ops->length(map), count);
    for (uint64_t key = 0; key < count; key++) {
        uint64_t value = 0;
        cr_assert(test_get(subject, map, key, &value), "%s lost key %lu", ops->name, key);
        cr_assert_eq(value, key | UINT64_C(1) << 63);
    }
}

/* Puts with 0, 1, 2 ... allocations allowed until it succeeds. Returns how often it did not. */
static uint64_t put_at_last(const struct test_subject *subject, void *map, uint64_t key) {
    for (int calls = 0; calls < 50; calls++) {
        heap_allowed = calls;
        int error = test_put(subject, map, key, key | UINT64_C(1) << 63);
        heap_allowed = -1;
        if (error == 0) {
            return (uint64_t)calls;
        }
        cr_assert_eq(error, -ENOMEM);
    }
    cr_assert_fail("%s: put of key %lu never succeeds", subject->name, key);
    return 0;
}

/* Enough looks make syncmap promote, so that the next new key makes a dirty table. What was deleted is
 * expunged then, and comes back after the next promotion. */
ALLOCATING(put_without_memory_changes_nothing) {
    const struct map_ops *ops = test_ops(subject);
    long before = heap_blocks;
    uint64_t failures = 0;
    void *map = test_made(subject, (struct map_options){.seed = 3});
    for (uint64_t key = 0; key < 200; key++) {
        cr_assert(key == 0 || test_del(subject, map, key / 2) == 1);
        failures += put_at_last(subject, map, key);
        for (uint64_t look = 0; look <= key; look++) {
            uint64_t value;
            cr_assert(test_get(subject, map, key, &value));
        }
        failures += put_at_last(subject, map, key / 2);
        check_content(subject, map, key + 1);
    }
    ops->destroy(map);
    cr_assert_geq(failures, 5, "%s allocated too seldom to fail", ops->name);
    cr_assert_eq(heap_blocks, before, "%s leaks", ops->name);
}

/* ---- long runs */

struct worker {
    const struct test_subject *subject;
    void *map;
    uint64_t seed;
};

/* Keys come and go, are looked for, and get values that need a block of their own. */
static void *turn_over(void *argument) {
    struct worker *w = argument;
    for (uint64_t n = 0; n < 100000; n++) {
        uint64_t draw = test_random(w->seed, n);
        uint64_t key = n / 100 * 100 + draw % 100; /* old keys are never used again */
        uint64_t value;
        test_put(w->subject, w->map, key, draw | UINT64_C(1) << 63);
        test_get(w->subject, w->map, key + 1, &value);
        test_del(w->subject, w->map, draw & 256 ? key : n / 100 * 100 + (draw >> 10) % 100);
        if (n % 100 == 99) {
            for (uint64_t old = 0; old < 100; old++) {
                test_del(w->subject, w->map, n / 100 * 100 + old);
            }
        }
    }
    return NULL;
}

/* At most 200 entries live at any time. What is kept beside them must not grow with the length of the
 * run: two threads that are never inside together for long let each other's blocks go. */
ALLOCATING(long_run_keeps_no_more_than_a_short_one) {
    const struct map_ops *ops = test_ops(subject);
    pthread_t thread;
    void *map = test_made(subject, (struct map_options){.seed = 4});
    long before = heap_blocks;
    struct worker one = {subject, map, 1};
    struct worker two = {subject, map, 2};
    cr_assert_eq(pthread_create(&thread, NULL, turn_over, &two), 0);
    turn_over(&one);
    pthread_join(thread, NULL);
    turn_over(&one); /* alone: whatever the other one held back goes now */
    cr_assert_eq(ops->length(map), 0);
    cr_assert_leq(heap_blocks - before, 2000, "%s keeps %ld blocks", ops->name,
                  heap_blocks - before);
    ops->destroy(map);
}

/* ---- a reader that sleeps inside */

struct sleeper {
    const struct test_subject *subject;
    const struct map_ops *ops;
    void *map;
    uint64_t wrong;
};

/* Everything that the iteration may still read is replaced while it stands in its first visit. */
static bool replace_all(void *context, uint64_t key, uint64_t value) {
    struct sleeper *s = context;
    s->wrong += value != (key | UINT64_C(1) << 63);
    for (uint64_t other = 0; other < 64; other++) {
        test_del(s->subject, s->map, other);
    }
    s->ops->clear(s->map);
    for (uint64_t other = 0; other < 64; other++) {
        test_put(s->subject, s->map, other, other | UINT64_C(1) << 63);
        test_get(s->subject, s->map, other + 64, &value);
    }
    return true;
}

/* The oracle is AddressSanitizer, and the values. */
static bool is_syncmap(const struct map_ops *ops) {
    return ops == &syncmap_map;
}

ParameterizedTestParameters(map_memory, syncmap_keeps_what_a_visitor_may_read) {
    return test_subjects(is_syncmap);
}

ParameterizedTest(struct test_subject *subject, map_memory, syncmap_keeps_what_a_visitor_may_read) {
    const struct map_ops *ops = test_ops(subject);
    struct sleeper s = {.subject = subject, .ops = ops};
    s.map = test_made(subject, (struct map_options){.seed = 5});
    for (int round = 0; round < 20; round++) {
        for (uint64_t key = 0; key < 64; key++) {
            cr_assert_eq(test_put(subject, s.map, key, key | UINT64_C(1) << 63), 0);
        }
        test_iterate(subject, s.map, replace_all, &s);
    }
    cr_assert_eq(s.wrong, 0);
    ops->destroy(s.map);
}

/* As in Go: as many misses as dirty has entries. */
Test(map_memory, syncmap_promotes_after_as_many_misses_as_there_are_entries) {
    void *map;
    uint64_t value;
    cr_assert_eq(syncmap_map.create(&(struct map_options){.seed = 1}, &map_host_standalone, &map),
                 0);
    const struct syncmap *m = map;
    for (uint64_t key = 0; key < 10; key++) {
        cr_assert_eq(syncmap_map.put(map, key, key), 0);
    }
    for (uint64_t miss = 1; miss <= 10; miss++) {
        cr_expect_not_null(m->dirty, "promoted after %lu misses", miss - 1);
        cr_assert(syncmap_map.get(map, miss % 10, &value));
    }
    cr_expect_null(m->dirty);
    syncmap_map.destroy(map);
}
