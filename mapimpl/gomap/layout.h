/* layout.h - how a gomap lies in memory, and the steps its files share. Internal to maps built on gomap.
 *
 *   struct gomap                 table: 2^B main buckets, from B = 4 on with spare ones behind them
 *   +--------------+             +---------+---------+---------+-- --+---------+-------+-------+
 *   | count        |   buckets   | bucket 0| bucket 1| bucket 2| ... |2^B - 1  | spare | spare |
 *   | flags, B ... |------------>|         |    |    |         |     |         |       |  *->0 |
 *   | buckets      |             +---------+----|----+---------+-- --+---------+-------+-------+
 *   | oldbuckets   |--> the same, while growing | overflow             the last spare's overflow
 *   | nevacuate    |                            v                      pointer is an end mark
 *   | extra        |                       +---------+
 *   +--------------+                       | bucket  |   a spare one, or one allocated singly
 *                                          +---------+
 * Invariants of a map at rest (no write inside); check.c tells which one is broken:
 *   G1  growing means oldbuckets != NULL; there is no flag for it. The same-size flag is set only then.
 *   G2  an old bucket is evacuated when its first tophash is EVAC_X, EVAC_Y or EVAC_EMPTY; then all cells
 *       of its chain are marked so, and else none. Its new buckets are untouched before that. No other cell
 *       is marked, and none goes to Y in a growth of the same size.
 *   G3  behind an EMPTY_REST cell a chain has nothing but EMPTY_REST cells.
 *   G4  every old bucket below nevacuate is evacuated, and while growing not all are passed.
 *   G5  count is the number of live cells: those of the new table and of old buckets not evacuated.
 *   G6  a live cell lies where the hash of its key says, and has the tophash of it.
 *   G7  no key is there twice.
 *   G8  noverflow and the lengths of the lists say how many overflow buckets the tables have: noverflow
 *       below B = 16, the lists if buckets are free of pointers.
 *   G9  the spare buckets from next_overflow on are zero, but for the end mark in the last one; those
 *       before it are each in one chain.
 *   G10 the writing flag is clear.
 * G6 and G7 do not speak of keys that differ from themselves.
 *
 * Racy by design, in Go and here: other tasks look at count, flags, B, buckets, oldbuckets and nevacuate
 * without protection. They are relaxed atomics, loaded and stored as Go's plain code does (a
 * read-modify-write is a load and a store), so that a compiler keeps each access and ThreadSanitizer
 * stays silent about the detection itself. All else is plain.
 */
#ifndef HEDDLE_MAPIMPL_GOMAP_LAYOUT_H
#define HEDDLE_MAPIMPL_GOMAP_LAYOUT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mapimpl/gomap/gomap.h"
#include "mapimpl/gomap/mutant.h"

/* Whether this file is compiled with scheduling points. */
#if defined(__SANITIZE_THREAD__)
#define GOMAP_INSTRUMENTED 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define GOMAP_INSTRUMENTED 1
#endif
#endif
#ifndef GOMAP_INSTRUMENTED
#define GOMAP_INSTRUMENTED 0
#endif

#ifndef GOMAP_GOES_ON
#define GOMAP_GOES_ON 0 /* 1: see gomap_misuse */
#endif

#define GOMAP_LOAD(field)         atomic_load_explicit(&(field), memory_order_relaxed)
#define GOMAP_STORE(field, value) atomic_store_explicit(&(field), (value), memory_order_relaxed)

#define GOMAP_VERSION_MIN 119u
#define GOMAP_VERSION_MAX 123u

#define GOMAP_SLOTS 8u

/* Tophash values below GOMAP_MIN_TOP are states. EVAC_X and EVAC_Y differ in bit 0 alone. */
#define GOMAP_EMPTY_REST 0u
#define GOMAP_EMPTY_ONE  1u
#define GOMAP_EVAC_X     2u
#define GOMAP_EVAC_Y     3u
#define GOMAP_EVAC_EMPTY 4u
#define GOMAP_MIN_TOP    5u

#define GOMAP_ITER      1u /* somebody may iterate over the current table */
#define GOMAP_OLD_ITER  2u /* somebody may iterate over the old table */
#define GOMAP_WRITING   4u /* Go's hashWriting */
#define GOMAP_SAME_SIZE 8u /* the running growth keeps the number of buckets */

#define GOMAP_NO_CHECK UINT64_MAX
#define GOMAP_NO_LIST  (-1) /* Go has not made this list of overflow buckets */

/* The tophashes; then come eight key slots, eight element slots and the overflow pointer, at places that
 * the map's type decides: see gomap_key, gomap_elem, gomap_overflow. */
struct gomap_bucket {
    uint8_t top[GOMAP_SLOTS];
};
_Static_assert(sizeof(struct gomap_bucket) == GOMAP_SLOTS, "keys follow the tophashes");

/* Go takes a hint that no address space could hold for 0. */
#define GOMAP_ADDRESSES_MAX (UINT64_C(1) << 48)

/* What a map is from its first moment to its last. Small enough for a register. */
struct gomap_shape {
    uint16_t bucket_size;
    uint8_t version;        /* 119 to 123 */
    uint8_t load_numerator; /* over GOMAP_LOAD_DENOMINATOR: entries a bucket */
    uint8_t kind;           /* enum gomap_kind */
    bool pointer_free;      /* Go's collector would not look into a bucket */
};
#define GOMAP_LOAD_DENOMINATOR 2u

/* Go's lists keep overflow buckets from its garbage collector; only their lengths matter here. Maps whose
 * buckets hold pointers have none. */
struct gomap_extra {
    _Atomic int64_t overflow; /* of the current table; concurrent iterators may both create it */
    int64_t old_overflow;
    struct gomap_bucket *next_overflow; /* next spare bucket of the table, or NULL */
};

struct gomap_block;
struct gomap_boxes;

/* The first fields are Go's header; Go keeps `extra` behind a pointer. */
struct gomap {
    _Atomic uint64_t count;
    _Atomic uint8_t flags;
    _Atomic uint8_t log2_buckets; /* Go's B */
    uint16_t noverflow;
    uint32_t hash0;
    _Atomic(struct gomap_bucket *) buckets;
    _Atomic(struct gomap_bucket *) oldbuckets;
    _Atomic uint64_t nevacuate;
    struct gomap_extra extra;

    /* What Go's runtime would hold. Used by runtime.c, not by the map's own steps. */
    _Atomic(struct gomap_block *) blocks; /* every table and single bucket not yet released */
    _Atomic uint64_t block_bytes;
    _Atomic uint32_t generation; /* tables made so far */
    _Atomic uint32_t iterators;  /* living ones */
    struct gomap_random own_random;
    struct gomap_boxes
        *boxes; /* of keys and elements too large for a bucket; NULL if the type has none */
    struct gomap_config config; /* complete: host, random and type are set */
    struct gomap_shape shape;
    bool hash_special; /* another mode than MIX, or a hook */
};
_Static_assert(offsetof(struct gomap, buckets) == 16 && offsetof(struct gomap, extra) == 40,
               "Go's header");

/* ---- small things every step needs
 * ----------------------------------------------------------------------------------------------- */

static inline uint64_t gomap_mask(uint8_t log2) {
    return (UINT64_C(1) << (log2 & 63u)) - 1;
}

static inline bool gomap_empty(uint8_t top) {
    return top <= GOMAP_EMPTY_ONE;
}

static inline uint8_t gomap_tophash(uint64_t hash) {
    uint8_t top = (uint8_t)(hash >> 56);
    uint8_t least = GOMAP_MUTATE(TOPHASH_SHIFTED, GOMAP_MIN_TOP, GOMAP_MIN_TOP + 1);
    return (uint8_t)(top < GOMAP_MIN_TOP ? top + least : top);
}

static inline bool gomap_evacuated(const struct gomap_bucket *bucket) {
    uint8_t top = bucket->top[0];
    return top > GOMAP_EMPTY_ONE && top < GOMAP_MIN_TOP;
}

/* Number of old buckets while growing: also the bit of the hash that decides between X and Y. */
static inline uint64_t gomap_old_count(const struct gomap *map) {
    uint8_t log2 = GOMAP_LOAD(map->log2_buckets);
    if (!(GOMAP_LOAD(map->flags) & GOMAP_SAME_SIZE)) {
        log2--;
    }
    return gomap_mask(log2) + 1;
}

static inline uint64_t gomap_splitmix(uint64_t x) {
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static inline uint64_t gomap_hash_mixed(uint64_t key, uint64_t seed) {
    return gomap_splitmix(key ^ (seed * UINT64_C(0x9e3779b97f4a7c15)));
}

/* Reading a constant of the map is not a step of the map: instrumented code must not pay a scheduling
 * point for it, so it asks a function that is not instrumented. */
struct gomap_shape gomap_shape_quiet(const struct gomap *map);
static inline struct gomap_shape gomap_shape_of(const struct gomap *map) {
#if GOMAP_INSTRUMENTED
    return gomap_shape_quiet(map);
#else
    return map->shape;
#endif
}

/* ---- runtime.c: what Go's runtime does around a map; never instrumented
 * ----------------------------------------------------------------------------------------------- */

/* Initialises / releases the runtime part of a map in place. Returns 0 or -ENOMEM. */
int gomap_runtime_init(struct gomap *map, const struct gomap_config *config);
void gomap_runtime_release(struct gomap *map);
/* `count` zeroed buckets in one block, or NULL. They are released by the rule in gomap.h. */
struct gomap_bucket *gomap_allocate(struct gomap *map, uint64_t count);
/* A new table is being installed: what is allocated from now on belongs to it. */
void gomap_table_begins(struct gomap *map);
/* The table before the current one is no longer reachable from the map. */
void gomap_table_ends(struct gomap *map);
/* Nor are the current table's single overflow buckets; its array stays. */
void gomap_table_wiped(struct gomap *map);
void gomap_iterator_begins(struct gomap *map);
void gomap_iterator_ends(struct gomap *map);
uint32_t gomap_draw32(const struct gomap *map);
void gomap_tell(const struct gomap *map, enum map_event_kind kind, uint64_t bucket);
_Noreturn void gomap_fatal(const struct gomap *map, const char *message);
/* The map sees that it is misused: fatal; but in the variant that is built with GOMAP_GOES_ON it tells
 * MAP_MISUSE, and the operation goes on. */
#if GOMAP_GOES_ON
#define gomap_misuse(map, message) gomap_tell(map, MAP_MISUSE, 0)
#else
#define gomap_misuse(map, message) gomap_fatal(map, message)
#endif
/* Memory of `size` bytes, not zeroed, for one key or element; NULL without memory. */
void *gomap_box_new(struct gomap *map, uint64_t size);
/* No cell of this map holds the box any longer; NULL is allowed. Iterators may still read it. */
void gomap_box_drop(struct gomap *map, void *box);
void gomap_box_drop_all(struct gomap *map);
/* Bytes of all boxes not yet released. */
uint64_t gomap_box_bytes(const struct gomap *map);
/* `map`, which has no box yet, comes to hold boxes of `other`: from here on they share all they make. */
void gomap_boxes_share(struct gomap *map, struct gomap *other);

/* Hashes with the configured mode and hook ("special") or without the hook ("quiet"). */
uint64_t gomap_hash_special(const struct gomap *map, uint64_t key, uint64_t seed);
uint64_t gomap_hash_text(const struct gomap *map, struct map_string text, uint64_t seed);
bool gomap_hash_any(const struct gomap *map, const struct gomap_type *type, const void *key,
                    uint64_t seed, uint64_t *hash);
uint64_t gomap_hash_quiet(const struct gomap *map, uint64_t key);
uint64_t gomap_hash_text_quiet(const struct gomap *map, struct map_string text);
/* The usual hash of a text, for maps that need another one besides. */
uint64_t gomap_hash_text_mixed(struct map_string text, uint64_t seed);
/* Whether two texts of the same length have the same bytes. Keys never change: looking is no step. */
bool gomap_text_same(struct map_string a, struct map_string b);

/* ---- gomap.c, buckets.c, grow.c
 * ----------------------------------------------------------------------------------------------- */

/* gomap_new and gomap_free for a map that is part of a larger struct. */
int gomap_init(struct gomap *map, const struct gomap_config *config);
void gomap_release(struct gomap *map);

bool gomap_over_load(const struct gomap *map, uint64_t count, uint8_t log2);
bool gomap_too_many_overflow(uint16_t noverflow, uint8_t log2);
/* Main and spare buckets of a table. */
uint64_t gomap_table_total(struct gomap_shape shape, uint8_t log2);
/* Makes a table; *next_overflow is its first spare bucket or NULL. Returns NULL without memory. */
struct gomap_bucket *gomap_table_new(struct gomap *map, uint8_t log2,
                                     struct gomap_bucket **next_overflow);
/* Zeroes the current table in place and returns its first spare bucket or NULL. */
struct gomap_bucket *gomap_table_wipe(struct gomap *map, struct gomap_bucket *table, uint8_t log2);
/* Links a new bucket behind `bucket`, the last one of its chain. Returns NULL without memory. */
struct gomap_bucket *gomap_overflow_new(struct gomap *map, struct gomap_bucket *bucket);
/* Go creates the list when it is first needed, by a writer or by an iterator. */
void gomap_overflow_list(struct gomap *map);

bool gomap_hash_grow(struct gomap *map); /* false without memory; the map is then unchanged */
void gomap_growth_end(struct gomap *map);

/* ---- the writer's flag
 * ----------------------------------------------------------------------------------------------- */

/* Go's `flags ^= hashWriting`: a load and a store, so that two writers can cancel each other. */
static inline void gomap_write_toggle(struct gomap *map) {
    uint8_t flags = GOMAP_LOAD(map->flags);
    GOMAP_STORE(map->flags, (uint8_t)(flags ^ GOMAP_WRITING));
}

static inline void gomap_write_check(const struct gomap *map) {
    if (GOMAP_LOAD(map->flags) & GOMAP_WRITING) {
        gomap_misuse(map, "concurrent map writes");
    }
}

static inline void gomap_write_finish(struct gomap *map) {
    uint8_t flags = GOMAP_LOAD(map->flags);
    if (!(flags & GOMAP_WRITING)) {
        gomap_misuse(map, "concurrent map writes");
    }
    GOMAP_STORE(map->flags, (uint8_t)(flags & ~GOMAP_WRITING));
}

#endif
