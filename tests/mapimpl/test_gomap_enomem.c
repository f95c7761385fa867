/* test_gomap_enomem.c - what gomap and oncefrozen do without memory.
 */
#include <criterion/criterion.h>
#include <errno.h>

#include "mapimpl/gomap/check.h"
#include "mapimpl/gomap/inspect.h"
#include "mapimpl/native.h"
#include "tests/mapimpl/heap.h"
#include "tests/mapimpl/support.h"
#include "tests/mapimpl/types.h"

static bool holds(const struct gomap *map, uint64_t count) {
    struct map_view view;
    gomap_view(map, &view);
    bool whole = view.count == count && !view.writing && !view.growing && !view.same_size &&
                 !(GOMAP_LOAD(map->flags) & GOMAP_SAME_SIZE);
    for (uint64_t key = 0; key < count; key++) {
        uint64_t value;
        whole = whole && gomap_get(map, key, &value) && value == key;
    }
    return whole;
}

static struct gomap *filled(const struct gomap_config *config, uint64_t count) {
    struct gomap *map;
    cr_assert_eq(gomap_new(config, &map), 0);
    for (uint64_t key = 0; key < count; key++) {
        cr_assert_eq(gomap_put(map, key, key), 0);
    }
    return map;
}

Test(gomap_enomem, first_bucket) {
    struct gomap *map = filled(&(struct gomap_config){.seed = 1}, 0);
    heap_allowed = 0;
    cr_assert_eq(gomap_put(map, 1, 1), -ENOMEM);
    heap_allowed = -1;
    cr_assert(holds(map, 0));
    cr_assert_eq(gomap_put(map, 0, 0), 0);
    cr_assert(holds(map, 1));
    gomap_free(map);
}

Test(gomap_enomem, growth_that_cannot_start_leaves_the_map_unchanged) {
    struct gomap *map = filled(&(struct gomap_config){.seed = 1}, 8);
    heap_allowed = 0;
    cr_assert_eq(gomap_put(map, 8, 8), -ENOMEM);
    cr_assert_eq(gomap_put(map, 3, 3), 0, "an overwrite needs no memory");
    heap_allowed = -1;
    cr_assert(holds(map, 8));
    cr_assert_eq(gomap_put(map, 8, 8), 0);
    cr_assert(holds(map, 9));
    gomap_free(map);
}

/* Nine entries in each of four chains, then eight of each deleted: four overflow buckets are too many. */
Test(gomap_enomem, rebuild_that_cannot_start_leaves_no_flag) {
    struct gomap_config config = {.hint = 26, .seed = 1, .hash_mode = GOMAP_HASH_IDENT};
    struct gomap *map = filled(&config, 0);
    for (uint64_t n = 0; n < 36; n++) {
        cr_assert_eq(gomap_put(map, n / 9 + 4 * (n % 9), n), 0);
        for (uint64_t i = 0; n % 9 == 8 && i < 8; i++) {
            cr_assert(gomap_remove(map, n / 9 + 4 * i));
        }
    }
    uint8_t flags = GOMAP_LOAD(map->flags);
    heap_allowed = 0;
    cr_assert_eq(gomap_put(map, 100, 1), -ENOMEM);
    heap_allowed = -1;
    cr_assert_eq(GOMAP_LOAD(map->flags), flags);
    cr_assert_eq(gomap_put(map, 100, 1), 0);
    cr_assert(GOMAP_LOAD(map->flags) & GOMAP_SAME_SIZE);
    gomap_free(map);
}

Test(gomap_enomem, overflow_bucket_that_cannot_be_made_leaves_the_map_unchanged) {
    struct gomap_config config = {.hint = 26, .seed = 1, .hash_mode = GOMAP_HASH_CONST};
    struct gomap *map = filled(&config, 8);
    heap_allowed = 0;
    cr_assert_eq(gomap_put(map, 8, 8), -ENOMEM);
    heap_allowed = -1;
    cr_assert(holds(map, 8));
    cr_assert_eq(gomap_put(map, 8, 8), 0);
    cr_assert(holds(map, 9));
    gomap_free(map);
}

Test(gomap_enomem, evacuation_without_memory_is_fatal) {
    static struct test_host host;
    test_host_init(&host);
    struct gomap_config config = {
        .hint = 13, .seed = 1, .hash_mode = GOMAP_HASH_CONST, .host = &host.host};
    struct gomap *map = filled(&config, 13);
    heap_allowed = 1; /* the new table, but not the overflow bucket of its only chain */
    cr_assert_str_eq(FATAL_OF(&host, gomap_put(map, 13, 13)), "out of memory");
    heap_allowed = -1;
    gomap_free(map);
}

/* 50 entries in eight buckets without spare ones: the table is one allocation, its overflow buckets are
 * some more, and the build may fail at each. */
Test(gomap_enomem, oncefrozen_freezes_the_staged_entries_in_place) {
    for (int calls = 0; calls < 6; calls++) {
        void *map;
        uint64_t value;
        long before = heap_blocks;
        struct map_options options = {.seed = 1};
        cr_assert_eq(oncefrozen_map.create(&options, &map_host_standalone, &map), 0);
        for (uint64_t key = 0; key < 50; key++) {
            cr_assert_eq(oncefrozen_map.put(map, key, key), 0);
        }
        heap_allowed = calls;
        cr_assert_eq(oncefrozen_map.length(map), 50);
        heap_allowed = -1;
        cr_assert_eq(oncefrozen_map.put(map, 1, 1), -EROFS);
        for (uint64_t key = 0; key < 50; key++) {
            cr_assert(oncefrozen_map.get(map, key, &value));
        }
        oncefrozen_map.destroy(map);
        cr_assert_eq(heap_blocks, before, "after %d allocations", calls);
    }
}

static void check_whole(const struct gomap *map, uint64_t count) {
    char message[200] = "";
    cr_assert(gomap_check(map, message, sizeof message), "%s", message);
    cr_assert_eq(gomap_length(map), count);
}

/* A key and an element in boxes, and now and then a bucket: each may be what there is no memory for. */
Test(gomap_enomem, entry_whose_boxes_cannot_be_made_leaves_the_map_unchanged) {
    struct gomap_config config = {.seed = 1, .type = &type_large};
    struct gomap *map = filled(&config, 0);
    char key[136] = {0};
    for (int count = 0; count < 40; count++) {
        void *elem = NULL;
        int refusals = 0;
        key[0] = (char)count;
        for (heap_allowed = 0; gomap_assign_any(&type_large, map, key, &elem) != 0;) {
            check_whole(map, (uint64_t)count);
            heap_allowed = ++refusals;
        }
        heap_allowed = -1;
        cr_assert_geq(refusals, 2);
        check_whole(map, (uint64_t)count + 1);
    }
    gomap_free(map);
}

/* The map grows meanwhile, so that each way of copying is cut short once. */
static void clone_without_memory(const struct gomap_type *type, uint64_t entries) {
    struct gomap_config config = {.seed = 1, .version = 123, .type = type};
    struct gomap *map = filled(&config, 0);
    struct gomap *copy = NULL;
    void *elem;
    char key[136] = {0};
    for (uint64_t n = 0; n < entries; n++) {
        key[0] = (char)n;
        cr_assert_eq(gomap_assign_any(type, map, key, &elem), 0);
    }
    long blocks = heap_blocks;
    int refusals = 0;
    for (heap_allowed = 0; gomap_clone(map, &copy) != 0;) {
        cr_assert_null(copy);
        cr_assert_eq(heap_blocks, blocks);
        heap_allowed = ++refusals;
    }
    heap_allowed = -1;
    cr_assert_gt(refusals, 2);
    check_whole(copy, entries);
    gomap_free(copy);
    gomap_free(map);
}

Test(gomap_enomem, clone_that_cannot_be_made_leaves_nothing) {
    clone_without_memory(&type_large, 5);
    clone_without_memory(&type_large, 53);
    clone_without_memory(&type_key_box, 5);
    clone_without_memory(&type_elem_box, 105);
}
