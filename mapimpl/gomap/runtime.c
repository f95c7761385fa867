/* runtime.c - what Go's runtime does around a map: memory, random numbers, fatal errors; and the map's
 * events. Never instrumented: nothing here is a step of the map, so nothing here is a scheduling point.
 *
 * Where Go has a garbage collector this map has a rule:
 *   L1  every table and every single overflow bucket is a block on the map's list until it is released,
 *       and carries the number of tables made before it (its generation).
 *   L2  a block is unreachable from the map when its generation is older than the current table's, the
 *       growth from it has ended, and it is not the array that the map uses (clear keeps its array).
 *   L3  unreachable blocks are released by the writer that ends a growth or clears, and only when no
 *       iterator lives, when all blocks together weigh more than four times the current table and more
 *       than 64 KiB, and when they became unreachable before this very step. All go at gomap_release.
 * L3 is a collector's pacing: memory stays within a small multiple of what is in use, and a reader that
 * races with a writer (which Go makes harmless for memory) meets released memory only if it sleeps
 * through a whole further growth of a large map.
 * The list is pushed to and taken from by single atomic operations, so that racing writers cannot damage
 * it or release a block twice.
 */
#include <stdlib.h>

#include "mapimpl/gomap/layout.h"

#define KEEP_FACTOR 4u
#define KEEP_BYTES  (64u << 10)

struct gomap_block {
    struct gomap_block *next;
    uint64_t bytes;
    uint32_t generation;
    struct gomap_bucket bucket[];
};

/* ---- memory */

static void block_push(struct gomap *map, struct gomap_block *block) {
    block->next = atomic_load(&map->blocks);
    while (!atomic_compare_exchange_weak(&map->blocks, &block->next, block)) {
    }
}

struct gomap_bucket *gomap_allocate(struct gomap *map, uint64_t count) {
    if (count > (SIZE_MAX / 2) / sizeof(struct gomap_bucket)) {
        return NULL;
    }
    uint64_t bytes = sizeof(struct gomap_block) + count * sizeof(struct gomap_bucket);
    struct gomap_block *block = calloc(1, bytes);
    if (block == NULL) {
        return NULL;
    }
    block->bytes = bytes;
    block->generation = atomic_load(&map->generation);
    atomic_fetch_add(&map->block_bytes, bytes);
    block_push(map, block);
    return block->bucket;
}

void gomap_table_begins(struct gomap *map) {
    atomic_fetch_add(&map->generation, 1);
}

static bool worth_releasing(const struct gomap *map) {
    uint64_t bytes = atomic_load(&map->block_bytes);
    uint64_t table = (gomap_mask(GOMAP_LOAD(map->log2_buckets)) + 1) * sizeof(struct gomap_bucket);
    return bytes > KEEP_BYTES && bytes > KEEP_FACTOR * table && atomic_load(&map->iterators) == 0;
}

/* What became unreachable in this step is of the last generation but one at the oldest: it stays. */
void gomap_table_ends(struct gomap *map) {
    if (!worth_releasing(map)) {
        return;
    }
    uint32_t generation = atomic_load(&map->generation);
    struct gomap_block *block = atomic_exchange(&map->blocks, NULL);
    while (block != NULL) {
        struct gomap_block *next = block->next;
        bool used = block->bucket == GOMAP_LOAD(map->buckets) ||
                    block->bucket == GOMAP_LOAD(map->oldbuckets);
        if (used || block->generation + 2 >= generation) {
            block_push(map, block);
        } else {
            atomic_fetch_sub(&map->block_bytes, block->bytes);
            free(block);
        }
        block = next;
    }
}

void gomap_table_wiped(struct gomap *map) {
    char *array = (char *)GOMAP_LOAD(map->buckets);
    struct gomap_block *block = (void *)(array - offsetof(struct gomap_block, bucket));
    gomap_table_begins(map);
    block->generation = atomic_load(&map->generation);
    gomap_table_ends(map);
}

void gomap_iterator_begins(struct gomap *map) {
    atomic_fetch_add(&map->iterators, 1);
}

void gomap_iterator_ends(struct gomap *map) {
    atomic_fetch_sub(&map->iterators, 1);
}

/* ---- life */

void gomap_runtime_init(struct gomap *map, const struct gomap_config *config) {
    atomic_init(&map->blocks, NULL);
    atomic_init(&map->block_bytes, 0);
    atomic_init(&map->generation, 0);
    atomic_init(&map->iterators, 0);
    atomic_init(&map->own_random.state, config->seed);
    atomic_init(&map->own_random.draws, 0);
    map->config = *config;
    if (map->config.host == NULL) {
        map->config.host = &map_host_standalone;
    }
    if (map->config.random == NULL) {
        map->config.random = &map->own_random;
    }
    map->hash_special = config->hash_mode != GOMAP_HASH_MIX || config->hash_hook != NULL;
}

void gomap_runtime_release(struct gomap *map) {
    struct gomap_block *block = atomic_exchange(&map->blocks, NULL);
    while (block != NULL) {
        struct gomap_block *next = block->next;
        free(block);
        block = next;
    }
    atomic_store(&map->block_bytes, 0);
}

/* ---- random numbers: wyrand, Wang Yi, 2019; the state is a counter, so draws are its function */

uint64_t gomap_draw64(struct gomap *map) {
    const uint64_t step = UINT64_C(0xa0761d6478bd642f);
    struct gomap_random *random = map->config.random;
    atomic_fetch_add_explicit(&random->draws, 1, memory_order_relaxed);
    uint64_t state = atomic_fetch_add_explicit(&random->state, step, memory_order_relaxed) + step;
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)state * (state ^ UINT64_C(0xe7037ed1a0b428db));
    return (uint64_t)(product >> 64) ^ (uint64_t)product;
}

uint32_t gomap_draw32(struct gomap *map) {
    return (uint32_t)gomap_draw64(map);
}

/* ---- the host */

void gomap_tell(const struct gomap *map, enum map_event_kind kind, uint64_t bucket) {
    const struct map_host *host = map->config.host;
    if (map->config.silent || host == &map_host_standalone) {
        return;
    }
    struct map_event event = {.kind = kind, .part = map->config.part, .bucket = bucket};
    host->event(host->context, &event);
}

_Noreturn void gomap_fatal(const struct gomap *map, const char *message) {
    const struct map_host *host = map->config.host;
    host->fatal(host->context, message);
    abort(); /* the host broke its contract */
}

/* ---- hashes for tests and traces */

uint64_t gomap_hash_quiet(const struct gomap *map, uint64_t key) {
    uint64_t seed = map->hash0;
    switch (map->config.hash_mode) {
    case GOMAP_HASH_IDENT:
        return key ^ seed;
    case GOMAP_HASH_CONST:
        return UINT64_C(0xab00000000000000) ^ seed;
    case GOMAP_HASH_MIX:
        break;
    }
    return gomap_hash_mixed(key, seed);
}

uint64_t gomap_hash_special(const struct gomap *map, uint64_t key) {
    if (map->config.hash_hook != NULL) {
        map->config.hash_hook(map->config.hash_context);
    }
    return gomap_hash_quiet(map, key);
}
