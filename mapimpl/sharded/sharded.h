/* sharded.h - how a sharded map lies in memory. Internal: shared by its table and its inspector.
 */
#ifndef HEDDLE_MAPIMPL_SHARDED_SHARDED_H
#define HEDDLE_MAPIMPL_SHARDED_SHARDED_H

#include <pthread.h>
#include <stdalign.h>

#include "mapimpl/gomap/layout.h"

#define SHARDED_LINE 64u /* bytes of a cache line */

struct sharded_shard {
    alignas(SHARDED_LINE) pthread_mutex_t lock;
    alignas(SHARDED_LINE) struct gomap table;
};

/* Constant after create, but for what is behind each lock. */
struct sharded_map {
    uint64_t seed;   /* of the hash that chooses a shard */
    uint32_t shards; /* a power of two */
    struct sharded_shard shard[];
};

/* The shard whose number are the high bits of a hash of its own: the tables use the low bits of theirs. */
static inline uint32_t sharded_part(const struct sharded_map *map, uint64_t hash) {
    return (uint32_t)(((hash >> 32) * map->shards) >> 32);
}

static inline uint32_t sharded_index(const struct sharded_map *map, uint64_t key) {
    return sharded_part(map, gomap_splitmix(key ^ map->seed));
}

static inline uint32_t sharded_index_string(const struct sharded_map *map,
                                            const struct map_string *key) {
    return sharded_part(map, gomap_hash_text_mixed(*key, map->seed));
}

extern const struct map_inspector sharded_inspector;

#endif
