/* sight.c - what an execution comes upon: growths, operations inside the window, an empty map.
 *
 * A scenario may demand that some of it was seen; otherwise its clean verdict says nothing.
 */
#include "scenarios/program_internal.h"

static void see(struct sn_program *program, enum sn_sight sight) {
    program->sights |= 1u << sight;
}

/* What the running task is at, *task its index; NULL and 0 outside of the tasks' operations. */
static struct sn_flight *own_flight(struct sn_program *program, uint32_t *task) {
    uint32_t self = hd_task_self();
    *task = 0;
    if (self == 0 || self > program->tasks || !program->flight[self - 1].active)
        return NULL;
    *task = self - 1;
    return &program->flight[self - 1];
}

void sn_sight_begin(struct sn_program *program, const struct sn_flight *flight) {
    uint32_t task;
    const struct sn_flight *own = own_flight(program, &task);
    if (own != NULL)
        program->ended[task] = 0;
    if (own != NULL && own == flight) {
        program->grown[task] = 0;
        program->grown_again[task] = false;
    }
    if (program->track.windows == 0)
        return;
    if (flight->kind == SN_CLEAR)
        see(program, SN_SIGHT_CLEAR_WINDOW);
    else if (flight->kind == SN_LENGTH)
        see(program, SN_SIGHT_LENGTH_WINDOW);
    else if (flight->kind == SN_ITERATE)
        see(program, SN_SIGHT_ITERATE_WINDOW);
}

static void note_in_iterations(struct sn_program *program, uint64_t part) {
    for (uint32_t task = 0; task < program->tasks; task++) {
        const struct sn_flight *flight = &program->flight[task];
        if (!flight->active || flight->kind != SN_ITERATE)
            continue;
        if ((program->grown[task] & part) != 0)
            program->grown_again[task] = true;
        program->grown[task] |= part;
    }
}

_Static_assert(SN_PARTS_MAX <= 64, "tables are bits of a word");

/* The table `part` has started to grow; `view` is NULL without an inspector. */
void sn_sight_growth(struct sn_program *program, uint32_t part, const struct map_view *view) {
    uint32_t task;
    if (part >= program->track.parts || own_flight(program, &task) == NULL)
        return;
    note_in_iterations(program, 1ull << part);
    see(program, SN_SIGHT_GROWING);
    see(program, SN_SIGHT_GROWTH);
    if (view != NULL && view->same_size)
        see(program, SN_SIGHT_SAME_SIZE);
    if (program->track.part[part].growths >= 2)
        see(program, SN_SIGHT_TWO_GROWTHS);
    if ((program->ended[task] >> part & 1) != 0)
        see(program, SN_SIGHT_CHAINED);
}

void sn_sight_growth_seen(struct sn_program *program, bool again) {
    uint32_t task;
    if (own_flight(program, &task) != NULL)
        note_in_iterations(program, 1);
    see(program, SN_SIGHT_GROWING);
    see(program, SN_SIGHT_GROWTH);
    if (again)
        see(program, SN_SIGHT_TWO_GROWTHS);
}

void sn_sight_growth_end(struct sn_program *program, uint32_t part) {
    uint32_t task;
    if (part < program->track.parts && own_flight(program, &task) != NULL)
        program->ended[task] |= 1ull << part;
}

static bool empty(const struct sn_program *program) {
    struct map_view view;
    for (uint32_t part = 0; part < program->track.parts; part++) {
        program->inspector->view(program->map, part, &view);
        if (view.count > 0)
            return false;
    }
    return true;
}

void sn_sight_end(struct sn_program *program, const struct sn_flight *flight) {
    uint32_t task = hd_task_self() - 1;
    if (flight->kind == SN_ITERATE && program->grown_again[task])
        see(program, SN_SIGHT_ITERATE_ACROSS);
    if (flight->kind == SN_FREEZE && program->model.flights > 0)
        see(program, SN_SIGHT_FREEZE_OVERLAP);
    if ((flight->kind == SN_DELETE || flight->kind == SN_CLEAR) && program->inspector != NULL &&
        empty(program))
        see(program, SN_SIGHT_EMPTIED);
}

void sn_sight_count(struct sn_program *program) {
    if (program->growing_at_start)
        see(program, SN_SIGHT_GROWING);
    for (uint32_t sight = 0; sight < SN_SIGHTS; sight++)
        program->counter[sn_sight_counter(sight)] = program->sights >> sight & 1;
}
