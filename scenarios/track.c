/* track.c - following a map through its events: see track.h. */
#include "scenarios/track.h"

#include <string.h>

#include "harness/base/assert.h"

void sn_track_reset(struct sn_track *track, uint32_t parts) {
    HD_ASSERT(parts >= 1 && parts <= SN_PARTS_MAX);
    memset(track, 0, offsetof(struct sn_track, part));
    track->parts = parts;
    for (uint32_t part = 0; part < parts; part++)
        memset(&track->part[part], 0, offsetof(struct sn_part, sum));
}

void sn_track_start(struct sn_track *track) {
    track->point = 0;
    track->window_start = 0;
    track->window_points = 0;
    track->growths = track->windows; /* some may have begun */
    track->growths_done = track->moves = 0;
    for (uint32_t part = 0; part < track->parts; part++)
        track->part[part].growths = track->part[part].window;
}

void sn_track_stop(struct sn_track *track, uint64_t point) {
    if (track->windows > 0 && point > track->window_start)
        track->window_points += point - track->window_start;
    track->windows = 0;
}

bool sn_part_moving(const struct sn_part *part, uint64_t bucket) {
    for (uint32_t index = 0; index < part->moves; index++) {
        if (part->move[index].bucket == bucket)
            return true;
    }
    return part->moves == SN_MOVES_MAX;
}

/* ---- the window ------------------------------------------------------------------------------ */

static const char *growth_start(struct sn_track *track, struct sn_part *part,
                                const struct map_view *view) {
    const char *wrong = part->window ? "V8: a growth starts while old buckets exist" : NULL;
    if (!part->window && track->windows++ == 0)
        track->window_start = track->point;
    track->growths++;
    part->growths++;
    part->unsure = part->unsure || part->overlapped;
    part->window = true;
    part->due = true;
    part->old_buckets = view != NULL ? view->old_buckets : 0;
    part->same_size = view != NULL && view->same_size;
    part->log2_buckets = view != NULL ? view->log2_buckets : 0;
    part->followed = part->old_buckets > 0 && part->old_buckets <= SN_OLD_MAX;
    part->mark = part->mark_point = 0;
    part->moved_count = 0;
    part->moves = 0;
    memset(part->moved, 0, sizeof(part->moved));
    memset(part->summed, 0, part->followed ? part->old_buckets : 0);
    if (wrong == NULL && view != NULL && !view->growing)
        wrong = "V8: a growth starts without old buckets";
    return wrong;
}

static void close_window(struct sn_track *track, struct sn_part *part) {
    if (--track->windows == 0)
        track->window_points += track->point - track->window_start;
    part->window = false;
    part->due = true;
}

void sn_track_close(struct sn_track *track, uint32_t part, uint64_t point) {
    track->point = point;
    if (track->part[part].window)
        close_window(track, &track->part[part]);
}

static const char *growth_end(struct sn_track *track, struct sn_part *part,
                              const struct map_view *view) {
    if (!part->window)
        return "V8: old buckets are released a second time";
    close_window(track, part);
    part->unsure = part->unsure || part->overlapped;
    track->growths_done++;
    return view != NULL && view->growing ? "V8: old buckets exist after their release" : NULL;
}

/* ---- one move -------------------------------------------------------------------------------- */

static void move_start(struct sn_part *part, uint32_t task, uint64_t bucket) {
    if (part->moves < SN_MOVES_MAX)
        part->move[part->moves++] = (struct sn_move){.task = task, .bucket = bucket};
}

static void move_end(struct sn_track *track, struct sn_part *part, uint32_t task, uint64_t bucket) {
    for (uint32_t index = 0; index < part->moves; index++) {
        if (part->move[index].task == task && part->move[index].bucket == bucket) {
            part->move[index] = part->move[--part->moves];
            break;
        }
    }
    track->moves++;
    if (bucket >= SN_OLD_MAX || sn_part_moved(part, bucket))
        return;
    part->moved[bucket / 64] |= 1ull << (bucket % 64);
    part->moved_count++;
}

/* ---- writes ---------------------------------------------------------------------------------- */

static void write_start(struct sn_part *part) {
    if (part->writers++ > 0)
        part->overlapped = true;
}

static void write_end(struct sn_part *part) {
    if (part->writers > 0)
        part->writers--;
    if (part->writers > 0 || !part->overlapped)
        return;
    part->overlapped = false;
    part->due = true;
    part->moves = 0;
}

const char *sn_track_event(struct sn_track *track, const struct map_event *event, uint32_t task,
                           uint64_t point, const struct map_view *view) {
    if (event->part >= track->parts)
        return "V8: an event names a table the map does not have";
    struct sn_part *part = &track->part[event->part];
    track->point = point;
    switch (event->kind) {
    case MAP_WRITE_START:
        write_start(part);
        return NULL;
    case MAP_WRITE_END:
        write_end(part);
        return NULL;
    case MAP_GROWTH_START:
        return growth_start(track, part, view);
    case MAP_GROWTH_END:
        return growth_end(track, part, view);
    case MAP_EVACUATE_START:
        move_start(part, task, event->bucket);
        return part->window ? NULL : "V8: a bucket is moved while no old buckets exist";
    case MAP_EVACUATE_END:
        move_end(track, part, task, event->bucket);
        return NULL;
    case MAP_CLEAR_START:
        part->clearing = true;
        return NULL;
    case MAP_CLEAR_END:
        part->clearing = false;
        return NULL;
    case MAP_MISUSE:
        return NULL;
    }
    return NULL;
}
