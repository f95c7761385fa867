/* promising.c - small maps that promise much, and break one promise each.
 *
 * A table of CELLS cells under one mutex. VARIANT says which map is built: an even number keeps what it
 * promises, the odd one behind it breaks it.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "mapimpl/map.h"

#define ONCE           0  /* shows no key twice / looks twice at what may have been put again */
#define PRESENT        2  /* shows entries while it holds the lock / copies them first */
#define MOMENT         4  /* holds the lock all the time / lets go of it half way */
#define LENGTH         6  /* counts under the lock / lets go of it half way */
#define ESTIMATE       8  /* promises an estimate / says that it is exact at rest */
#define PUT_REFUSES    10 /* refuses beyond CELLS_REFUSED keys / has changed the map then */
#define DELETE_REFUSES 12 /* refuses to remove every fourth key / has removed it then */
#define FORGETS        14 /* forgets beyond KEEPS keys / also before */
#define COPIES         16 /* copies keys / keeps pointers */

#define CELLS           256u
#define CELLS_REFUSED   24u
#define KEEPS           24u
#define KEY_SIZE        48u
#define IS(variant)     ((VARIANT) == (variant) || (VARIANT) == (variant) + 1)
#define BREAKS(variant) ((VARIANT) == (variant) + 1)

struct cell {
    uint64_t key;
    uint64_t value;
    bool live;
    char text[KEY_SIZE];
    struct map_string kept; /* COPIES: the key of a map with strings */
};

struct map {
    pthread_mutex_t mutex;
    uint64_t count;
    uint32_t used; /* cells below it have been used */
    bool strings;
    struct cell cell[CELLS];
};

static struct cell *find(struct map *map, uint64_t key) {
    for (uint32_t index = 0; index < map->used; index++) {
        if (map->cell[index].live && map->cell[index].key == key)
            return &map->cell[index];
    }
    return NULL;
}

static struct cell *find_free(struct map *map) {
    for (uint32_t index = 0; index < map->used; index++) {
        if (!map->cell[index].live)
            return &map->cell[index];
    }
    return map->used < CELLS ? &map->cell[map->used++] : NULL;
}

static void let_others(struct map *map) {
    pthread_mutex_unlock(&map->mutex);
    pthread_mutex_lock(&map->mutex);
}

static int create(const struct map_options *options, const struct map_host *host, void **made) {
    (void)host;
    if (options->keys == MAP_KEYS_STRING && !IS(COPIES))
        return -ENOTSUP;
    struct map *map = calloc(1, sizeof(*map));
    if (map == NULL)
        return -ENOMEM;
    pthread_mutex_init(&map->mutex, NULL);
    map->strings = options->keys == MAP_KEYS_STRING;
    *made = map;
    return 0;
}

static void destroy(void *map) {
    free(map);
}

static bool get(void *opaque, uint64_t key, uint64_t *value) {
    struct map *map = opaque;
    pthread_mutex_lock(&map->mutex);
    const struct cell *cell = find(map, key);
    bool found = cell != NULL;
    if (found)
        *value = cell->value;
    pthread_mutex_unlock(&map->mutex);
    return found;
}

static void forget_one(struct map *map) {
    uint64_t limit = BREAKS(FORGETS) ? KEEPS / 2 : KEEPS;
    if (!IS(FORGETS) || map->count < limit)
        return;
    for (uint32_t index = 0; index < map->used; index++) {
        if (!map->cell[index].live)
            continue;
        map->cell[index].live = false;
        map->count--;
        return;
    }
}

static int put(void *opaque, uint64_t key, uint64_t value) {
    struct map *map = opaque;
    int status = 0;
    pthread_mutex_lock(&map->mutex);
    struct cell *cell = find(map, key);
    bool full = IS(PUT_REFUSES) && cell == NULL && map->count >= CELLS_REFUSED;
    if (full)
        status = -ENOSPC;
    if (cell == NULL && (!full || BREAKS(PUT_REFUSES))) {
        forget_one(map);
        cell = find_free(map);
        if (cell != NULL) {
            cell->key = key;
            cell->live = true;
            map->count++;
        } else {
            status = -ENOMEM;
        }
    }
    if (cell != NULL)
        cell->value = value;
    pthread_mutex_unlock(&map->mutex);
    return status;
}

static int del(void *opaque, uint64_t key) {
    struct map *map = opaque;
    pthread_mutex_lock(&map->mutex);
    struct cell *cell = find(map, key);
    int removed = cell != NULL;
    bool refused = removed && IS(DELETE_REFUSES) && key % 4 == 0;
    if (removed && (!refused || BREAKS(DELETE_REFUSES))) {
        cell->live = false;
        map->count--;
    }
    pthread_mutex_unlock(&map->mutex);
    return refused ? -EBUSY : removed;
}

/* By counting from the last cell to the first, half and half. */
static uint64_t length(void *opaque) {
    struct map *map = opaque;
    uint64_t count = 0;
    pthread_mutex_lock(&map->mutex);
    uint32_t half = map->used / 2;
    for (uint32_t index = map->used; index-- > 0;) {
        if (index + 1 == half && BREAKS(LENGTH))
            let_others(map);
        count += map->cell[index].live;
    }
    pthread_mutex_unlock(&map->mutex);
    return IS(ESTIMATE) ? count / 2 : count;
}

struct showing {
    bool (*visit)(void *context, uint64_t key, uint64_t value);
    bool (*visit_text)(void *context, const struct map_string *key, uint64_t value);
    void *context;
    uint64_t shown;
    bool stopped;
};

static void show(struct showing *showing, const struct cell *cell) {
    if (!cell->live || showing->stopped)
        return;
    showing->shown++;
    showing->stopped = showing->visit != NULL
                           ? !showing->visit(showing->context, cell->key, cell->value)
                           : !showing->visit_text(showing->context, &cell->kept, cell->value);
}

/* A key that was not there half way may have been put by then, into another cell. */
static void show_again(struct map *map, struct showing *showing, const bool *seen) {
    let_others(map);
    for (uint32_t index = 0; index < map->used; index++) {
        if (!seen[index])
            show(showing, &map->cell[index]);
    }
}

static void show_copies(struct map *map, struct showing *showing) {
    uint32_t used = map->used;
    struct cell *copy = calloc(used + 1, sizeof(*copy));
    for (uint32_t index = 0; index < used; index++)
        copy[index] = map->cell[index];
    let_others(map);
    for (uint32_t index = 0; index < used; index++)
        show(showing, &copy[index]);
    free(copy);
}

static uint64_t iterate_all(struct map *map, struct showing *showing) {
    static bool seen[CELLS];
    pthread_mutex_lock(&map->mutex);
    uint32_t used = map->used;
    for (uint32_t index = 0; index < used && !BREAKS(PRESENT); index++) {
        if (index == used / 2 && BREAKS(MOMENT))
            let_others(map);
        seen[index] = map->cell[index].live;
        show(showing, &map->cell[index]);
    }
    if (BREAKS(PRESENT))
        show_copies(map, showing);
    if (BREAKS(ONCE)) {
        memset(seen + used, 0, CELLS - used);
        show_again(map, showing, seen);
    }
    pthread_mutex_unlock(&map->mutex);
    return showing->shown;
}

static uint64_t iterate(void *map, bool (*visit)(void *context, uint64_t key, uint64_t value),
                        void *context) {
    struct showing showing = {.visit = visit, .context = context};
    return iterate_all(map, &showing);
}

static int clear(void *opaque) {
    struct map *map = opaque;
    pthread_mutex_lock(&map->mutex);
    for (uint32_t index = 0; index < map->used; index++)
        map->cell[index].live = false;
    map->count = 0;
    pthread_mutex_unlock(&map->mutex);
    return 0;
}

static int freeze(void *map) {
    (void)map;
    return -ENOTSUP;
}

/* ---- strings -------------------------------------------------------------------------------------- */

static struct cell *find_text(struct map *map, const struct map_string *key) {
    for (uint32_t index = 0; index < map->used; index++) {
        struct cell *cell = &map->cell[index];
        if (cell->live && cell->kept.length == key->length &&
            memcmp(cell->kept.data, key->data, key->length) == 0)
            return cell;
    }
    return NULL;
}

static bool get_text(void *opaque, const struct map_string *key, uint64_t *value) {
    struct map *map = opaque;
    pthread_mutex_lock(&map->mutex);
    const struct cell *cell = find_text(map, key);
    bool found = cell != NULL;
    if (found)
        *value = cell->value;
    pthread_mutex_unlock(&map->mutex);
    return found;
}

static int put_text(void *opaque, const struct map_string *key, uint64_t value) {
    struct map *map = opaque;
    pthread_mutex_lock(&map->mutex);
    struct cell *cell = find_text(map, key);
    if (cell == NULL) {
        cell = find_free(map);
        if (cell == NULL)
            abort(); /* no test puts so many strings */
        memcpy(cell->text, key->data, key->length);
        cell->kept = *key;
        if (!BREAKS(COPIES))
            cell->kept.data = cell->text;
        cell->live = true;
        map->count++;
    }
    cell->value = value;
    pthread_mutex_unlock(&map->mutex);
    return 0;
}

static int del_text(void *opaque, const struct map_string *key) {
    struct map *map = opaque;
    pthread_mutex_lock(&map->mutex);
    struct cell *cell = find_text(map, key);
    int removed = cell != NULL;
    if (removed) {
        cell->live = false;
        map->count--;
    }
    pthread_mutex_unlock(&map->mutex);
    return removed;
}

static uint64_t
iterate_text(void *map, bool (*visit)(void *context, const struct map_string *key, uint64_t value),
             void *context) {
    struct showing showing = {.visit_text = visit, .context = context};
    return iterate_all(map, &showing);
}

static const struct map_string_ops strings = {
    .get = get_text, .put = put_text, .del = del_text, .iterate = iterate_text};

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
                                              .delete_tells = true,
                                              .strings = IS(COPIES) ? &strings : NULL,
                                              .promises = {
#ifndef IGNORANT
                                                  .never_grows = true,
#endif
#ifndef WITHOUT_PROMISES
                                                  .iterates_once = IS(ONCE),
                                                  .iterates_present = IS(PRESENT),
                                                  .iterates_one_moment = IS(MOMENT),
                                                  .length_exact = IS(LENGTH),
                                                  .length_estimate = (VARIANT) == ESTIMATE,
                                                  .put_refuses = IS(PUT_REFUSES),
                                                  .delete_refuses = IS(DELETE_REFUSES),
                                                  .keeps = IS(FORGETS) ? KEEPS : 0,
                                                  .copies_keys = IS(COPIES),
#endif
                                              }};
