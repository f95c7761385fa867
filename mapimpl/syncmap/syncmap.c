/* syncmap.c - two tables of the same entries, one of which is read without a lock.
 *
 * Source: sync.Map of Go 1.9 to 1.23 (Bryan C. Mills, 2017), in our own words. Differs: values are 64-bit
 * words and stand in their entries where they fit; there is no collector, so blocks that readers may hold
 * are retired (reclaim.c); entries of `dirty` that are deleted are retired at once.
 *
 *   load    read hit -> entry                              no lock
 *           read miss, amended -> mutex -> dirty           a miss; as many misses as dirty has entries
 *                                                          promote it: read = dirty, dirty = none
 *   store   read hit, not expunged -> entry                no lock
 *           else mutex -> read (brought back to dirty), dirty, or a new entry in dirty; the first new
 *           one makes dirty: the entries of read that are deleted are expunged, the others copied
 *   delete  read hit -> entry                              no lock
 *           read miss, amended -> mutex -> out of dirty    a miss
 *
 * Invariants, whenever the mutex is free:
 *   S1  a published table is never written again;
 *   S2  dirty is not NULL exactly when `read` is marked amended;
 *   S3  dirty holds every entry of read but the expunged ones, and no entry that is expunged;
 *   S4  an entry is expunged only under the mutex, and comes back only under the mutex.
 * Guarantees:
 *   A  get, put, del and clear are atomic; get, and put and del of a key that `read` holds, wait for
 *      nobody;
 *   B  an iteration visits each entry that is present throughout exactly once, with a value that it had
 *      meanwhile. It holds no lock: the visitor may call the map;
 *   C  length counts as an iteration does: it is a walk. (Go's has none.)
 *   D  memory that is no longer reachable is given back while the map lives, unless a reader stays
 *      inside for ever.
 */
#include <errno.h>
#include <stdlib.h>

#include "mapimpl/syncmap/syncmap.h"

/* ---- entries: lock-free unless said */

/* Returns 0 or -ENOMEM. */
static int word_make(uint64_t value, uint64_t *word) {
    if (!(value >> 63)) {
        *word = value << 1 | 1;
        return 0;
    }
    struct syncmap_box *box = malloc(sizeof *box);
    if (box == NULL) {
        return -ENOMEM;
    }
    box->node.kind = SYNCMAP_BOX;
    box->value = value;
    *word = (uintptr_t)box;
    return 0;
}

static uint64_t value_of(uint64_t word) {
    const struct syncmap_box *box = syncmap_box(word);
    return box != NULL ? box->value : word >> 1;
}

/* A word that was taken out of its entry. */
static void word_drop(struct syncmap *m, uint64_t word) {
    struct syncmap_box *box = syncmap_box(word);
    if (box != NULL) {
        syncmap_retire(m, &box->node);
    }
}

static bool entry_load(struct syncmap_entry *entry, uint64_t *value) {
    uint64_t word = atomic_load(&entry->word);
    if (syncmap_absent(word)) {
        return false;
    }
    *value = value_of(word);
    return true;
}

/* Returns false when the entry is expunged: then dirty must get it first. */
static bool entry_try_store(struct syncmap *m, struct syncmap_entry *entry, uint64_t word) {
    uint64_t old = atomic_load(&entry->word);
    do {
        if (old == SYNCMAP_EXPUNGED) {
            return false;
        }
    } while (!atomic_compare_exchange_weak(&entry->word, &old, word));
    word_drop(m, old);
    return true;
}

static bool entry_delete(struct syncmap *m, struct syncmap_entry *entry) {
    uint64_t old = atomic_load(&entry->word);
    do {
        if (syncmap_absent(old)) {
            return false;
        }
    } while (!atomic_compare_exchange_weak(&entry->word, &old, SYNCMAP_DELETED));
    word_drop(m, old);
    return true;
}

static struct syncmap_entry *entry_new(uint64_t word) {
    struct syncmap_entry *entry = malloc(sizeof *entry);
    if (entry != NULL) {
        entry->node.kind = SYNCMAP_ENTRY;
        atomic_init(&entry->word, word);
    }
    return entry;
}

static void unlock(struct syncmap *m, bool published) {
    struct syncmap_node *ripe = published || syncmap_retired_many(m) ? syncmap_ripe(m) : NULL;
    pthread_mutex_unlock(&m->mutex);
    syncmap_release(ripe);
}

/* Boxes are retired without the mutex: now and then somebody has to look at them. */
static void tidy(struct syncmap *m) {
    if (syncmap_retired_many(m) && pthread_mutex_trylock(&m->mutex) == 0) {
        unlock(m, false);
    }
}

/* ---- life */

static int create(const struct map_options *options, const struct map_host *host, void **map) {
    struct syncmap *made = aligned_alloc(SYNCMAP_LINE, sizeof *made);
    if (made == NULL) {
        return -ENOMEM;
    }
    *made = (struct syncmap){.host = host, .version = options->version, .keys = options->keys};
    atomic_init(&made->random.state, options->seed);
    struct syncmap_table *first = NULL;
    int error = syncmap_table_new(made, options->hint, &first);
    error = error == 0 ? -pthread_mutex_init(&made->mutex, NULL) : error;
    if (error != 0) {
        syncmap_table_free(first);
        free(made);
        return error;
    }
    made->dirty = first;
    atomic_init(&made->read, SYNCMAP_AMENDED);
    *map = made;
    return 0;
}

static void destroy(void *map) {
    struct syncmap *m = map;
    if (m == NULL) {
        return;
    }
    syncmap_empty(m);
    syncmap_release(m->waiting);
    syncmap_release(atomic_load(&m->retired));
    pthread_mutex_destroy(&m->mutex);
    free(m);
}

/* ---- operations */

static bool get_key(struct syncmap *m, struct syncmap_key key, uint64_t *value) {
    _Atomic uint64_t *inside = syncmap_enter(m);
    uintptr_t read = atomic_load(&m->read);
    struct syncmap_entry *entry = syncmap_lookup(syncmap_table_of(read), key);
    if (entry == NULL && (read & SYNCMAP_AMENDED)) {
        pthread_mutex_lock(&m->mutex);
        bool published = false;
        read = atomic_load(&m->read);
        entry = syncmap_lookup(syncmap_table_of(read), key);
        if (entry == NULL && (read & SYNCMAP_AMENDED)) {
            entry = syncmap_lookup(m->dirty, key);
            published = syncmap_miss(m);
        }
        unlock(m, published);
    }
    bool found = entry != NULL && entry_load(entry, value);
    syncmap_leave(inside);
    return found;
}

/* Stores in an entry of read or dirty. Returns 0 or -ENOMEM. */
static int store_locked(struct syncmap *m, struct syncmap_key key, struct syncmap_entry *entry,
                        uint64_t word) {
    if (atomic_load(&entry->word) == SYNCMAP_EXPUNGED && !syncmap_table_add(m->dirty, key, entry)) {
        return -ENOMEM;
    }
    word_drop(m, atomic_exchange(&entry->word, word));
    return 0;
}

static int add_locked(struct syncmap *m, struct syncmap_key key, uint64_t word) {
    struct syncmap_entry *entry = entry_new(word);
    if (entry == NULL || (m->dirty == NULL && syncmap_dirty_make(m) != 0) ||
        !syncmap_table_add(m->dirty, key, entry)) {
        free(entry);
        return -ENOMEM;
    }
    return 0;
}

static int put_locked(struct syncmap *m, struct syncmap_key key, uint64_t word) {
    pthread_mutex_lock(&m->mutex);
    struct syncmap_entry *entry = syncmap_lookup(syncmap_table_of(atomic_load(&m->read)), key);
    if (entry == NULL) {
        entry = syncmap_lookup(m->dirty, key);
    }
    int error = entry != NULL ? store_locked(m, key, entry, word) : add_locked(m, key, word);
    unlock(m, false);
    return error;
}

static int put_key(struct syncmap *m, struct syncmap_key key, uint64_t value) {
    uint64_t word;
    int error = word_make(value, &word);
    if (error != 0) {
        return error;
    }
    _Atomic uint64_t *inside = syncmap_enter(m);
    struct syncmap_entry *entry = syncmap_lookup(syncmap_table_of(atomic_load(&m->read)), key);
    if (entry == NULL || !entry_try_store(m, entry, word)) {
        error = put_locked(m, key, word);
    }
    syncmap_leave(inside);
    if (error != 0) {
        free(syncmap_box(word));
    }
    tidy(m);
    return error;
}

/* Takes an entry out of dirty. */
static struct syncmap_entry *unlink_locked(struct syncmap *m, struct syncmap_key key) {
    struct syncmap_entry *entry = syncmap_lookup(m->dirty, key);
    if (key.text != NULL) {
        gomap_remove_string(&m->dirty->entries, key.text);
    } else {
        gomap_remove(&m->dirty->entries, key.number);
    }
    return entry;
}

static int del_key(struct syncmap *m, struct syncmap_key key) {
    struct syncmap_entry *unlinked = NULL;
    _Atomic uint64_t *inside = syncmap_enter(m);
    uintptr_t read = atomic_load(&m->read);
    struct syncmap_entry *entry = syncmap_lookup(syncmap_table_of(read), key);
    if (entry == NULL && (read & SYNCMAP_AMENDED)) {
        pthread_mutex_lock(&m->mutex);
        bool published = false;
        read = atomic_load(&m->read);
        entry = syncmap_lookup(syncmap_table_of(read), key);
        if (entry == NULL && (read & SYNCMAP_AMENDED)) {
            unlinked = entry = unlink_locked(m, key);
            published = syncmap_miss(m);
        }
        unlock(m, published);
    }
    bool removed = entry != NULL && entry_delete(m, entry);
    if (unlinked != NULL) {
        syncmap_retire(m, &unlinked->node);
    }
    syncmap_leave(inside);
    tidy(m);
    return removed;
}

/* What one iteration passes on, to the visitor of its kind of keys. */
struct visitor {
    bool (*visit)(void *context, uint64_t key, uint64_t value);
    bool (*visit_string)(void *context, const struct map_string *key, uint64_t value);
    void *context;
    uint64_t visited;
};

static bool visit_entry(void *context, struct syncmap_key key, struct syncmap_entry *entry) {
    struct visitor *visitor = context;
    uint64_t value;
    if (!entry_load(entry, &value)) {
        return true;
    }
    visitor->visited++;
    return key.text != NULL ? visitor->visit_string(visitor->context, key.text, value)
                            : visitor->visit(visitor->context, key.number, value);
}

/* Publishes dirty first: an iteration costs as much anyway. */
static struct syncmap_table *all_in_read(struct syncmap *m) {
    uintptr_t read = atomic_load(&m->read);
    if (read & SYNCMAP_AMENDED) {
        pthread_mutex_lock(&m->mutex);
        bool amended = m->dirty != NULL;
        if (amended) {
            syncmap_publish(m, m->dirty);
        }
        read = atomic_load(&m->read);
        unlock(m, amended);
    }
    return syncmap_table_of(read);
}

static uint64_t iterate_all(struct syncmap *m, struct visitor *visitor) {
    _Atomic uint64_t *inside = syncmap_enter(m);
    syncmap_walk(m, all_in_read(m), (struct syncmap_visit){visit_entry, visitor});
    syncmap_leave(inside);
    return visitor->visited;
}

static bool count_visit(void *context, struct syncmap_key key, struct syncmap_entry *entry) {
    (void)key;
    uint64_t *count = context;
    *count += !syncmap_absent(atomic_load(&entry->word));
    return true;
}

/* Counting does not promote: it asks for no key. */
static uint64_t length(void *map) {
    struct syncmap *m = map;
    uint64_t count = 0;
    _Atomic uint64_t *inside = syncmap_enter(m);
    uintptr_t read = atomic_load(&m->read);
    if (read & SYNCMAP_AMENDED) {
        pthread_mutex_lock(&m->mutex);
        read = atomic_load(&m->read);
        struct syncmap_table *all = m->dirty != NULL ? m->dirty : syncmap_table_of(read);
        syncmap_walk(m, all, (struct syncmap_visit){count_visit, &count});
        unlock(m, false);
    } else {
        syncmap_walk(m, syncmap_table_of(read), (struct syncmap_visit){count_visit, &count});
    }
    syncmap_leave(inside);
    return count;
}

/* An operation that still holds an entry of the old tables overlaps the clear, and took effect before. */
static int clear(void *map) {
    struct syncmap *m = map;
    pthread_mutex_lock(&m->mutex);
    syncmap_empty(m);
    unlock(m, true);
    return 0;
}

static int freeze(void *map) {
    (void)map;
    return -ENOTSUP;
}

/* ---- both kinds of keys */

static bool get(void *map, uint64_t key, uint64_t *value) {
    return get_key(map, syncmap_number(key), value);
}

static int put(void *map, uint64_t key, uint64_t value) {
    return put_key(map, syncmap_number(key), value);
}

static int del(void *map, uint64_t key) {
    return del_key(map, syncmap_number(key));
}

static uint64_t iterate(void *map, bool (*visit)(void *context, uint64_t key, uint64_t value),
                        void *context) {
    struct visitor visitor = {.visit = visit, .context = context};
    return iterate_all(map, &visitor);
}

static bool get_string(void *map, const struct map_string *key, uint64_t *value) {
    return get_key(map, syncmap_text(key), value);
}

static int put_string(void *map, const struct map_string *key, uint64_t value) {
    return put_key(map, syncmap_text(key), value);
}

static int del_string(void *map, const struct map_string *key) {
    return del_key(map, syncmap_text(key));
}

static uint64_t iterate_string(void *map,
                               bool (*visit)(void *context, const struct map_string *key,
                                             uint64_t value),
                               void *context) {
    struct visitor visitor = {.visit_string = visit, .context = context};
    return iterate_all(map, &visitor);
}

static const struct map_string_ops strings = {
    .get = get_string, .put = put_string, .del = del_string, .iterate = iterate_string};

MAP_EXPORT const struct map_ops heddle_map = {
    .abi_version = MAP_ABI_VERSION,
    .kind = MAP_SAFE,
    .name = "syncmap",
    .summary =
        "Go's sync.Map (1.9 to 1.23): one table read without a lock, a newer one under a mutex",
    .guarantee = "get, put, del and clear are atomic; keys present throughout are iterated and "
                 "counted exactly once; the visitor may call the map.",
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
    .promises = {.iterates_once = true},
};
