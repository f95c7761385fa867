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
 * A string's bytes are compared only after a look at the sequence said that address and length belong
 * together: they never change, so nothing can go wrong with them later.
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
#include <errno.h>
#include <stdlib.h>

#include "mapimpl/adaptive.h"
#include "mapimpl/seqlock/seqlock.h"

#define ATTEMPTS_MAX 8u

/* ---- readers */

/* One attempt. The result counts when the sequence is still `sequence` afterwards. */
static bool look(struct seqlock_map *m, const struct seqlock_wanted *wanted, uint64_t sequence,
                 uint64_t *value) {
    struct seqlock_table *table = SEQLOCK_LOAD(m->table);
    uint64_t at;
    bool found = seqlock_find(m, table, wanted, sequence, &at) == SEQLOCK_SAME;
    if (found) {
        *value = SEQLOCK_LOAD(table->cell[at].value);
    }
    return found;
}

static bool get_key(struct seqlock_map *m, struct seqlock_wanted wanted, uint64_t *value) {
    uint64_t seen = 0;
    bool found = false;
    bool valid = false;
    for (unsigned attempt = 0; attempt < ATTEMPTS_MAX && !valid; attempt++) {
        uint64_t sequence = SEQLOCK_LOAD(m->sequence);
        if (sequence & 1) {
            continue;
        }
        found = look(m, &wanted, sequence, &seen);
        valid = seqlock_sequence(m) == sequence;
    }
    if (!valid) {
        pthread_mutex_lock(&m->mutex);
        found = look(m, &wanted, seqlock_sequence(m), &seen);
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
    atomic_store_explicit(&m->sequence, seqlock_sequence(m) + 1, memory_order_relaxed);
}

static void moving_ends(struct seqlock_map *m) {
    SEQLOCK_STORE(m->sequence, seqlock_sequence(m) + 1);
}

static int insert(struct seqlock_map *m, const struct seqlock_wanted *wanted, uint64_t value,
                  uint64_t at) {
    struct seqlock_table *table = SEQLOCK_LOAD(m->table);
    if (seqlock_too_full(m->count + 1, table->mask + 1)) {
        table = seqlock_grow(m);
        if (table == NULL) {
            return -ENOMEM;
        }
        at = seqlock_free_cell(table, wanted->tag);
    }
    seqlock_fill(table, at, wanted, value);
    m->count++;
    return 0;
}

static int put_key(struct seqlock_map *m, struct seqlock_wanted wanted, uint64_t value) {
    uint64_t at;
    int error = 0;
    pthread_mutex_lock(&m->mutex);
    struct seqlock_table *table = SEQLOCK_LOAD(m->table);
    if (seqlock_find(m, table, &wanted, seqlock_sequence(m), &at) == SEQLOCK_SAME) {
        SEQLOCK_STORE(table->cell[at].value, value);
    } else {
        error = insert(m, &wanted, value, at);
    }
    pthread_mutex_unlock(&m->mutex);
    return error;
}

static int del_key(struct seqlock_map *m, struct seqlock_wanted wanted) {
    uint64_t at;
    pthread_mutex_lock(&m->mutex);
    struct seqlock_table *table = SEQLOCK_LOAD(m->table);
    bool found = seqlock_find(m, table, &wanted, seqlock_sequence(m), &at) == SEQLOCK_SAME;
    if (found) {
        moving_begins(m);
        seqlock_close_gap(table, at);
        moving_ends(m);
        m->count--;
    }
    pthread_mutex_unlock(&m->mutex);
    return found;
}

static int clear(void *map) {
    struct seqlock_map *m = map;
    pthread_mutex_lock(&m->mutex);
    struct seqlock_table *table = SEQLOCK_LOAD(m->table);
    moving_begins(m);
    for (uint64_t i = 0; i <= table->mask; i++) {
        SEQLOCK_STORE(table->cell[i].tag, 0);
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

/* The visitor of the map's kind of keys. */
struct visitor {
    bool (*visit)(void *context, uint64_t key, uint64_t value);
    bool (*visit_string)(void *context, const struct map_string *key, uint64_t value);
    void *context;
};

static bool visit_cell(const struct seqlock_table *table, uint64_t at,
                       const struct visitor *visitor) {
    struct seqlock_wanted cell = seqlock_wanted_at(table, at);
    uint64_t value = SEQLOCK_LOAD(table->cell[at].value);
    if (table->length == NULL) {
        return visitor->visit(visitor->context, cell.key, value);
    }
    struct map_string text = seqlock_text(cell.key, cell.length);
    return visitor->visit_string(visitor->context, &text, value);
}

static uint64_t iterate_all(struct seqlock_map *m, const struct visitor *visitor) {
    uint64_t visited = 0;
    bool more = true;
    pthread_mutex_lock(&m->mutex);
    const struct seqlock_table *table = SEQLOCK_LOAD(m->table);
    for (uint64_t i = 0; i <= table->mask && more; i++) {
        if (SEQLOCK_LOAD(table->cell[i].tag) != 0) {
            visited++;
            more = visit_cell(table, i, visitor);
        }
    }
    pthread_mutex_unlock(&m->mutex);
    return visited;
}

static int create(const struct map_options *options, const struct map_host *host, void **map) {
    (void)host;
    bool texts = options->keys == MAP_KEYS_STRING;
    if (!texts && options->keys != MAP_KEYS_NUMBER) {
        return -ENOTSUP;
    }
    if (options->version != 0 &&
        (options->version < GOMAP_VERSION_MIN || options->version > GOMAP_VERSION_MAX)) {
        return -EINVAL;
    }
    struct seqlock_map *made = aligned_alloc(SEQLOCK_LINE, sizeof *made);
    struct seqlock_table *table =
        made == NULL ? NULL : seqlock_table_new(seqlock_cells_for(options->hint), texts);
    int error = table == NULL ? -ENOMEM : map_adaptive_init(&made->mutex);
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
    struct seqlock_table *table = SEQLOCK_LOAD(m->table);
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

/* ---- both kinds of keys */

static bool get(void *map, uint64_t key, uint64_t *value) {
    return get_key(map, seqlock_number(map, key), value);
}

static int put(void *map, uint64_t key, uint64_t value) {
    return put_key(map, seqlock_number(map, key), value);
}

static int del(void *map, uint64_t key) {
    return del_key(map, seqlock_number(map, key));
}

static uint64_t iterate(void *map, bool (*visit)(void *context, uint64_t key, uint64_t value),
                        void *context) {
    return iterate_all(map, &(struct visitor){.visit = visit, .context = context});
}

static bool get_string(void *map, const struct map_string *key, uint64_t *value) {
    return get_key(map, seqlock_string(map, key), value);
}

static int put_string(void *map, const struct map_string *key, uint64_t value) {
    return put_key(map, seqlock_string(map, key), value);
}

static int del_string(void *map, const struct map_string *key) {
    return del_key(map, seqlock_string(map, key));
}

static uint64_t iterate_string(void *map,
                               bool (*visit)(void *context, const struct map_string *key,
                                             uint64_t value),
                               void *context) {
    return iterate_all(map, &(struct visitor){.visit_string = visit, .context = context});
}

static const struct map_string_ops strings = {
    .get = get_string, .put = put_string, .del = del_string, .iterate = iterate_string};

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
    .strings = &strings,
    .promises = {.iterates_once = true,
                 .iterates_present = true,
                 .iterates_one_moment = true,
                 .length_exact = true},
};
