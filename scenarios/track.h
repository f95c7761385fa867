/* track.h - the growth window as the map's events tell it, one record for each table of a map.
 *
 * Kept in every kind of run: window_points and the coverage counters come from here. The checkers
 * compare it with what the inspector shows.
 */
#ifndef HEDDLE_SCENARIOS_TRACK_H
#define HEDDLE_SCENARIOS_TRACK_H

#include <stdbool.h>
#include <stdint.h>

#include "mapimpl/map.h"

#define SN_PARTS_MAX 64u
#define SN_OLD_MAX   1024u /* old buckets whose moves are followed; V3 to V5 rest beyond */
#define SN_MOVES_MAX 16u   /* evacuations under way at once in one table */

struct sn_move {
    uint32_t task;
    uint64_t bucket;
};

struct sn_part {
    uint32_t writers; /* writes between their start and their end */
    bool overlapped;  /* two were inside at once: nothing is checked until none is */
    bool due;         /* a complete look is due when no write is inside */
    bool window;      /* between growth start and growth end */
    bool clearing;
    bool same_size;
    uint64_t growths;      /* since the tasks started, and one that was under way then */
    bool unsure;           /* it grew while writes overlapped: its pointers cannot be trusted */
    uint32_t log2_buckets; /* after the last complete step */
    bool followed;         /* the growth has at most SN_OLD_MAX old buckets */
    uint32_t moves;        /* evacuations under way; SN_MOVES_MAX: perhaps more */
    uint64_t old_buckets;  /* of the present growth */
    uint64_t mark;         /* nevacuate as last seen at an event ... */
    uint64_t mark_point;   /* ... and at a point (full runs) */
    uint64_t probe;        /* hash of key 0 when the growth started: tells a redrawn hash seed */
    uint64_t moved_count;
    struct sn_move move[SN_MOVES_MAX];
    uint64_t moved[SN_OLD_MAX / 64];
    uint64_t sum[SN_OLD_MAX]; /* of the cells of a moved bucket, at the end of its move */
    bool summed[SN_OLD_MAX];
};

struct sn_track {
    uint32_t parts;
    uint32_t windows;      /* tables whose window is open */
    uint64_t point;        /* the last point heard of */
    uint64_t window_start; /* point at which the first of them opened */
    uint64_t window_points;
    uint64_t growths;
    uint64_t growths_done;
    uint64_t moves;
    struct sn_part part[SN_PARTS_MAX];
};

void sn_track_reset(struct sn_track *track, uint32_t parts);
/* The tasks start now: what happened so far was prefill. */
void sn_track_start(struct sn_track *track);
/* The tasks have ended, or the execution was abandoned, at `point`. */
void sn_track_stop(struct sn_track *track, uint64_t point);
/* Takes an event in. `view` is the table's at this moment, NULL without an inspector. Returns NULL,
 * or what rule of V8 the event itself breaks. */
const char *sn_track_event(struct sn_track *track, const struct map_event *event, uint32_t task,
                           uint64_t point, const struct map_view *view);

/* The window of a table closes without an event. */
void sn_track_close(struct sn_track *track, uint32_t part, uint64_t point);

static inline bool sn_part_moved(const struct sn_part *part, uint64_t bucket) {
    return bucket < SN_OLD_MAX && (part->moved[bucket / 64] >> (bucket % 64) & 1) != 0;
}

/* Whether some task is moving the bucket now, or too many are to know. */
bool sn_part_moving(const struct sn_part *part, uint64_t bucket);

#endif
