/* tables.c - the two tables of a syncmap: what makes the newer one, and when it replaces the other.
 *
 * S1 to S4, cited here, are in syncmap.c.
 */
#include <errno.h>
#include <stdlib.h>

#include "mapimpl/syncmap/syncmap.h"

/* ---- tables */

int syncmap_table_new(struct syncmap *m, uint64_t hint, struct syncmap_table **table) {
    struct syncmap_table *made = malloc(sizeof *made);
    if (made == NULL) {
        return -ENOMEM;
    }
    int error = gomap_init(&made->entries, &(struct gomap_config){.hint = hint,
                                                                  .random = &m->random,
                                                                  .host = m->host,
                                                                  .silent = true,
                                                                  .keys = m->keys,
                                                                  .version = m->version});
    if (error != 0) {
        free(made);
        return error;
    }
    made->node.kind = SYNCMAP_TABLE;
    *table = made;
    return 0;
}

void syncmap_table_free(struct syncmap_table *table) {
    if (table != NULL) {
        gomap_release(&table->entries);
        free(table);
    }
}

bool syncmap_table_add(struct syncmap_table *table, struct syncmap_key key,
                       struct syncmap_entry *entry) {
    int error = key.text != NULL ? gomap_put_string(&table->entries, key.text, (uintptr_t)entry)
                                 : gomap_put(&table->entries, key.number, (uintptr_t)entry);
    return error == 0;
}

static bool walk_number(void *context, uint64_t key, uint64_t address) {
    const struct syncmap_visit *walk = context;
    return walk->visit(walk->context, syncmap_number(key), syncmap_entry_at(address));
}

static bool walk_text(void *context, const struct map_string *key, uint64_t address) {
    const struct syncmap_visit *walk = context;
    return walk->visit(walk->context, syncmap_text(key), syncmap_entry_at(address));
}

void syncmap_walk(const struct syncmap *m, struct syncmap_table *table, struct syncmap_visit walk) {
    if (m->keys == MAP_KEYS_STRING) {
        gomap_iterate_string(syncmap_entries(table), walk_text, &walk);
    } else {
        gomap_iterate(syncmap_entries(table), walk_number, &walk);
    }
}

/* ---- dirty */

/* Returns whether the entry was deleted and is expunged now. */
static bool entry_try_expunge(struct syncmap_entry *entry) {
    uint64_t old = SYNCMAP_DELETED;
    return atomic_compare_exchange_strong(&entry->word, &old, SYNCMAP_EXPUNGED);
}

struct copy {
    struct syncmap *map;
    struct syncmap_table *to;
    bool complete;
};

static bool copy_or_expunge(void *context, struct syncmap_key key, struct syncmap_entry *entry) {
    struct copy *copy = context;
    if (entry_try_expunge(entry)) {
        entry->node.next = copy->map->expunged;
        copy->map->expunged = &entry->node;
    } else {
        copy->complete = syncmap_table_add(copy->to, key, entry);
    }
    return copy->complete;
}

/* S3 without a dirty table: none is expunged. */
static void unexpunge_all(struct syncmap *m) {
    for (; m->expunged != NULL; m->expunged = m->expunged->next) {
        atomic_store(&((struct syncmap_entry *)m->expunged)->word, SYNCMAP_DELETED);
    }
}

int syncmap_dirty_make(struct syncmap *m) {
    uintptr_t read = atomic_load(&m->read);
    struct syncmap_table *table;
    int error = syncmap_table_new(m, gomap_length(syncmap_entries(syncmap_table_of(read))), &table);
    if (error != 0) {
        return error;
    }
    struct copy copy = {m, table, true};
    m->expunged = NULL;
    syncmap_walk(m, syncmap_table_of(read), (struct syncmap_visit){copy_or_expunge, &copy});
    if (!copy.complete) {
        unexpunge_all(m);
        syncmap_table_free(table);
        return -ENOMEM;
    }
    m->dirty = table;
    atomic_store(&m->read, read | SYNCMAP_AMENDED);
    return 0;
}

/* Those that are still expunged were in the table that is replaced, and are in no other. */
static void retire_expunged(struct syncmap *m) {
    struct syncmap_node *next;
    for (struct syncmap_node *node = m->expunged; node != NULL; node = next) {
        next = node->next;
        struct syncmap_entry *entry = (struct syncmap_entry *)node;
        if (atomic_load(&entry->word) == SYNCMAP_EXPUNGED) {
            syncmap_retire(m, node);
        }
    }
    m->expunged = NULL;
}

void syncmap_publish(struct syncmap *m, struct syncmap_table *next) {
    struct syncmap_table *old = syncmap_table_of(atomic_load(&m->read));
    atomic_store(&m->read, (uintptr_t)next);
    m->dirty = NULL;
    m->misses = 0;
    retire_expunged(m);
    if (old != NULL) {
        syncmap_retire(m, &old->node);
    }
}

bool syncmap_miss(struct syncmap *m) {
    m->misses++;
    if (m->misses < gomap_length(&m->dirty->entries)) {
        return false;
    }
    syncmap_publish(m, m->dirty);
    return true;
}

static bool retire_visit(void *context, struct syncmap_key key, struct syncmap_entry *entry) {
    (void)key;
    syncmap_retire(context, &entry->node);
    return true;
}

void syncmap_empty(struct syncmap *m) {
    struct syncmap_table *dirty = m->dirty;
    struct syncmap_table *all = dirty != NULL ? dirty : syncmap_table_of(atomic_load(&m->read));
    syncmap_publish(m, NULL);
    syncmap_walk(m, all, (struct syncmap_visit){retire_visit, m});
    syncmap_table_free(dirty);
}
