/* look.h - what an invariant's checker may look at, and the checkers of V1 to V8.
 *
 * A checker is a pure function of one moment: the table as the inspector shows it, the window as
 * the events told it, and the model. It returns true when the invariant holds; otherwise `finding`
 * says what is broken. Which checkers run when is decided in scenarios/moments.c.
 *
 * Let *old* and *new* be the bucket arrays; a write is *inside* between the map's events
 * WRITE_START and WRITE_END. Starting a growth, moving one bucket and clear are each one step.
 *
 *   V1  a key that is present and has no write in flight is found by a reader, with its value
 *   V2  it is found exactly once in old and new; a key that is absent, never
 *   V3  a moved old bucket sends each key to X or Y as its hash bit says; its marks agree
 *   V4  every old bucket below nevacuate is moved; nevacuate never falls; it ends at their number
 *   V5  nothing is written to a moved old bucket; a put leaves its key in new buckets only
 *   V6  count equals live cells
 *   V7  hashWriting is set exactly while one writer is inside
 *   V8  old buckets exist exactly in the window, and are released once
 */
#ifndef HEDDLE_SCENARIOS_CHECK_LOOK_H
#define HEDDLE_SCENARIOS_CHECK_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "scenarios/model.h"
#include "scenarios/track.h"
#include "scenarios/universe.h"

#define SN_CELLS_MAX 32768u

/* Every cell of a table, in the order of the inspector's walk. */
struct sn_cells {
    uint32_t count;
    bool strings;                 /* the map's keys are strings: `key` of a cell is their number */
    bool cut;                     /* there were more: checkers that need all of them rest */
    uint64_t old_sum[SN_OLD_MAX]; /* a hash of the cells of each old bucket */
    struct map_cell cell[SN_CELLS_MAX];
};

struct sn_look {
    const struct map_inspector *inspector;
    const struct sn_texts *texts; /* NULL: the map's keys are numbers */
    const void *map;
    uint32_t parts;
    uint32_t part;
    struct map_view view;
    const struct sn_cells *cells; /* NULL when this moment has no complete look */
    bool settled;   /* no cell is half written: no write inside, or between its steps */
    bool exclusive; /* the map keeps writers apart: not a plain one */
    bool flagged;   /* hashWriting has been seen set in this execution */
    const struct sn_part *track;
    const struct sn_model *model;
    const struct sn_universe *universe;
    uint64_t mark;    /* nevacuate at the moment before */
    uint8_t *scratch; /* SN_KEYS_MAX bytes */
};

struct sn_finding {
    char message[HD_MESSAGE_SIZE];
    uint32_t letter; /* 1 of V1, ... */
    uint32_t key;    /* V1, V2: the index of the key that it is about; else SN_NO_KEY */
};

/* Collects the cells of `look->part`. */
void sn_cells_collect(const struct sn_look *look, struct sn_cells *cells);
/* Puts a message that begins with its letter ("V3: ...") into a finding. Returns false. */
bool sn_found(struct sn_finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same of one key, by its index. */
bool sn_found_key(struct sn_finding *finding, uint32_t key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The inspector's hash and find by the number of a key. */
uint64_t sn_look_hash(const struct sn_look *look, uint64_t key);
bool sn_look_find(const struct sn_look *look, uint64_t key, struct map_cell *cell);
/* Whether the look's table owns a key. */
bool sn_look_owns(const struct sn_look *look, uint32_t key);
bool sn_v1_key(const struct sn_look *look, uint32_t key, struct sn_finding *finding);
bool sn_v1(const struct sn_look *look, struct sn_finding *finding);
bool sn_v2_key(const struct sn_look *look, uint32_t key, struct sn_finding *finding);
bool sn_v2(const struct sn_look *look, struct sn_finding *finding);
bool sn_v3(const struct sn_look *look, struct sn_finding *finding);
bool sn_v4(const struct sn_look *look, struct sn_finding *finding);
/* At the release of the old buckets. */
bool sn_v4_end(const struct sn_look *look, struct sn_finding *finding);
bool sn_v5(const struct sn_look *look, struct sn_finding *finding);
/* At the end of a put of `key`. */
bool sn_v5_key(const struct sn_look *look, uint32_t key, struct sn_finding *finding);
bool sn_v6(const struct sn_look *look, struct sn_finding *finding);
bool sn_v7(const struct sn_look *look, struct sn_finding *finding);
bool sn_v8(const struct sn_look *look, struct sn_finding *finding);

#endif
