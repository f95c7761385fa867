/* inspect.h - the inspector's functions for one gomap, for inspectors of maps that hold several. None is
 * instrumented, and their callers must not be either. Contracts: struct map_inspector in map.h.
 */
#ifndef HEDDLE_MAPIMPL_GOMAP_INSPECT_H
#define HEDDLE_MAPIMPL_GOMAP_INSPECT_H

#include "mapimpl/gomap/layout.h"

void gomap_view(const struct gomap *map, struct map_view *view);
void gomap_walk(const struct gomap *map, bool (*visit)(void *context, const struct map_cell *cell),
                void *context);
/* Of a map with 64-bit numbers for keys; the next one of a map with strings. Others are only walked. */
bool gomap_find(const struct gomap *map, uint64_t key, struct map_cell *cell);
bool gomap_find_string(const struct gomap *map, const struct map_string *key,
                       struct map_cell *cell);

#endif
