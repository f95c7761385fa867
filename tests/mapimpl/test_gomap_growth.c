/* test_gomap_growth.c - when Go's map grows, how far each write moves it, how large tables are.
 */
#include <criterion/criterion.h>

#include "mapimpl/gomap/cell.h"
#include "mapimpl/gomap/inspect.h"
#include "tests/mapimpl/support.h"

/* Largest number of entries that B = 0, 1, ... still holds. */
static const uint64_t limit[] = {8, 13, 26, 52, 104, 208, 416, 832, 1664, 3328, 6656};
#define LIMITS (sizeof limit / sizeof limit[0])

static struct gomap *made(uint64_t hint) {
    struct gomap *map;
    cr_assert_eq(gomap_new(&(struct gomap_config){.hint = hint, .seed = 1}, &map), 0);
    return map;
}

static struct map_view view_of(const struct gomap *map) {
    struct map_view view;
    gomap_view(map, &view);
    return view;
}

static void fill(struct gomap *map, uint64_t first, uint64_t count) {
    for (uint64_t key = first; key < first + count; key++) {
        cr_assert_eq(gomap_put(map, key, key), 0);
    }
}

Test(gomap_growth, load_limit_is_strict_on_both_sides) {
    struct gomap *map = made(0);
    for (uint8_t log2 = 0; log2 < LIMITS; log2++) {
        cr_assert_not(gomap_over_load(map, limit[log2], log2), "B = %u", log2);
        cr_assert(gomap_over_load(map, limit[log2] + 1, log2), "B = %u", log2);
    }
    gomap_free(map);
}

Test(gomap_growth, overflow_limit_is_one_a_bucket_up_to_two_to_the_fifteenth) {
    for (uint8_t log2 = 0; log2 <= 20; log2++) {
        uint16_t least = (uint16_t)(1u << (log2 < 15 ? log2 : 15));
        cr_assert_not(gomap_too_many_overflow((uint16_t)(least - 1), log2), "B = %u", log2);
        cr_assert(gomap_too_many_overflow(least, log2), "B = %u", log2);
    }
}

Test(gomap_growth, hint_chooses_the_smallest_table_that_holds_it) {
    for (uint8_t log2 = 0; log2 < LIMITS; log2++) {
        struct gomap *fits = made(limit[log2]);
        struct gomap *above = made(limit[log2] + 1);
        cr_assert_eq(view_of(fits).log2_buckets, log2);
        cr_assert_eq(view_of(above).log2_buckets, log2 + 1u);
        cr_assert_eq(view_of(fits).buckets, log2 == 0 ? 0 : UINT64_C(1) << log2);
        gomap_free(fits);
        gomap_free(above);
    }
}

Test(gomap_growth, map_grows_at_the_first_key_beyond_the_limit) {
    for (uint8_t log2 = 0; log2 < LIMITS; log2++) {
        struct gomap *map = made(limit[log2]);
        fill(map, 0, limit[log2]);
        cr_assert_eq(view_of(map).log2_buckets, log2);
        cr_assert_not(view_of(map).growing);
        fill(map, 0, 1); /* overwriting needs no room */
        cr_assert_eq(view_of(map).log2_buckets, log2);
        fill(map, limit[log2], 1);
        cr_assert_eq(view_of(map).log2_buckets, log2 + 1u);
        cr_assert_eq(view_of(map).growing, log2 > 1, "B = %u", log2);
        gomap_free(map);
    }
}

Test(gomap_growth, map_that_started_empty_grows_at_the_same_limits) {
    struct gomap *map = made(0);
    uint8_t log2 = 0;
    for (uint64_t count = 1; count <= limit[LIMITS - 1] + 1; count++) {
        fill(map, count - 1, 1);
        log2 = (uint8_t)(log2 + (count > limit[log2] ? 1 : 0));
        cr_assert_eq(view_of(map).log2_buckets, log2, "%lu entries", count);
        cr_assert_eq(view_of(map).count, count);
    }
    gomap_free(map);
}

Test(gomap_growth, spare_buckets_follow_the_allocator_of_go) {
    static const uint64_t spare[] = {0,  0,   0,   0,   2,   5,    7,    14,   28,
                                     56, 113, 170, 284, 512, 1024, 2048, 4096, 8192};
    struct gomap *map = made(0);
    for (uint8_t log2 = 0; log2 < sizeof spare / sizeof spare[0]; log2++) {
        uint64_t total = gomap_table_total(map->shape, log2);
        cr_assert_eq(total - (UINT64_C(1) << log2), spare[log2], "B = %u", log2);
    }
    gomap_free(map);
}

Test(gomap_growth, each_write_moves_one_or_two_old_buckets_and_reads_move_none) {
    struct gomap *map = made(1664);
    fill(map, 0, 1665);
    struct map_view view = view_of(map);
    cr_assert(view.growing && view.old_buckets == 256 && !view.same_size);
    uint64_t writes = 1;
    while (view.growing) {
        uint64_t value;
        cr_assert(gomap_get(map, writes, &value));
        cr_assert_eq(view_of(map).evacuated, view.evacuated);
        cr_assert_not(gomap_remove(map, 1000000 + writes)); /* an absent key moves buckets too */
        writes++;
        uint64_t before = view.evacuated;
        view = view_of(map);
        cr_assert_gt(view.evacuated, before);
    }
    cr_assert_eq(view.evacuated, 256);
    cr_assert_leq(writes, 256);
    cr_assert_geq(writes, 128);
    gomap_free(map);
}

/* Overwrites of one key: its old bucket is moved first, so each write moves only the next in order. */
Test(gomap_growth, growth_ends_after_as_many_writes_as_old_buckets_at_most) {
    for (uint8_t log2 = 1; log2 < LIMITS; log2++) {
        struct gomap *map = made(limit[log2]);
        fill(map, 0, limit[log2] + 1);
        uint64_t writes = 1;
        for (; view_of(map).growing; writes++) {
            fill(map, 0, 1);
        }
        cr_assert_leq(writes, UINT64_C(1) << log2);
        gomap_free(map);
    }
}

/* With identical hashes one chain takes everything: 9 deleted of 18 leave room for nothing but dense
 * chains, and a table whose chains are long and empty is rebuilt in its size. */
Test(gomap_growth, too_many_overflow_buckets_rebuild_the_table_in_its_size) {
    struct gomap *map;
    cr_assert_eq(gomap_new(&(struct gomap_config){.hint = 26, .hash_mode = GOMAP_HASH_IDENT}, &map),
                 0);
    map->hash0 = 0;
    uint64_t low[4] = {0, 1, 2, 3};
    for (unsigned chain = 0; chain < 4; chain++) { /* nine in a chain, then all but one deleted */
        for (uint64_t n = 0; n < 9; n++) {
            cr_assert_eq(gomap_put(map, low[chain] + 4 * n, n), 0);
        }
        for (uint64_t n = 0; n < 8; n++) {
            cr_assert(gomap_remove(map, low[chain] + 4 * n));
        }
    }
    struct map_view view = view_of(map);
    cr_assert(view.overflow == 4 && !view.growing && view.count == 4);
    cr_assert_eq(gomap_put(map, 100, 1), 0);
    view = view_of(map);
    cr_assert(view.growing && view.same_size && view.old_buckets == 4 && view.log2_buckets == 2);
    cr_assert_eq(view.overflow, 0);
    while (view_of(map).growing) {
        cr_assert_eq(gomap_put(map, 100, 1), 0);
    }
    cr_assert_not(view_of(map).same_size);
    cr_assert_eq(view_of(map).count, 5);
    gomap_free(map);
}

/* From B = 16 on one overflow bucket in 2^(B - 15) is counted: of 4000 at B = 17 a quarter, 1000, sigma
 * 27.4; bounds are six sigma. */
Test(gomap_growth, large_tables_estimate_their_overflow_buckets) {
    struct gomap *map;
    struct gomap_config config = {.hint = 13 * 65536, .seed = 4, .hash_mode = GOMAP_HASH_CONST};
    cr_assert_eq(gomap_new(&config, &map), 0);
    cr_assert_eq(view_of(map).log2_buckets, 17);
    struct gomap_bucket *bucket = GOMAP_LOAD(map->buckets);
    for (unsigned i = 0; i < 4000; i++) {
        bucket = gomap_overflow_new(map, bucket);
        cr_assert_not_null(bucket);
    }
    cr_assert_eq(GOMAP_LOAD(map->extra.overflow), 4000);
    double off = (double)view_of(map).overflow - 1000;
    cr_assert_leq(off * off, 36 * 27.4 * 27.4, "counted %lu", view_of(map).overflow);
    gomap_free(map);
}

Test(gomap_growth, deleting_the_last_entry_draws_a_new_hash_seed) {
    struct gomap *map = made(0);
    uint32_t seed = map->hash0;
    fill(map, 0, 2);
    gomap_remove(map, 0);
    cr_assert_eq(map->hash0, seed);
    gomap_remove(map, 1);
    cr_assert_neq(map->hash0, seed);
    gomap_free(map);
}

Test(gomap_growth, clear_in_the_window_drops_the_old_table_and_keeps_the_size) {
    struct gomap *map = made(104);
    fill(map, 0, 105);
    cr_assert(view_of(map).growing);
    gomap_remove_all(map);
    struct map_view view = view_of(map);
    cr_assert(!view.growing && view.count == 0 && view.log2_buckets == 5 && view.evacuated == 0);
    fill(map, 0, 208);
    cr_assert_eq(view_of(map).log2_buckets, 5);
    gomap_free(map);
}

Test(gomap_growth, nil_map_reads_as_empty_and_refuses_writes) {
    uint64_t value;
    struct gomap_iter iter;
    cr_assert_not(gomap_get(NULL, 1, &value));
    cr_assert_null(gomap_access_generic(NULL, 1));
    cr_assert_null(gomap_assign(NULL, 1));
    cr_assert_null(gomap_assign_generic(NULL, 1));
    cr_assert_not(gomap_delete(NULL, 1));
    cr_assert_not(gomap_delete_generic(NULL, 1));
    cr_assert_eq(gomap_length(NULL), 0);
    gomap_clear(NULL);
    gomap_iter_init(&iter, NULL);
    cr_assert_null(iter.key);
    cr_assert_not(gomap_iter_next(&iter));
    gomap_iter_end(&iter);
    cr_assert_lt(gomap_put(NULL, 1, 1), 0);
}

Test(gomap_growth, deleting_zeroes_the_value_and_keeps_the_key) {
    struct gomap *map = made(0);
    fill(map, 7, 1);
    gomap_remove(map, 7);
    const struct gomap_bucket *bucket = GOMAP_LOAD(map->buckets);
    cr_assert_eq(*(uint64_t *)gomap_key(&gomap_fast64, bucket, 0), 7);
    cr_assert_eq(*(uint64_t *)gomap_elem(&gomap_fast64, bucket, 0), 0);
    cr_assert_eq(bucket->top[0], GOMAP_EMPTY_REST);
    gomap_free(map);
}

/* From 2^14 buckets on a delete looks at one cell after another (wide.h): it finds the same. */
static void delete_from_a_large_map(bool (*remove)(struct gomap *map, uint64_t key)) {
    const uint64_t count = 106496; /* the most that 2^14 buckets hold */
    struct gomap *map = made(count);
    fill(map, 0, count);
    for (uint64_t key = 0; key < count; key += 2) {
        cr_assert(remove(map, key), "key %llu", (unsigned long long)key);
        cr_assert_not(remove(map, key), "key %llu again", (unsigned long long)key);
    }
    cr_assert_not(remove(map, count + 1));
    cr_assert_eq(view_of(map).log2_buckets, 14);
    cr_assert_eq(gomap_length(map), count / 2);
    for (uint64_t key = 0; key < count; key++) {
        uint64_t value;
        cr_assert_eq(gomap_get(map, key, &value), key % 2 == 1);
    }
    gomap_free(map);
}

Test(gomap_growth, deletes_from_large_tables_find_what_those_from_small_ones_find) {
    delete_from_a_large_map(gomap_delete);
    delete_from_a_large_map(gomap_delete_generic);
}
