/* clone.c - Go's maps.Clone (from 1.21 on): a map with the same entries and the same hash seed.
 *
 * The copy is made for as many entries as there are, so it may have fewer buckets than the map has: chains
 * whose numbers agree in the copy's bits are appended to one, densely. Then come the old buckets of a
 * running growth that are not evacuated: appended likewise, or assigned entry by entry when the copy's
 * table is larger than theirs. The map itself is only read, and nothing of its growth happens.
 *
 *   C1  the copy has each entry once;
 *   C2  it never has more buckets than the map. Go's own sees to that only since 2024: before, a map that a
 *       growth of the same size had left above its load limit was read beyond its end.
 * Go 1.21 copies the pointers of boxes, later versions the boxes; its fault in the place of old buckets,
 * mended in 1.21's patch releases, is not here.
 */
#include <errno.h>

#include "mapimpl/gomap/cell.h"

#define VERSION_CLONES 121u
#define VERSION_BOXES  122u /* from here on boxes are copied */

/* One clone being made. */
struct clone {
    struct gomap *map; /* is read */
    struct gomap *copy;
    const struct gomap_type *type;
    bool boxes; /* boxes are copied, not shared */
};

/* Where the next entry of a chain goes; cells before `slot` are in use. */
struct tail {
    struct gomap_bucket *bucket;
    unsigned slot;
};

static bool box_copy(struct clone *c, void *slot, const void *from, uint32_t size) {
    void *box = gomap_box_new(c->copy, size);
    if (box == NULL) {
        return false;
    }
    memcpy(box, from, size);
    *(void **)slot = box;
    return true;
}

/* The cell has the map's pointers; gives it boxes of its own. */
static bool boxes_copy(struct clone *c, struct gomap_bucket *bucket, unsigned slot) {
    void *key = gomap_key_slot(c->type, bucket, slot);
    void *elem = gomap_elem_slot(c->type, bucket, slot);
    return !c->boxes ||
           ((!gomap_key_boxed(c->type) || box_copy(c, key, *(void **)key, c->type->key_size)) &&
            (!gomap_elem_boxed(c->type) || box_copy(c, elem, *(void **)elem, c->type->elem_size)));
}

static bool cell_append(struct clone *c, struct tail *to, const struct gomap_bucket *from,
                        unsigned slot) {
    while (to->slot < GOMAP_SLOTS && !gomap_empty(to->bucket->top[to->slot])) {
        to->slot++;
    }
    if (to->slot == GOMAP_SLOTS) {
        struct gomap_bucket *fresh = gomap_overflow_new(c->copy, to->bucket);
        if (fresh == NULL) {
            return false;
        }
        *to = (struct tail){fresh, 0};
    }
    to->bucket->top[to->slot] = from->top[slot];
    gomap_key_slot_copy(c->type, gomap_key_slot(c->type, to->bucket, to->slot),
                        gomap_key_slot(c->type, from, slot));
    gomap_elem_slot_copy(c->type, gomap_elem_slot(c->type, to->bucket, to->slot),
                         gomap_elem_slot(c->type, from, slot));
    bool copied = boxes_copy(c, to->bucket, to->slot);
    to->slot++;
    GOMAP_STORE(c->copy->count, GOMAP_LOAD(c->copy->count) + 1);
    return copied;
}

static bool chain_append(struct clone *c, struct tail *to, const struct gomap_bucket *chain) {
    for (; chain != NULL; chain = gomap_overflow(c->type, chain)) {
        for (unsigned slot = 0; slot < GOMAP_SLOTS; slot++) {
            if (!gomap_empty(chain->top[slot]) && !cell_append(c, to, chain, slot)) {
                return false;
            }
        }
    }
    return true;
}

/* ---- assigning entry by entry */

static bool cell_assign(struct clone *c, const void *key, const void *elem) {
    const struct gomap_type *type = c->type;
    void *place = NULL;
    switch (type->kind) {
    case GOMAP_FAST32:
        place = gomap_assign_32(c->copy, *(const uint32_t *)key);
        break;
    case GOMAP_FAST64:
    case GOMAP_GENERIC64:
        place = gomap_assign_generic(c->copy, *(const uint64_t *)key);
        break;
    case GOMAP_FAST_STRING:
        place = gomap_assign_string(c->copy, key);
        break;
    case GOMAP_ANY:
        if (gomap_assign_any(type, c->copy, key, &place) != 0) {
            place = NULL;
        }
        break;
    }
    if (place != NULL) {
        memcpy(place, elem, type->elem_size);
    }
    return place != NULL;
}

static void check_writers(const struct gomap *map) {
    if (GOMAP_LOAD(map->flags) & GOMAP_WRITING) {
        gomap_misuse(map, "concurrent map clone and map write");
    }
}

static bool chain_assign(struct clone *c, const struct gomap_bucket *chain) {
    for (; chain != NULL; chain = gomap_overflow(c->type, chain)) {
        for (unsigned slot = 0; slot < GOMAP_SLOTS; slot++) {
            if (gomap_empty(chain->top[slot])) {
                continue;
            }
            check_writers(c->map);
            if (!cell_assign(c, gomap_key(c->type, chain, slot),
                             gomap_elem(c->type, chain, slot))) {
                return false;
            }
        }
    }
    return true;
}

/* ---- the tables */

static bool copy_table(struct clone *c) {
    uint64_t count = gomap_mask(GOMAP_LOAD(c->map->log2_buckets)) + 1;
    uint64_t copies = gomap_mask(GOMAP_LOAD(c->copy->log2_buckets)) + 1;
    for (uint64_t i = 0; i < copies; i++) {
        struct tail to = {gomap_bucket_at(c->type, GOMAP_LOAD(c->copy->buckets), i), 0};
        for (uint64_t j = i; j < count; j += copies) {
            if (!chain_append(c, &to, gomap_bucket_at(c->type, GOMAP_LOAD(c->map->buckets), j))) {
                return false;
            }
        }
    }
    return true;
}

/* The last bucket of the chain is searched for room from its start. */
static struct tail tail_of(struct clone *c, uint64_t index) {
    struct gomap_bucket *bucket = gomap_bucket_at(c->type, GOMAP_LOAD(c->copy->buckets), index);
    while (gomap_overflow(c->type, bucket) != NULL) { /* ends: with the chain */
        bucket = gomap_overflow(c->type, bucket);
    }
    return (struct tail){bucket, 0};
}

static bool copy_old_table(struct clone *c) {
    struct gomap_bucket *old = GOMAP_LOAD(c->map->oldbuckets);
    uint64_t count = gomap_old_count(c->map);
    uint64_t mask = gomap_mask(GOMAP_LOAD(c->copy->log2_buckets));
    bool ok = true;
    for (uint64_t i = 0; i < count && ok; i++) {
        struct gomap_bucket *chain = gomap_bucket_at(c->type, old, i);
        if (gomap_evacuated(chain)) {
            continue;
        }
        if (count > mask) {
            struct tail to = tail_of(c, i & mask);
            ok = chain_append(c, &to, chain);
        } else {
            ok = chain_assign(c, chain);
        }
    }
    return ok;
}

/* A map of one bucket keeps its holes. */
static bool copy_bucket(struct clone *c) {
    struct gomap_bucket *bucket = GOMAP_LOAD(c->copy->buckets);
    memcpy(bucket, GOMAP_LOAD(c->map->buckets), gomap_bucket_size(c->type));
    GOMAP_STORE(c->copy->count, GOMAP_LOAD(c->map->count));
    for (unsigned slot = 0; slot < GOMAP_SLOTS; slot++) {
        if (!gomap_empty(bucket->top[slot]) && !boxes_copy(c, bucket, slot)) {
            return false;
        }
    }
    return true;
}

static bool copied_whole(const struct clone *c) {
    bool boxes = gomap_elem_boxed(c->type) || (gomap_key_boxed(c->type) && c->type->key_update);
    return GOMAP_LOAD(c->map->log2_buckets) == 0 && !(c->boxes && boxes);
}

static bool copy_entries(struct clone *c) {
    if (GOMAP_LOAD(c->copy->buckets) == NULL) {
        struct gomap_bucket *bucket = gomap_allocate(c->copy, 1);
        if (bucket == NULL) {
            return false;
        }
        GOMAP_STORE(c->copy->buckets, bucket);
    }
    if (copied_whole(c)) {
        return copy_bucket(c);
    }
    return copy_table(c) && (GOMAP_LOAD(c->map->oldbuckets) == NULL || copy_old_table(c));
}

/* ---- the whole */

/* As many entries as there are, but no more than the map's buckets are for. */
static uint64_t hint_for(const struct gomap *map) {
    uint64_t count = GOMAP_LOAD(map->count);
    uint8_t log2 = GOMAP_LOAD(map->log2_buckets);
    if (!gomap_over_load(map, count, log2)) {
        return count;
    }
    return gomap_shape_of(map).load_numerator * ((gomap_mask(log2) + 1) / GOMAP_LOAD_DENOMINATOR);
}

/* An empty copy. It draws a hash seed like every new map, in vain. A stream of the map's own stays with the
 * map: the copy's begins where that draw left it. */
static int copy_new(struct gomap *map, struct gomap **copy) {
    struct gomap_config config = map->config;
    config.hint = hint_for(map);
    if (config.random == &map->own_random) {
        config.random = NULL;
        config.seed = gomap_draw64(map);
    }
    int error = gomap_new(&config, copy);
    if (error == 0) {
        (*copy)->hash0 = map->hash0;
    }
    return error;
}

int gomap_clone(struct gomap *map, struct gomap **clone) {
    if (map == NULL) {
        *clone = NULL;
        return 0;
    }
    uint8_t version = gomap_shape_of(map).version;
    if (version < VERSION_CLONES) {
        return -ENOTSUP;
    }
    bool empty = GOMAP_LOAD(map->count) == 0;
    if (!empty) {
        check_writers(map);
    }
    struct clone c = {.map = map, .type = map->config.type, .boxes = version >= VERSION_BOXES};
    int error = copy_new(map, &c.copy);
    if (error != 0) {
        return error;
    }
    if (!c.boxes) {
        gomap_boxes_share(c.copy, map);
    }
    if (!empty && !copy_entries(&c)) {
        gomap_free(c.copy);
        return -ENOMEM;
    }
    *clone = c.copy;
    return 0;
}
