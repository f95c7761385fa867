/* inspect.c - gomap's inspector. Never instrumented: looking adds no scheduling point.
 *
 * `find` follows the readers of access.c but for the flag check and a bound on chains: those of numbers
 * compare keys alone, those of strings tophashes too, unless there is a single bucket.
 */
#include "mapimpl/gomap/inspect.h"

#include "mapimpl/gomap/cell.h"

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

static void cell_fill(struct map_cell *cell, const struct gomap_type *type,
                      const struct gomap_bucket *bucket, uint32_t slot) {
    cell->slot = slot;
    cell->tophash = bucket->top[slot];
    cell->state = state_of(cell->tophash);
    const void *key = gomap_key_slot(type, bucket, slot);
    if (type->kind == GOMAP_FAST_STRING) {
        cell->text = *(const struct map_string *)key;
    } else if (type->kind == GOMAP_FAST32) {
        cell->key = *(const uint32_t *)key;
    } else if (type->kind != GOMAP_ANY) {
        cell->key = *(const uint64_t *)key;
    }
    if (type->kind != GOMAP_ANY) {
        cell->value = *(const uint64_t *)gomap_elem_slot(type, bucket, slot);
    }
}

struct walk {
    bool (*visit)(void *context, const struct map_cell *cell);
    void *context;
};

static bool walk_chain(const struct gomap_type *type, const struct gomap_bucket *bucket,
                       uint64_t index, bool old, const struct walk *walk) {
    struct map_cell cell = {.bucket = index, .old = old};
    cell.evacuated = old && gomap_evacuated(bucket);
    for (; bucket != NULL && cell.depth < CHAIN_MAX; bucket = gomap_overflow(type, bucket)) {
        for (uint32_t slot = 0; slot < GOMAP_SLOTS; slot++) {
            cell_fill(&cell, type, bucket, slot);
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
    const struct gomap_type *type = map->config.type;
    struct walk walk = {visit, context};
    struct map_view view;
    gomap_view(map, &view);
    for (uint64_t i = 0; i < view.buckets; i++) {
        if (!walk_chain(type, gomap_bucket_at(type, GOMAP_LOAD(map->buckets), i), i, false,
                        &walk)) {
            return;
        }
    }
    for (uint64_t i = 0; i < view.old_buckets; i++) {
        if (!walk_chain(type, gomap_bucket_at(type, GOMAP_LOAD(map->oldbuckets), i), i, true,
                        &walk)) {
            return;
        }
    }
}

#define ANY_TOP 0u /* no key's tophash */

static bool top_fits(uint8_t top, uint8_t wanted) {
    return wanted == ANY_TOP ? !gomap_empty(top) : top == wanted;
}

static bool find_in(const struct gomap_type *type, const struct gomap_bucket *bucket,
                    const void *key, uint8_t wanted, struct map_cell *cell) {
    for (; bucket != NULL && cell->depth < CHAIN_MAX; bucket = gomap_overflow(type, bucket)) {
        for (uint32_t slot = 0; slot < GOMAP_SLOTS; slot++) {
            if (top_fits(bucket->top[slot], wanted) &&
                gomap_key_equal(type, gomap_key_slot(type, bucket, slot), key)) {
                cell_fill(cell, type, bucket, slot);
                return true;
            }
        }
        cell->depth++;
    }
    return false;
}

static bool find_hashed(const struct gomap *map, const struct gomap_type *type, const void *key,
                        uint64_t hash, struct map_cell *cell) {
    struct map_cell ignored;
    cell = cell == NULL ? &ignored : cell;
    struct gomap_bucket *table = GOMAP_LOAD(map->buckets);
    if (table == NULL || GOMAP_LOAD(map->count) == 0) {
        return false;
    }
    uint8_t log2 = GOMAP_LOAD(map->log2_buckets);
    bool tops = type->kind == GOMAP_FAST_STRING && log2 > 0;
    uint64_t index = hash & gomap_mask(log2);
    struct map_cell found = {.bucket = index};
    const struct gomap_bucket *bucket = gomap_bucket_at(type, table, index);
    struct gomap_bucket *old = GOMAP_LOAD(map->oldbuckets);
    if (old != NULL) {
        uint64_t old_index = hash & (gomap_old_count(map) - 1);
        old = gomap_bucket_at(type, old, old_index);
        if (!gomap_evacuated(old)) {
            bucket = old;
            found = (struct map_cell){.bucket = old_index, .old = true};
        }
    }
    if (!find_in(type, bucket, key, tops ? gomap_tophash(hash) : ANY_TOP, &found)) {
        return false;
    }
    *cell = found;
    return true;
}

bool gomap_find(const struct gomap *map, uint64_t key, struct map_cell *cell) {
    return find_hashed(map, &gomap_fast64, &key, gomap_hash_quiet(map, key), cell);
}

bool gomap_find_string(const struct gomap *map, const struct map_string *key,
                       struct map_cell *cell) {
    return find_hashed(map, &gomap_fast_string, key, gomap_hash_text_quiet(map, *key), cell);
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

static uint32_t part_of_string(const void *map, const struct map_string *key) {
    (void)map;
    (void)key;
    return 0;
}

static uint64_t hash_one_string(const void *map, uint32_t part, const struct map_string *key) {
    (void)part;
    return gomap_hash_text_quiet(map, *key);
}

static bool find_one_string(const void *map, const struct map_string *key, struct map_cell *cell) {
    return gomap_find_string(map, key, cell);
}

const struct map_inspector gomap_inspector = {
    .parts = parts,
    .part_of = part_of,
    .view = view_one,
    .hash = hash_one,
    .walk = walk_one,
    .find = find_one,
    .part_of_string = part_of_string,
    .hash_string = hash_one_string,
    .find_string = find_one_string,
};
