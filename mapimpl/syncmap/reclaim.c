/* reclaim.c - when a syncmap's blocks are released, where Go has a garbage collector.
 *
 * Readers without the mutex count themselves in and out, by phase, on a cache line that few threads
 * share. A block is retired once it is unreachable: from then on only readers that were inside at that
 * moment can hold it. The rule:
 *   R  a batch of retired blocks is released when, since it was closed, every counter of either phase has
 *      been seen at zero.
 * Whoever could hold a block of the batch kept one counter above zero from before its closing until he
 * left, whichever phase he counted in: a reader may sleep between his look at the phase and his count.
 * The phase is turned so that new readers do not keep the old counters up: each phase in its turn gets
 * no new readers and drains. Nobody ever waits: what is not ripe is looked at again later. Both sides use
 * sequentially consistent operations, since each writes one place and then reads the other's.
 *
 * Source: the two phases are those of sleepable RCU (McKenney, "Sleepable Read-Copy Update", 2006).
 * Differs: writers poll where SRCU's sleep.
 */
#include <stdlib.h>

#include "mapimpl/syncmap/syncmap.h"

#define RETIRED_MANY 64u

/* ---- readers */

static _Atomic uint32_t threads_seen;
static _Thread_local uint32_t
    own_number; /* of this thread, counted from 1; 0 before its first visit */

static uint32_t own_stripe(void) {
    if (own_number == 0) {
        own_number = atomic_fetch_add_explicit(&threads_seen, 1, memory_order_relaxed) + 1;
    }
    return own_number % SYNCMAP_STRIPES;
}

_Atomic uint64_t *syncmap_enter(struct syncmap *map) {
    uint32_t phase = atomic_load_explicit(&map->phase, memory_order_relaxed);
    _Atomic uint64_t *inside = &map->stripe[own_stripe()].inside[phase];
    atomic_fetch_add(inside, 1);
    return inside;
}

void syncmap_leave(_Atomic uint64_t *inside) {
    atomic_fetch_sub_explicit(inside, 1, memory_order_release);
}

/* ---- retired blocks: pushed by anyone, taken all at once, so that no node can come back meanwhile */

void syncmap_retire(struct syncmap *map, struct syncmap_node *node) {
    node->next = atomic_load_explicit(&map->retired, memory_order_relaxed);
    while (!atomic_compare_exchange_weak(&map->retired, &node->next, node)) {
    }
    atomic_fetch_add_explicit(&map->retired_count, 1, memory_order_relaxed);
}

bool syncmap_retired_many(const struct syncmap *map) {
    return atomic_load_explicit(&map->retired_count, memory_order_relaxed) >= RETIRED_MANY;
}

static bool nobody_inside(const struct syncmap *map, uint32_t phase) {
    for (uint32_t i = 0; i < SYNCMAP_STRIPES; i++) {
        if (atomic_load(&map->stripe[i].inside[phase]) != 0) {
            return false;
        }
    }
    return true;
}

static void close_batch(struct syncmap *map) {
    atomic_store_explicit(&map->retired_count, 0, memory_order_relaxed);
    map->waiting = atomic_exchange(&map->retired, NULL);
    map->drained[0] = false;
    map->drained[1] = false;
}

/* The phase without new readers is looked at first; once it is empty the two change their places. */
struct syncmap_node *syncmap_ripe(struct syncmap *map) {
    if (map->waiting == NULL) {
        close_batch(map);
    }
    for (unsigned step = 0; step < 2 && map->waiting != NULL; step++) {
        uint32_t idle = 1 - atomic_load_explicit(&map->phase, memory_order_relaxed);
        if (!map->drained[idle]) {
            if (!nobody_inside(map, idle)) {
                return NULL;
            }
            map->drained[idle] = true;
        }
        if (!map->drained[1 - idle]) {
            atomic_store(&map->phase, idle);
        }
    }
    struct syncmap_node *ripe = NULL;
    if (map->drained[0] && map->drained[1]) {
        ripe = map->waiting;
        map->waiting = NULL;
    }
    return ripe;
}

static void release_one(struct syncmap_node *node) {
    if (node->kind == SYNCMAP_TABLE) {
        gomap_release(&((struct syncmap_table *)node)->entries);
    } else if (node->kind == SYNCMAP_ENTRY) {
        free(syncmap_box(atomic_load(&((struct syncmap_entry *)node)->word)));
    }
    free(node);
}

void syncmap_release(struct syncmap_node *list) {
    while (list != NULL) {
        struct syncmap_node *next = list->next;
        release_one(list);
        list = next;
    }
}
