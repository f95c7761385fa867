/* seqlock.h - how a seqlock map lies in memory. Internal.
 *
 * One table of cells with linear probing: a key lies in the first free cell from its hash on, and no
 * free cell lies between. At most two cells of three are used.
 */
#ifndef HEDDLE_MAPIMPL_SEQLOCK_SEQLOCK_H
#define HEDDLE_MAPIMPL_SEQLOCK_SEQLOCK_H

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>

#include "mapimpl/map.h"

#define SEQLOCK_LINE 64u /* bytes of a cache line */

struct seqlock_cell {
    _Atomic uint64_t tag; /* the key's hash with bit 0 set; 0: free */
    _Atomic uint64_t key;
    _Atomic uint64_t value;
};

struct seqlock_table {
    struct seqlock_table *older; /* half as large; readers may still be in it */
    uint64_t mask;               /* cells less one, of a power of two */
    struct seqlock_cell cell[];
};

struct seqlock_map {
    /* Looked at by every reader. */
    alignas(SEQLOCK_LINE) _Atomic(struct seqlock_table *) table;
    _Atomic uint64_t sequence; /* odd while cells are being moved or emptied */
    uint64_t seed;

    alignas(SEQLOCK_LINE) pthread_mutex_t mutex;
    uint64_t count; /* under the mutex */
};

#endif
