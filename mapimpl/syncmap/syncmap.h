/* syncmap.h - how a syncmap lies in memory, and how its memory is given back. Internal.
 *
 *   read  -----> table: key -> entry      published whole, never written again
 *   dirty -----> table: key -> entry      under the mutex; NULL, or every entry of `read` that is not
 *                          |              expunged and all newer ones
 *                          v
 *                        entry.word       one word, changed by compare and swap
 *
 * An entry's word is SYNCMAP_DELETED, SYNCMAP_EXPUNGED (deleted, and not in `dirty`), twice the value
 * plus one, or the address of a box that holds a value of 2^63 or more.
 */
#ifndef HEDDLE_MAPIMPL_SYNCMAP_SYNCMAP_H
#define HEDDLE_MAPIMPL_SYNCMAP_SYNCMAP_H

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>

#include "mapimpl/gomap/layout.h"

#define SYNCMAP_DELETED  UINT64_C(0)
#define SYNCMAP_EXPUNGED UINT64_C(2) /* no address: boxes are aligned */
#define SYNCMAP_AMENDED  ((uintptr_t)1)

#define SYNCMAP_LINE    64u /* bytes of a cache line */
#define SYNCMAP_STRIPES 16u

enum syncmap_kind { SYNCMAP_ENTRY, SYNCMAP_BOX, SYNCMAP_TABLE };

/* What every block begins with that a reader without the mutex may hold. */
struct syncmap_node {
    struct syncmap_node *next; /* retired, or expunged: the next one */
    enum syncmap_kind kind;
};

struct syncmap_entry {
    struct syncmap_node node;
    _Atomic uint64_t word;
};

struct syncmap_box {
    struct syncmap_node node;
    uint64_t value;
};

struct syncmap_table {
    struct syncmap_node node;
    struct gomap entries; /* key -> address of its entry */
};

/* Readers inside, by the phase in which they entered. A thread always uses the same stripe. */
struct syncmap_stripe {
    alignas(SYNCMAP_LINE) _Atomic uint64_t inside[2];
};

struct syncmap {
    /* Looked at by every operation, changed rarely. */
    alignas(SYNCMAP_LINE) _Atomic uintptr_t read; /* address of a table or 0, | SYNCMAP_AMENDED */
    _Atomic uint32_t phase;                       /* 0 or 1 */

    alignas(SYNCMAP_LINE) pthread_mutex_t mutex;
    /* Under the mutex. */
    struct syncmap_table *dirty;
    struct syncmap_node *expunged; /* entries that were expunged since `dirty` was made */
    uint64_t misses;
    struct syncmap_node *waiting; /* retired blocks that wait for the readers of both phases */
    bool drained[2];              /* no reader inside since they wait, by phase */

    /* Constant. */
    const struct map_host *host;
    uint32_t version;
    enum map_keys keys;
    struct gomap_random random; /* of all tables, one after the other; under the mutex */

    alignas(SYNCMAP_LINE) _Atomic(struct syncmap_node *) retired;
    _Atomic uint32_t retired_count;

    struct syncmap_stripe stripe[SYNCMAP_STRIPES];
};

static inline bool syncmap_absent(uint64_t word) {
    return word == SYNCMAP_DELETED || word == SYNCMAP_EXPUNGED;
}

/* The box that a word stands for, or NULL. */
static inline struct syncmap_box *syncmap_box(uint64_t word) {
    return (word & 1) || syncmap_absent(word) ? NULL : (struct syncmap_box *)(uintptr_t)word;
}

/* A key of either kind: functions that take one serve both. */
struct syncmap_key {
    const struct map_string *text; /* NULL: a number */
    uint64_t number;
};

static inline struct syncmap_key syncmap_number(uint64_t number) {
    return (struct syncmap_key){.number = number};
}

static inline struct syncmap_key syncmap_text(const struct map_string *text) {
    return (struct syncmap_key){.text = text};
}

static inline struct syncmap_entry *syncmap_entry_at(uint64_t address) {
    return (struct syncmap_entry *)(uintptr_t)address;
}

static inline struct syncmap_table *syncmap_table_of(uintptr_t read) {
    return (struct syncmap_table *)(read & ~SYNCMAP_AMENDED);
}

static inline struct gomap *syncmap_entries(struct syncmap_table *table) {
    return table == NULL ? NULL : &table->entries;
}

static inline struct syncmap_entry *syncmap_lookup(struct syncmap_table *table,
                                                   struct syncmap_key key) {
    const struct gomap *entries = syncmap_entries(table);
    const uint64_t *place = key.text != NULL ? gomap_access_string(entries, key.text)
                                             : gomap_access(entries, key.number);
    return place == NULL ? NULL : syncmap_entry_at(*place);
}

/* ---- tables.c: under the mutex, but for the walk of a published table
 * ----------------------------------------------------------------------------------------------- */

/* Returns 0 or what gomap_init does, *table untouched on failure. */
int syncmap_table_new(struct syncmap *map, uint64_t hint, struct syncmap_table **table);
void syncmap_table_free(struct syncmap_table *table); /* NULL is allowed */

/* A walk over all entries of a table, until `visit` returns false. */
struct syncmap_visit {
    bool (*visit)(void *context, struct syncmap_key key, struct syncmap_entry *entry);
    void *context;
};

void syncmap_walk(const struct syncmap *map, struct syncmap_table *table,
                  struct syncmap_visit walk);
/* Returns false without memory. */
bool syncmap_table_add(struct syncmap_table *table, struct syncmap_key key,
                       struct syncmap_entry *entry);
/* Makes dirty from read. Returns 0 or -ENOMEM, nothing changed. */
int syncmap_dirty_make(struct syncmap *map);
/* Replaces read by `next`, which may be NULL, and forgets dirty. */
void syncmap_publish(struct syncmap *map, struct syncmap_table *next);
/* A lookup had to go to dirty. Returns whether that promoted it. */
bool syncmap_miss(struct syncmap *map);
/* Leaves the map without a table. */
void syncmap_empty(struct syncmap *map);

/* ---- reclaim.c
 * ----------------------------------------------------------------------------------------------- */

/* A reader's section: what it reaches from `read` and from entries stays allocated until it leaves. Takes
 * no lock. Returns what syncmap_leave wants. */
_Atomic uint64_t *syncmap_enter(struct syncmap *map);
void syncmap_leave(_Atomic uint64_t *inside);

/* Gives up a block that no new reader can reach. An entry keeps its word until it is released: a reader
 * may still store in it. From any thread. */
void syncmap_retire(struct syncmap *map, struct syncmap_node *node);
/* Whether so much is retired that syncmap_ripe is worth its price. */
bool syncmap_retired_many(const struct syncmap *map);
/* Takes what no reader can hold any more; never waits. The caller holds the mutex. */
struct syncmap_node *syncmap_ripe(struct syncmap *map);
/* Releases a list of blocks, an entry with its box. NULL is allowed. */
void syncmap_release(struct syncmap_node *list);

#endif
