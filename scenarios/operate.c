/* operate.c - the tasks' operations.
 *
 * Map operations may switch tasks inside; everything else here runs between two points, as one
 * step.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/hash.h"
#include "scenarios/check/v9.h"
#include "scenarios/program_internal.h"

#define WITHIN_PUTS 2u /* at each entry */

void sn_raise(struct sn_program *program, enum hd_fault_kind kind, const char *message,
              const char *note) {
    if (sn_flag_harm(program, kind))
        return;
    program->note_task = hd_task_self();
    snprintf(program->note, sizeof(program->note), "%s", note);
    program->track.point = hd_points_now();
    hd_fault(kind, "%s", message);
}

/* An operation and what it may start within itself. */
struct visiting {
    struct sn_program *program;
    struct sn_flight *flight;
    struct sn_flight *within; /* of the puts at each entry; NULL: none */
    struct sn_task *task;
    uint64_t digest;
    uint64_t shown; /* entries */
};

static void put_within(const struct visiting *visiting);

static bool visit(void *context, uint64_t key, uint64_t value) {
    struct visiting *visiting = context;
    struct sn_program *program = visiting->program;
    visiting->shown++;
    if (program->kind != HD_RUN_FREE) {
        sn_v9_visit(&program->model, visiting->flight, sn_universe_index(&program->universe, key),
                    value);
        visiting->digest = hd_fold(hd_fold(visiting->digest, key), value);
    }
    if (visiting->within != NULL)
        put_within(visiting);
    return true;
}

static struct sn_result iterate(struct sn_program *program, struct sn_flight *flight, bool puts) {
    size_t task = (size_t)(flight - program->flight);
    struct visiting visiting = {.program = program,
                                .flight = flight,
                                .within = puts ? &program->within[task] : NULL,
                                .task = &program->task[task]};
    uint64_t count = sn_key_iterate(program->ops, program->texts, program->map, visit, &visiting);
    if (program->kind != HD_RUN_FREE)
        hd_result(visiting.digest);
    return (struct sn_result){.value = count, .shown = visiting.shown};
}

static struct sn_result call_map(struct sn_program *program, struct sn_flight *flight,
                                 enum sn_operation_kind kind, uint64_t key) {
    const struct map_ops *ops = program->ops;
    void *map = program->map;
    struct sn_result result = {0};
    switch (kind) {
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
    case SN_ITERATE_PUT:
        result = iterate(program, flight, kind == SN_ITERATE_PUT);
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
    if (flight->kind == SN_GET)
        sn_tell_key(program, 1, flight->key, whole);
    if (operation->key != SN_NO_KEY)
        sn_v10_tell_key(&program->v10, flight->key);
    else if (flight->kind == SN_LENGTH)
        sn_v10_tell_writes(&program->v10);
    sn_raise(program, HD_FAULT_LINEARIZABILITY, whole, note);
}

/* Starvation: an operation that would end if the others stopped coming. Programs end, so that it ends,
 * too; what tells is how much the others got done meanwhile. */
static void check_time(struct sn_program *program, const struct sn_operation *operation,
                       uint64_t began) {
    uint64_t bound = program->scenario->operation_points_max;
    uint64_t lasted = hd_points_now() - began;
    char message[HD_MESSAGE_SIZE], text[HD_NAME_SIZE];
    if (bound == 0 || !hd_schedule_fair())
        return;
    program->counter[SN_COUNT_TIMED]++;
    if (lasted <= bound)
        return;
    sn_operation_text(program, operation, text, sizeof(text));
    snprintf(message, sizeof(message), "starvation: %s took %llu points, more than %llu", text,
             (unsigned long long)lasted, (unsigned long long)bound);
    sn_raise(program, HD_FAULT_LIVELOCK, message, "");
}

static void fly(struct sn_flight *flight, const struct sn_operation *operation) {
    flight->kind = operation->kind == SN_ITERATE_PUT ? SN_ITERATE : operation->kind;
    flight->key = operation->key;
    flight->value = operation->value;
}

static void operate(struct sn_program *program, struct sn_flight *flight,
                    const struct sn_operation *operation) {
    uint64_t key = operation->key == SN_NO_KEY ? 0 : program->universe.key[operation->key];
    uint32_t task = (uint32_t)(flight - program->flight); /* of one within another: not judged */
    fly(flight, operation);
    if (program->kind == HD_RUN_FREE) { /* the model, which knows nothing of threads, looks away */
        call_map(program, flight, operation->kind, key);
        return;
    }
    program->moved = true;
    sn_model_begin(&program->model, flight);
    sn_flag_begins(program);
    if (program->judged)
        sn_v10_begin(&program->v10, task, flight);
    sn_sight_begin(program, flight);
    if (operation->kind == SN_GET)
        sn_count_window(program, flight);
    uint64_t began = hd_points_now();
    struct sn_result result = call_map(program, flight, operation->kind, key);
    program->track.point = hd_points_now();
    program->counter[SN_COUNT_OPERATIONS]++;
    program->counter[SN_COUNT_REFUSED] += result.status == -EROFS;
    program->counter[SN_COUNT_TAKEN] +=
        result.status >= 0 && (operation->kind == SN_PUT || operation->kind == SN_DELETE);
    program->counter[SN_COUNT_DECLINED] +=
        result.status < 0 && result.status != -EROFS && operation->kind <= SN_DELETE;
    hd_result((uint64_t)result.status);
    hd_result(result.value);
    if (program->judged)
        sn_v10_end(&program->v10, task, &result, program->ops->delete_tells,
                   program->model.forgetting);
    end_operation(program, flight, operation, &result);
    check_time(program, operation, began);
    program->moved = true;
    sn_at_operation_end(program, flight);
    sn_sight_end(program, flight);
}

/* The new keys in turn, in the middle of an iteration by the same task. */
static void put_within(const struct visiting *visiting) {
    struct sn_program *program = visiting->program;
    const struct sn_universe *universe = &program->universe;
    for (uint32_t put = 0; put < WITHIN_PUTS; put++) {
        uint32_t number = visiting->task->puts++;
        size_t task = (size_t)(visiting->task - program->task);
        struct sn_operation operation = {
            .kind = SN_PUT,
            .key = universe->old + number % (universe->count - universe->old),
            .value = sn_value(program, SN_VALUE_WITHIN + task * SN_KEYS_MAX + number)};
        operate(program, visiting->within, &operation);
    }
}

void sn_task_run(void *context, uint32_t index) {
    struct sn_program *program = context;
    struct sn_task *task = &program->task[index];
    sn_phase_enter(program, task->phase);
    while (task->now < task->count) { /* ends: each turn takes one operation */
        const struct sn_operation *operation = &program->operation[task->first + task->now];
        task->now++;
        operate(program, &program->flight[index], operation);
    }
    sn_phase_leave(program, task->phase);
}
