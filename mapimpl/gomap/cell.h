/* cell.h - where keys, elements and links lie in a bucket, and how keys are hashed, compared and copied.
 *
 *   +-----------+-------------+-------------+----------+
 *   | 8 tophash | 8 key slots | 8 elem slots| overflow |     a slot holds the thing itself, or a pointer
 *   +-----------+-------------+-------------+----------+     to its box when it is larger than 128 bytes
 *
 * Every step of the map is one inline function over a type descriptor. The entries (fast64, ...) call it
 * with one of the constant descriptors below, and the compiler folds what depends on it: an element of a
 * bucket costs the same as in a struct, and no scheduling point is spent on a descriptor. Only "any" maps
 * read theirs at run time.
 */
#ifndef HEDDLE_MAPIMPL_GOMAP_CELL_H
#define HEDDLE_MAPIMPL_GOMAP_CELL_H

#include <string.h>

#include "mapimpl/gomap/layout.h"

#define GOMAP_INLINE   static inline __attribute__((always_inline))
#define GOMAP_SLOT_MAX 128u /* bytes; larger things live in boxes */
#define GOMAP_ELEMS_64 .elem_size = sizeof(uint64_t)

static const struct gomap_type gomap_fast64 = {
    .kind = GOMAP_FAST64, .key_size = sizeof(uint64_t), GOMAP_ELEMS_64};
static const struct gomap_type gomap_generic64 = {
    .kind = GOMAP_GENERIC64, .key_size = sizeof(uint64_t), GOMAP_ELEMS_64};
static const struct gomap_type gomap_fast32 = {
    .kind = GOMAP_FAST32, .key_size = sizeof(uint32_t), GOMAP_ELEMS_64};
static const struct gomap_type gomap_fast_string = {.kind = GOMAP_FAST_STRING,
                                                    .key_size = sizeof(struct map_string),
                                                    GOMAP_ELEMS_64,
                                                    .key_pointers = true,
                                                    .key_update = true};

/* ---- sizes */

GOMAP_INLINE bool gomap_key_boxed(const struct gomap_type *type) {
    return type->key_size > GOMAP_SLOT_MAX;
}

GOMAP_INLINE bool gomap_elem_boxed(const struct gomap_type *type) {
    return type->elem_size > GOMAP_SLOT_MAX;
}

GOMAP_INLINE size_t gomap_key_slot_size(const struct gomap_type *type) {
    return gomap_key_boxed(type) ? sizeof(void *) : type->key_size;
}

GOMAP_INLINE size_t gomap_elem_slot_size(const struct gomap_type *type) {
    return gomap_elem_boxed(type) ? sizeof(void *) : type->elem_size;
}

/* Offset of the overflow pointer. */
GOMAP_INLINE size_t gomap_link_offset(const struct gomap_type *type) {
    return GOMAP_SLOTS + GOMAP_SLOTS * (gomap_key_slot_size(type) + gomap_elem_slot_size(type));
}

GOMAP_INLINE size_t gomap_bucket_size(const struct gomap_type *type) {
    return gomap_link_offset(type) + sizeof(struct gomap_bucket *);
}

GOMAP_INLINE bool gomap_pointer_free(const struct gomap_type *type) {
    return !type->key_pointers && !type->elem_pointers && !gomap_key_boxed(type) &&
           !gomap_elem_boxed(type);
}

/* ---- places in a bucket */

GOMAP_INLINE struct gomap_bucket *gomap_bucket_at(const struct gomap_type *type,
                                                  struct gomap_bucket *table, uint64_t index) {
    return (struct gomap_bucket *)((char *)table + index * gomap_bucket_size(type));
}

GOMAP_INLINE struct gomap_bucket *gomap_overflow(const struct gomap_type *type,
                                                 const struct gomap_bucket *bucket) {
    return *(struct gomap_bucket **)((char *)bucket + gomap_link_offset(type));
}

GOMAP_INLINE void *gomap_key_slot(const struct gomap_type *type, const struct gomap_bucket *bucket,
                                  unsigned slot) {
    return (char *)bucket + GOMAP_SLOTS + slot * gomap_key_slot_size(type);
}

GOMAP_INLINE void *gomap_elem_slot(const struct gomap_type *type, const struct gomap_bucket *bucket,
                                   unsigned slot) {
    return (char *)bucket + GOMAP_SLOTS + GOMAP_SLOTS * gomap_key_slot_size(type) +
           slot * gomap_elem_slot_size(type);
}

/* The key and the element themselves. */
GOMAP_INLINE void *gomap_key(const struct gomap_type *type, const struct gomap_bucket *bucket,
                             unsigned slot) {
    void *place = gomap_key_slot(type, bucket, slot);
    return gomap_key_boxed(type) ? *(void **)place : place;
}

GOMAP_INLINE void *gomap_elem(const struct gomap_type *type, const struct gomap_bucket *bucket,
                              unsigned slot) {
    void *place = gomap_elem_slot(type, bucket, slot);
    return gomap_elem_boxed(type) ? *(void **)place : place;
}

/* A cell's key and element, or two NULLs. Small enough to be returned in registers: what goes through the
 * stack is a scheduling point in instrumented code. */
struct gomap_pair {
    void *key;
    void *elem;
};

GOMAP_INLINE struct gomap_pair gomap_pair_at(const struct gomap_type *type,
                                             const struct gomap_bucket *bucket, unsigned slot) {
    return (struct gomap_pair){gomap_key(type, bucket, slot), gomap_elem(type, bucket, slot)};
}

/* ---- keys */

/* fast32 and fast64 compare keys and not tophashes. */
GOMAP_INLINE bool gomap_keys_first(const struct gomap_type *type) {
    return type->kind == GOMAP_FAST32 || type->kind == GOMAP_FAST64;
}

GOMAP_INLINE bool gomap_text_equal(struct map_string a, struct map_string b) {
    return a.length == b.length && (a.data == b.data || gomap_text_same(a, b));
}

GOMAP_INLINE bool gomap_key_equal(const struct gomap_type *type, const void *a, const void *b) {
    switch (type->kind) {
    case GOMAP_FAST32:
        return *(const uint32_t *)a == *(const uint32_t *)b;
    case GOMAP_FAST64:
    case GOMAP_GENERIC64:
        return *(const uint64_t *)a == *(const uint64_t *)b;
    case GOMAP_FAST_STRING:
        return gomap_text_equal(*(const struct map_string *)a, *(const struct map_string *)b);
    case GOMAP_ANY:
        break;
    }
    return type->equal(a, b);
}

/* False for NaN and its like. */
GOMAP_INLINE bool gomap_key_reflexive(const struct gomap_type *type, const void *key) {
    return !type->maybe_irreflexive || type->equal(key, key);
}

GOMAP_INLINE uint64_t gomap_hash_number(const struct gomap *map, uint64_t key) {
#if !GOMAP_INSTRUMENTED
    if (map->hash_special) {
        return gomap_hash_special(map, key, map->hash0);
    }
#endif
    return gomap_hash_mixed(key, map->hash0);
}

/* The hash as operations compute it. False when the key has none. */
GOMAP_INLINE bool gomap_hash(const struct gomap *map, const struct gomap_type *type,
                             const void *key, uint64_t *hash) {
    switch (type->kind) {
    case GOMAP_FAST32:
        *hash = gomap_hash_number(
            map, GOMAP_MUTATE(HASH_LOW_HALF, *(const uint32_t *)key, *(const uint16_t *)key));
        return true;
    case GOMAP_FAST64:
    case GOMAP_GENERIC64:
        *hash = gomap_hash_number(map, *(const uint64_t *)key);
        return true;
    case GOMAP_FAST_STRING:
        *hash = gomap_hash_text(map, *(const struct map_string *)key, map->hash0);
        return true;
    case GOMAP_ANY:
        break;
    }
    return gomap_hash_any(map, type, key, map->hash0, hash);
}

/* The hash of a key that is in the map, and therefore has one. */
GOMAP_INLINE uint64_t gomap_hash_present(const struct gomap *map, const struct gomap_type *type,
                                         const void *key) {
    uint64_t hash = 0;
    gomap_hash(map, type, key, &hash);
    return hash;
}

/* Go hashes a key that it looks for in an empty map too, if only to raise the panic; from 1.22 on it asks.
 * False when the key has no hash. */
bool gomap_probe(const struct gomap_type *type, const struct gomap *map, const void *key);

/* Copy what a slot holds: the thing itself or the pointer to its box. */
GOMAP_INLINE void gomap_key_slot_copy(const struct gomap_type *type, void *to, const void *from) {
    switch (type->kind) {
    case GOMAP_FAST32:
        *(uint32_t *)to = *(const uint32_t *)from;
        break;
    case GOMAP_FAST64:
    case GOMAP_GENERIC64:
        *(uint64_t *)to = *(const uint64_t *)from;
        break;
    case GOMAP_FAST_STRING:
        *(struct map_string *)to = *(const struct map_string *)from;
        break;
    case GOMAP_ANY:
        memcpy(to, from, gomap_key_slot_size(type));
        break;
    }
}

GOMAP_INLINE void gomap_elem_slot_copy(const struct gomap_type *type, void *to, const void *from) {
    if (type->kind != GOMAP_ANY) {
        *(uint64_t *)to = *(const uint64_t *)from;
    } else {
        memcpy(to, from, gomap_elem_slot_size(type));
    }
}

/* ---- steps that other files take, one for each type where the type matters
 * ----------------------------------------------------------------------------------------------- */

/* evacuate.c: moves the old bucket of new bucket `bucket`, and the next one in order. */
void gomap_grow_work_32(struct gomap *map, uint64_t bucket);
void gomap_grow_work_64(struct gomap *map, uint64_t bucket);
void gomap_grow_work_string(struct gomap *map, uint64_t bucket);
void gomap_grow_work_any(struct gomap *map, uint64_t bucket);

GOMAP_INLINE void gomap_grow_work(struct gomap *map, const struct gomap_type *type,
                                  uint64_t bucket) {
    switch (type->kind) {
    case GOMAP_FAST32:
        gomap_grow_work_32(map, bucket);
        break;
    case GOMAP_FAST64:
    case GOMAP_GENERIC64:
        gomap_grow_work_64(map, bucket);
        break;
    case GOMAP_FAST_STRING:
        gomap_grow_work_string(map, bucket);
        break;
    case GOMAP_ANY:
        gomap_grow_work_any(map, bucket);
        break;
    }
}

/* access.c: the cell of a key by the rules of a reader, without any check: for iterators. Two NULLs when
 * it is absent. */
struct gomap_pair gomap_find_moved_32(const struct gomap *map, uint32_t key);
struct gomap_pair gomap_find_moved_64(const struct gomap *map, uint64_t key);
struct gomap_pair gomap_find_moved_string(const struct gomap *map, const struct map_string *key);
struct gomap_pair gomap_find_moved_any(const struct gomap *map, const void *key);

GOMAP_INLINE struct gomap_pair gomap_find_moved(const struct gomap *map,
                                                const struct gomap_type *type, const void *key) {
    switch (type->kind) {
    case GOMAP_FAST32:
        return gomap_find_moved_32(map, *(const uint32_t *)key);
    case GOMAP_FAST64:
    case GOMAP_GENERIC64:
        return gomap_find_moved_64(map, *(const uint64_t *)key);
    case GOMAP_FAST_STRING:
        return gomap_find_moved_string(map, key);
    case GOMAP_ANY:
        break;
    }
    return gomap_find_moved_any(map, key);
}

#endif
