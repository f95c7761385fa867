/* test_gomap_enomem.c - what a map does without memory. The heap is replaced at link time (--wrap).
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "mapimpl/gomap/inspect.h"
#include "mapimpl/native.h"
#include "tests/mapimpl/support.h"

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *block);
void __wrap_free(void *block);

static int allowed = -1; /* successful allocations left; negative: no bound */
static long blocks;      /* not freed yet */

static void *counted(void *block) {
    blocks += block != NULL;
    allowed -= allowed > 0;
    return block;
}

void *__wrap_calloc(size_t count, size_t size) {
    return allowed == 0 ? NULL : counted(__real_calloc(count, size));
}

void *__wrap_malloc(size_t size) {
    return allowed == 0 ? NULL : counted(__real_malloc(size));
}

void *__wrap_aligned_alloc(size_t alignment, size_t size) {
    return allowed == 0 ? NULL : counted(__real_aligned_alloc(alignment, size));
}

void __wrap_free(void *block) {
    blocks -= block != NULL;
    __real_free(block);
}

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
    allowed = 0;
    cr_assert_eq(gomap_put(map, 1, 1), -ENOMEM);
    allowed = -1;
    cr_assert(holds(map, 0));
    cr_assert_eq(gomap_put(map, 0, 0), 0);
    cr_assert(holds(map, 1));
    gomap_free(map);
}

Test(gomap_enomem, growth_that_cannot_start_leaves_the_map_unchanged) {
    struct gomap *map = filled(&(struct gomap_config){.seed = 1}, 8);
    allowed = 0;
    cr_assert_eq(gomap_put(map, 8, 8), -ENOMEM);
    cr_assert_eq(gomap_put(map, 3, 3), 0, "an overwrite needs no memory");
    allowed = -1;
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
    allowed = 0;
    cr_assert_eq(gomap_put(map, 100, 1), -ENOMEM);
    allowed = -1;
    cr_assert_eq(GOMAP_LOAD(map->flags), flags);
    cr_assert_eq(gomap_put(map, 100, 1), 0);
    cr_assert(GOMAP_LOAD(map->flags) & GOMAP_SAME_SIZE);
    gomap_free(map);
}

Test(gomap_enomem, overflow_bucket_that_cannot_be_made_leaves_the_map_unchanged) {
    struct gomap_config config = {.hint = 26, .seed = 1, .hash_mode = GOMAP_HASH_CONST};
    struct gomap *map = filled(&config, 8);
    allowed = 0;
    cr_assert_eq(gomap_put(map, 8, 8), -ENOMEM);
    allowed = -1;
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
    allowed = 1; /* the new table, but not the overflow bucket of its only chain */
    cr_assert_str_eq(FATAL_OF(&host, gomap_put(map, 13, 13)), "out of memory");
    allowed = -1;
    gomap_free(map);
}

/* 50 entries in eight buckets without spare ones: the table is one allocation, its overflow buckets are
 * some more, and the build may fail at each. */
Test(gomap_enomem, oncefrozen_freezes_the_staged_entries_in_place) {
    for (int calls = 0; calls < 6; calls++) {
        void *map;
        uint64_t value;
        struct map_options options = {.seed = 1};
        cr_assert_eq(oncefrozen_map.create(&options, &map_host_standalone, &map), 0);
        for (uint64_t key = 0; key < 50; key++) {
            cr_assert_eq(oncefrozen_map.put(map, key, key), 0);
        }
        allowed = calls;
        cr_assert_eq(oncefrozen_map.length(map), 50);
        allowed = -1;
        cr_assert_eq(oncefrozen_map.put(map, 1, 1), -EROFS);
        for (uint64_t key = 0; key < 50; key++) {
            cr_assert(oncefrozen_map.get(map, key, &value));
        }
        oncefrozen_map.destroy(map);
        cr_assert_eq(blocks, 0, "after %d allocations", calls);
    }
}

Test(gomap_enomem, create_fails_cleanly_at_each_allocation) {
    uint32_t count;
    const struct map_ops *const *ops = map_native(&count);
    struct map_options options = {.hint = 100000, .seed = 1};
    for (uint32_t i = 0; i < count; i++) {
        int error = -ENOMEM;
        for (int calls = 0; calls < 20 && error != 0; calls++) {
            void *map = &map;
            long before = blocks;
            allowed = calls;
            error = ops[i]->create(&options, &map_host_standalone, &map);
            allowed = -1;
            cr_assert(error == 0 || error == -ENOMEM);
            cr_assert(error == 0 || map == (void *)&map);
            if (error == 0) {
                cr_assert_gt(calls, 0);
                ops[i]->destroy(map);
            }
            cr_assert_eq(blocks, before, "%s leaks after %d allocations", ops[i]->name, calls);
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

Test(gomap_enomem, destroy_gives_every_block_back) {
    uint32_t count;
    const struct map_ops *const *ops = map_native(&count);
    for (uint32_t i = 0; i < count; i++) {
        void *map;
        uint64_t value;
        long before = blocks;
        cr_assert_eq(ops[i]->create(&(struct map_options){.seed = 1}, &map_host_standalone, &map),
                     0);
        for (uint64_t n = 0; n < 20000; n++) {
            cr_assert_eq(ops[i]->put(map, test_random(1, n) % 5000, n), 0);
            cr_assert_geq(ops[i]->del(map, test_random(2, n) % 5000), 0);
            cr_assert(n % 7000 != 6999 || ops[i]->clear(map) == 0);
        }
        cr_assert_gt(blocks, before);
        ops[i]->get(map, 1, &value);
        ops[i]->iterate(map, visit_none, NULL);
        ops[i]->destroy(map);
        cr_assert_eq(blocks, before, "%s leaks", ops[i]->name);
    }
}
