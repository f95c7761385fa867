/* test_gomap_clone.c - clones made in the middle of a growth, when entries are in two tables.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "mapimpl/gomap/cell.h"
#include "mapimpl/gomap/check.h"
#include "tests/mapimpl/types.h"

#define KEYS 2048u

struct bench {
    struct kind kind;
    struct gomap *map;
    bool present[KEYS];
    uint64_t count;
    /* Clones of a map with old buckets that were not evacuated, whose own table is larger than the old
     * one, or is not. */
    unsigned larger;
    unsigned other;
};

static void put(struct bench *b, uint64_t key) {
    cr_assert_eq(kind_put(&b->kind, b->map, key, key), 0);
    b->count += !b->present[key];
    b->present[key] = true;
}

static void remove_key(struct bench *b, uint64_t key) {
    cr_assert_eq(kind_remove(&b->kind, b->map, key), b->present[key]);
    b->count -= b->present[key];
    b->present[key] = false;
}

static bool growing(const struct gomap *map) {
    return GOMAP_LOAD(map->oldbuckets) != NULL;
}

static void note_growth(struct bench *b, const struct gomap *copy) {
    if (growing(b->map)) {
        bool larger = gomap_mask(GOMAP_LOAD(copy->log2_buckets)) + 1 > gomap_old_count(b->map);
        b->larger += larger;
        b->other += !larger;
    }
}

/* The copy is whole, has the same entries, and has them for itself. */
static void check_clone(struct bench *b) {
    char message[200] = "";
    struct gomap *copy = NULL;
    cr_assert_eq(gomap_clone(b->map, &copy), 0);
    note_growth(b, copy);
    cr_assert(gomap_check(copy, message, sizeof message), "%s", message);
    cr_assert(!growing(copy) && gomap_length(copy) == b->count);
    for (uint64_t key = 0; key < KEYS; key++) {
        uint64_t value;
        cr_assert_eq(kind_get(&b->kind, copy, key, &value), b->present[key], "key %lu", key);
        cr_assert(!b->present[key] || value == kind_value_cut(&b->kind, key));
    }
    gomap_clear(copy);
    cr_assert(gomap_check(b->map, message, sizeof message), "%s", message);
    cr_assert_eq(gomap_length(b->map), b->count);
    gomap_free(copy);
}

ParameterizedTestParameters(gomap_clone, has_every_entry_at_every_moment_of_a_doubling) {
    static struct kind kind[KINDS_MAX];
    unsigned kinds = kinds_all(kind);
    return cr_make_param_array(struct kind, kind, kinds);
}

/* Entries are added until the table doubles, and then removed: while more are left than the old table is
 * for, those of old buckets are assigned one by one, and after that whole chains are appended. */
ParameterizedTest(struct kind *kind, gomap_clone, has_every_entry_at_every_moment_of_a_doubling) {
    static struct bench b;
    for (uint32_t version = 121; version <= 123; version++) {
        b = (struct bench){.kind = *kind};
        b.map = kind_new(kind, (struct gomap_config){.seed = 3, .version = version, .hint = 150});
        uint64_t key = 0;
        while (!growing(b.map)) { /* ends: at the load limit */
            put(&b, key++);
        }
        check_clone(&b);
        for (uint64_t n = 0; growing(b.map); n++) { /* ends: each write moves buckets */
            remove_key(&b, 7 * n);
            check_clone(&b);
        }
        cr_assert(b.larger > 0 && b.other > 5, "%u, %u", b.larger, b.other);
        gomap_free(b.map);
    }
}

/* Sixteen chains of nine entries by the low bits of the keys, of which `kept` stay in all but the last. */
static void fill_chains(struct bench *b, uint64_t kept) {
    struct kind kind[KINDS_MAX] = {0};
    kinds_all(kind);
    *b = (struct bench){.kind = kind[0]};
    b->map = kind_new(&b->kind,
                      (struct gomap_config){
                          .seed = 3, .version = 123, .hint = 104, .hash_mode = GOMAP_HASH_IDENT});
    b->map->hash0 = 0;
    for (uint64_t n = 0; n < 9 * 16; n++) {
        put(b, n / 9 + 16 * (n % 9));
        for (uint64_t i = kept; n % 9 == 8 && n / 9 < 15 && i < 9; i++) {
            remove_key(b, n / 9 + 16 * i);
        }
    }
    cr_assert(b->map->noverflow == 16 && !growing(b->map));
}

/* The chain of nine is evacuated first: the copy, of four or eight buckets, then has an overflow bucket
 * where old chains have to be appended. */
Test(gomap_clone, has_every_entry_at_every_moment_of_a_growth_of_the_same_size) {
    static struct bench b;
    for (uint64_t kept = 1; kept <= 2; kept++) {
        fill_chains(&b, kept);
        put(&b, 15 + 16 * 60);
        cr_assert(GOMAP_LOAD(b.map->flags) & GOMAP_SAME_SIZE);
        for (uint64_t key = 1000; growing(b.map); key++) { /* ends: each write moves buckets */
            check_clone(&b);
            put(&b, key);
        }
        cr_assert_gt(b.other, 5);
        gomap_free(b.map);
    }
}

/* Entries that come during a growth of the same size pass the load limit, which starts no other growth. */
Test(gomap_clone, of_an_overloaded_map_has_no_more_buckets_than_it) {
    static struct bench b;
    unsigned overloaded = 0;
    fill_chains(&b, 6);
    for (uint64_t key = 1000; key < 1008; key++) {
        put(&b, key);
        if (gomap_over_load(b.map, b.count, GOMAP_LOAD(b.map->log2_buckets))) {
            struct gomap *copy = NULL;
            cr_assert_eq(gomap_clone(b.map, &copy), 0);
            cr_assert_eq(GOMAP_LOAD(copy->log2_buckets), GOMAP_LOAD(b.map->log2_buckets));
            gomap_free(copy);
            overloaded++;
        }
        check_clone(&b);
    }
    cr_assert_gt(overloaded, 0);
    gomap_free(b.map);
}
