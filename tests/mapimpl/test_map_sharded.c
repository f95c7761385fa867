/* test_map_sharded.c - how many shards there are and which keys they own.
 */
#include <criterion/criterion.h>
#include <errno.h>

#include "mapimpl/native.h"
#include "mapimpl/sharded/sharded.h"
#include "tests/mapimpl/support.h"

Test(sharded, shards_must_be_a_power_of_two) {
    void *map = &map;
    struct map_options options = {.shards = 3};
    cr_assert_eq(sharded_map.create(&options, &map_host_standalone, &map), -EINVAL);
    options.shards = 1u << 20;
    cr_assert_eq(sharded_map.create(&options, &map_host_standalone, &map), -EINVAL);
    cr_assert_eq(map, (void *)&map);
}

/* 4096 keys over s shards: each gets 4096/s, sigma below 64; bounds are six sigma. */
Test(sharded, keys_spread_evenly_for_every_count_of_shards) {
    for (uint32_t shards = 1; shards <= 64; shards *= 2) {
        void *map;
        struct map_options options = {.shards = shards, .seed = 5};
        cr_assert_eq(sharded_map.create(&options, &map_host_standalone, &map), 0);
        const struct map_inspector *look = sharded_map.inspector;
        cr_assert_eq(look->parts(map), shards);
        uint32_t held[64] = {0};
        for (uint64_t key = 0; key < 4096; key++) {
            uint32_t part = look->part_of(map, key);
            cr_assert_lt(part, shards);
            held[part]++;
        }
        double mean = 4096.0 / shards;
        for (uint32_t i = 0; i < shards; i++) {
            double off = held[i] - mean;
            cr_assert_leq(off * off, 36 * mean, "shard %u of %u has %u", i, shards, held[i]);
        }
        sharded_map.destroy(map);
    }
}

static struct sharded_map *cleared;
static uint32_t clears, unheld;

/* Another thread that wanted any entry now would wait. */
static void look_at_locks(void *context, const struct map_event *event) {
    (void)context;
    if (event->kind != MAP_CLEAR_START) {
        return;
    }
    clears++;
    for (uint32_t i = 0; i < cleared->shards; i++) {
        if (pthread_mutex_trylock(&cleared->shard[i].lock) == 0) {
            unheld++;
            pthread_mutex_unlock(&cleared->shard[i].lock);
        }
    }
}

Test(sharded, clear_holds_all_locks_while_it_empties_the_first_and_the_last) {
    static struct test_host host;
    void *map;
    struct map_options options = {.shards = 8, .seed = 5};
    test_host_init(&host);
    host.at_event = look_at_locks;
    cr_assert_eq(sharded_map.create(&options, &host.host, &map), 0);
    for (uint64_t key = 0; key < 100; key++) {
        cr_assert_eq(sharded_map.put(map, key, key), 0);
    }
    cleared = map;
    cr_assert_eq(sharded_map.clear(map), 0);
    cr_expect_eq(clears, 8);
    cr_expect_eq(unheld, 0, "%u times a shard was not locked while another was emptied", unheld);
    sharded_map.destroy(map);
}
