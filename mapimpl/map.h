/* map.h - the table of operations that every map offers, and the observer it reports to.
 *
 * A map is a shared object that exports one symbol, `heddle_map`, of type `const struct map_ops`.
 * It is plain C with pthreads and C11 atomics and knows nothing of the harness: what it needs from
 * the program that embeds it (where to report growth, what to do on a fatal error) comes in through
 * `struct map_host`.
 *
 * Values are 64-bit integers; keys are 64-bit integers or, in a map made for them, strings. Shapes and
 * errors are stated at each slot; no slot is NULL but `inspector` and `strings`.
 *
 * Threads: kind MAP_PLAIN allows any number of concurrent readers or one writer and detects misuse
 * as well as Go's runtime does; kind MAP_SAFE allows any mix; a MAP_MUTANT claims to be safe and is
 * not.
 */
#ifndef HEDDLE_MAPIMPL_MAP_H
#define HEDDLE_MAPIMPL_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAP_ABI_VERSION 3u

enum map_kind {
    MAP_PLAIN = 1, /* no lock of its own: concurrent writes are the caller's mistake */
    MAP_SAFE = 2,
    MAP_MUTANT = 3, /* safe by its claim, broken on purpose */
};

enum map_event_kind {
    MAP_WRITE_START =
        1,         /* a put, delete or clear enters the map, before its first look at the flags */
    MAP_WRITE_END, /* the same operation leaves it, after the store of the value */
    MAP_GROWTH_START,   /* old and new buckets are installed; the growth window is open */
    MAP_EVACUATE_START, /* `bucket` (an old bucket number) is about to be moved */
    MAP_EVACUATE_END,   /* `bucket` is moved and counts as evacuated */
    MAP_GROWTH_END,     /* the old buckets are released; the window is closed */
    MAP_CLEAR_START,    /* clear begins to change the table (inside its write) */
    MAP_CLEAR_END,
    MAP_MISUSE, /* in variants that go on where the map itself would call `fatal` for its misuse */
};

/* One step of a map's life, told by the task that takes it. Valid during the call only. */
struct map_event {
    enum map_event_kind kind;
    uint32_t part;   /* which table of the map, below inspector->parts(); 0 for a map with one */
    uint64_t bucket; /* evacuation events: old bucket number; 0 otherwise */
};

/* What the embedding program provides. Both functions may be called from any thread that is inside
 * an operation; `event` must not call back into the map's operations (the inspector is allowed). */
struct map_host {
    void *context;
    void (*event)(void *context, const struct map_event *event);
    /* Ends the operation for ever: does not return. `message` is the text behind Go's "fatal error:
     * ". */
    void (*fatal)(void *context, const char *message);
};

/* The host of a program that wants nothing: events are dropped, a fatal error prints
 * "fatal error: <message>" on standard error and exits with status 2. */
extern const struct map_host map_host_standalone;

/* A key that is a string: any bytes, also none (`data` may then be NULL) and zeros. As in Go, a map
 * stores pointer and length and no copy: the bytes must not change and must outlive the map. */
struct map_string {
    const char *data;
    size_t length; /* bytes */
};

/* What a map's keys are, for its whole life. */
enum map_keys {
    MAP_KEYS_NUMBER = 0, /* get, put, del and iterate of struct map_ops */
    MAP_KEYS_STRING,     /* those of struct map_string_ops in their place */
};

struct map_options {
    uint64_t hint; /* expected number of entries, as in Go's make(map, hint) */
    uint64_t seed; /* source of hash seeds and of all random draws inside the map */
    uint32_t
        shards; /* maps made of several tables: how many, a power of two; 0 = the map's default */
    enum map_keys keys;
    uint32_t
        version; /* which Go's map: 119 to 123 for go1.19 to go1.23; 0 = the map's default. A map
                         that is not built on Go's takes them all and behaves alike */
};

/* ---- what an inspector shows
 * --------------------------------------------------------------------- */

/* State of one table. A snapshot without any order between its fields when writers are inside. */
struct map_view {
    uint64_t count;       /* live entries, as the map counts them */
    uint64_t buckets;     /* main buckets of the current table; 0 while none is allocated */
    uint64_t old_buckets; /* main buckets of the old table; 0 outside the growth window */
    uint64_t evacuated;   /* nevacuate: every old bucket below it has been moved */
    uint64_t overflow;    /* overflow buckets as the map counts them */
    uint32_t log2_buckets;
    bool growing;   /* old buckets exist */
    bool same_size; /* the running growth keeps the bucket count */
    bool writing;   /* the hashWriting flag is set */
};

enum map_cell_state {
    MAP_CELL_EMPTY_REST, /* empty, and so is every later cell of the chain */
    MAP_CELL_EMPTY_ONE,
    MAP_CELL_EVACUATED_X,     /* moved to the low half, or within a growth of the same size */
    MAP_CELL_EVACUATED_Y,     /* moved to the high half */
    MAP_CELL_EVACUATED_EMPTY, /* was empty when its bucket was moved */
    MAP_CELL_LIVE,
};

struct map_cell {
    uint64_t bucket; /* main bucket number in its table */
    uint64_t key;    /* maps with numbers for keys; meaningful when live or evacuated X/Y */
    uint64_t value;
    struct map_string text; /* the key in maps with strings for keys; meaningful like `key` */
    uint32_t depth;         /* 0 main bucket, 1 its first overflow bucket, ... */
    uint32_t slot;          /* 0 to 7 */
    uint8_t tophash;
    bool old;       /* belongs to the old table */
    bool evacuated; /* its main bucket counts as evacuated (old table only) */
    enum map_cell_state state;
};

/* A read-only look at the whole state with no effect on the map and no scheduling point: its code
 * is never instrumented. Call it only while no other thread runs (the harness's tasks do not). */
struct map_inspector {
    uint32_t (*parts)(const void *map);                 /* tables, 1 or more */
    uint32_t (*part_of)(const void *map, uint64_t key); /* the table that owns a key */
    void (*view)(const void *map, uint32_t part, struct map_view *view);
    uint64_t (*hash)(const void *map, uint32_t part, uint64_t key);
    /* Visits every cell of every chain, new table first, then the old one, until `visit` returns
     * false. Chains are cut after 4096 buckets, so that a cycle in a broken map ends. */
    void (*walk)(const void *map, uint32_t part,
                 bool (*visit)(void *context, const struct map_cell *cell), void *context);
    /* Finds `key` by the rules of a reader (old bucket if it is not evacuated, else the new one),
     * without the flag check. Returns false when a reader would not find it; `cell` may be NULL. */
    bool (*find)(const void *map, uint64_t key, struct map_cell *cell);

    /* part_of, hash and find in a map with strings for keys. Of no meaning, and perhaps NULL, where struct
     * map_ops has no strings. What a Go map forgets is empty: `text` in cells that were evacuated. */
    uint32_t (*part_of_string)(const void *map, const struct map_string *key);
    uint64_t (*hash_string)(const void *map, uint32_t part, const struct map_string *key);
    bool (*find_string)(const void *map, const struct map_string *key, struct map_cell *cell);
};

/* ---- the operations
 * ------------------------------------------------------------------------------- */

/* The operations that take a key, for maps made with MAP_KEYS_STRING: contracts of the slots of the same
 * names in struct map_ops. No slot is NULL. `key` itself is read during the call only. */
struct map_string_ops {
    bool (*get)(void *map, const struct map_string *key, uint64_t *value);
    int (*put)(void *map, const struct map_string *key, uint64_t value);
    int (*del)(void *map, const struct map_string *key);
    uint64_t (*iterate)(void *map,
                        bool (*visit)(void *context, const struct map_string *key, uint64_t value),
                        void *context);
};

/* What a map promises beyond the contracts of its operations, and what it takes back of them. All zero is
 * what the contracts say, and what is taken of tables of version 2, which end before it. Scenarios judge a
 * map by this. */
struct map_promises {
    /* It has no table that grows: it has a fixed size, or chains for ever, or is a tree. Scenarios about
     * growth are left out for it. */
    bool never_grows;
    /* An iteration shows no key twice, not even one that is deleted and put again meanwhile. */
    bool iterates_once;
    /* An entry is in the map, with this value, at the moment when an iteration shows it to its visitor. */
    bool iterates_present;
    /* An iteration shows what the map held at one moment between its start and its end. */
    bool iterates_one_moment;
    /* A length is that of one moment between its start and its end. Without: of each key it is counted
     * whether it was present at some moment in between. */
    bool length_exact;
    /* A length is an estimate, also while nobody writes. */
    bool length_estimate;
    /* put may return a negative errno other than -EROFS, and has then changed nothing. */
    bool put_refuses;
    bool delete_refuses; /* the same of del */
    /* Keys that are strings are copied: their bytes may change when the call has returned. */
    bool copies_keys;
    /* Not 0: it is a cache that may forget entries by itself, but none as long as it has not held more
     * than so many at a time. */
    uint64_t keeps;
};

struct map_ops {
    uint32_t abi_version; /* MAP_ABI_VERSION, or 2: then without promises */
    enum map_kind kind;
    const char *name;      /* command-line name, unique: "gomap" */
    const char *summary;   /* one line for `heddle list` */
    const char *guarantee; /* what callers may rely on, one or two sentences */

    /* Makes an empty map in *map. `options` and `host` are copied or must outlive the map: `host`
     * stays valid until destroy. Returns 0 or -errno, *map untouched on failure: -EINVAL for a value
     * out of range, -ENOTSUP for a kind of keys that the map lacks, -ENOMEM. */
    int (*create)(const struct map_options *options, const struct map_host *host, void **map);
    /* Releases everything. No operation may be running. NULL is allowed. */
    void (*destroy)(void *map);

    /* Returns whether `key` is present; then stores its value in *value. */
    bool (*get)(void *map, uint64_t key, uint64_t *value);
    /* Inserts or overwrites. Returns 0, -EROFS when the map is frozen, or what put_refuses allows. */
    int (*put)(void *map, uint64_t key, uint64_t value);
    /* Removes. Returns 1 if `key` was removed, 0 if it was absent or the map cannot tell (Go's
     * delete cannot: see `delete_tells`), -EROFS when frozen. */
    int (*del)(void *map, uint64_t key);
    /* Live entries. For maps of several tables a sum that need not be one moment's. */
    uint64_t (*length)(void *map);
    /* One whole iteration; stops early when `visit` returns false. Returns entries visited. Rules
     * of Go: entries present throughout are visited once, entries added meanwhile perhaps. */
    uint64_t (*iterate)(void *map, bool (*visit)(void *context, uint64_t key, uint64_t value),
                        void *context);
    /* Removes all entries. Returns 0 or -EROFS. */
    int (*clear)(void *map);
    /* Makes the content final: 0, or -ENOTSUP by maps that have no such state. */
    int (*freeze)(void *map);

    bool delete_tells; /* del's result says whether the key was present */
    const struct map_inspector
        *inspector; /* NULL: the map shows no state; V1 to V8 are not covered */

    /* NULL: 64-bit keys only, and create refuses MAP_KEYS_STRING. A map made for strings takes these
     * in place of get, put, del and iterate; all other slots serve both kinds of keys. */
    const struct map_string_ops *strings;

    struct map_promises promises;
};

/* What a map's file defines, visible although all else in a shared object is hidden. */
#define MAP_EXPORT __attribute__((visibility("default")))
MAP_EXPORT extern const struct map_ops heddle_map;

#endif
