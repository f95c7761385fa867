/* test_map_conformance.c - what map.h promises, asked of every built-in map with both kinds of keys, one
 * operation at a time.
 *
 * Maps that can be frozen freeze at their first read, so each test writes first and reads afterwards;
 * what needs reads between writes asks only the others.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "mapimpl/native.h"
#include "tests/mapimpl/support.h"

static void *made(const struct test_subject *subject, uint64_t seed) {
    return test_made(subject, (struct map_options){.seed = seed});
}

static bool freezes(const struct test_subject *subject) {
    const struct map_ops *ops = test_ops(subject);
    void *map = made(subject, 1);
    int result = ops->freeze(map);
    ops->destroy(map);
    cr_assert(result == 0 || result == -ENOTSUP, "freeze returned %d", result);
    return result == 0;
}

#define EVERY_MAP(name)                                                                            \
    ParameterizedTestParameters(conformance, name) {                                               \
        return test_subjects(NULL);                                                                \
    }                                                                                              \
    ParameterizedTest(struct test_subject *subject, conformance, name)

EVERY_MAP(table_has_every_slot_and_a_name_of_its_own) {
    const struct map_ops *ops = test_ops(subject);
    cr_assert_eq(ops->abi_version, MAP_ABI_VERSION);
    cr_assert(ops->kind == MAP_PLAIN || ops->kind == MAP_SAFE || ops->kind == MAP_MUTANT);
    cr_assert(strlen(ops->name) > 0 && strlen(ops->summary) > 0 && strlen(ops->guarantee) > 0);
    cr_assert(ops->create && ops->destroy && ops->get && ops->put && ops->del && ops->length);
    cr_assert(ops->iterate && ops->clear && ops->freeze);
    uint32_t count;
    const struct map_ops *const *all = map_native(&count);
    for (uint32_t i = 0; i < count; i++) {
        cr_assert(i == subject->index || strcmp(all[i]->name, ops->name) != 0);
    }
}

EVERY_MAP(keys_are_strings_only_where_the_table_has_them) {
    const struct map_ops *ops = test_ops(subject);
    void *map = &map;
    struct map_options options = {.seed = 1, .keys = MAP_KEYS_STRING};
    int result = ops->create(&options, &map_host_standalone, &map);
    if (ops->strings == NULL) {
        cr_assert_eq(result, -ENOTSUP);
        cr_assert_eq(map, (void *)&map);
        return;
    }
    cr_assert_eq(result, 0);
    cr_assert(ops->strings->get && ops->strings->put && ops->strings->del && ops->strings->iterate);
    ops->destroy(map);
}

EVERY_MAP(versions_are_those_of_go_1_19_to_1_23) {
    static const uint32_t wrong[] = {1, 118, 124, UINT32_MAX};
    const struct map_ops *ops = test_ops(subject);
    void *map = &map;
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct map_options options = {.seed = 1, .version = wrong[i]};
        cr_assert_eq(ops->create(&options, &map_host_standalone, &map), -EINVAL);
        cr_assert_eq(map, (void *)&map);
    }
    struct map_options options = {.seed = 1, .version = 119};
    cr_assert_eq(ops->create(&options, &map_host_standalone, &map), 0);
    ops->destroy(map);
}

EVERY_MAP(destroy_takes_null) {
    test_ops(subject)->destroy(NULL);
}

static bool count_visit(void *context, uint64_t key, uint64_t value) {
    (void)key;
    (void)value;
    ++*(uint64_t *)context;
    return true;
}

EVERY_MAP(empty_map_holds_nothing) {
    const struct map_ops *ops = test_ops(subject);
    void *map = made(subject, 2);
    cr_assert_eq(test_del(subject, map, 5), 0);
    cr_assert_eq(ops->clear(map), 0);
    uint64_t value = 77;
    cr_assert_not(test_get(subject, map, 0, &value));
    cr_assert_eq(value, 77, "an absent key must leave the value alone");
    cr_assert_eq(ops->length(map), 0);
    uint64_t visits = 0;
    cr_assert_eq(test_iterate(subject, map, count_visit, &visits), 0);
    cr_assert_eq(visits, 0);
    ops->destroy(map);
}

EVERY_MAP(extreme_keys_and_values_are_ordinary) {
    static const uint64_t word[] = {
        0, 1, 2, 0x7fffffffffffffff, 0x8000000000000000, UINT64_MAX - 1, UINT64_MAX};
    const uint64_t words = sizeof word / sizeof word[0];
    const struct map_ops *ops = test_ops(subject);
    void *map = made(subject, 3);
    for (uint64_t i = 0; i < words; i++) {
        cr_assert_eq(test_put(subject, map, word[i], word[words - 1 - i]), 0);
    }
    cr_assert_eq(ops->length(map), words);
    for (uint64_t i = 0; i < words; i++) {
        uint64_t value = 99;
        cr_assert(test_get(subject, map, word[i], &value));
        cr_assert_eq(value, word[words - 1 - i]);
    }
    uint64_t value;
    cr_assert_not(test_get(subject, map, 3, &value));
    ops->destroy(map);
}

EVERY_MAP(put_overwrites_without_a_second_entry) {
    const struct map_ops *ops = test_ops(subject);
    void *map = made(subject, 4);
    for (uint64_t round = 0; round < 3; round++) {
        for (uint64_t key = 0; key < 100; key++) {
            cr_assert_eq(test_put(subject, map, key, key + 1000 * round), 0);
        }
    }
    cr_assert_eq(ops->length(map), 100);
    for (uint64_t key = 0; key < 100; key++) {
        uint64_t value;
        cr_assert(test_get(subject, map, key, &value));
        cr_assert_eq(value, key + 2000);
    }
    ops->destroy(map);
}

EVERY_MAP(del_tells_what_it_says_it_tells) {
    const struct map_ops *ops = test_ops(subject);
    void *map = made(subject, 5);
    int told = ops->delete_tells ? 1 : 0;
    for (uint64_t key = 0; key < 50; key++) {
        cr_assert_eq(test_put(subject, map, key, key), 0);
    }
    for (uint64_t key = 0; key < 50; key += 2) {
        cr_assert_eq(test_del(subject, map, key), told);
        cr_assert_eq(test_del(subject, map, key), 0);
    }
    cr_assert_eq(test_del(subject, map, 1000), 0);
    cr_assert_eq(ops->length(map), 25);
    for (uint64_t key = 0; key < 50; key++) {
        uint64_t value;
        cr_assert_eq(test_get(subject, map, key, &value), key % 2 == 1, "key %lu", key);
    }
    ops->destroy(map);
}

EVERY_MAP(clear_removes_all_and_leaves_a_usable_map) {
    const struct map_ops *ops = test_ops(subject);
    void *map = made(subject, 6);
    for (uint64_t key = 0; key < 300; key++) {
        cr_assert_eq(test_put(subject, map, key, 1), 0);
    }
    cr_assert_eq(ops->clear(map), 0);
    cr_assert_eq(test_put(subject, map, 17, 2), 0);
    cr_assert_eq(ops->length(map), 1);
    uint64_t value = 0;
    cr_assert(test_get(subject, map, 17, &value));
    cr_assert_eq(value, 2);
    cr_assert_not(test_get(subject, map, 18, &value));
    ops->destroy(map);
}

struct seen {
    uint8_t times[1000];
    uint64_t stop_after;
    uint64_t visits;
    bool value_wrong;
};

static bool seen_visit(void *context, uint64_t key, uint64_t value) {
    struct seen *seen = context;
    seen->visits++;
    seen->times[key % 1000]++;
    seen->value_wrong = seen->value_wrong || value != key * 7;
    return seen->visits != seen->stop_after;
}

EVERY_MAP(iteration_visits_each_entry_once_with_its_value) {
    const struct map_ops *ops = test_ops(subject);
    for (uint64_t count = 1; count < 1000; count += 37) {
        void *map = made(subject, count);
        for (uint64_t key = 0; key < count; key++) {
            cr_assert_eq(test_put(subject, map, key, key * 7), 0);
        }
        struct seen seen = {0};
        cr_assert_eq(test_iterate(subject, map, seen_visit, &seen), count);
        for (uint64_t key = 0; key < 1000; key++) {
            cr_assert_eq(seen.times[key], key < count ? 1 : 0);
        }
        cr_assert_not(seen.value_wrong);
        ops->destroy(map);
    }
}

EVERY_MAP(iteration_stops_when_the_visitor_has_enough) {
    const struct map_ops *ops = test_ops(subject);
    void *map = made(subject, 8);
    for (uint64_t key = 0; key < 100; key++) {
        cr_assert_eq(test_put(subject, map, key, key * 7), 0);
    }
    for (uint64_t stop = 1; stop <= 100; stop++) {
        struct seen seen = {.stop_after = stop};
        cr_assert_eq(test_iterate(subject, map, seen_visit, &seen), stop);
        cr_assert_eq(seen.visits, stop);
    }
    ops->destroy(map);
}

EVERY_MAP(frozen_map_refuses_writes_and_keeps_its_content) {
    const struct map_ops *ops = test_ops(subject);
    if (!freezes(subject)) {
        return;
    }
    for (int how = 0; how < 4; how++) { /* freeze, or one of the reads, makes the content final */
        void *map = made(subject, 9);
        cr_assert_eq(test_put(subject, map, 1, 7), 0);
        uint64_t value = 0;
        struct seen seen = {0};
        cr_assert(how != 0 || ops->freeze(map) == 0);
        cr_assert(how != 1 || test_get(subject, map, 1, &value));
        cr_assert(how != 2 || ops->length(map) == 1);
        cr_assert(how != 3 || test_iterate(subject, map, seen_visit, &seen) == 1);
        cr_assert_eq(test_put(subject, map, 1, 8), -EROFS);
        cr_assert_eq(test_put(subject, map, 2, 8), -EROFS);
        cr_assert_eq(test_del(subject, map, 1), -EROFS);
        cr_assert_eq(test_del(subject, map, 2), -EROFS);
        cr_assert_eq(ops->clear(map), -EROFS);
        cr_assert_eq(ops->freeze(map), 0);
        cr_assert(test_get(subject, map, 1, &value));
        cr_assert_eq(value, 7);
        cr_assert_eq(ops->length(map), 1);
        ops->destroy(map);
    }
}

EVERY_MAP(frozen_map_holds_what_was_staged_last) {
    const struct map_ops *ops = test_ops(subject);
    void *map = made(subject, 10);
    uint64_t model[512] = {0};
    for (uint64_t n = 0; n < 20000; n++) {
        uint64_t draw = test_random(10, n);
        uint64_t key = draw % 512;
        bool remove = (draw >> 32) % 4 == 0;
        model[key] = remove ? 0 : n + 1;
        cr_assert(remove ? test_del(subject, map, key) >= 0
                         : test_put(subject, map, key, n + 1) == 0);
    }
    uint64_t present = 0;
    for (uint64_t key = 0; key < 512; key++) {
        uint64_t value = 0;
        cr_assert_eq(test_get(subject, map, key, &value), model[key] != 0);
        cr_assert_eq(value, model[key]);
        present += model[key] != 0;
    }
    cr_assert_eq(ops->length(map), present);
    ops->destroy(map);
}

/* Sizes wander between empty and about 1000 entries, so that growths begin and end all the time. */
EVERY_MAP(operations_agree_with_a_model) {
    const struct map_ops *ops = test_ops(subject);
    if (freezes(subject)) {
        return;
    }
    void *map = made(subject, 11);
    static uint64_t model[2048];
    memset(model, 0, sizeof model);
    uint64_t present = 0;
    for (uint64_t n = 0; n < 200000; n++) {
        uint64_t draw = test_random(11, n);
        uint64_t key = draw % 2048;
        uint64_t deletes = (n / 8192) % 2 == 0 ? 3 : 8; /* in sixteenths; the rest is half gets */
        uint64_t kind = (draw >> 40) % 16;
        uint64_t value = 0;
        if (n % 50000 == 49999) {
            cr_assert_eq(ops->clear(map), 0);
            memset(model, 0, sizeof model);
            present = 0;
        } else if (kind < deletes) {
            int told = ops->delete_tells && model[key] != 0;
            cr_assert_eq(test_del(subject, map, key), told);
            present -= model[key] != 0;
            model[key] = 0;
        } else if (kind < 12) {
            cr_assert_eq(test_put(subject, map, key, n + 1), 0);
            present += model[key] == 0;
            model[key] = n + 1;
        } else {
            cr_assert_eq(test_get(subject, map, key, &value), model[key] != 0, "step %lu key %lu",
                         n, key);
            cr_assert_eq(value, model[key]);
        }
        if (n % 16 == 0) { /* some maps count by walking */
            cr_assert_eq(ops->length(map), present);
        }
    }
    ops->destroy(map);
}

EVERY_MAP(large_map_finds_every_key_and_no_other) {
    const uint64_t count = 100000;
    const struct map_ops *ops = test_ops(subject);
    void *map = made(subject, 12);
    for (uint64_t n = 0; n < count; n++) {
        cr_assert_eq(test_put(subject, map, test_random(12, n), n), 0);
    }
    cr_assert_eq(ops->length(map), count);
    for (uint64_t n = 0; n < count; n++) {
        uint64_t value = 0;
        cr_assert(test_get(subject, map, test_random(12, n), &value));
        cr_assert_eq(value, n);
        cr_assert_not(test_get(subject, map, test_random(13, n), &value));
    }
    uint64_t visits = 0;
    cr_assert_eq(test_iterate(subject, map, count_visit, &visits), count);
    ops->destroy(map);
}

EVERY_MAP(any_hint_makes_a_working_map) {
    static const uint64_t hint[] = {0, 1, 8, 9, 13, 14, 1000, 100000, UINT64_MAX};
    const struct map_ops *ops = test_ops(subject);
    for (unsigned i = 0; i < sizeof hint / sizeof hint[0]; i++) {
        void *map = NULL;
        struct map_options options = {.hint = hint[i], .seed = 1, .keys = subject->keys};
        cr_assert_eq(ops->create(&options, &map_host_standalone, &map), 0, "hint %lu", hint[i]);
        for (uint64_t key = 0; key < 20; key++) {
            cr_assert_eq(test_put(subject, map, key, key), 0);
        }
        cr_assert_eq(ops->length(map), 20);
        ops->destroy(map);
    }
}

/* 2^39 entries would need 20 TB. */
EVERY_MAP(create_without_memory_leaves_the_pointer_alone) {
    const struct map_ops *ops = test_ops(subject);
    void *map = &map;
    struct map_options options = {
        .hint = UINT64_C(1) << 39, .seed = 1, .shards = 1, .keys = subject->keys};
    cr_assert_eq(ops->create(&options, &map_host_standalone, &map), -ENOMEM);
    cr_assert_eq(map, (void *)&map);
}

struct order {
    uint64_t key[100];
    uint64_t count;
};

static bool order_visit(void *context, uint64_t key, uint64_t value) {
    (void)value;
    struct order *order = context;
    order->key[order->count++] = key;
    return true;
}

static struct order order_of(const struct test_subject *subject, uint64_t seed) {
    const struct map_ops *ops = test_ops(subject);
    void *map = made(subject, seed);
    struct order order = {.count = 0};
    for (uint64_t key = 0; key < 100; key++) {
        cr_assert_eq(test_put(subject, map, key, key), 0);
    }
    cr_assert_eq(test_iterate(subject, map, order_visit, &order), 100);
    ops->destroy(map);
    return order;
}

EVERY_MAP(seed_alone_decides_the_order_of_iteration) {
    struct order one = order_of(subject, 21);
    struct order again = order_of(subject, 21);
    struct order other = order_of(subject, 22);
    cr_assert_arr_eq(one.key, again.key, sizeof one.key);
    cr_assert_arr_neq(one.key, other.key, sizeof one.key);
}
