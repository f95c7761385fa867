/* inspect.c - sharded's inspector: a part is a shard. Never instrumented.
 */
#include "mapimpl/gomap/inspect.h"
#include "mapimpl/sharded/sharded.h"

static const struct gomap *table(const void *map, uint32_t part) {
    const struct sharded_map *m = map;
    return &m->shard[part].table;
}

static uint32_t parts(const void *map) {
    const struct sharded_map *m = map;
    return m->shards;
}

static uint32_t part_of(const void *map, uint64_t key) {
    return sharded_index(map, key);
}

static void view(const void *map, uint32_t part, struct map_view *view) {
    gomap_view(table(map, part), view);
}

static uint64_t hash(const void *map, uint32_t part, uint64_t key) {
    return gomap_hash_quiet(table(map, part), key);
}

static void walk(const void *map, uint32_t part,
                 bool (*visit)(void *context, const struct map_cell *cell), void *context) {
    gomap_walk(table(map, part), visit, context);
}

static bool find(const void *map, uint64_t key, struct map_cell *cell) {
    return gomap_find(table(map, part_of(map, key)), key, cell);
}

static uint32_t part_of_string(const void *map, const struct map_string *key) {
    return sharded_index_string(map, key);
}

static uint64_t hash_string(const void *map, uint32_t part, const struct map_string *key) {
    return gomap_hash_text_quiet(table(map, part), *key);
}

static bool find_string(const void *map, const struct map_string *key, struct map_cell *cell) {
    return gomap_find_string(table(map, part_of_string(map, key)), key, cell);
}

const struct map_inspector sharded_inspector = {
    .parts = parts,
    .part_of = part_of,
    .view = view,
    .hash = hash,
    .walk = walk,
    .find = find,
    .part_of_string = part_of_string,
    .hash_string = hash_string,
    .find_string = find_string,
};
