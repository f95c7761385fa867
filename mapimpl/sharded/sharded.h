/* sharded.h - how a sharded map lies in memory. Internal: shared by its table and its inspector.
 */
#ifndef HEDDLE_MAPIMPL_SHARDED_SHARDED_H
#define HEDDLE_MAPIMPL_SHARDED_SHARDED_H

#include <pthread.h>
#include <stdalign.h>

#include "mapimpl/gomap/layout.h"

#define SHARDED_LINE 64u /* bytes of a cache line */

/* No two shards share a cache line. Of its own, an operation looks at the first one and the lock's. */
struct sharded_shard {
    alignas(SHARDED_LINE) struct gomap table;
    pthread_mutex_t lock;
};

/* Constant after create, but for what is behind each lock. */
struct sharded_map {
    uint64_t seed;   /* of the hash that chooses a shard */
    uint32_t shards; /* a power of two */
    uint32_t log2_shards;
    struct sharded_shard shard[];
};

/* The shard whose number are the high bits of a hash of its own: the tables use the low bits of theirs.
 * High bits of a product depend on all lower ones: Knuth, "The Art of Computer Programming" 3, section
 * 6.4. */
static inline uint32_t sharded_part(const struct sharded_map *map, uint64_t hash) {
    return (uint32_t)(hash >> 1 >> (63 - map->log2_shards));
}

static inline uint32_t sharded_index(const struct sharded_map *map, uint64_t key) {
    return sharded_part(map, (key ^ map->seed) * UINT64_C(0x9e3779b97f4a7c15));
}

static inline uint32_t sharded_index_string(const struct sharded_map *map,
                                            const struct map_string *key) {
    return sharded_part(map, gomap_hash_text_mixed(*key, map->seed));
}

extern const struct map_inspector sharded_inspector;

#endif
