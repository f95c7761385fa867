/* seqlock.c - readers that take no lock and look again when a writer moved something meanwhile.
 *
 * Source: the sequence lock of Linux 2.5 (Stephen Hemminger, 2003), in C11 as in Hans-J. Boehm, "Can
 * seqlocks get along with programming language memory models?", MSPC 2012. Differs: the cells are loaded
 * with acquire and stored with release order in place of fences, which Boehm gives as the other way to
 * keep the last look at the sequence behind the data (on x86-64 both are plain moves, and ThreadSanitizer
 * knows no fences); a writer counts the sequence only for what a reader could misread; readers give up
 * after a few attempts and take the mutex.
 *
 *   reader                                   writer, under the mutex
 *     s = sequence, even                       insert      value, key, then tag of a free cell
 *     walk the cells from the hash on          overwrite   one word
 *     sequence == s ? done : again             grow        fill a new table, then publish it
 *                                              remove      sequence++; close the gap; sequence++
 *                                              clear       sequence++; free all cells; sequence++
 *
 * Why only removal and clear count: an insertion appears with its tag, an overwriting is one word, and a
 * table that was replaced still holds what it held at that moment, which lies inside the reader's call.
 *
 * Invariants, whenever the mutex is free:
 *   L1  the sequence is even;
 *   L2  there is no free cell between a key's home and the key; at least a third of the cells is free;
 *   L3  a replaced table is never written again and stays allocated until destroy. Each is half as large
 *       as the next, since tables only double, so that all of them together weigh less than the current
 *       one: a reader can sleep in an old table for ever, and nothing grows.
 * Guarantees:
 *   A  every operation is atomic; get writes no shared memory and, while nothing is removed, waits for
 *      nobody;
 *   B  length and iteration hold the mutex: one moment's content. The visitor must not write to the map.
 *   C  memory is not given back before destroy: the table keeps the size of the largest content.
 */
#include "mapimpl/seqlock/seqlock.h"

#include <errno.h>
#include <stdlib.h>

#define CELLS_MIN    16u
#define ATTEMPTS_MAX 8u
#define HINT_MAX     (UINT64_C(1) << 47) /* a hint that no address space could hold counts as 0 */

#define LOAD(field)         atomic_load_explicit(&(field), memory_order_acquire)
#define STORE(field, value) atomic_store_explicit(&(field), (value), memory_order_release)

/* ---- tables */

static bool too_full(uint64_t count, uint64_t cells) {
    return count > cells / 3 * 2;
}

static struct seqlock_table *table_new(uint64_t cells) {
    struct seqlock_table *table = NULL;
    if (cells < SIZE_MAX / 2 / sizeof table->cell[0]) {
        table = calloc(1, sizeof *table + cells * sizeof table->cell[0]);
    }
    if (table != NULL) {
        table->mask = cells - 1;
    }
    return table;
}

/* splitmix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014. */
static uint64_t tag_of(const struct seqlock_map *m, uint64_t key) {
    uint64_t x = key ^ m->seed;
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (x ^ (x >> 31)) | 1;
}

static uint64_t home_of(const struct seqlock_table *table, uint64_t tag) {
    return (tag >> 1) & table->mask;
}

/* Returns whether a walk from the key's home meets it. *at is its cell, or the one where the walk ended: a
 * free one, but for what a reader sees while cells move. One round is enough in any case. */
static bool find(struct seqlock_table *table, uint64_t tag, uint64_t key, uint64_t *at) {
    *at = home_of(table, tag);
    for (uint64_t step = 0; step < table->mask; step++) {
        uint64_t seen = LOAD(table->cell[*at].tag);
        if (seen == 0) {
            return false;
        }
        if (seen == tag && LOAD(table->cell[*at].key) == key) {
            return true;
        }
        *at = (*at + 1) & table->mask;
    }
    return false;
}

/* ---- readers */

static bool look(struct seqlock_map *m, uint64_t tag, uint64_t key, uint64_t *value) {
    struct seqlock_table *table = LOAD(m->table);
    uint64_t at;
    bool found = find(table, tag, key, &at);
    if (found) {
        *value = LOAD(table->cell[at].value);
    }
    return found;
}

static bool get(void *map, uint64_t key, uint64_t *value) {
    struct seqlock_map *m = map;
    uint64_t tag = tag_of(m, key);
    uint64_t seen = 0;
    bool found = false;
    bool valid = false;
    for (unsigned attempt = 0; attempt < ATTEMPTS_MAX && !valid; attempt++) {
        uint64_t before = LOAD(m->sequence);
        if (before & 1) {
            continue;
        }
        found = look(m, tag, key, &seen);
        valid = atomic_load_explicit(&m->sequence, memory_order_relaxed) == before;
    }
    if (!valid) {
        pthread_mutex_lock(&m->mutex);
        found = look(m, tag, key, &seen);
        pthread_mutex_unlock(&m->mutex);
    }
    if (found) {
        *value = seen;
    }
    return found;
}

/* ---- writers: all under the mutex */

/* Cells are being moved between these two: no reader's look across them counts. */
static void moving_begins(struct seqlock_map *m) {
    uint64_t sequence = atomic_load_explicit(&m->sequence, memory_order_relaxed);
    atomic_store_explicit(&m->sequence, sequence + 1, memory_order_relaxed);
}

static void moving_ends(struct seqlock_map *m) {
    STORE(m->sequence, atomic_load_explicit(&m->sequence, memory_order_relaxed) + 1);
}

/* The tag last: with it the entry appears. */
static void cell_fill(struct seqlock_cell *cell, uint64_t tag, uint64_t key, uint64_t value) {
    STORE(cell->value, value);
    STORE(cell->key, key);
    STORE(cell->tag, tag);
}

static void cell_copy(struct seqlock_cell *to, const struct seqlock_cell *from) {
    cell_fill(to, LOAD(from->tag), LOAD(from->key), LOAD(from->value));
}

/* Readers go on in the old table while the new one is filled. Returns NULL without memory. */
static struct seqlock_table *grow(struct seqlock_map *m) {
    struct seqlock_table *old = LOAD(m->table);
    struct seqlock_table *table = table_new(2 * (old->mask + 1));
    if (table == NULL) {
        return NULL;
    }
    for (uint64_t i = 0; i <= old->mask; i++) {
        uint64_t tag = LOAD(old->cell[i].tag);
        if (tag != 0) {
            uint64_t at;
            find(table, tag, LOAD(old->cell[i].key), &at);
            cell_copy(&table->cell[at], &old->cell[i]);
        }
    }
    table->older = old;
    STORE(m->table, table);
    return table;
}

static int insert(struct seqlock_map *m, uint64_t tag, uint64_t key, uint64_t value, uint64_t at) {
    struct seqlock_table *table = LOAD(m->table);
    if (too_full(m->count + 1, table->mask + 1)) {
        table = grow(m);
        if (table == NULL) {
            return -ENOMEM;
        }
        find(table, tag, key, &at);
    }
    cell_fill(&table->cell[at], tag, key, value);
    m->count++;
    return 0;
}

static int put(void *map, uint64_t key, uint64_t value) {
    struct seqlock_map *m = map;
    uint64_t tag = tag_of(m, key);
    uint64_t at;
    int error = 0;
    pthread_mutex_lock(&m->mutex);
    struct seqlock_table *table = LOAD(m->table);
    if (find(table, tag, key, &at)) {
        STORE(table->cell[at].value, value);
    } else {
        error = insert(m, tag, key, value, at);
    }
    pthread_mutex_unlock(&m->mutex);
    return error;
}

/* Fills the gap at `hole` with the next entry that may lie there, and then that one's gap. L2 ends it. */
static void close_gap(struct seqlock_table *table, uint64_t hole) {
    for (uint64_t at = (hole + 1) & table->mask;; at = (at + 1) & table->mask) {
        uint64_t tag = LOAD(table->cell[at].tag);
        if (tag == 0) {
            break;
        }
        uint64_t from_home = (at - home_of(table, tag)) & table->mask;
        if (from_home >= ((at - hole) & table->mask)) {
            cell_copy(&table->cell[hole], &table->cell[at]);
            hole = at;
        }
    }
    STORE(table->cell[hole].tag, 0);
}

static int del(void *map, uint64_t key) {
    struct seqlock_map *m = map;
    uint64_t at;
    pthread_mutex_lock(&m->mutex);
    struct seqlock_table *table = LOAD(m->table);
    bool found = find(table, tag_of(m, key), key, &at);
    if (found) {
        moving_begins(m);
        close_gap(table, at);
        moving_ends(m);
        m->count--;
    }
    pthread_mutex_unlock(&m->mutex);
    return found;
}

static int clear(void *map) {
    struct seqlock_map *m = map;
    pthread_mutex_lock(&m->mutex);
    struct seqlock_table *table = LOAD(m->table);
    moving_begins(m);
    for (uint64_t i = 0; i <= table->mask; i++) {
        STORE(table->cell[i].tag, 0);
    }
    moving_ends(m);
    m->count = 0;
    pthread_mutex_unlock(&m->mutex);
    return 0;
}

/* ---- the whole map */

static uint64_t length(void *map) {
    struct seqlock_map *m = map;
    pthread_mutex_lock(&m->mutex);
    uint64_t count = m->count;
    pthread_mutex_unlock(&m->mutex);
    return count;
}

static uint64_t iterate(void *map, bool (*visit)(void *context, uint64_t key, uint64_t value),
                        void *context) {
    struct seqlock_map *m = map;
    uint64_t visited = 0;
    bool more = true;
    pthread_mutex_lock(&m->mutex);
    struct seqlock_table *table = LOAD(m->table);
    for (uint64_t i = 0; i <= table->mask && more; i++) {
        if (LOAD(table->cell[i].tag) != 0) {
            visited++;
            more = visit(context, LOAD(table->cell[i].key), LOAD(table->cell[i].value));
        }
    }
    pthread_mutex_unlock(&m->mutex);
    return visited;
}

static uint64_t cells_for(uint64_t hint) {
    uint64_t cells = CELLS_MIN;
    while (hint <= HINT_MAX && too_full(hint, cells)) {
        cells *= 2;
    }
    return cells;
}

static int create(const struct map_options *options, const struct map_host *host, void **map) {
    (void)host;
    if (options->keys != MAP_KEYS_NUMBER) {
        return -ENOTSUP;
    }
    if (options->version != 0 && (options->version < 119 || options->version > 123)) {
        return -EINVAL;
    }
    struct seqlock_map *made = aligned_alloc(SEQLOCK_LINE, sizeof *made);
    struct seqlock_table *table = made == NULL ? NULL : table_new(cells_for(options->hint));
    int error = table == NULL ? -ENOMEM : -pthread_mutex_init(&made->mutex, NULL);
    if (error != 0) {
        free(table);
        free(made);
        return error;
    }
    atomic_init(&made->table, table);
    atomic_init(&made->sequence, 0);
    made->seed = options->seed * UINT64_C(0x9e3779b97f4a7c15);
    made->count = 0;
    *map = made;
    return 0;
}

static void destroy(void *map) {
    struct seqlock_map *m = map;
    if (m == NULL) {
        return;
    }
    struct seqlock_table *table = LOAD(m->table);
    while (table != NULL) {
        struct seqlock_table *older = table->older;
        free(table);
        table = older;
    }
    pthread_mutex_destroy(&m->mutex);
    free(m);
}

static int freeze(void *map) {
    (void)map;
    return -ENOTSUP;
}

MAP_EXPORT const struct map_ops heddle_map = {
    .abi_version = MAP_ABI_VERSION,
    .kind = MAP_SAFE,
    .name = "seqlock",
    .summary = "one table under a sequence lock: readers look again, writers take a mutex",
    .guarantee = "Every operation is atomic; an iteration shows one moment's content; a reader "
                 "waits only while entries are removed.",
    .create = create,
    .destroy = destroy,
    .get = get,
    .put = put,
    .del = del,
    .length = length,
    .iterate = iterate,
    .clear = clear,
    .freeze = freeze,
    .delete_tells = true,
    .inspector = NULL,
    .strings = NULL, /* 64-bit keys only */
};
