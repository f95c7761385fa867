/* test_gomap_types.c - what Go's map does with a type: what it keeps where, hashes, compares and clears.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "mapimpl/gomap/cell.h"
#include "mapimpl/gomap/check.h"
#include "tests/mapimpl/support.h"
#include "tests/mapimpl/types.h"

static struct gomap *made(const struct gomap_type *type, enum map_keys keys, uint64_t hint) {
    struct gomap *map = NULL;
    struct gomap_config config = {.hint = hint, .seed = 1, .keys = keys, .type = type};
    cr_assert_eq(gomap_new(&config, &map), 0);
    return map;
}

static void check_whole(const struct gomap *map) {
    char message[200] = "";
    cr_assert(gomap_check(map, message, sizeof message), "%s", message);
}

static void put_any(const struct gomap_type *type, struct gomap *map, const void *key,
                    uint64_t value) {
    void *elem;
    cr_assert_eq(gomap_assign_any(type, map, key, &elem), 0);
    memcpy(elem, &value, sizeof value);
}

/* ---- keys that differ from themselves */

Test(gomap_types, each_nan_is_an_entry_that_only_iteration_and_clear_reach) {
    struct gomap *map = made(&type_float, MAP_KEYS_NUMBER, 0);
    const double nan_key = NAN;
    const void *elem;
    for (uint64_t n = 0; n < 300; n++) {
        put_any(&type_float, map, &nan_key, n);
        check_whole(map);
    }
    cr_assert_eq(gomap_length(map), 300);
    cr_assert_eq(gomap_access_any(&type_float, map, &nan_key, &elem), 0);
    cr_assert_eq(gomap_delete_any(&type_float, map, &nan_key), 0);
    cr_assert_eq(gomap_length(map), 300);
    gomap_clear(map);
    cr_assert_eq(gomap_length(map), 0);
    gomap_free(map);
}

/* Iterators start before a growth, in it, and just before the next: each entry has to come once in each,
 * although its hash is another one each time. */
Test(gomap_types, iterators_return_each_nan_once_across_growths) {
    const double nan_key = NAN;
    for (uint64_t before = 45; before < 120; before += 5) {
        struct gomap *map = made(&type_float, MAP_KEYS_NUMBER, 0);
        struct gomap_iter iter;
        unsigned seen[200] = {0};
        uint64_t count = 0;
        for (; count < before; count++) {
            put_any(&type_float, map, &nan_key, count);
        }
        gomap_iter_init(&iter, map);
        for (; iter.any_key != NULL; gomap_iter_next(&iter)) {
            seen[*iter.value]++;
            if (count < 190) {
                put_any(&type_float, map, &nan_key, count++);
            }
        }
        gomap_iter_end(&iter);
        for (uint64_t n = 0; n < before; n++) {
            cr_assert_eq(seen[n], 1, "%lu entries, entry %lu came %u times", before, n, seen[n]);
        }
        gomap_free(map);
    }
}

Test(gomap_types, overwriting_zero_with_minus_zero_rewrites_the_key) {
    struct gomap *map = made(&type_float, MAP_KEYS_NUMBER, 0);
    const double zero = 0.0;
    const double minus_zero = -0.0;
    put_any(&type_float, map, &zero, 1);
    cr_assert_eq(signbit(*(double *)gomap_key(&type_float, GOMAP_LOAD(map->buckets), 0)), 0);
    put_any(&type_float, map, &minus_zero, 2);
    cr_assert_eq(gomap_length(map), 1);
    cr_assert_neq(signbit(*(double *)gomap_key(&type_float, GOMAP_LOAD(map->buckets), 0)), 0);
    gomap_free(map);
}

Test(gomap_types, overwriting_a_number_leaves_the_key_alone) {
    struct gomap_type type = type_float;
    type.key_update = false;
    struct gomap *map = made(&type, MAP_KEYS_NUMBER, 0);
    const double zero = 0.0;
    const double minus_zero = -0.0;
    put_any(&type, map, &zero, 1);
    put_any(&type, map, &minus_zero, 2);
    cr_assert_eq(signbit(*(double *)gomap_key(&type, GOMAP_LOAD(map->buckets), 0)), 0);
    gomap_free(map);
}

/* ---- keys without a hash */

Test(gomap_types, key_without_a_hash_is_an_ordinary_error_before_the_flag_is_touched) {
    const struct face slice = {.kind = FACE_SLICE};
    const struct face number = {.kind = FACE_NUMBER, .number = 7};
    for (unsigned entries = 0; entries < 2; entries++) {
        struct gomap *map = made(&type_face, MAP_KEYS_NUMBER, 0);
        const void *found;
        void *elem;
        if (entries == 1) {
            put_any(&type_face, map, &number, 1);
        }
        cr_assert_eq(gomap_access_any(&type_face, map, &slice, &found), -EDOM);
        cr_assert_eq(gomap_delete_any(&type_face, map, &slice), -EDOM);
        cr_assert_eq(gomap_assign_any(&type_face, map, &slice, &elem), -EDOM);
        cr_assert_eq(GOMAP_LOAD(map->flags), 0);
        cr_assert_eq(gomap_length(map), entries);
        check_whole(map);
        put_any(&type_face, map, &number, 2);
        cr_assert_eq(gomap_length(map), 1);
        gomap_free(map);
    }
}

Test(gomap_types, nil_map_asks_for_the_hash_too_but_an_assignment_to_it_comes_first) {
    const struct face slice = {.kind = FACE_SLICE};
    const struct face number = {.kind = FACE_NUMBER};
    const void *found;
    void *elem;
    cr_assert_eq(gomap_access_any(&type_face, NULL, &slice, &found), -EDOM);
    cr_assert_eq(gomap_delete_any(&type_face, NULL, &slice), -EDOM);
    cr_assert_eq(gomap_assign_any(&type_face, NULL, &slice, &elem), -EINVAL);
    cr_assert_eq(gomap_access_any(&type_face, NULL, &number, &found), 0);
    cr_assert_eq(gomap_delete_any(&type_face, NULL, &number), 0);
}

/* ---- sizes */

Test(gomap_types, what_is_larger_than_128_bytes_lives_in_a_box) {
    struct gomap *edge = made(&type_edge, MAP_KEYS_NUMBER, 0);
    struct gomap *large = made(&type_large, MAP_KEYS_NUMBER, 0);
    struct gomap *texts = made(NULL, MAP_KEYS_STRING, 0);
    struct gomap *narrow = made(&gomap_type_32, MAP_KEYS_NUMBER, 0);
    struct gomap *set = made(&type_set, MAP_KEYS_NUMBER, 0);
    cr_assert_eq(edge->shape.bucket_size, 8 + 8 * (128 + 128) + 8);
    cr_assert_eq(large->shape.bucket_size, 8 + 8 * (8 + 8) + 8);
    cr_assert_eq(texts->shape.bucket_size, 8 + 8 * (16 + 8) + 8);
    cr_assert_eq(narrow->shape.bucket_size, 8 + 8 * (4 + 8) + 8);
    cr_assert_eq(set->shape.bucket_size, 8 + 8 * 8 + 8);
    cr_assert(edge->shape.pointer_free && narrow->shape.pointer_free && set->shape.pointer_free);
    cr_assert(!large->shape.pointer_free && !texts->shape.pointer_free);
    gomap_free(edge);
    gomap_free(large);
    gomap_free(texts);
    gomap_free(narrow);
    gomap_free(set);
}

/* By hand: 17 buckets of 2064 bytes are 35088, five pages, which 19 fit into; 17 of 112 are 1904, class
 * 2048, 18; 17 of 208 are 3536, class 4096, 19; 68 of 208 are 14144, class 14336, 68. */
Test(gomap_types, spare_buckets_of_any_size_follow_the_allocator) {
    struct gomap *edge = made(&type_edge, MAP_KEYS_NUMBER, 0);
    struct gomap *texts = made(NULL, MAP_KEYS_STRING, 0);
    struct gomap *narrow = made(&gomap_type_32, MAP_KEYS_NUMBER, 0);
    cr_assert_eq(gomap_table_total(edge->shape, 4), 19);
    cr_assert_eq(gomap_table_total(narrow->shape, 4), 18);
    cr_assert_eq(gomap_table_total(texts->shape, 4), 19);
    cr_assert_eq(gomap_table_total(texts->shape, 6), 68);
    cr_assert_eq(gomap_table_total(texts->shape, 3), 8);
    struct gomap_shape least = {.bucket_size = 16, .version = 119}; /* neither key nor value */
    cr_assert_eq(gomap_table_total(least, 4), 18);
    gomap_free(edge);
    gomap_free(texts);
    gomap_free(narrow);
}

/* ---- what Go's collector would see */

static struct gomap *made_chain(const struct kind *kind, uint64_t count) {
    struct gomap *map =
        kind_new(kind, (struct gomap_config){.seed = 1, .hint = 26, .hash_mode = GOMAP_HASH_CONST});
    for (uint64_t key = 0; key < count; key++) {
        cr_assert_eq(kind_put(kind, map, key, key), 0);
    }
    return map;
}

static struct kind kind_called(const char *label) {
    static struct kind kind[KINDS_MAX];
    unsigned count = kinds_all(kind);
    for (unsigned i = 0; i < count; i++) {
        if (strcmp(kind[i].label, label) == 0) {
            return kind[i];
        }
    }
    cr_assert_fail("no kind %s", label);
    return kind[0];
}

Test(gomap_types, only_buckets_free_of_pointers_are_listed) {
    struct kind numbers = kind_called("fast64");
    struct kind texts = kind_called("string");
    struct gomap *listed = made_chain(&numbers, 26);
    struct gomap *unlisted = made_chain(&texts, 26);
    struct gomap_iter iter;
    cr_assert_eq(listed->noverflow, 3);
    cr_assert_eq(unlisted->noverflow, 3);
    cr_assert_eq(GOMAP_LOAD(listed->extra.overflow), 3);
    gomap_iter_init(&iter, unlisted);
    gomap_iter_end(&iter);
    cr_assert_eq(GOMAP_LOAD(unlisted->extra.overflow), GOMAP_NO_LIST);
    gomap_free(listed);
    gomap_free(unlisted);
}

/* Doubles a map of four buckets and looks at old bucket 3, where all keys were, when it is evacuated. */
static bool old_bucket_is_zero(const char *label, bool iterate) {
    struct kind kind = kind_called(label);
    struct gomap *map = made_chain(&kind, 26);
    struct gomap_iter iter;
    gomap_iter_init(&iter, iterate ? map : NULL);
    cr_assert_eq(kind_put(&kind, map, 26, 26), 0);
    struct gomap_bucket *old = GOMAP_LOAD(map->oldbuckets);
    cr_assert_not_null(old);
    const char *byte = (const char *)old;
    cr_assert(gomap_evacuated(old));
    bool zero = true;
    for (size_t at = GOMAP_SLOTS; at < map->shape.bucket_size; at++) {
        zero = zero && byte[at] == 0;
    }
    check_whole(map);
    gomap_iter_end(&iter);
    gomap_free(map);
    return zero;
}

Test(gomap_types, evacuated_bucket_with_pointers_is_zeroed_unless_an_iterator_may_walk_it) {
    cr_assert(old_bucket_is_zero("string", false));
    cr_assert_not(old_bucket_is_zero("string", true));
    cr_assert_not(old_bucket_is_zero("fast64", false));
}

/* Under ASan an iterator that met a released box would be a use after free. */
Test(gomap_types, boxes_outlive_their_entries_while_an_iterator_lives) {
    struct kind kind = kind_called("large");
    struct gomap *map = kind_new(&kind, (struct gomap_config){.seed = 1});
    struct gomap_iter iter;
    for (uint64_t key = 0; key < 1000; key++) {
        cr_assert_eq(kind_put(&kind, map, key, key), 0);
    }
    gomap_iter_init(&iter, map);
    uint64_t first = kind_iter_key(&kind, &iter);
    for (uint64_t key = 0; key < 1000; key++) {
        cr_assert(kind_remove(&kind, map, key));
        cr_assert_eq(kind_put(&kind, map, key + 1000, key), 0);
    }
    cr_assert_eq(kind_iter_key(&kind, &iter), first);
    while (gomap_iter_next(&iter)) {
        cr_assert_geq(kind_iter_key(&kind, &iter), 1000);
    }
    gomap_iter_end(&iter);
    gomap_free(map);
}

Test(gomap_types, dead_boxes_do_not_pile_up) {
    struct kind kind = kind_called("large");
    struct gomap *map = kind_new(&kind, (struct gomap_config){.seed = 1});
    for (uint64_t n = 0; n < 20000; n++) {
        cr_assert_eq(kind_put(&kind, map, n % 10, n), 0);
        cr_assert(kind_remove(&kind, map, n % 10));
    }
    cr_assert_lt(gomap_box_bytes(map), 100000);
    gomap_free(map);
}

/* ---- strings */

static unsigned hook_calls;

static void count_hash(void *context) {
    (void)context;
    hook_calls++;
}

static struct gomap *made_counting(enum map_keys keys, const struct gomap_type *type) {
    struct gomap *map = NULL;
    struct gomap_config config = {.seed = 1, .keys = keys, .type = type, .hash_hook = count_hash};
    cr_assert_eq(gomap_new(&config, &map), 0);
    return map;
}

static struct map_string text(const char *data) {
    return (struct map_string){data, strlen(data)};
}

#define MIDDLE "----------------------------"

/* In a map of one bucket. */
Test(gomap_types, string_lookup_hashes_only_when_two_long_keys_have_the_same_ends) {
    struct gomap *map = made_counting(MAP_KEYS_STRING, NULL);
    struct map_string key[] = {text("short"),
                               text("head" MIDDLE "one tail"),
                               text("head" MIDDLE "two tail"),
                               text("hEad" MIDDLE "six tail"),
                               {NULL, 0}};
    uint64_t value;
    for (unsigned i = 0; i < 5; i++) {
        if (i != 2) {
            cr_assert_eq(gomap_put_string(map, &key[i], i), 0);
        }
    }
    hook_calls = 0;
    for (unsigned i = 0; i < 5; i++) {
        struct map_string copy = key[i];
        char bytes[64];
        memcpy(bytes, key[i].data == NULL ? "" : key[i].data, key[i].length);
        copy.data = bytes;
        cr_assert_eq(gomap_get_string(map, &copy, &value), i != 2);
        cr_assert(i == 2 || value == i);
    }
    cr_assert_eq(hook_calls, 0);
    cr_assert_eq(gomap_put_string(map, &key[2], 2), 0);
    hook_calls = 0;
    cr_assert(gomap_get_string(map, &key[1], &value) && value == 1 && hook_calls == 0,
              "its own bytes need no hash");
    struct map_string other = text("head" MIDDLE "ten tail");
    cr_assert_not(gomap_get_string(map, &other, &value));
    cr_assert_eq(hook_calls, 1);
    gomap_free(map);
}

Test(gomap_types, fast_lookup_of_a_number_in_one_bucket_does_not_hash_and_generic_does) {
    struct gomap *map = made_counting(MAP_KEYS_NUMBER, NULL);
    struct gomap *narrow = made_counting(MAP_KEYS_NUMBER, &gomap_type_32);
    *gomap_assign(map, 1) = 1;
    *gomap_assign_32(narrow, 1) = 1;
    hook_calls = 0;
    cr_assert_not_null(gomap_access(map, 1));
    cr_assert_not_null(gomap_access_32(narrow, 1));
    cr_assert_eq(hook_calls, 0);
    cr_assert_not_null(gomap_access_generic(map, 1));
    cr_assert_eq(hook_calls, 1);
    gomap_free(map);
    gomap_free(narrow);
}

Test(gomap_types, string_put_again_takes_the_new_bytes_and_delete_keeps_the_length) {
    static const char one[] = "the same";
    static const char two[] = "the same";
    struct gomap *map = made(NULL, MAP_KEYS_STRING, 0);
    struct map_string key = {one, 8};
    cr_assert_eq(gomap_put_string(map, &key, 1), 0);
    const struct map_string *stored =
        gomap_key_slot(&gomap_fast_string, GOMAP_LOAD(map->buckets), 0);
    cr_assert_eq((const void *)stored->data, (const void *)one);
    char copy[8];
    memcpy(copy, two, sizeof copy);
    key.data = copy;
    cr_assert_eq(gomap_put_string(map, &key, 2), 0);
    cr_assert_eq((const void *)stored->data, (const void *)copy);
    cr_assert(gomap_remove_string(map, &key));
    cr_assert(stored->data == NULL && stored->length == 8);
    gomap_free(map);
}

Test(gomap_types, texts_are_any_bytes) {
    struct gomap *map = made(NULL, MAP_KEYS_STRING, 0);
    static const char bytes[] = "a\0b\0c\xff";
    uint64_t value;
    for (size_t length = 0; length <= 6; length++) {
        struct map_string key = {bytes, length};
        cr_assert_eq(gomap_put_string(map, &key, length), 0);
    }
    cr_assert_eq(gomap_length(map), 7);
    for (size_t length = 0; length <= 6; length++) {
        struct map_string key = {bytes, length};
        cr_assert(gomap_get_string(map, &key, &value) && value == length);
    }
    gomap_free(map);
}

Test(gomap_types, nil_map_of_strings_reads_as_empty) {
    struct map_string key = text("x");
    uint64_t value;
    cr_assert_not(gomap_get_string(NULL, &key, &value));
    cr_assert_not(gomap_delete_string(NULL, &key));
    cr_assert_eq(gomap_put_string(NULL, &key, 1), -EINVAL);
    cr_assert_null(gomap_assign_32(NULL, 1));
    cr_assert_null(gomap_access_32(NULL, 1));
}

Test(gomap_types, inspector_shows_texts_and_finds_them) {
    struct kind kind = kind_called("string");
    struct gomap *map = kind_new(&kind, (struct gomap_config){.seed = 3});
    struct map_cell cell;
    for (uint64_t key = 0; key < 53; key++) {
        cr_assert_eq(kind_put(&kind, map, key, key), 0);
    }
    for (uint64_t key = 0; key < 53; key++) {
        struct map_string name = kind_text(key);
        uint64_t hash = gomap_inspector.hash_string(map, 0, &name);
        cr_assert(gomap_inspector.find_string(map, &name, &cell));
        cr_assert(cell.text.data == name.data && cell.value == key);
        cr_assert_eq(cell.tophash, gomap_tophash(hash));
    }
    struct map_string absent = text("absent");
    cr_assert_not(gomap_inspector.find_string(map, &absent, &cell));
    cr_assert_eq(gomap_inspector.part_of_string(map, &absent), 0);
    gomap_free(map);
}
