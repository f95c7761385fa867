/* moments.c - which checker runs when.
 *
 *   events (watched and full)   track's part of V8; growth start and end: V8; bucket moved: V3, V4
 *                               on a complete look, and the bucket's sum for V5; growth end: end of
 *                               V4; put ends within the window: V5 of its key
 *   write end, none inside      after a growth began or ended, or writes overlapped: V1 to V8 on
 *                               a complete look
 *   operation end (both)        V1 of the operation's key, V6 against the model's count
 *   point (full)                V3, V4, V5, V7, V8; V1, V2, V6 too when no write is inside
 *
 * While two writes are inside one table at once (a plain map, misused) nothing of that table is
 * checked; the moment the last of them leaves, everything is. Only a table that began or ended a
 * growth meanwhile is left alone from then on: its pointers may lead anywhere. What only a full run
 * can see is kept and raised at the end of an execution that is otherwise well, so that an
 * execution shows the same fault in every kind of run.
 */
#include <stdio.h>

#include "harness/base/arena.h"
#include "harness/base/assert.h"
#include "scenarios/program_internal.h"

typedef bool checker(const struct sn_look *look, struct sn_finding *finding);

/* A second copy of a key is too many cells as well: V2, which names the key, is asked before V6. */
static checker *const always[] = {sn_v8, sn_v7, sn_v4, sn_v3, sn_v5};
static checker *const quiet[] = {sn_v1, sn_v2, sn_v6};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct sn_look sn_look_at(struct sn_program *program, uint32_t part) {
    struct sn_look look = {.inspector = program->inspector,
                           .texts = program->texts,
                           .map = program->map,
                           .parts = program->track.parts,
                           .part = part,
                           .settled = true,
                           .exclusive = program->ops->kind != MAP_PLAIN,
                           .track = &program->track.part[part],
                           .model = &program->model,
                           .universe = &program->universe,
                           .mark = program->track.part[part].mark,
                           .scratch = program->scratch};
    program->inspector->view(program->map, part, &look.view);
    program->flagged = program->flagged || look.view.writing;
    look.flagged = program->flagged;
    return look;
}

void sn_look_collect(struct sn_program *program, struct sn_look *look) {
    sn_cells_collect(look, &program->cells);
    look->cells = &program->cells;
    program->counter[SN_COUNT_LOOKS]++;
}

static void raise_finding(struct sn_program *program, const struct sn_finding *finding) {
    sn_tell_finding(finding);
    sn_raise(program, HD_FAULT_INVARIANT, finding->message, "");
}

static bool run_checkers(checker *const *list, size_t count, const struct sn_look *look,
                         struct sn_finding *finding) {
    for (size_t index = 0; index < count; index++) {
        if (!list[index](look, finding))
            return false;
    }
    return true;
}

bool sn_within_step(const struct sn_part *part, const struct map_view *view) {
    return part->writers > 0 && (part->clearing || view->growing != part->window ||
                                 view->log2_buckets != part->log2_buckets);
}

bool sn_tables_sure(const struct sn_program *program) {
    for (uint32_t part = 0; part < program->track.parts; part++) {
        if (program->track.part[part].unsure)
            return false;
    }
    return true;
}

void sn_note_shapes(struct sn_program *program) {
    struct map_view view;
    for (uint32_t part = 0; program->inspector != NULL && part < program->track.parts; part++) {
        program->inspector->view(program->map, part, &view);
        program->track.part[part].log2_buckets = view.log2_buckets;
    }
}

/* ---- events ---------------------------------------------------------------------------------- */

static struct sn_flight *running_flight(struct sn_program *program) {
    uint32_t task = hd_task_self();
    if (task == 0 || task > program->tasks)
        return NULL;
    if (program->within[task - 1].active)
        return &program->within[task - 1];
    return program->flight[task - 1].active ? &program->flight[task - 1] : NULL;
}

void sn_count_window(struct sn_program *program, const struct sn_flight *flight) {
    if (program->track.windows == 0 || program->inspector == NULL || flight->kind > SN_DELETE)
        return;
    uint64_t key = program->universe.key[flight->key];
    uint32_t number = sn_part_of(program, key);
    const struct sn_part *part = &program->track.part[number];
    if (!part->window || !part->followed)
        return;
    uint64_t hash = sn_hash(program, number, key);
    bool moved = sn_part_moved(part, hash & (part->old_buckets - 1));
    program
        ->counter[(moved ? SN_COUNT_PUT_MOVED : SN_COUNT_PUT_UNMOVED) + (uint32_t)flight->kind]++;
}

static void bucket_moved(struct sn_program *program, uint32_t part, uint64_t bucket) {
    struct sn_finding finding;
    struct sn_part *track = &program->track.part[part];
    if (track->overlapped || track->unsure || !track->window)
        return;
    struct sn_look look = sn_look_at(program, part);
    sn_look_collect(program, &look);
    if (!sn_v3(&look, &finding) || !sn_v4(&look, &finding))
        raise_finding(program, &finding);
    track->mark = look.view.evacuated;
    if (bucket < SN_OLD_MAX && !program->cells.cut) {
        track->sum[bucket] = program->cells.old_sum[bucket];
        track->summed[bucket] = true;
    }
}

static void growth_ended(struct sn_program *program, uint32_t part) {
    struct sn_finding finding;
    struct sn_look look = sn_look_at(program, part);
    if (!look.track->overlapped && !look.track->unsure && !sn_v4_end(&look, &finding))
        raise_finding(program, &finding);
}

/* No write is inside the table now. Returns whether all holds. */
static bool complete_look(struct sn_program *program, uint32_t part, struct sn_finding *finding) {
    struct sn_look look = sn_look_at(program, part);
    sn_look_collect(program, &look);
    bool holds = run_checkers(always, COUNT(always), &look, finding) &&
                 run_checkers(quiet, COUNT(quiet), &look, finding);
    program->track.part[part].mark = look.view.evacuated;
    return holds;
}

static void write_ended(struct sn_program *program, uint32_t part, const struct sn_flight *flight) {
    struct sn_finding finding;
    struct sn_part *track = &program->track.part[part];
    if (track->writers > 0 || track->overlapped || track->unsure)
        return;
    if (track->due) {
        track->due = false;
        if (!complete_look(program, part, &finding))
            raise_finding(program, &finding);
    }
    if (flight == NULL || flight->kind != SN_PUT || !track->window)
        return;
    struct sn_look look = sn_look_at(program, part);
    if (!sn_v5_key(&look, flight->key, &finding))
        raise_finding(program, &finding);
}

/* Writes overlap in the table, or did so while it grew: its own fault is then the only one to
 * tell. */
static bool misused(const struct sn_program *program, uint32_t part) {
    const struct sn_part *track = &program->track.part[part % SN_PARTS_MAX];
    return track->overlapped || track->unsure;
}

static void check_event(struct sn_program *program, const struct map_event *event,
                        const char *wrong, const struct sn_flight *flight) {
    struct sn_finding finding;
    if (wrong != NULL && !misused(program, event->part)) {
        sn_found(&finding, "%s", wrong);
        raise_finding(program, &finding);
    }
    if (event->kind == MAP_EVACUATE_END)
        bucket_moved(program, event->part, event->bucket);
    else if (event->kind == MAP_GROWTH_END)
        growth_ended(program, event->part);
    else if (event->kind == MAP_WRITE_END)
        write_ended(program, event->part, flight);
}

/* Two writes met in one table: what they write, and where, is anybody's guess. */
static bool wrote_together(const struct sn_program *program, const struct map_event *event) {
    return event->kind == MAP_WRITE_START && event->part < program->track.parts &&
           program->track.part[event->part].overlapped;
}

void sn_observe(void *context, const struct map_event *event) {
    struct sn_program *program = context;
    struct sn_flight *flight = running_flight(program);
    const struct map_inspector *inspector = program->map != NULL ? program->inspector : NULL;
    bool growth = event->kind == MAP_GROWTH_START || event->kind == MAP_GROWTH_END;
    struct map_view view;
    if (program->kind == HD_RUN_FREE)
        return;
    if (program->study.active) {
        sn_study_event(program, event);
        return;
    }
    program->moved = true;
    if (event->kind == MAP_MISUSE)
        sn_flag_speaks(program);
    if (growth && inspector != NULL && event->part < program->track.parts)
        inspector->view(program->map, event->part, &view);
    const char *wrong = sn_track_event(&program->track, event, hd_task_self(), hd_points_now(),
                                       growth && inspector != NULL ? &view : NULL);
    if (wrote_together(program, event))
        hd_arena_suspect();
    if (event->kind == MAP_GROWTH_START)
        sn_sight_growth(program, event->part,
                        inspector != NULL && event->part < program->track.parts ? &view : NULL);
    if (event->kind == MAP_GROWTH_END)
        sn_sight_growth_end(program, event->part);
    if (inspector == NULL || event->part >= program->track.parts)
        return;
    if (event->kind == MAP_GROWTH_START)
        program->track.part[event->part].probe = sn_hash(program, event->part, 0);
    if (event->kind == MAP_WRITE_START && flight != NULL)
        sn_count_window(program, flight);
    if (program->kind != HD_RUN_BARE)
        check_event(program, event, wrong, flight);
}

/* ---- ends of operations ---------------------------------------------------------------------- */

/* The tables' counts together are the model's, when nobody writes and all keys are definite. */
static void check_count(struct sn_program *program) {
    struct sn_finding finding;
    struct map_view view;
    uint64_t expected, count = 0;
    if (program->ops->promises.length_estimate || program->model.writes > 0 ||
        !sn_model_count(&program->model, &expected))
        return;
    for (uint32_t part = 0; part < program->track.parts; part++) {
        program->inspector->view(program->map, part, &view);
        count += view.count;
    }
    if (count == expected)
        return;
    sn_found(&finding, "V6: count is %llu, entries are %llu", (unsigned long long)count,
             (unsigned long long)expected);
    sn_tell_count(finding.message);
    sn_raise(program, HD_FAULT_INVARIANT, finding.message, "");
}

/* A map that freezes may replace a growing table as a whole: its window ends without an event,
 * outside of any write. Whether it may is asked at the end of the execution. */
void sn_notice_replacement(struct sn_program *program) {
    struct map_view view;
    for (uint32_t part = 0; part < program->track.parts; part++) {
        struct sn_part *track = &program->track.part[part];
        if (!track->window || track->writers > 0 || track->unsure)
            continue;
        program->inspector->view(program->map, part, &view);
        if (view.growing)
            continue;
        program->replaced = true;
        sn_track_close(&program->track, part, hd_points_now());
    }
}

/* Of a map that tells no events. */
static void notice_growth(struct sn_program *program) {
    struct map_view view;
    for (uint32_t part = 0; part < program->track.parts; part++) {
        program->inspector->view(program->map, part, &view);
        if (view.buckets == program->buckets[part])
            continue;
        program->buckets[part] = view.buckets;
        sn_sight_growth_seen(program, (program->sights >> SN_SIGHT_GROWTH & 1) != 0);
    }
}

void sn_at_operation_end(struct sn_program *program, const struct sn_flight *flight) {
    struct sn_finding finding;
    if (program->inspector == NULL)
        return;
    if (program->track.windows > 0)
        sn_notice_replacement(program);
    if (program->growth.sign == SN_SIGN_VIEW && flight->kind == SN_PUT)
        notice_growth(program);
    if (program->kind == HD_RUN_BARE || (flight->kind != SN_PUT && flight->kind != SN_DELETE))
        return;
    uint32_t part = sn_part_of(program, program->universe.key[flight->key]);
    const struct sn_part *track = &program->track.part[part];
    if (track->writers == 0 && !misused(program, part)) {
        struct sn_look look = sn_look_at(program, part);
        if (!sn_v1_key(&look, flight->key, &finding))
            raise_finding(program, &finding);
    }
    check_count(program);
}

/* ---- points of full runs --------------------------------------------------------------------- */

static bool check_point(struct sn_program *program, uint32_t part, struct sn_finding *finding) {
    struct sn_part *track = &program->track.part[part];
    struct sn_look look = sn_look_at(program, part);
    if (track->overlapped || track->unsure || sn_within_step(track, &look.view))
        return true;
    look.settled = track->writers == 0;
    look.mark = track->mark_point;
    track->mark_point = look.view.evacuated;
    sn_look_collect(program, &look);
    return run_checkers(always, COUNT(always), &look, finding) &&
           (track->writers > 0 || run_checkers(quiet, COUNT(quiet), &look, finding));
}

/* Where nothing was written and the map told nothing, all is as it was when it was last looked at. */
void sn_at_point(void *context, bool written) {
    struct sn_program *program = context;
    program->track.point = hd_points_now();
    if (program->inspector == NULL || program->map == NULL || program->later)
        return;
    program->counter[SN_COUNT_POINT_LOOKS]++;
    if (!written && !program->moved)
        return;
    program->moved = false;
    if (program->track.windows > 0)
        sn_notice_replacement(program);
    for (uint32_t part = 0; part < program->track.parts; part++) {
        if (check_point(program, part, &program->later_finding))
            continue;
        program->later = true;
        sn_tell_finding(&program->later_finding);
        snprintf(program->later_note, sizeof(program->later_note),
                 "first seen before point %llu, by task %u",
                 (unsigned long long)program->track.point, hd_task_self());
        return;
    }
}
