/* gomap.h - Go's classic map (Go 1.19 to 1.23) with its own C interface.
 *
 * The reference subject: same buckets, same growth, same flags, same errors as Go's runtime. A map has a
 * type for life; the steps are compiled once for each of Go's variants:
 *   numbers   64-bit keys and values ("fast64"); the generic steps for the same map are here too, and
 *             the golden traces of the Go runtime cover both;
 *   strings   string keys ("faststr"), 64-bit values;
 *   32-bit    32-bit keys ("fast32"), 64-bit values;
 *   any       a type of one's own, by a descriptor: the generic steps.
 * Functions are for maps of the type in their name; those without one are for maps of every type.
 *
 * A NULL map is Go's nil map: reading, deleting, clearing and iterating find nothing, assigning is an
 * ordinary error (-EINVAL).
 *
 * Memory: where Go has a garbage collector this map has a rule. A table that was replaced, an overflow
 * bucket or a box is released only when neither a growth nor an iterator can reach it: that is, after the
 * growth that emptied it has ended and while no iterator lives; and then only if what could be released
 * outweighs what is in use (runtime.c). Everything goes with the map.
 *
 * Threads: any number of readers and iterators, or one writer. Misuse is detected as well as Go detects
 * it, through the host's `fatal`, which does not return.
 */
#ifndef HEDDLE_MAPIMPL_GOMAP_GOMAP_H
#define HEDDLE_MAPIMPL_GOMAP_GOMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "mapimpl/map.h"

struct gomap;
struct gomap_bucket;

/* A wyrand stream. Concurrent iterators draw from the same one, so it advances by an atomic addition. */
struct gomap_random {
    _Atomic uint64_t state;
    _Atomic uint64_t draws; /* how many were taken */
};

enum gomap_hash_mode {
    GOMAP_HASH_MIX = 0, /* splitmix64 of key and seed */
    GOMAP_HASH_IDENT, /* key xor seed: low bits choose the bucket, the top byte is the tophash; of a
                           string its first eight bytes, the first being the lowest */
    GOMAP_HASH_CONST, /* one chain for all keys */
};

enum gomap_kind {
    GOMAP_ANY = 0, /* Go's generic steps, by the descriptor's functions */
    GOMAP_FAST32,
    GOMAP_FAST64,
    GOMAP_FAST_STRING,
    GOMAP_GENERIC64, /* Go's generic steps on a map of numbers */
};

/* Go's type descriptor of a map. Static. Sizes above 128 bytes are kept outside of the buckets, in
 * boxes. */
struct gomap_type {
    enum gomap_kind kind;   /* GOMAP_ANY in descriptors of one's own */
    uint32_t key_size;      /* bytes, as Go's sizes: a multiple of the alignment */
    uint32_t elem_size;     /* bytes */
    bool key_pointers;      /* Go's collector would look into a key */
    bool elem_pointers;     /* or into an element */
    bool maybe_irreflexive; /* a key may differ from itself, as NaN does */
    bool key_update;  /* overwriting rewrites the key too: equal keys may have different bytes */
    bool hash_panics; /* `hash` may refuse a key: Go's interfaces */
    /* Puts the hash in *hash; false when this key has none, which is Go's ordinary panic "hash of
     * unhashable type". Keys that are equal have equal hashes; a key that differs from itself draws its
     * hash (gomap_draw64). `map` is NULL when a nil map is asked. */
    bool (*hash)(const struct gomap *map, const void *key, uint64_t seed, uint64_t *hash);
    bool (*equal)(const void *a, const void *b);
    /* Whether `hash` would succeed, without hashing: asked from Go 1.22 on, if hash_panics. */
    bool (*hashable)(const void *key);
};

/* Zeroed fields are defaults. `host`, `random` and `type` must outlive the map. The fields that change the
 * hash of numbers have an effect in uninstrumented builds only: elsewhere it is GOMAP_HASH_MIX, without a
 * load. */
struct gomap_config {
    uint64_t hint; /* expected entries; one that no address space could hold counts as 0 */
    uint64_t seed; /* of the map's own stream, when `random` is NULL */
    struct gomap_random *random;
    const struct map_host *host;   /* NULL: map_host_standalone */
    uint32_t part;                 /* told in the map's events */
    bool silent;                   /* tells no events; fatal errors still reach the host */
    enum map_keys keys;            /* numbers or strings */
    uint32_t version;              /* 119 to 123; 0 = 119 */
    const struct gomap_type *type; /* not NULL: the type, in place of `keys` */
    enum gomap_hash_mode hash_mode;
    /* Called before each hash that an operation computes: a test's door into the middle of a write. */
    void (*hash_hook)(void *context);
    void *hash_context;
};

/* 32-bit keys, 64-bit values: `type` of a map for the functions that end in _32. */
extern const struct gomap_type gomap_type_32;

/* ---- maps of every type
 * ----------------------------------------------------------------------------------------------- */

/* What the options of map.h ask for. */
struct gomap_config gomap_config_of(const struct map_options *options, const struct map_host *host);

/* Makes an empty map. Returns 0, -EINVAL for a version that does not exist, -ENOTSUP for unknown `keys`,
 * or -ENOMEM; *map is untouched on failure. */
int gomap_new(const struct gomap_config *config, struct gomap **map);
/* Releases a map and its memory. NULL is allowed. No operation may be running, no iterator living. */
void gomap_free(struct gomap *map);
/* Go's maps.Clone, from 1.21 on: a copy with the same hash seed, type, version and host in *clone. The copy
 * of NULL is NULL. Returns 0, -ENOTSUP before 1.21, or -ENOMEM. In 1.21 the copy shares the boxes of large
 * keys and elements: storing through one is seen in the other, and the two may not be written, nor
 * freed, at the same time. */
int gomap_clone(struct gomap *map, struct gomap **clone);
/* Live entries as the map counts them: one load. */
uint64_t gomap_length(const struct gomap *map);
/* Removes everything; keeps the size of the table. */
void gomap_clear(struct gomap *map);
/* The next number of the map's stream: for the hashes of keys that differ from themselves. */
uint64_t gomap_draw64(const struct gomap *map);

/* Where one iteration stands. Owned by the caller; the fields are the map's business but for the first
 * two, which point at the current pair or are NULL at the end. The pair must be copied before the map
 * changes. */
struct gomap_iter {
    union {
        const uint64_t *key;
        const struct map_string *text;
        const void *any_key;
    };
    union {
        const uint64_t *value;
        const void *any_elem;
    };
    struct gomap *map;            /* NULL when the map was empty at the start */
    struct gomap_bucket *buckets; /* the table at the start */
    struct gomap_bucket *current;
    uint64_t start_bucket;
    uint64_t bucket;       /* the next one to walk */
    uint64_t check_bucket; /* new bucket whose entries are taken from an old one, or all ones */
    uint8_t offset;
    bool wrapped;
    uint8_t log2_buckets; /* at the start */
    uint8_t slot;
};

/* Starts an iteration and moves to its first pair. Must be paired with gomap_iter_end, also when it came
 * to its end: the map keeps the memory that a living iterator may read. */
void gomap_iter_init(struct gomap_iter *iter, struct gomap *map);
/* The same from a given bucket and offset (cut to their range) instead of the drawn ones. */
void gomap_iter_init_at(struct gomap_iter *iter, struct gomap *map, uint64_t bucket,
                        uint8_t offset);
/* Moves to the next pair. Returns false at the end, also when called again there. */
bool gomap_iter_next(struct gomap_iter *iter);
void gomap_iter_end(struct gomap_iter *iter);

/* ---- Go's entries. A found value is valid until the next write
 * ----------------------------------------------------------------------------------------------- */

/* The address of the value under `key`, or NULL. */
const uint64_t *gomap_access(const struct gomap *map, uint64_t key);
const uint64_t *gomap_access_generic(const struct gomap *map, uint64_t key);
const uint64_t *gomap_access_32(const struct gomap *map, uint32_t key);
const uint64_t *gomap_access_string(const struct gomap *map, const struct map_string *key);

/* Finds or makes the cell of `key` and returns the address of its value, which the caller stores *after*
 * the map stopped to protect the write: as compiled Go code does. NULL when `map` is NULL or memory for
 * the insertion ran out (the map is then unchanged). Memory that runs out in the middle of an evacuation
 * is fatal "out of memory". */
uint64_t *gomap_assign(struct gomap *map, uint64_t key);
uint64_t *gomap_assign_generic(struct gomap *map, uint64_t key);
uint64_t *gomap_assign_32(struct gomap *map, uint32_t key);
uint64_t *gomap_assign_string(struct gomap *map, const struct map_string *key);

/* Removes `key`; returns whether it was present, which Go does not tell. */
bool gomap_delete(struct gomap *map, uint64_t key);
bool gomap_delete_generic(struct gomap *map, uint64_t key);
bool gomap_delete_32(struct gomap *map, uint32_t key);
bool gomap_delete_string(struct gomap *map, const struct map_string *key);

/* The same for a map of any type, which must be the one that it was made with. `key` points at key_size
 * bytes, *elem at elem_size. -EDOM: this key has no hash; the map is unchanged, and empty maps ask too.
 * access: 1, or 0 when the key is absent (*elem is then untouched). assign: 0, -EINVAL for a NULL map,
 * -ENOMEM; a new element is zeroed. delete: whether the key was present. */
int gomap_access_any(const struct gomap_type *type, const struct gomap *map, const void *key,
                     const void **elem);
int gomap_assign_any(const struct gomap_type *type, struct gomap *map, const void *key,
                     void **elem);
int gomap_delete_any(const struct gomap_type *type, struct gomap *map, const void *key);

/* ---- the operations of map.h, with the events of a write; `map` is not NULL but where it says so
 * ----------------------------------------------------------------------------------------------- */

bool gomap_get(const struct gomap *map, uint64_t key, uint64_t *value);
int gomap_put(struct gomap *map, uint64_t key, uint64_t value); /* -EINVAL for a NULL map */
bool gomap_remove(struct gomap *map, uint64_t key);             /* whether `key` was present */
uint64_t gomap_iterate(struct gomap *map,
                       bool (*visit)(void *context, uint64_t key, uint64_t value), void *context);

bool gomap_get_string(const struct gomap *map, const struct map_string *key, uint64_t *value);
int gomap_put_string(struct gomap *map, const struct map_string *key, uint64_t value);
bool gomap_remove_string(struct gomap *map, const struct map_string *key);
uint64_t gomap_iterate_string(struct gomap *map,
                              bool (*visit)(void *context, const struct map_string *key,
                                            uint64_t value),
                              void *context);

void gomap_remove_all(struct gomap *map);

/* For maps that begin with a struct gomap and have one table. */
extern const struct map_inspector gomap_inspector;

#endif
