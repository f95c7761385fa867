/* native.h - the built-in maps as one uninstrumented library: for tests, benchmarks and the command.
 *
 * The same sources as the modules; only the exported name differs, and hashes other than the usual one
 * can be chosen (struct gomap_config).
 */
#ifndef HEDDLE_MAPIMPL_NATIVE_H
#define HEDDLE_MAPIMPL_NATIVE_H

#include "mapimpl/map.h"

extern const struct map_ops gomap_map;
extern const struct map_ops mutex_map;
extern const struct map_ops rwmutex_map;
extern const struct map_ops gorwmutex_map;
extern const struct map_ops oncefrozen_map;
extern const struct map_ops sharded_map;
extern const struct map_ops syncmap_map;
extern const struct map_ops seqlock_map;
extern const struct map_ops canary_map;

/* All of them, correct ones first. Static. */
const struct map_ops *const *map_native(uint32_t *count);

#endif
