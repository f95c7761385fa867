/* check.h - whether a map at rest is whole.
 */
#ifndef HEDDLE_MAPIMPL_GOMAP_CHECK_H
#define HEDDLE_MAPIMPL_GOMAP_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "mapimpl/gomap/gomap.h"

/* Looks at every cell of a map that nobody uses meanwhile. False when an invariant of layout.h does not
 * hold: `message` (of `size` bytes) then names the first one by its letter and says where, such as "G3:
 * bucket 4, depth 0, slot 2: ...". True for a NULL map. Costs a comparison for each two keys of a chain.
 * Not instrumented; the map is not changed. */
bool gomap_check(const struct gomap *map, char *message, size_t size);

#endif
