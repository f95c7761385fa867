/* table.c - the table of a seqlock map as its writers see it. L1 to L3, cited here, are in seqlock.c.
 */
#include <stdlib.h>

#include "mapimpl/seqlock/seqlock.h"

#define CELLS_MIN 16u
#define HINT_MAX  (UINT64_C(1) << 47) /* a hint that no address space could hold counts as 0 */

bool seqlock_too_full(uint64_t count, uint64_t cells) {
    return count > cells / 3 * 2;
}

uint64_t seqlock_cells_for(uint64_t hint) {
    uint64_t cells = CELLS_MIN;
    while (hint <= HINT_MAX && seqlock_too_full(hint, cells)) {
        cells *= 2;
    }
    return cells;
}

struct seqlock_table *seqlock_table_new(uint64_t cells, bool strings) {
    struct seqlock_table *table = NULL;
    uint64_t cell_size = sizeof table->cell[0] + (strings ? sizeof table->length[0] : 0);
    if (cells < SIZE_MAX / 2 / cell_size) {
        table = calloc(1, sizeof *table + cells * cell_size);
    }
    if (table != NULL) {
        table->mask = cells - 1;
        table->length = strings ? (_Atomic uint64_t *)&table->cell[cells] : NULL;
    }
    return table;
}

/* The tag last: with it the entry appears. */
void seqlock_fill(struct seqlock_table *table, uint64_t at, const struct seqlock_wanted *wanted,
                  uint64_t value) {
    struct seqlock_cell *cell = &table->cell[at];
    SEQLOCK_STORE(cell->value, value);
    if (table->length != NULL) {
        SEQLOCK_STORE(table->length[at], wanted->length);
    }
    SEQLOCK_STORE(cell->key, wanted->key);
    SEQLOCK_STORE(cell->tag, wanted->tag);
}

static void cell_copy(struct seqlock_table *to, uint64_t to_at, const struct seqlock_table *from,
                      uint64_t from_at) {
    struct seqlock_wanted moved = seqlock_wanted_at(from, from_at);
    seqlock_fill(to, to_at, &moved, SEQLOCK_LOAD(from->cell[from_at].value));
}

uint64_t seqlock_free_cell(const struct seqlock_table *table, uint64_t tag) {
    uint64_t at = seqlock_home(table, tag);
    while (SEQLOCK_LOAD(table->cell[at].tag) != 0) {
        at = (at + 1) & table->mask;
    }
    return at;
}

/* Readers go on in the old table while the new one is filled. Returns NULL without memory. */
struct seqlock_table *seqlock_grow(struct seqlock_map *m) {
    struct seqlock_table *old = SEQLOCK_LOAD(m->table);
    struct seqlock_table *table = seqlock_table_new(2 * (old->mask + 1), old->length != NULL);
    if (table == NULL) {
        return NULL;
    }
    for (uint64_t i = 0; i <= old->mask; i++) {
        uint64_t tag = SEQLOCK_LOAD(old->cell[i].tag);
        if (tag != 0) {
            cell_copy(table, seqlock_free_cell(table, tag), old, i);
        }
    }
    table->older = old;
    SEQLOCK_STORE(m->table, table);
    return table;
}

/* Fills the gap at `hole` with the next entry that may lie there, and then that one's gap. L2 ends it. */
void seqlock_close_gap(struct seqlock_table *table, uint64_t hole) {
    for (uint64_t at = (hole + 1) & table->mask;; at = (at + 1) & table->mask) {
        uint64_t tag = SEQLOCK_LOAD(table->cell[at].tag);
        if (tag == 0) {
            break;
        }
        uint64_t from_home = (at - seqlock_home(table, tag)) & table->mask;
        if (from_home >= ((at - hole) & table->mask)) {
            cell_copy(table, hole, table, at);
            hole = at;
        }
    }
    SEQLOCK_STORE(table->cell[hole].tag, 0);
}
