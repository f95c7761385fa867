/* oncefrozen.h - how a oncefrozen map lies in memory. Internal: shared by its table and its inspector.
 */
#ifndef HEDDLE_MAPIMPL_ONCEFROZEN_ONCEFROZEN_H
#define HEDDLE_MAPIMPL_ONCEFROZEN_ONCEFROZEN_H

#include <pthread.h>

#include "mapimpl/gomap/layout.h"

struct oncefrozen_map {
    /* What readers see: NULL until the build, then one of the tables below. Written once, inside the once
     * control; a reader that finds it there need not pass the control any more. */
    _Atomic(struct gomap *) content;
    pthread_once_t once;
    pthread_mutex_t mutex; /* guards `staged` and `frozen` */
    bool frozen;
    struct gomap staged;
    struct gomap table; /* made by the build */
};

extern const struct map_inspector oncefrozen_inspector;

#endif
