/* inspect.c - oncefrozen's inspector: one part, the table whose content readers would see or freeze.
 * Never instrumented.
 */
#include "mapimpl/gomap/inspect.h"
#include "mapimpl/oncefrozen/oncefrozen.h"

static const struct gomap *content(const void *map) {
    const struct oncefrozen_map *m = map;
    const struct gomap *frozen = atomic_load_explicit(&m->content, memory_order_relaxed);
    return frozen != NULL ? frozen : &m->staged;
}

static uint32_t parts(const void *map) {
    (void)map;
    return 1;
}

static uint32_t part_of(const void *map, uint64_t key) {
    (void)map;
    (void)key;
    return 0;
}

static void view(const void *map, uint32_t part, struct map_view *view) {
    (void)part;
    gomap_view(content(map), view);
}

static uint64_t hash(const void *map, uint32_t part, uint64_t key) {
    (void)part;
    return gomap_hash_quiet(content(map), key);
}

static void walk(const void *map, uint32_t part,
                 bool (*visit)(void *context, const struct map_cell *cell), void *context) {
    (void)part;
    gomap_walk(content(map), visit, context);
}

static bool find(const void *map, uint64_t key, struct map_cell *cell) {
    return gomap_find(content(map), key, cell);
}

static uint32_t part_of_string(const void *map, const struct map_string *key) {
    (void)map;
    (void)key;
    return 0;
}

static uint64_t hash_string(const void *map, uint32_t part, const struct map_string *key) {
    (void)part;
    return gomap_hash_text_quiet(content(map), *key);
}

static bool find_string(const void *map, const struct map_string *key, struct map_cell *cell) {
    return gomap_find_string(content(map), key, cell);
}

const struct map_inspector oncefrozen_inspector = {
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
