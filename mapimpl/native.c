/* native.c - the registry of the built-in maps.
 */
#include "mapimpl/native.h"

static const struct map_ops *const registry[] = {
    &gomap_map,   &mutex_map,   &rwmutex_map, &gorwmutex_map, &oncefrozen_map,
    &sharded_map, &syncmap_map, &seqlock_map, &canary_map,
};

const struct map_ops *const *map_native(uint32_t *count) {
    *count = sizeof registry / sizeof registry[0];
    return registry;
}
