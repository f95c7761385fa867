/* gomap.h - Go's classic map (Go 1.19 to 1.23) for 64-bit keys and values, with its own C interface.
 *
 * The reference subject: same buckets, same growth, same flags, same errors as Go's runtime, in the
 * variant that Go uses for 64-bit keys ("fast64"). The generic variant, for any key type, is here too:
 * it differs in how it looks at a cell only, and the golden traces of the Go runtime cover both.
 *
 * A NULL map is Go's nil map: reading, deleting, clearing and iterating find nothing, assigning is an
 * ordinary error.
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
    GOMAP_HASH_IDENT,   /* key xor seed: low bits choose the bucket, the top byte is the tophash */
    GOMAP_HASH_CONST,   /* one chain for all keys */
};

/* Zeroed fields are defaults. `host` and `random` must outlive the map. The fields that change the hash
 * have an effect in uninstrumented builds only: elsewhere the hash is GOMAP_HASH_MIX, without a load. */
struct gomap_config {
    uint64_t hint; /* expected entries; one that no address space could hold counts as 0 */
    uint64_t seed; /* of the map's own stream, when `random` is NULL */
    struct gomap_random *random;
    const struct map_host *host; /* NULL: map_host_standalone */
    uint32_t part;               /* told in the map's events */
    bool silent;                 /* tells no events; fatal errors still reach the host */
    uint32_t version;            /* 119 to 123; 0 = 119 */
    enum gomap_hash_mode hash_mode;
    /* Called before each hash that an operation computes: a test's door into the middle of a write. */
    void (*hash_hook)(void *context);
    void *hash_context;
};

/* Where one iteration stands. Owned by the caller; the fields are the map's business but for `key` and
 * `value`, which point at the current pair or are NULL at the end. The pair must be copied before the
 * map changes. */
struct gomap_iter {
    const uint64_t *key;
    const uint64_t *value;
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

/* Makes an empty map. Returns 0, -EINVAL for a version that does not exist, -ENOTSUP for one that is not
 * built yet (from 121 on), or -ENOMEM; *map is untouched on failure. */
int gomap_new(const struct gomap_config *config, struct gomap **map);
/* Releases a map and its memory. NULL is allowed. No operation may be running. */
void gomap_free(struct gomap *map);

/* Live entries as the map counts them: one load. */
uint64_t gomap_length(const struct gomap *map);

/* The address of the value under `key`, or NULL. Valid until the next write. */
const uint64_t *gomap_access(const struct gomap *map, uint64_t key);
const uint64_t *gomap_access_generic(const struct gomap *map, uint64_t key);

/* Finds or makes the cell of `key` and returns the address of its value, which the caller stores *after*
 * the map stopped to protect the write: as compiled Go code does. NULL when `map` is NULL or memory for
 * the insertion ran out (the map is then unchanged). Memory that runs out in the middle of an evacuation
 * is fatal "out of memory". */
uint64_t *gomap_assign(struct gomap *map, uint64_t key);
uint64_t *gomap_assign_generic(struct gomap *map, uint64_t key);

/* Removes `key`; returns whether it was present, which Go does not tell. */
bool gomap_delete(struct gomap *map, uint64_t key);
bool gomap_delete_generic(struct gomap *map, uint64_t key);
/* Removes everything; keeps the size of the table. */
void gomap_clear(struct gomap *map);

/* Starts an iteration and moves to its first pair. Must be paired with gomap_iter_end, also when it came
 * to its end: the map keeps the memory that a living iterator may read. */
void gomap_iter_init(struct gomap_iter *iter, struct gomap *map);
/* The same from a given bucket and offset (cut to their range) instead of the drawn ones. */
void gomap_iter_init_at(struct gomap_iter *iter, struct gomap *map, uint64_t bucket,
                        uint8_t offset);
/* Moves to the next pair. Returns false at the end, also when called again there. */
bool gomap_iter_next(struct gomap_iter *iter);
void gomap_iter_end(struct gomap_iter *iter);

/* ---- the operations of map.h, with the events of a write; `map` is not NULL
 * ----------------------------------------------------------------------------------------------- */

bool gomap_get(const struct gomap *map, uint64_t key, uint64_t *value);
int gomap_put(struct gomap *map, uint64_t key, uint64_t value);
bool gomap_remove(struct gomap *map, uint64_t key); /* whether `key` was present */
void gomap_remove_all(struct gomap *map);
uint64_t gomap_iterate(struct gomap *map,
                       bool (*visit)(void *context, uint64_t key, uint64_t value), void *context);

/* For maps that begin with a struct gomap and have one table. */
extern const struct map_inspector gomap_inspector;

#endif
