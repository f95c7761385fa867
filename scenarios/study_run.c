/* study_run.c - the study of a batch: the map alone, key by key. See study.h.
 */
#include "scenarios/program_internal.h"

bool sn_growth_wanted(const struct sn_scenario *scenario) {
    return scenario->prefill.kind == SN_PREFILL_THRESHOLD ||
           scenario->prefill.kind == SN_PREFILL_SAME_SIZE ||
           scenario->demands.sight[SN_SIGHT_GROWTH];
}

bool sn_study_begin(void *context, bool crashed) {
    struct sn_program *program = context;
    struct sn_study *study = &program->study;
    study->done = study->active = sn_growth_wanted(program->scenario) && !crashed;
    study->counted = study->open = study->gradual = study->refused = false;
    study->keys = 0;
    return study->active;
}

static void note_block(void *context, uint64_t size) {
    struct sn_study *study = &((struct sn_program *)context)->study;
    struct sn_study_put *put = &study->put[study->keys];
    if (size > put->block)
        put->block = size;
}

void sn_study_event(struct sn_program *program, const struct map_event *event) {
    struct sn_study *study = &program->study;
    if (event->part != 0 || study->keys >= SN_STUDY_KEYS_MAX)
        return;
    if (event->kind == MAP_GROWTH_START) {
        study->put[study->keys].event = true;
        study->open = true;
    } else if (event->kind == MAP_GROWTH_END) {
        study->gradual |= study->open && !study->put[study->keys].event;
        study->open = false;
    }
}

static void note_view(struct sn_program *program, uint64_t *buckets) {
    struct sn_study *study = &program->study;
    struct map_view view;
    if (program->inspector == NULL)
        return;
    program->inspector->view(program->map, 0, &view);
    study->put[study->keys].view = *buckets != 0 && view.buckets != *buckets;
    *buckets = view.buckets;
}

static uint64_t keys_of(const struct sn_scenario *scenario, uint64_t amount) {
    enum sn_prefill_kind kind = scenario->prefill.kind;
    bool buckets = kind == SN_PREFILL_THRESHOLD || kind == SN_PREFILL_SAME_SIZE;
    return buckets ? sn_load_limit((uint32_t)amount) : amount;
}

uint64_t sn_study_keys(const struct sn_program *program) {
    return keys_of(program->scenario, program->amount);
}

/* A batch of programs of one task each has several amounts. */
void sn_study_run(struct sn_program *program) {
    struct sn_study *study = &program->study;
    const struct sn_scenario *scenario = program->scenario;
    uint64_t next = 0, buckets = 0, wanted = keys_of(scenario, scenario->prefill.amount.high);
    hd_watch_blocks(1, note_block, program);
    while (study->keys < SN_STUDY_KEYS_MAX && !study->refused) {
        struct sn_study_put *put = &study->put[study->keys];
        uint64_t key = sn_plan_key(program, 0, &next);
        *put = (struct sn_study_put){0};
        if (study->keys > 0)
            put->before = put[-1].block > put[-1].before ? put[-1].block : put[-1].before;
        study->refused = key == UINT64_MAX ||
                         sn_key_put(program->ops, program->texts, program->map, key, key) < 0;
        note_view(program, &buckets);
        if (!study->refused && (study->keys++, sn_study_enough(study, wanted)))
            break;
    }
    hd_watch_blocks(0, NULL, NULL);
}

/* ---- the growths of an execution that nothing else tells ------------------------------------------ */

/* A put of a task, or what a thread of the map's own does, may get a table; an iteration may get a copy of
 * all entries, which is as large. */
static void note_growth(void *context, uint64_t size) {
    struct sn_program *program = context;
    uint32_t task = hd_task_self();
    if (task == 0 || (task <= program->tasks && (!program->flight[task - 1].active ||
                                                 program->flight[task - 1].kind != SN_PUT)))
        return;
    sn_sight_growth_seen(program, program->grown_block != 0 && size > program->grown_block);
    program->grown_block = size;
}

void sn_study_watch(struct sn_program *program) {
    program->grown_block = 0;
    program->growing_at_start = program->track.windows > 0;
    if (program->growth.sign == SN_SIGN_BLOCK)
        hd_watch_blocks(program->growth.block, note_growth, program);
    for (uint32_t part = 0; program->inspector != NULL && part < program->track.parts; part++) {
        struct map_view view;
        program->inspector->view(program->map, part, &view);
        program->buckets[part] = view.buckets;
    }
}
