/* test_gomap_check.c - the checker names each broken invariant by its letter.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "mapimpl/gomap/cell.h"
#include "mapimpl/gomap/check.h"
#include "tests/mapimpl/support.h"

/* Keys choose their bucket by their low bits and their tophash, 9, by their top byte: seed 0. */
#define KEY(bucket, n) (UINT64_C(9) << 56 | (uint64_t)(n) << 20 | (bucket))

static struct gomap *made(uint64_t hint) {
    struct gomap *map = NULL;
    struct gomap_config config = {.hint = hint, .seed = 1, .hash_mode = GOMAP_HASH_IDENT};
    cr_assert_eq(gomap_new(&config, &map), 0);
    map->hash0 = 0;
    return map;
}

static void put(struct gomap *map, uint64_t key) {
    cr_assert_eq(gomap_put(map, key, key), 0);
}

static struct gomap_bucket *bucket_of(const struct gomap *map, uint64_t index) {
    return gomap_bucket_at(&gomap_fast64, GOMAP_LOAD(map->buckets), index);
}

static struct gomap_bucket *old_bucket(const struct gomap *map, uint64_t index) {
    return gomap_bucket_at(&gomap_fast64, GOMAP_LOAD(map->oldbuckets), index);
}

/* Sixteen buckets with two entries each and a chain of two buckets. */
static struct gomap *usual(void) {
    struct gomap *map = made(104);
    for (uint64_t n = 0; n < 2 * 16; n++) {
        put(map, KEY(n % 16, n));
    }
    for (uint64_t n = 0; n < 8; n++) {
        put(map, KEY(3, 100 + n));
    }
    return map;
}

/* Eight old buckets in a doubling; 0 and 1 are evacuated. */
static struct gomap *growing(void) {
    struct gomap *map = made(52);
    for (uint64_t n = 0; n < 53; n++) {
        put(map, KEY(n % 7, n));
    }
    cr_assert_not_null(GOMAP_LOAD(map->oldbuckets));
    cr_assert(gomap_evacuated(old_bucket(map, 0)) && !gomap_evacuated(old_bucket(map, 5)));
    return map;
}

static void expect(struct gomap *map, const char *letter) {
    char message[200] = "";
    bool whole = gomap_check(map, message, sizeof message);
    if (letter == NULL) {
        cr_assert(whole, "%s", message);
        return;
    }
    cr_assert_not(whole, "%s went unnoticed", letter);
    size_t length = strlen(letter);
    cr_assert(strncmp(message, letter, length) == 0 && message[length] == ':', "%s, not %s",
              message, letter);
    gomap_free(map);
}

Test(gomap_check, whole_maps_pass) {
    struct gomap *map = usual();
    expect(map, NULL);
    gomap_free(map);
    map = growing();
    expect(map, NULL);
    gomap_free(map);
    map = made(0);
    expect(map, NULL);
    gomap_free(map);
    expect(NULL, NULL);
}

Test(gomap_check, g1_flag_of_a_growth_that_is_not) {
    struct gomap *map = usual();
    GOMAP_STORE(map->flags, GOMAP_SAME_SIZE);
    expect(map, "G1");
}

Test(gomap_check, g2_marks_where_none_belong_and_the_reverse) {
    struct gomap *map = usual();
    bucket_of(map, 2)->top[1] = GOMAP_EVAC_EMPTY;
    expect(map, "G2");
    map = growing();
    old_bucket(map, 5)->top[4] = GOMAP_EVAC_X;
    expect(map, "G2");
    map = growing();
    old_bucket(map, 0)->top[4] = GOMAP_EMPTY_ONE;
    expect(map, "G2");
}

Test(gomap_check, g2_new_bucket_touched_before_its_old_one_is_evacuated) {
    struct gomap *map = growing();
    bucket_of(map, 5 + 8)->top[0] = 9;
    *(uint64_t *)gomap_key(&gomap_fast64, bucket_of(map, 5 + 8), 0) = KEY(13, 1);
    expect(map, "G2");
}

Test(gomap_check, g3_used_cell_behind_the_end_and_a_cycle) {
    struct gomap *map = usual();
    bucket_of(map, 2)->top[0] = GOMAP_EMPTY_REST;
    expect(map, "G3");
    map = usual();
    struct gomap_bucket *bucket = bucket_of(map, 3);
    for (unsigned slot = 0; slot < GOMAP_SLOTS; slot++) {
        bucket->top[slot] = GOMAP_EMPTY_ONE;
    }
    map->extra.next_overflow = NULL;
    *(struct gomap_bucket **)((char *)bucket + gomap_link_offset(&gomap_fast64)) = bucket;
    expect(map, "G9"); /* its own main bucket is no overflow bucket */
}

Test(gomap_check, g4_mark_beyond_a_bucket_that_is_not_evacuated) {
    struct gomap *map = growing();
    GOMAP_STORE(map->nevacuate, 7);
    expect(map, "G4");
    map = growing();
    GOMAP_STORE(map->nevacuate, 8);
    expect(map, "G4");
}

Test(gomap_check, g5_count) {
    struct gomap *map = usual();
    GOMAP_STORE(map->count, GOMAP_LOAD(map->count) + 1);
    expect(map, "G5");
}

Test(gomap_check, g6_entry_in_another_bucket_or_with_another_tophash) {
    struct gomap *map = usual();
    *(uint64_t *)gomap_key(&gomap_fast64, bucket_of(map, 2), 0) = KEY(4, 77);
    expect(map, "G6");
    map = usual();
    bucket_of(map, 2)->top[0] = 10;
    expect(map, "G6");
    map = growing();
    *(uint64_t *)gomap_key(&gomap_fast64, old_bucket(map, 5), 0) = KEY(4, 77);
    expect(map, "G6");
}

Test(gomap_check, g7_key_twice) {
    struct gomap *map = usual();
    *(uint64_t *)gomap_key(&gomap_fast64, bucket_of(map, 3), 7) = KEY(3, 3);
    expect(map, "G7");
    map = usual();
    struct gomap_bucket *next = gomap_overflow(&gomap_fast64, bucket_of(map, 3));
    *(uint64_t *)gomap_key(&gomap_fast64, next, 0) = KEY(3, 3);
    expect(map, "G7");
}

Test(gomap_check, g8_numbers_of_overflow_buckets) {
    struct gomap *map = usual();
    map->noverflow++;
    expect(map, "G8");
    map = usual();
    GOMAP_STORE(map->extra.overflow, 2);
    expect(map, "G8");
    map = growing();
    map->extra.old_overflow += 2;
    expect(map, "G8");
}

Test(gomap_check, g9_spare_buckets) {
    struct gomap *map = usual();
    map->extra.next_overflow->top[3] = 9;
    expect(map, "G9");
    map = usual();
    map->extra.next_overflow = NULL;
    expect(map, "G9");
    map = usual();
    map->extra.next_overflow = bucket_of(map, 0);
    expect(map, "G9");
}

Test(gomap_check, g10_flag_of_a_write) {
    struct gomap *map = usual();
    GOMAP_STORE(map->flags, GOMAP_WRITING);
    expect(map, "G10");
}
