/* setup.c - an execution begins: the map is made and filled, everything else put back to its start.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "scenarios/program_internal.h"

/* Of maps of several tables, where the scenario says nothing: few, so that tasks meet. */
#define SHARDS_DEFAULT 8u

/* The map's own detection; never a finding. */
static void fatal(void *context, const char *message) {
    sn_raise(context, HD_FAULT_FATAL, message, "");
}

static uint64_t prefill_value(const struct sn_program *program, uint32_t key) {
    return sn_value(program, SN_VALUE_PREFILL + program->universe.key[key]);
}

static bool may_refuse(const struct map_promises *promises, bool remove, int status) {
    return remove ? promises->delete_refuses : promises->put_refuses || status == -ENOMEM;
}

void sn_prefill_step(struct sn_program *program, struct sn_prefill_step *step) {
    char message[HD_MESSAGE_SIZE];
    uint64_t key = program->universe.key[step->key];
    int status = step->remove ? sn_key_delete(program->ops, program->texts, program->map, key)
                              : sn_key_put(program->ops, program->texts, program->map, key,
                                           prefill_value(program, step->key));
    step->refused = status < 0 && may_refuse(&program->ops->promises, step->remove, status);
    if (status >= 0 || step->refused)
        return;
    snprintf(message, sizeof(message), "prefill failed: %s(%llu) returned %d",
             step->remove ? "delete" : "put", (unsigned long long)key, status);
    sn_raise(program, HD_FAULT_ASSERT, message, "");
}

static void create_map(struct sn_program *program) {
    uint64_t shards = program->scenario->shards;
    struct map_options options = {.hint = program->hint,
                                  .keys =
                                      program->texts != NULL ? MAP_KEYS_STRING : MAP_KEYS_NUMBER,
                                  .version = (uint32_t)program->scenario->version,
                                  .seed = program->map_seed,
                                  .shards = shards != 0 ? (uint32_t)shards : SHARDS_DEFAULT};
    char message[HD_MESSAGE_SIZE];
    program->host = (struct map_host){.context = program, .event = sn_observe, .fatal = fatal};
    program->map = NULL;
    int status = program->ops->create(&options, &program->host, &program->map);
    if (status == 0 && program->map != NULL)
        return;
    snprintf(message, sizeof(message), "create failed with %d", status);
    sn_raise(program, HD_FAULT_ASSERT, message, "");
}

static void look_for_inspector(struct sn_program *program) {
    program->inspector = program->ops->inspector;
    if (program->ops->promises.keeps != 0) /* what a cache forgets is no finding */
        program->inspector = NULL;
    if (program->inspector != NULL && program->inspector->parts(program->map) > SN_PARTS_MAX)
        program->inspector = NULL;
    uint32_t parts =
        program->inspector != NULL ? program->inspector->parts(program->map) : SN_PARTS_MAX;
    sn_track_reset(&program->track, parts);
}

static void model_prefill(struct sn_program *program) {
    sn_model_reset(&program->model, program->universe.count, program->ops->delete_tells);
    program->model.promises = program->ops->promises;
    for (uint32_t index = 0; index < program->plan_count; index++) {
        const struct sn_prefill_step *step = &program->plan[index];
        if (!step->refused)
            sn_model_set(&program->model, step->key, !step->remove,
                         prefill_value(program, step->key));
    }
}

/* What V10 has to know of the keys that operations name. */
static void begin_history(struct sn_program *program, enum hd_run_kind kind) {
    struct sn_candidate state;
    program->judged = (kind == HD_RUN_WATCHED || kind == HD_RUN_FULL) && !program->nests &&
                      program->operations <= SN_V10_OPERATIONS_MAX;
    if (!program->judged)
        return;
    sn_v10_reset(&program->v10, program->universe.count);
    for (uint32_t index = 0; index < program->operations; index++) {
        uint32_t key = program->operation[index].key;
        if (key != SN_NO_KEY && sn_model_definite(&program->model, key, &state))
            sn_v10_follow(&program->v10, key, &state);
    }
}

static void reset_tasks(struct sn_program *program) {
    for (uint32_t task = 0; task < program->tasks; task++) {
        program->task[task].now = 0;
        program->flight[task].active = false;
        program->flight[task].next = program->flight[task].previous = NULL;
        program->task[task].puts = 0;
        program->within[task].active = false;
        program->within[task].next = program->within[task].previous = NULL;
    }
}

void sn_setup(void *context, enum hd_run_kind kind) {
    struct sn_program *program = context;
    program->sights = 0;
    program->kind = HD_RUN_BARE; /* the prefill is not what is checked */
    program->flagged = program->later = program->replaced = program->judged = false;
    program->moved = true;
    program->note[0] = '\0';
    memset(program->counter, 0, sizeof(program->counter));
    reset_tasks(program);
    sn_phases_reset(program);
    sn_track_reset(&program->track, 1);
    sn_model_reset(&program->model, 0, false);
    create_map(program);
    look_for_inspector(program);
    if (program->study.active) {
        sn_study_run(program);
        return;
    }
    if (!program->planned)
        sn_plan(program);
    else
        for (uint32_t index = 0; index < program->plan_count; index++)
            sn_prefill_step(program, &program->plan[index]);
    model_prefill(program);
    begin_history(program, kind);
    sn_track_start(&program->track);
    sn_note_shapes(program);
    sn_study_watch(program);
    program->kind = kind;
}
