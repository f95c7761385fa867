/* test_gomap_versions.c - where Go 1.19 to 1.23 differ: each test asks both sides of a difference.
 *
 * One difference cannot be seen: from 1.22 on an iteration's start is a 64-bit draw and not a 32-bit one.
 * For B up to 28 both use the same bits of the same draw, and beyond it older versions draw 64 bits too:
 * so there is one code for it, and a test of tables beyond.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "mapimpl/gomap/cell.h"
#include "mapimpl/gomap/check.h"
#include "tests/mapimpl/support.h"
#include "tests/mapimpl/types.h"

#define LOG2_MAX 16u

static struct gomap *made(uint32_t version, const struct gomap_type *type, uint64_t hint) {
    struct gomap *map = NULL;
    struct gomap_config config = {.version = version, .type = type, .hint = hint, .seed = 1};
    cr_assert_eq(gomap_new(&config, &map), 0);
    return map;
}

static void fill(struct gomap *map, uint64_t first, uint64_t count) {
    for (uint64_t key = first; key < first + count; key++) {
        cr_assert_eq(gomap_put(map, key, key), 0);
    }
}

static uint8_t log2_of(const struct gomap *map) {
    return GOMAP_LOAD(map->log2_buckets);
}

static void check_whole(const struct gomap *map) {
    char message[200] = "";
    cr_assert(gomap_check(map, message, sizeof message), "%s", message);
}

/* ---- load */

/* The published figures, and those of the version with the other load factor. */
static uint64_t limit_of(uint32_t version, uint8_t log2) {
    static const uint64_t usual[] = {8,    13,   26,    52,    104,   208,    416,    832,   1664,
                                     3328, 6656, 13312, 26624, 53248, 106496, 212992, 425984};
    static const uint64_t of_121[] = {8,    12,   24,    48,    96,    192,   384,    768,   1536,
                                      3072, 6144, 12288, 24576, 49152, 98304, 196608, 393216};
    return version == 121 ? of_121[log2] : usual[log2];
}

Test(gomap_versions, tables_hold_six_and_a_half_a_bucket_and_six_in_1_21) {
    for (uint32_t version = 119; version <= 123; version++) {
        for (uint8_t log2 = 0; log2 <= LOG2_MAX; log2++) {
            uint64_t limit = limit_of(version, log2);
            struct gomap *map = made(version, NULL, limit);
            cr_assert_eq(log2_of(map), log2, "1.%u, B = %u", version % 100, log2);
            fill(map, 0, limit);
            cr_assert_eq(log2_of(map), log2);
            cr_assert_null(GOMAP_LOAD(map->oldbuckets));
            fill(map, limit - 1, 1); /* overwriting needs no room */
            cr_assert_eq(log2_of(map), log2);
            fill(map, limit, 1);
            cr_assert_eq(log2_of(map), log2 + 1, "1.%u, B = %u", version % 100, log2);
            gomap_free(map);
        }
    }
}

/* ---- clear */

/* How many entries an iterator returns that stands at its first, after a growth and a clear. */
static uint64_t returned_after_clear(uint32_t version) {
    uint64_t limit = limit_of(version, 3);
    struct gomap *map = made(version, NULL, limit);
    struct gomap_iter iter;
    uint64_t returned = 0;
    fill(map, 0, limit);
    gomap_iter_init(&iter, map);
    fill(map, limit, 1); /* the table of the iterator is the old one now */
    cr_assert_not_null(GOMAP_LOAD(map->oldbuckets));
    gomap_clear(map);
    check_whole(map);
    while (gomap_iter_next(&iter)) {
        returned++;
    }
    gomap_iter_end(&iter);
    gomap_free(map);
    return returned;
}

Test(gomap_versions, iterator_on_an_old_table_sees_removed_entries_before_1_21) {
    cr_assert_gt(returned_after_clear(119), 10);
    cr_assert_gt(returned_after_clear(120), 10);
    cr_assert_eq(returned_after_clear(121), 0);
    cr_assert_eq(returned_after_clear(122), 0);
    cr_assert_eq(returned_after_clear(123), 0);
}

/* The same for one that stands in an overflow bucket, which clear only unlinks: 26 keys in one chain. */
static uint64_t returned_from_overflow(uint32_t version) {
    struct gomap *map = NULL;
    struct gomap_config config = {
        .version = version, .hint = 24, .seed = 1, .hash_mode = GOMAP_HASH_CONST};
    struct gomap_iter iter;
    uint64_t returned = 0;
    cr_assert_eq(gomap_new(&config, &map), 0);
    fill(map, 0, 24);
    uint32_t bucket = map->hash0 & 3;
    gomap_iter_init_at(&iter, map, bucket, 0);
    for (unsigned i = 0; i < 8; i++) {
        cr_assert(gomap_iter_next(&iter));
    }
    gomap_clear(map);
    while (gomap_iter_next(&iter)) {
        returned++;
    }
    gomap_iter_end(&iter);
    gomap_free(map);
    return returned;
}

Test(gomap_versions, iterator_in_an_overflow_bucket_goes_on_there_before_1_21) {
    cr_assert_eq(returned_from_overflow(120), 15);
    cr_assert_eq(returned_from_overflow(121), 0);
}

/* ---- empty maps */

Test(gomap_versions, empty_map_hashes_an_interface_before_1_22_and_asks_after) {
    const struct face number = {.kind = FACE_NUMBER, .number = 1};
    const void *elem;
    for (uint32_t version = 119; version <= 123; version++) {
        struct gomap *map = made(version, &type_face, 0);
        types_hashes = types_asked = 0;
        cr_assert_eq(gomap_access_any(&type_face, map, &number, &elem), 0);
        cr_assert_eq(gomap_delete_any(&type_face, map, &number), 0);
        cr_assert_eq(types_hashes, version < 122 ? 2 : 0);
        cr_assert_eq(types_asked, version < 122 ? 0 : 2);
        gomap_free(map);
    }
}

Test(gomap_versions, empty_map_hashes_nothing_that_cannot_panic) {
    const double key = 1;
    const void *elem;
    struct gomap *map = made(119, &type_float, 0);
    types_hashes = 0;
    cr_assert_eq(gomap_access_any(&type_float, map, &key, &elem), 0);
    cr_assert_eq(types_hashes, 0);
    gomap_free(map);
}

/* ---- spare buckets of tables with pointers */

/* map[string][7]uint16: buckets of 256 bytes. 17 are 4352 bytes, class 4864, which is 19 of them; with a
 * header of 8 bytes there is room for 18. Without pointers there is no header. */
Test(gomap_versions, memory_with_pointers_has_a_header_from_1_22) {
    struct gomap_type type = {.key_size = 16, .elem_size = 14, .key_pointers = true};
    for (uint32_t version = 119; version <= 123; version++) {
        struct gomap *map = made(version, &type, 0);
        cr_assert_eq(map->shape.bucket_size, 256);
        cr_assert_eq(gomap_table_total(map->shape, 4), version < 122 ? 19 : 18);
        gomap_free(map);
    }
    type.key_pointers = false;
    struct gomap *map = made(123, &type, 0);
    cr_assert_eq(gomap_table_total(map->shape, 4), 19);
    gomap_free(map);
}

/* ---- where an iteration starts */

/* A table of 2^30 buckets that no put has made: address space, of which one page is touched. */
static void starts_in_a_huge_table(uint32_t version, struct gomap_bucket *table) {
    static const uint8_t log2 = 30;
    static const struct gomap_type byte = {.key_size = 1};
    struct gomap *map = made(version, &byte, 0);
    struct gomap *twin = made(version, &byte, 0);
    uint64_t draw;
    do {
        GOMAP_STORE(map->own_random.state, GOMAP_LOAD(twin->own_random.state));
        draw = gomap_draw64(twin);
    } while ((draw >> 32) % 2 == 0); /* ends: half of the draws have that bit */
    uint64_t bucket = draw & gomap_mask(log2);
    gomap_bucket_at(&byte, table, bucket)->top[0] = GOMAP_MIN_TOP;
    GOMAP_STORE(map->buckets, table);
    GOMAP_STORE(map->log2_buckets, log2);
    GOMAP_STORE(map->count, 1);
    struct gomap_iter iter;
    gomap_iter_init(&iter, map);
    cr_assert_not_null(iter.any_key);
    cr_assert_eq(iter.start_bucket, bucket);
    cr_assert_eq(iter.offset, (draw >> log2) & 7, "1.%u", version % 100);
    gomap_iter_end(&iter);
    gomap_free(map);
    gomap_free(twin);
}

/* Bit 2 of the offset is bit 32 of the draw. */
Test(gomap_versions, iteration_of_a_huge_table_starts_by_more_than_32_bits) {
    const size_t size = ((size_t)24 << 30) + 4096;
    void *table = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (table == MAP_FAILED) {
        cr_skip_test("no 24 GB of address space");
    }
    for (uint32_t version = 119; version <= 123; version++) {
        starts_in_a_huge_table(version, table);
    }
    cr_assert_eq(munmap(table, size), 0);
}

/* ---- clone */

Test(gomap_versions, clone_exists_from_1_21) {
    for (uint32_t version = 119; version <= 123; version++) {
        struct gomap *map = made(version, NULL, 0);
        struct gomap *copy = NULL;
        cr_assert_eq(gomap_clone(map, &copy), version < 121 ? -ENOTSUP : 0);
        cr_assert_eq(copy != NULL, version >= 121);
        gomap_free(copy);
        gomap_free(map);
    }
}

/* Stores through the element of the copy; what does the map hold? The copy outlives the map. */
static uint64_t stored_through(uint32_t version, uint64_t count) {
    struct gomap *map = made(version, &type_elem_box, 0);
    struct gomap *copy = NULL;
    const void *found;
    void *elem;
    uint64_t value = 1;
    for (uint64_t key = 0; key < count; key++) {
        cr_assert_eq(gomap_assign_any(&type_elem_box, map, &key, &elem), 0);
        memcpy(elem, &value, sizeof value);
    }
    const uint64_t key = 0;
    cr_assert_eq(gomap_clone(map, &copy), 0);
    cr_assert_eq(gomap_assign_any(&type_elem_box, copy, &key, &elem), 0);
    memcpy(elem, &(uint64_t){2}, sizeof value);
    cr_assert_eq(gomap_access_any(&type_elem_box, map, &key, &found), 1);
    memcpy(&value, found, sizeof value);
    cr_assert_eq(gomap_delete_any(&type_elem_box, map, &key), 1);
    gomap_free(map);
    cr_assert_eq(gomap_access_any(&type_elem_box, copy, &key, &found), 1);
    cr_assert_eq(*(const uint64_t *)found, 2);
    gomap_free(copy);
    return value;
}

Test(gomap_versions, clone_shares_boxes_in_1_21_and_copies_them_after) {
    static const uint64_t count[] = {1, 60}; /* no growth is running */
    for (unsigned i = 0; i < 2; i++) {
        cr_assert_eq(stored_through(121, count[i]), 2);
        cr_assert_eq(stored_through(122, count[i]), 1);
        cr_assert_eq(stored_through(123, count[i]), 1);
    }
}

Test(gomap_versions, clone_has_the_same_seed_and_entries_and_draws_once) {
    struct gomap_random random = {.state = 5};
    struct gomap_config config = {.version = 123, .random = &random};
    struct gomap *map = NULL;
    struct gomap *copy = NULL;
    cr_assert_eq(gomap_new(&config, &map), 0);
    fill(map, 0, 60);
    uint64_t draws = GOMAP_LOAD(random.draws);
    cr_assert_eq(gomap_clone(map, &copy), 0);
    cr_assert_eq(GOMAP_LOAD(random.draws), draws + 1);
    cr_assert(copy->hash0 == map->hash0 && gomap_length(copy) == 60);
    cr_assert_eq(GOMAP_LOAD(copy->flags), 0);
    check_whole(copy);
    gomap_free(map);
    fill(copy, 60, 60);
    check_whole(copy);
    gomap_free(copy);
}

Test(gomap_versions, clone_of_one_bucket_keeps_its_holes_and_of_more_it_does_not) {
    for (uint64_t count = 8; count <= 9; count++) {
        struct gomap *map = NULL;
        struct gomap_config config = {.version = 123, .seed = 1, .hash_mode = GOMAP_HASH_CONST};
        struct gomap *copy = NULL;
        cr_assert_eq(gomap_new(&config, &map), 0);
        fill(map, 0, count);
        cr_assert(gomap_delete(map, 0) && GOMAP_LOAD(map->oldbuckets) == NULL);
        cr_assert_eq(gomap_clone(map, &copy), 0);
        uint64_t bucket = map->hash0 & gomap_mask(log2_of(copy));
        uint8_t top = gomap_bucket_at(&gomap_fast64, GOMAP_LOAD(copy->buckets), bucket)->top[0];
        cr_assert_eq(top == GOMAP_EMPTY_ONE, count == 8);
        check_whole(copy);
        gomap_free(copy);
        gomap_free(map);
    }
}

Test(gomap_versions, clone_of_a_map_that_lost_entries_has_fewer_buckets) {
    struct gomap *map = made(122, NULL, 0);
    struct gomap *copy = NULL;
    fill(map, 0, 1000);
    for (uint64_t key = 20; key < 1000; key++) {
        cr_assert(gomap_delete(map, key));
    }
    cr_assert_eq(gomap_clone(map, &copy), 0);
    cr_assert(log2_of(map) == 8 && log2_of(copy) == 2);
    check_whole(copy);
    gomap_free(copy);
    gomap_free(map);
}

Test(gomap_versions, clone_of_a_map_that_is_written_is_fatal_unless_it_is_empty) {
    static struct test_host host;
    static struct gomap *copy;
    struct gomap *map = NULL;
    test_host_init(&host);
    struct gomap_config config = {.version = 121, .seed = 1, .host = &host.host};
    cr_assert_eq(gomap_new(&config, &map), 0);
    GOMAP_STORE(map->flags, GOMAP_WRITING);
    cr_assert_null(FATAL_OF(&host, gomap_clone(map, &copy)));
    gomap_free(copy);
    GOMAP_STORE(map->flags, 0);
    fill(map, 0, 1);
    GOMAP_STORE(map->flags, GOMAP_WRITING);
    cr_assert_str_eq(FATAL_OF(&host, gomap_clone(map, &copy)),
                     "concurrent map clone and map write");
    gomap_free(map);
}

Test(gomap_versions, clone_of_nil_is_nil) {
    struct gomap *copy = (void *)&copy;
    cr_assert_eq(gomap_clone(NULL, &copy), 0);
    cr_assert_null(copy);
}
