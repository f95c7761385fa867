/* test_gomap_iterate.c - iterators while the map changes, and the memory that keeps them alive.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "mapimpl/gomap/cell.h"
#include "mapimpl/gomap/inspect.h"
#include "tests/mapimpl/support.h"

static struct gomap *made(uint64_t seed, uint64_t count) {
    struct gomap *map;
    cr_assert_eq(gomap_new(&(struct gomap_config){.seed = seed}, &map), 0);
    for (uint64_t key = 0; key < count; key++) {
        cr_assert_eq(gomap_put(map, key, key), 0);
    }
    return map;
}

/* I1, I2, I3: keys 0 to 99 stay, keys 100 to 199 go, others come; at each step, for many seeds. */
Test(gomap_iterate, each_entry_that_stays_is_returned_once_while_the_map_changes) {
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct gomap *map = made(seed, 200);
        uint8_t times[200] = {0};
        bool removed[200] = {false};
        uint64_t step = 0;
        struct gomap_iter iter;
        gomap_iter_init(&iter, map);
        for (; iter.key != NULL; gomap_iter_next(&iter), step++) {
            uint64_t key = *iter.key;
            cr_assert(key >= 200 || !removed[key], "a removed entry came");
            if (key < 200) {
                cr_assert_eq(++times[key], 1, "seed %lu: key %lu came twice", seed, key);
                cr_assert_eq(*iter.value, key);
            }
            uint64_t draw = test_random(seed, step);
            cr_assert_eq(gomap_put(map, 1000 + draw % 1000, 1), 0);
            removed[100 + (draw >> 16) % 100] = true;
            gomap_remove(map, 100 + (draw >> 16) % 100);
        }
        gomap_iter_end(&iter);
        for (uint64_t key = 0; key < 200; key++) {
            cr_assert(times[key] == 1 || removed[key], "seed %lu: key %lu was missed", seed, key);
        }
        gomap_free(map);
    }
}

Test(gomap_iterate, iterator_returns_the_latest_value_of_an_entry_that_moved) {
    struct gomap *map = made(1, 13);
    struct gomap_iter iter;
    gomap_iter_init(&iter, map);
    for (uint64_t key = 13; key < 200; key++) {
        cr_assert_eq(gomap_put(map, key, key), 0);
    }
    for (uint64_t key = 0; key < 13; key++) {
        cr_assert_eq(gomap_put(map, key, key + 500), 0);
    }
    uint64_t first = *iter.key;
    uint64_t returned = 1;
    while (gomap_iter_next(&iter)) {
        cr_assert_neq(*iter.key, first);
        cr_assert_eq(*iter.value, *iter.key + 500);
        returned++;
    }
    cr_assert_eq(returned, 13);
    cr_assert_not(gomap_iter_next(&iter), "the end is the end");
    gomap_iter_end(&iter);
    gomap_free(map);
}

struct order {
    uint64_t key[300];
    uint64_t count;
};

static bool order_visit(void *context, uint64_t key, uint64_t value) {
    (void)value;
    struct order *order = context;
    order->key[order->count++] = key;
    return true;
}

/* gomap_iterate walks by itself; it must walk as the iterator does, in and out of growths. */
Test(gomap_iterate, whole_iteration_visits_in_the_order_of_the_iterator) {
    for (uint64_t count = 0; count < 300; count++) {
        struct gomap *map = made(count, count);
        struct order order = {.count = 0};
        uint64_t state = GOMAP_LOAD(map->own_random.state);
        cr_assert_eq(gomap_iterate(map, order_visit, &order), count);
        GOMAP_STORE(map->own_random.state, state); /* the same draw again */
        uint64_t n = 0;
        struct gomap_iter iter;
        for (gomap_iter_init(&iter, map); iter.key != NULL; gomap_iter_next(&iter)) {
            cr_assert_eq(*iter.key, order.key[n++]);
        }
        gomap_iter_end(&iter);
        cr_assert_eq(n, count);
        cr_assert_eq(atomic_load(&map->iterators), 0);
        gomap_free(map);
    }
}

/* An iterator of a table that is two or more growths old, met in the middle of a later one. */
Test(gomap_iterate, old_iterator_finds_its_entries_at_any_moment_of_later_growths) {
    for (uint64_t more = 100; more < 1000; more++) {
        struct gomap *map = made(more, 100);
        uint64_t returned = 0;
        struct gomap_iter iter;
        gomap_iter_init(&iter, map);
        for (uint64_t key = 100; key < more; key++) {
            cr_assert_eq(gomap_put(map, key, key), 0);
        }
        for (; iter.key != NULL; gomap_iter_next(&iter)) {
            returned += *iter.key < 100;
        }
        cr_assert_eq(returned, 100, "with %lu entries", more);
        gomap_iter_end(&iter);
        gomap_free(map);
    }
}

Test(gomap_iterate, start_on_an_empty_map_sets_no_flag_and_draws_nothing) {
    struct gomap *map = made(1, 0);
    struct gomap_iter iter;
    gomap_iter_init(&iter, map);
    cr_assert_null(iter.key);
    cr_assert_eq(GOMAP_LOAD(map->flags), 0);
    cr_assert_eq(GOMAP_LOAD(map->own_random.draws), 1);
    gomap_iter_end(&iter);
    cr_assert_eq(atomic_load(&map->iterators), 0);
    gomap_free(map);
}

/* The table of ten entries must outlive ten doublings, several clears' worth of garbage included. Under
 * ASan a table released too early is a use after free. */
Test(gomap_iterate, table_lives_as_long_as_an_iterator_reads_it) {
    struct gomap *map = made(1, 100);
    struct gomap_iter iter;
    gomap_iter_init(&iter, map);
    for (uint64_t key = 100; key < 100000; key++) {
        cr_assert_eq(gomap_put(map, key, key), 0);
    }
    uint64_t returned = 0;
    for (; iter.key != NULL; gomap_iter_next(&iter)) {
        returned += *iter.key < 100; /* some that came before the first growth may come, too */
    }
    cr_assert_eq(returned, 100);
    gomap_iter_end(&iter);
    gomap_free(map);
}

/* Nine entries come and go in one bucket after the other, so that each gets an overflow bucket and the
 * table is rebuilt in its size, again and again. Calls `look` with the array that a growth has left. */
static void rebuild_often(struct gomap *map, uint64_t buckets, uint64_t rounds,
                          void (*look)(struct gomap_bucket *left)) {
    for (uint64_t n = 0; n < 9 * buckets * rounds; n++) {
        struct gomap_bucket *old = GOMAP_LOAD(map->oldbuckets);
        cr_assert_eq(gomap_put(map, n / 9 % buckets + (n % 9 << 32), n), 0);
        if (old != NULL && GOMAP_LOAD(map->oldbuckets) == NULL) {
            look(old);
        }
        for (uint64_t i = 0; n % 9 == 8 && i < 9; i++) {
            cr_assert(gomap_remove(map, n / 9 % buckets + (i << 32)));
        }
    }
    cr_assert_gt(atomic_load(&map->generation), rounds / 2);
}

/* With entries that stay, so that it is never empty and keeps its hash seed. */
static struct gomap *made_ident(uint64_t hint, uint64_t stay) {
    struct gomap *map;
    struct gomap_config config = {.hint = hint, .seed = 1, .hash_mode = GOMAP_HASH_IDENT};
    cr_assert_eq(gomap_new(&config, &map), 0);
    for (uint64_t n = 0; n < stay; n++) {
        cr_assert_eq(gomap_put(map, (UINT64_C(1) << 40) + n, n), 0);
    }
    return map;
}

static void look_away(struct gomap_bucket *left) {
    (void)left;
}

/* In use are 256 buckets of 144 bytes with up to as many overflow buckets of 176: 82 kB. The rule keeps
 * four tables' weight and what the last steps left. */
Test(gomap_memory, garbage_stays_within_a_small_multiple_of_the_table) {
    struct gomap *map = made_ident(1600, 1);
    rebuild_often(map, 256, 100, look_away);
    cr_assert_lt(atomic_load(&map->block_bytes), 400000);
    gomap_free(map);
}

static void look_at_marks(struct gomap_bucket *left) {
    for (unsigned i = 0; i < 256; i++) {
        cr_assert(gomap_evacuated(gomap_bucket_at(&gomap_fast64, left, i)));
    }
}

/* Under ASan a table that its own growth released would be a use after free. */
Test(gomap_memory, growth_does_not_release_the_table_it_just_left) {
    struct gomap *map = made_ident(1600, 1);
    rebuild_often(map, 256, 100, look_at_marks);
    gomap_free(map);
}

Test(gomap_memory, clearing_and_filling_again_does_not_pile_up_blocks) {
    struct gomap *map = made(1, 0);
    for (unsigned round = 0; round < 300; round++) {
        for (uint64_t key = 0; key < 1664; key++) {
            cr_assert_eq(gomap_put(map, test_random(round, key), key), 0);
        }
        gomap_remove_all(map);
    }
    cr_assert_lt(atomic_load(&map->block_bytes), 500000);
    gomap_free(map);
}

static const struct gomap_bucket *left_behind[1000];
static unsigned left_count;

struct removal {
    struct gomap *map;
    uint64_t visits;
};

static bool remove_visited(void *context, const struct map_string *key, uint64_t value) {
    struct removal *removal = context;
    char text[TEST_TEXT_MAX];
    struct map_string expected = test_text(value, text);
    cr_assert(gomap_remove_string(removal->map, key));
    cr_assert_not_null(key->data, "the key that was passed went with its entry");
    cr_assert_eq(key->length, expected.length);
    cr_assert_eq(memcmp(key->data, expected.data, expected.length), 0);
    removal->visits++;
    return true;
}

Test(gomap_iterate, visitor_keeps_its_key_when_it_removes_the_entry) {
    enum { COUNT = 40 };
    static char text[COUNT][TEST_TEXT_MAX];
    struct removal removal = {0};
    cr_assert_eq(
        gomap_new(&(struct gomap_config){.seed = 1, .keys = MAP_KEYS_STRING}, &removal.map), 0);
    for (uint64_t i = 0; i < COUNT; i++) {
        struct map_string key = test_text(i + 1, text[i]);
        cr_assert_eq(gomap_put_string(removal.map, &key, i + 1), 0);
    }
    cr_assert_eq(gomap_iterate_string(removal.map, remove_visited, &removal), COUNT);
    cr_assert_eq(removal.visits, COUNT);
    gomap_free(removal.map);
}

static void remember(struct gomap_bucket *left) {
    left_behind[left_count++ % 1000] = left;
}

/* A reader that was left behind by many growths may still look. Forty tables of 600 bytes with four
 * overflow buckets of 168 each stay below 64 KiB. */
Test(gomap_memory, small_maps_release_nothing_before_their_end) {
    struct gomap *map = made_ident(26, 1);
    rebuild_often(map, 4, 40, remember);
    cr_assert(left_count > 20 && left_count < 1000);
    for (unsigned i = 0; i < left_count; i++) {
        cr_assert(gomap_evacuated(left_behind[i]));
    }
    gomap_free(map);
}

static struct gomap *weighed;
static uint64_t weight;
static unsigned lighter;

static void weigh(struct gomap_bucket *left) {
    uint64_t before = weight;
    (void)left;
    weight = atomic_load(&weighed->block_bytes);
    lighter += weight < before;
}

Test(gomap_memory, nothing_is_released_while_an_iterator_lives) {
    struct gomap *map = made_ident(1600, 20);
    struct gomap_iter iter;
    weighed = map;
    gomap_iter_init(&iter, map);
    rebuild_often(map, 256, 100, weigh);
    cr_expect_eq(lighter, 0, "%u growths released something", lighter);
    uint64_t returned = 0;
    for (; iter.key != NULL; gomap_iter_next(&iter)) {
        returned++;
    }
    cr_assert_eq(returned, 20);
    gomap_iter_end(&iter);
    rebuild_often(map, 256, 2, weigh);
    cr_expect_gt(lighter, 0, "when it is gone the rest goes");
    gomap_free(map);
}
