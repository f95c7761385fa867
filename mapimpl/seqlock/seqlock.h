/* seqlock.h - how a seqlock map lies in memory. Internal.
 *
 * One table of cells with linear probing: a key lies in the first free cell from its hash on, and no
 * free cell lies between. At most two cells of three are used.
 */
#ifndef HEDDLE_MAPIMPL_SEQLOCK_SEQLOCK_H
#define HEDDLE_MAPIMPL_SEQLOCK_SEQLOCK_H

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>

#include "mapimpl/gomap/layout.h"

#define SEQLOCK_LINE 64u /* bytes of a cache line */

#define SEQLOCK_LOAD(field)         atomic_load_explicit(&(field), memory_order_acquire)
#define SEQLOCK_STORE(field, value) atomic_store_explicit(&(field), (value), memory_order_release)

struct seqlock_cell {
    _Atomic uint64_t tag; /* the key's hash with bit 0 set; 0: free */
    _Atomic uint64_t key; /* a number, or the address of a string's bytes */
    _Atomic uint64_t value;
};

struct seqlock_table {
    struct seqlock_table *older; /* half as large; readers may still be in it */
    uint64_t mask;               /* cells less one, of a power of two */
    _Atomic uint64_t *length;    /* of each cell's string, in bytes; NULL where keys are numbers */
    struct seqlock_cell cell[];
};

struct seqlock_map {
    /* Looked at by every reader. */
    alignas(SEQLOCK_LINE) _Atomic(struct seqlock_table *) table;
    _Atomic uint64_t sequence; /* odd while cells are being moved or emptied */
    uint64_t seed;             /* constant */

    alignas(SEQLOCK_LINE) pthread_mutex_t mutex;
    uint64_t count; /* under the mutex */
};

/* ---- keys of both kinds */

struct seqlock_wanted {
    uint64_t tag;
    uint64_t key;    /* as in a cell */
    uint64_t length; /* of a string */
};

static inline struct seqlock_wanted seqlock_number(const struct seqlock_map *m, uint64_t key) {
    return (struct seqlock_wanted){.tag = gomap_splitmix(key ^ m->seed) | 1, .key = key};
}

static inline struct seqlock_wanted seqlock_string(const struct seqlock_map *m,
                                                   const struct map_string *key) {
    return (struct seqlock_wanted){.tag = gomap_hash_text_mixed(*key, m->seed) | 1,
                                   .key = (uintptr_t)key->data,
                                   .length = key->length};
}

static inline struct seqlock_wanted seqlock_wanted_at(const struct seqlock_table *table,
                                                      uint64_t at) {
    const struct seqlock_cell *cell = &table->cell[at];
    return (struct seqlock_wanted){.tag = SEQLOCK_LOAD(cell->tag),
                                   .key = SEQLOCK_LOAD(cell->key),
                                   .length =
                                       table->length != NULL ? SEQLOCK_LOAD(table->length[at]) : 0};
}

static inline struct map_string seqlock_text(uint64_t address, uint64_t length) {
    return (struct map_string){(const char *)(uintptr_t)address, length};
}

static inline uint64_t seqlock_home(const struct seqlock_table *table, uint64_t tag) {
    return (tag >> 1) & table->mask;
}

static inline uint64_t seqlock_sequence(const struct seqlock_map *m) {
    return atomic_load_explicit(&m->sequence, memory_order_relaxed);
}

enum seqlock_match { SEQLOCK_OTHER, SEQLOCK_SAME, SEQLOCK_MOVED };

/* Compares the key in a cell whose tag is the wanted one. */
static inline enum seqlock_match seqlock_compare(const struct seqlock_map *m,
                                                 const struct seqlock_table *table, uint64_t at,
                                                 const struct seqlock_wanted *wanted,
                                                 uint64_t sequence) {
    uint64_t key = SEQLOCK_LOAD(table->cell[at].key);
    if (table->length == NULL) {
        return key == wanted->key ? SEQLOCK_SAME : SEQLOCK_OTHER;
    }
    if (SEQLOCK_LOAD(table->length[at]) != wanted->length) {
        return SEQLOCK_OTHER;
    }
    if (seqlock_sequence(m) != sequence) {
        return SEQLOCK_MOVED;
    }
    return gomap_text_same(seqlock_text(key, wanted->length),
                           seqlock_text(wanted->key, wanted->length))
               ? SEQLOCK_SAME
               : SEQLOCK_OTHER;
}

/* Walks from the key's home. *at is the key's cell, or the one where the walk ended: a free one, but for
 * what a reader sees while cells move. One round is enough in any case. SEQLOCK_MOVED: the sequence is not
 * `sequence` any more, which cannot happen to a writer. */
static inline enum seqlock_match seqlock_find(const struct seqlock_map *m,
                                              const struct seqlock_table *table,
                                              const struct seqlock_wanted *wanted,
                                              uint64_t sequence, uint64_t *at) {
    *at = seqlock_home(table, wanted->tag);
    for (uint64_t step = 0; step < table->mask; step++) {
        uint64_t tag = SEQLOCK_LOAD(table->cell[*at].tag);
        if (tag == 0) {
            return SEQLOCK_OTHER;
        }
        enum seqlock_match match =
            tag == wanted->tag ? seqlock_compare(m, table, *at, wanted, sequence) : SEQLOCK_OTHER;
        if (match != SEQLOCK_OTHER) {
            return match;
        }
        *at = (*at + 1) & table->mask;
    }
    return SEQLOCK_OTHER;
}

/* ---- table.c: writers, under the mutex
 * ----------------------------------------------------------------------------------------------- */

/* Whether so many entries are too many for so many cells. */
bool seqlock_too_full(uint64_t count, uint64_t cells);
/* The size of a table for so many entries. */
uint64_t seqlock_cells_for(uint64_t hint);
/* An empty table, or NULL without memory. */
struct seqlock_table *seqlock_table_new(uint64_t cells, bool strings);
/* The cell where a new key with this tag goes. */
uint64_t seqlock_free_cell(const struct seqlock_table *table, uint64_t tag);
/* Puts an entry into a free cell: it appears as a whole. */
void seqlock_fill(struct seqlock_table *table, uint64_t at, const struct seqlock_wanted *wanted,
                  uint64_t value);
/* Publishes a table of twice the size. Returns it, or NULL without memory. */
struct seqlock_table *seqlock_grow(struct seqlock_map *m);
/* Removes the entry in a cell. Entries move: the sequence must be odd. */
void seqlock_close_gap(struct seqlock_table *table, uint64_t hole);

#endif
