/* inspect.c - gomap's inspector. Never instrumented: looking adds no scheduling point.
 *
 * `find` follows access.c step by step but for the flag check and a bound on chains.
 */
#include "mapimpl/gomap/inspect.h"

#define CHAIN_MAX 4096u

void gomap_view(const struct gomap *map, struct map_view *view) {
    const struct gomap_bucket *buckets = GOMAP_LOAD(map->buckets);
    uint8_t flags = GOMAP_LOAD(map->flags);
    uint8_t log2 = GOMAP_LOAD(map->log2_buckets);
    bool growing = GOMAP_LOAD(map->oldbuckets) != NULL;
    *view = (struct map_view){
        .count = GOMAP_LOAD(map->count),
        .buckets = buckets == NULL ? 0 : gomap_mask(log2) + 1,
        .old_buckets = growing ? gomap_old_count(map) : 0,
        .evacuated = GOMAP_LOAD(map->nevacuate),
        .overflow = map->noverflow,
        .log2_buckets = log2,
        .growing = growing,
        .same_size = growing && (flags & GOMAP_SAME_SIZE),
        .writing = flags & GOMAP_WRITING,
    };
}

static enum map_cell_state state_of(uint8_t top) {
    static const enum map_cell_state state[GOMAP_MIN_TOP] = {
        [GOMAP_EMPTY_REST] = MAP_CELL_EMPTY_REST,      [GOMAP_EMPTY_ONE] = MAP_CELL_EMPTY_ONE,
        [GOMAP_EVAC_X] = MAP_CELL_EVACUATED_X,         [GOMAP_EVAC_Y] = MAP_CELL_EVACUATED_Y,
        [GOMAP_EVAC_EMPTY] = MAP_CELL_EVACUATED_EMPTY,
    };
    return top < GOMAP_MIN_TOP ? state[top] : MAP_CELL_LIVE;
}

static void cell_fill(struct map_cell *cell, const struct gomap_bucket *bucket, uint32_t slot) {
    cell->slot = slot;
    cell->tophash = bucket->top[slot];
    cell->state = state_of(cell->tophash);
    cell->key = bucket->key[slot];
    cell->value = bucket->value[slot];
}

struct walk {
    bool (*visit)(void *context, const struct map_cell *cell);
    void *context;
};

static bool walk_chain(const struct gomap_bucket *bucket, uint64_t index, bool old,
                       const struct walk *walk) {
    struct map_cell cell = {.bucket = index, .old = old};
    cell.evacuated = old && gomap_evacuated(bucket);
    for (; bucket != NULL && cell.depth < CHAIN_MAX; bucket = bucket->overflow) {
        for (uint32_t slot = 0; slot < GOMAP_SLOTS; slot++) {
            cell_fill(&cell, bucket, slot);
            if (!walk->visit(walk->context, &cell)) {
                return false;
            }
        }
        cell.depth++;
    }
    return true;
}

void gomap_walk(const struct gomap *map, bool (*visit)(void *context, const struct map_cell *cell),
                void *context) {
    struct walk walk = {visit, context};
    struct map_view view;
    gomap_view(map, &view);
    for (uint64_t i = 0; i < view.buckets; i++) {
        if (!walk_chain(GOMAP_LOAD(map->buckets) + i, i, false, &walk)) {
            return;
        }
    }
    for (uint64_t i = 0; i < view.old_buckets; i++) {
        if (!walk_chain(GOMAP_LOAD(map->oldbuckets) + i, i, true, &walk)) {
            return;
        }
    }
}

static bool find_in(const struct gomap_bucket *bucket, uint64_t key, struct map_cell *cell) {
    for (; bucket != NULL && cell->depth < CHAIN_MAX; bucket = bucket->overflow) {
        for (uint32_t slot = 0; slot < GOMAP_SLOTS; slot++) {
            if (bucket->key[slot] == key && !gomap_empty(bucket->top[slot])) {
                cell_fill(cell, bucket, slot);
                return true;
            }
        }
        cell->depth++;
    }
    return false;
}

bool gomap_find(const struct gomap *map, uint64_t key, struct map_cell *cell) {
    struct map_cell ignored;
    cell = cell == NULL ? &ignored : cell;
    const struct gomap_bucket *bucket = GOMAP_LOAD(map->buckets);
    if (bucket == NULL || GOMAP_LOAD(map->count) == 0) {
        return false;
    }
    uint64_t hash = gomap_hash_quiet(map, key);
    uint64_t index = hash & gomap_mask(GOMAP_LOAD(map->log2_buckets));
    struct map_cell found = {.bucket = index};
    bucket += index;
    const struct gomap_bucket *old = GOMAP_LOAD(map->oldbuckets);
    if (old != NULL) {
        uint64_t old_index = hash & (gomap_old_count(map) - 1);
        if (!gomap_evacuated(old + old_index)) {
            bucket = old + old_index;
            found = (struct map_cell){.bucket = old_index, .old = true};
        }
    }
    if (!find_in(bucket, key, &found)) {
        return false;
    }
    *cell = found;
    return true;
}

/* ---- the table of a map that begins with a struct gomap */

static uint32_t parts(const void *map) {
    (void)map;
    return 1;
}

static uint32_t part_of(const void *map, uint64_t key) {
    (void)map;
    (void)key;
    return 0;
}

static void view_one(const void *map, uint32_t part, struct map_view *view) {
    (void)part;
    gomap_view(map, view);
}

static uint64_t hash_one(const void *map, uint32_t part, uint64_t key) {
    (void)part;
    return gomap_hash_quiet(map, key);
}

static void walk_one(const void *map, uint32_t part,
                     bool (*visit)(void *context, const struct map_cell *cell), void *context) {
    (void)part;
    gomap_walk(map, visit, context);
}

static bool find_one(const void *map, uint64_t key, struct map_cell *cell) {
    return gomap_find(map, key, cell);
}

const struct map_inspector gomap_inspector = {
    .parts = parts,
    .part_of = part_of,
    .view = view_one,
    .hash = hash_one,
    .walk = walk_one,
    .find = find_one,
};
