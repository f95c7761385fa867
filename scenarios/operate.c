/* operate.c - the life of one execution: setup, the tasks' operations, finish.
 *
 * Map operations may switch tasks inside; everything else here runs between two points, as one
 * step.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/hash.h"
#include "scenarios/program_internal.h"

/* Of maps of several tables, where the scenario says nothing: few, so that tasks meet. */
#define SHARDS_DEFAULT 8u

#define PREFILL_VALUE 1000000u /* values of prefilled keys start here, those of tasks lie below */

void sn_raise(struct sn_program *program, enum hd_fault_kind kind, const char *message,
              const char *note) {
    if (sn_flag_harm(program, kind))
        return;
    program->note_task = hd_task_self();
    snprintf(program->note, sizeof(program->note), "%s", note);
    program->track.point = hd_points_now();
    hd_fault(kind, "%s", message);
}

/* The map's own detection; never a finding. */
static void fatal(void *context, const char *message) {
    sn_raise(context, HD_FAULT_FATAL, message, "");
}

/* ---- setup ----------------------------------------------------------------------------------- */

static uint64_t prefill_value(const struct sn_program *program, uint32_t key) {
    return PREFILL_VALUE + program->universe.key[key];
}

void sn_prefill_step(struct sn_program *program, const struct sn_prefill_step *step) {
    char message[HD_MESSAGE_SIZE];
    uint64_t key = program->universe.key[step->key];
    int status = step->remove ? sn_key_delete(program->ops, program->texts, program->map, key)
                              : sn_key_put(program->ops, program->texts, program->map, key,
                                           prefill_value(program, step->key));
    if (status >= 0)
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
    if (program->inspector != NULL && program->inspector->parts(program->map) > SN_PARTS_MAX)
        program->inspector = NULL;
    uint32_t parts =
        program->inspector != NULL ? program->inspector->parts(program->map) : SN_PARTS_MAX;
    sn_track_reset(&program->track, parts);
}

static void model_prefill(struct sn_program *program) {
    sn_model_reset(&program->model, program->universe.count, program->ops->delete_tells);
    for (uint32_t index = 0; index < program->plan_count; index++) {
        const struct sn_prefill_step *step = &program->plan[index];
        sn_model_set(&program->model, step->key, !step->remove, prefill_value(program, step->key));
    }
}

/* What V10 has to know of the keys that operations name. */
static void begin_history(struct sn_program *program, enum hd_run_kind kind) {
    struct sn_candidate state;
    program->judged = (kind == HD_RUN_WATCHED || kind == HD_RUN_FULL) &&
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
    }
}

void sn_setup(void *context, enum hd_run_kind kind) {
    struct sn_program *program = context;
    program->kind = HD_RUN_BARE; /* the prefill is not what is checked */
    program->later = program->replaced = program->judged = false;
    program->note[0] = '\0';
    memset(program->counter, 0, sizeof(program->counter));
    reset_tasks(program);
    sn_phases_reset(program);
    sn_track_reset(&program->track, 1);
    sn_model_reset(&program->model, 0, false);
    create_map(program);
    look_for_inspector(program);
    if (!program->planned)
        sn_plan(program);
    else
        for (uint32_t index = 0; index < program->plan_count; index++)
            sn_prefill_step(program, &program->plan[index]);
    model_prefill(program);
    begin_history(program, kind);
    sn_track_start(&program->track);
    sn_note_shapes(program);
    program->kind = kind;
}

/* ---- one operation --------------------------------------------------------------------------- */

struct visiting {
    struct sn_program *program;
    struct sn_flight *flight;
    uint64_t digest;
};

static bool visit(void *context, uint64_t key, uint64_t value) {
    struct visiting *visiting = context;
    if (visiting->program->kind == HD_RUN_FREE)
        return true;
    sn_model_visit(&visiting->program->model, visiting->flight,
                   sn_universe_index(&visiting->program->universe, key), value);
    visiting->digest = hd_fold(hd_fold(visiting->digest, key), value);
    return true;
}

static struct sn_result iterate(struct sn_program *program, struct sn_flight *flight) {
    struct visiting visiting = {.program = program, .flight = flight};
    memset(flight->visits, 0, program->universe.count);
    uint64_t count = sn_key_iterate(program->ops, program->texts, program->map, visit, &visiting);
    hd_result(visiting.digest);
    return (struct sn_result){.value = count};
}

static struct sn_result call_map(struct sn_program *program, struct sn_flight *flight,
                                 uint64_t key) {
    const struct map_ops *ops = program->ops;
    void *map = program->map;
    struct sn_result result = {0};
    switch (flight->kind) {
    case SN_PUT:
        result.status = sn_key_put(ops, program->texts, map, key, flight->value);
        break;
    case SN_GET:
        result.status = sn_key_get(ops, program->texts, map, key, &result.value);
        if (result.status == 0)
            result.value = 0;
        break;
    case SN_DELETE:
        result.status = sn_key_delete(ops, program->texts, map, key);
        break;
    case SN_ITERATE:
        result = iterate(program, flight);
        break;
    case SN_CLEAR:
        result.status = ops->clear(map);
        break;
    case SN_LENGTH:
        result.value = ops->length(map);
        break;
    case SN_FREEZE:
        result.status = ops->freeze(map);
        break;
    }
    return result;
}

static void end_operation(struct sn_program *program, struct sn_flight *flight,
                          const struct sn_operation *operation, const struct sn_result *result) {
    char message[HD_MESSAGE_SIZE], note[HD_MESSAGE_SIZE], text[HD_NAME_SIZE],
        whole[HD_MESSAGE_SIZE];
    if (sn_model_end(&program->model, flight, result, message, note))
        return;
    sn_operation_text(program, operation, text, sizeof(text));
    snprintf(whole, sizeof(whole), "%s %.180s", text, message);
    sn_raise(program, HD_FAULT_LINEARIZABILITY, whole, note);
}

static void operate(struct sn_program *program, struct sn_flight *flight,
                    const struct sn_operation *operation) {
    uint64_t key = operation->key == SN_NO_KEY ? 0 : program->universe.key[operation->key];
    flight->kind = operation->kind;
    flight->key = operation->key;
    flight->value = operation->value;
    uint32_t task = (uint32_t)(flight - program->flight);
    sn_model_begin(&program->model, flight);
    if (program->judged)
        sn_v10_begin(&program->v10, task, flight);
    if (operation->kind == SN_GET)
        sn_count_window(program, flight);
    struct sn_result result = call_map(program, flight, key);
    program->track.point = hd_points_now();
    program->counter[SN_COUNT_OPERATIONS]++;
    program->counter[SN_COUNT_REFUSED] += result.status == -EROFS;
    hd_result((uint64_t)result.status);
    hd_result(result.value);
    if (program->judged)
        sn_v10_end(&program->v10, task, &result, program->ops->delete_tells);
    end_operation(program, flight, operation, &result);
    sn_at_operation_end(program, flight);
}

/* On real threads: the model, which knows nothing of threads, looks away. */
static void operate_freely(struct sn_program *program, struct sn_flight *flight,
                           const struct sn_operation *operation) {
    flight->kind = operation->kind;
    flight->key = operation->key;
    flight->value = operation->value;
    call_map(program, flight,
             operation->key == SN_NO_KEY ? 0 : program->universe.key[operation->key]);
}

void sn_task_run(void *context, uint32_t index) {
    struct sn_program *program = context;
    struct sn_task *task = &program->task[index];
    sn_phase_enter(program, task->phase);
    while (task->now < task->count) { /* ends: each turn takes one operation */
        const struct sn_operation *operation = &program->operation[task->first + task->now];
        task->now++;
        if (program->kind == HD_RUN_FREE)
            operate_freely(program, &program->flight[index], operation);
        else
            operate(program, &program->flight[index], operation);
    }
    sn_phase_leave(program, task->phase);
}

/* ---- finish ---------------------------------------------------------------------------------- */

/* What a reader finds at the end is what the model allows. Keys that no task wrote are looked up
 * through the inspector where there is one. */
static void check_key(struct sn_program *program, uint32_t index) {
    char message[HD_MESSAGE_SIZE], note[HD_MESSAGE_SIZE];
    uint64_t key = program->universe.key[index], value = 0;
    struct map_cell cell = {0};
    bool found;
    if (program->inspector != NULL && !program->model.key[index].touched &&
        sn_tables_sure(program)) {
        found = sn_key_find(program->inspector, program->texts, program->map, key, &cell);
        value = cell.value;
    } else {
        found = sn_key_get(program->ops, program->texts, program->map, key, &value);
    }
    if (program->judged)
        sn_v10_read(&program->v10, index, found, value);
    if (sn_model_allows(&program->model, index, found, value))
        return;
    snprintf(note, sizeof(note), "found %s %llu; key number %u", found ? "value" : "nothing,",
             (unsigned long long)(found ? value : 0), index);
    snprintf(message, sizeof(message), "at the end key %llu %s", (unsigned long long)key,
             !found ? "is lost"
             : sn_model_allows(&program->model, index, false, 0)
                 ? "is present, but was removed or never put"
                 : "holds a value that was overwritten or never put");
    sn_raise(program, HD_FAULT_LINEARIZABILITY, message, note);
}

static void check_length(struct sn_program *program) {
    uint64_t expected;
    char message[HD_MESSAGE_SIZE];
    if (!sn_model_count(&program->model, &expected))
        return;
    uint64_t length = program->ops->length(program->map);
    if (length == expected)
        return;
    snprintf(message, sizeof(message), "at the end length is %llu, entries are %llu",
             (unsigned long long)length, (unsigned long long)expected);
    sn_raise(program, HD_FAULT_LINEARIZABILITY, message, "");
}

/* Only a map that can be frozen refuses writes. */
static void check_refusals(struct sn_program *program) {
    if (program->model.refused == 0 || program->model.freeze_begun ||
        program->ops->freeze(program->map) != -ENOTSUP)
        return;
    sn_raise(program, HD_FAULT_LINEARIZABILITY,
             "a write was refused by a map that cannot be frozen", "");
}

/* Old buckets may vanish without an event only where a whole table is replaced by a frozen one. */
static void check_replaced(struct sn_program *program) {
    if (program->replaced && program->ops->freeze(program->map) == -ENOTSUP)
        sn_raise(program, HD_FAULT_INVARIANT,
                 "V8: there are no old buckets within the growth window", "");
}

static void check_whole(struct sn_program *program) {
    struct sn_finding finding;
    char note[HD_MESSAGE_SIZE];
    if (!program->judged)
        return;
    enum hd_check_verdict verdict = sn_v10(&program->v10, program->universe.key, &finding, note);
    program->counter[SN_COUNT_HISTORIES]++;
    program->counter[SN_COUNT_HISTORIES_UNKNOWN] += verdict == HD_CHECK_UNKNOWN;
    if (verdict == HD_CHECK_ILLEGAL)
        sn_raise(program, HD_FAULT_LINEARIZABILITY, finding.message, note);
}

static void check_end(struct sn_program *program) {
    for (uint32_t key = 0; key < program->universe.count; key++)
        check_key(program, key);
    check_length(program);
    check_refusals(program);
    check_replaced(program);
    check_whole(program);
    if (program->later)
        sn_raise(program, HD_FAULT_INVARIANT, program->later_finding.message, program->later_note);
}

void sn_finish(void *context) {
    struct sn_program *program = context;
    sn_track_stop(&program->track, hd_points_now());
    if (program->kind != HD_RUN_FREE)
        check_end(program);
    program->kind = HD_RUN_BARE; /* destroying a map that grows is no release in the sense of V8 */
    program->ops->destroy(program->map);
    program->map = NULL;
}
