/* tables.c - six maps that grow each in its own way, and tell nobody: no events, no inspector.
 *
 * TABLE says which one is built. Each is correct, under one mutex; with BROKEN the last entry of a growth
 * is moved after the new table can be seen. One with CRASHES_AT crashes when it holds so many keys.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "mapimpl/map.h"

#define THREE_QUARTERS 1 /* open addressing over 8, 16, ... slots, at three quarters full */
#define FULL           2 /* open addressing over 4, 8, ... slots, when the last one is taken */
#define ONE_AT_A_TIME  3 /* an array with a place for each entry */
#define CHAINS         4 /* chains, when one has five entries and the table as many as buckets */
#define TOMBSTONES     5 /* open addressing, when seven of eight slots are live or deleted */
#define INCREMENTAL    6 /* each put moves two slots of the old table */

#ifdef BROKEN
#define LATE true
#else
#define LATE false
#endif

enum state { EMPTY, LIVE, DELETED };

struct slot {
    uint64_t key;
    uint64_t value;
    enum state state;
    struct slot *next; /* CHAINS */
};

struct table {
    struct slot *slot;
    uint64_t size;
    uint64_t used; /* live and deleted */
};

struct map {
    pthread_mutex_t mutex;
    uint64_t seed;
    uint64_t count;
    uint64_t moved; /* slots of the old table */
    struct table now;
    struct table old; /* INCREMENTAL */
};

static uint64_t home(const struct map *map, uint64_t key, uint64_t size) {
    uint64_t hash = (key ^ map->seed) * 0x9e3779b97f4a7c15u;
    return (hash >> 32) % size;
}

static struct table make(uint64_t size) {
    return (struct table){.slot = calloc(size, sizeof(struct slot)), .size = size};
}

/* The slot of a key, or NULL. */
static struct slot *find_in(const struct map *map, const struct table *table, uint64_t key) {
    if (table->size == 0)
        return NULL;
    struct slot *slot = &table->slot[TABLE == ONE_AT_A_TIME ? 0 : home(map, key, table->size)];
    for (uint64_t probe = 0; TABLE == CHAINS || probe < table->size; probe++) {
        if (slot->state == EMPTY)
            return NULL;
        if (slot->state == LIVE && slot->key == key)
            return slot;
        if (TABLE == CHAINS && (slot = slot->next) == NULL)
            return NULL;
        if (TABLE != CHAINS && ++slot == table->slot + table->size)
            slot = table->slot;
    }
    return NULL;
}

static struct slot *find(const struct map *map, uint64_t key) {
    struct slot *slot = find_in(map, &map->now, key);
    return slot != NULL || TABLE != INCREMENTAL ? slot : find_in(map, &map->old, key);
}

/* Puts an absent key where there is room. */
static void add(const struct map *map, struct table *table, uint64_t key, uint64_t value) {
    struct slot *slot =
        &table->slot[TABLE == ONE_AT_A_TIME ? table->used : home(map, key, table->size)];
    if (TABLE == CHAINS && slot->state == LIVE) {
        struct slot *link = calloc(1, sizeof(*link));
        *link = *slot;
        slot->next = link;
    }
    while (TABLE != CHAINS && slot->state == LIVE) { /* ends: there is one that is not */
        if (++slot == table->slot + table->size)
            slot = table->slot;
    }
    table->used += slot->state != DELETED;
    slot->key = key;
    slot->value = value;
    slot->state = LIVE;
}

static void give_up(struct table *table) {
    for (uint64_t index = 0; TABLE == CHAINS && index < table->size; index++) {
        for (struct slot *next, *link = table->slot[index].next; link != NULL; link = next) {
            next = link->next;
            free(link);
        }
    }
    free(table->slot);
}

/* An entry that is moved late waits here. */
struct late {
    bool any;
    uint64_t key;
    uint64_t value;
};

static void move(struct map *map, struct late *late, const struct slot *slot) {
    if (slot->state != LIVE)
        return;
    if (LATE && !late->any)
        *late = (struct late){.any = true, .key = slot->key, .value = slot->value};
    else
        add(map, &map->now, slot->key, slot->value);
}

static void move_late(struct map *map, const struct late *late) {
    if (!late->any)
        return;
    pthread_mutex_unlock(&map->mutex);
    pthread_mutex_lock(&map->mutex);
    if (find(map, late->key) == NULL)
        add(map, &map->now, late->key, late->value);
}

static void grow_at_once(struct map *map, uint64_t size) {
    struct table old = map->now;
    struct late late = {.any = false};
    map->now = make(size);
    for (uint64_t index = 0; index < old.size; index++) {
        for (struct slot *slot = &old.slot[index]; slot != NULL; slot = slot->next)
            move(map, &late, slot);
    }
    give_up(&old);
    move_late(map, &late);
}

static void move_some(struct map *map) {
    struct late late = {.any = false};
    for (uint32_t step = 0; step < 2 && map->old.size > 0; step++) {
        struct slot *slot = &map->old.slot[map->moved++];
        move(map, &late, slot);
        slot->state = slot->state == EMPTY ? EMPTY : DELETED;
        if (map->moved == map->old.size) {
            give_up(&map->old);
            map->old = (struct table){0};
            map->moved = 0;
        }
    }
    move_late(map, &late);
}

static uint64_t chain_of(const struct map *map, uint64_t key) {
    uint64_t length = 0;
    const struct slot *slot = &map->now.slot[home(map, key, map->now.size)];
    for (; slot != NULL && slot->state == LIVE; slot = slot->next)
        length++;
    return length;
}

static bool must_grow(const struct map *map, uint64_t key) {
    const struct table *now = &map->now;
    switch (TABLE) {
    case THREE_QUARTERS:
        return (map->count + 1) * 4 > now->size * 3;
    case ONE_AT_A_TIME:
        return now->used == now->size;
    case CHAINS:
        return chain_of(map, key) >= 4 && map->count >= now->size;
    case TOMBSTONES:
        return (now->used + 1) * 8 > now->size * 7;
    case INCREMENTAL:
        return map->old.size == 0 && (now->used + 1) * 4 > now->size * 3;
    default:
        return now->used == now->size;
    }
}

static void grow(struct map *map) {
    if (TABLE == INCREMENTAL) {
        map->old = map->now;
        map->now = make(2 * map->old.size);
        map->moved = 0;
    } else if (TABLE == ONE_AT_A_TIME) {
        grow_at_once(map, map->count + 1);
    } else {
        grow_at_once(map, map->count * 2 < map->now.size ? map->now.size : 2 * map->now.size);
    }
}

/* ---- the operations ------------------------------------------------------------------------------- */

static int create(const struct map_options *options, const struct map_host *host, void **made) {
    (void)host;
    if (options->keys != MAP_KEYS_NUMBER)
        return -ENOTSUP;
    struct map *map = calloc(1, sizeof(*map));
    pthread_mutex_init(&map->mutex, NULL);
    map->seed = options->seed;
    map->now = make(TABLE == ONE_AT_A_TIME ? 1 : TABLE == FULL ? 4 : 8);
    *made = map;
    return 0;
}

static void destroy(void *opaque) {
    struct map *map = opaque;
    if (map == NULL)
        return;
    give_up(&map->now);
    give_up(&map->old);
    free(map);
}

static bool get(void *opaque, uint64_t key, uint64_t *value) {
    struct map *map = opaque;
    pthread_mutex_lock(&map->mutex);
    const struct slot *slot = find(map, key);
    bool found = slot != NULL;
    if (found)
        *value = slot->value;
    pthread_mutex_unlock(&map->mutex);
    return found;
}

static int put(void *opaque, uint64_t key, uint64_t value) {
    struct map *map = opaque;
    pthread_mutex_lock(&map->mutex);
    struct slot *slot = find(map, key);
#ifdef CRASHES_AT
    if (map->count == CRASHES_AT)
        abort();
#endif
    if (slot == NULL && must_grow(map, key))
        grow(map);
    if (TABLE == INCREMENTAL)
        move_some(map);
    slot = find(map, key); /* it may have moved */
    if (slot == NULL) {
        add(map, &map->now, key, value);
        map->count++;
    } else {
        slot->value = value;
    }
    pthread_mutex_unlock(&map->mutex);
    return 0;
}

/* A chain's first entry stands in the table. */
static void unchain(struct map *map, struct slot *slot) {
    struct slot *before = &map->now.slot[home(map, slot->key, map->now.size)];
    struct slot *next = slot->next;
    if (before == slot && next != NULL) {
        *slot = *next;
        free(next);
    } else if (before == slot) {
        slot->state = EMPTY;
    } else {
        while (before->next != slot)
            before = before->next;
        before->next = next;
        free(slot);
    }
}

static int del(void *opaque, uint64_t key) {
    struct map *map = opaque;
    pthread_mutex_lock(&map->mutex);
    struct slot *slot = find(map, key);
    int removed = slot != NULL;
    if (removed && TABLE == CHAINS)
        unchain(map, slot);
    else if (removed)
        slot->state = DELETED;
    map->count -= (uint64_t)removed;
    pthread_mutex_unlock(&map->mutex);
    return removed;
}

static uint64_t length(void *opaque) {
    struct map *map = opaque;
    pthread_mutex_lock(&map->mutex);
    uint64_t count = map->count;
    pthread_mutex_unlock(&map->mutex);
    return count;
}

struct showing {
    bool (*visit)(void *context, uint64_t key, uint64_t value);
    void *context;
    uint64_t shown;
    bool stopped;
};

static void show(struct showing *showing, const struct table *table) {
    for (uint64_t index = 0; index < table->size && !showing->stopped; index++) {
        const struct slot *slot = &table->slot[index];
        for (; slot != NULL && !showing->stopped; slot = slot->next) {
            if (slot->state != LIVE)
                continue;
            showing->shown++;
            showing->stopped = !showing->visit(showing->context, slot->key, slot->value);
        }
    }
}

static uint64_t iterate(void *opaque, bool (*visit)(void *context, uint64_t key, uint64_t value),
                        void *context) {
    struct map *map = opaque;
    struct showing showing = {.visit = visit, .context = context};
    pthread_mutex_lock(&map->mutex);
    show(&showing, &map->now);
    show(&showing, &map->old);
    pthread_mutex_unlock(&map->mutex);
    return showing.shown;
}

static int clear(void *opaque) {
    struct map *map = opaque;
    pthread_mutex_lock(&map->mutex);
    give_up(&map->old);
    map->old = (struct table){0};
    for (uint64_t index = 0; index < map->now.size; index++) {
        struct slot *next, *link = map->now.slot[index].next;
        for (; link != NULL; link = next) {
            next = link->next;
            free(link);
        }
    }
    memset(map->now.slot, 0, map->now.size * sizeof(map->now.slot[0]));
    map->now.used = map->count = map->moved = 0;
    pthread_mutex_unlock(&map->mutex);
    return 0;
}

static int freeze(void *map) {
    (void)map;
    return -ENOTSUP;
}

#define TEXT_OF(name) #name
#define TEXT(name)    TEXT_OF(name)

MAP_EXPORT const struct map_ops heddle_map = {.abi_version = MAP_ABI_VERSION,
                                              .kind = MAP_SAFE,
                                              .name = TEXT(NAME),
                                              .summary = "a table of the tests",
                                              .guarantee = "one mutex",
                                              .create = create,
                                              .destroy = destroy,
                                              .get = get,
                                              .put = put,
                                              .del = del,
                                              .length = length,
                                              .iterate = iterate,
                                              .clear = clear,
                                              .freeze = freeze,
                                              .delete_tells = true};
