/* generate.c - a program is drawn from the batch's seed.
 *
 * Every draw has a place of its own: the shape by section, an operation by (task, position). So
 * taking a task or an operation away leaves all others as they are.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/base/assert.h"
#include "harness/base/hash.h"
#include "harness/base/random.h"
#include "scenarios/program_internal.h"

enum shape { SHAPE_HINT, SHAPE_PREFILL, SHAPE_ABOVE, SHAPE_GROUPS };

/* Maps a draw to 0 .. n - 1; the bias is below n / 2^64. */
static uint64_t scale(uint64_t draw, uint64_t n) {
    return (uint64_t)((__extension__(unsigned __int128) draw * n) >> 64);
}

static uint64_t draw_range(uint64_t key, uint64_t index, struct sn_range range) {
    return range.low + scale(hd_draw(key, index), range.high - range.low + 1);
}

static enum sn_operation_kind draw_kind(const struct sn_group *group, uint64_t draw) {
    uint64_t sum = 0;
    for (uint32_t kind = 0; kind < SN_OPERATION_KINDS; kind++)
        sum += group->weight[kind];
    uint64_t at = scale(draw, sum);
    uint32_t kind = 0;
    while (at >= group->weight[kind]) /* ends: `at` is below the sum of the weights */
        at -= group->weight[kind++];
    return (enum sn_operation_kind)kind;
}

static void draw_operation(struct sn_operation *operation, const struct sn_group *group,
                           uint64_t tasks_key, uint32_t task, uint32_t position) {
    uint64_t key = hd_stream_key(tasks_key, (uint64_t)task << 32 | position);
    *operation = (struct sn_operation){.key = SN_NO_KEY};
    if (group->steps > 0) {
        operation->kind = group->step[position].kind;
        operation->choice = group->step[position].choice;
        operation->number = group->step[position].number;
    } else {
        operation->kind = draw_kind(group, hd_draw(key, 0));
    }
    for (uint32_t draw = 0; draw < 3; draw++)
        operation->draw[draw] = hd_draw(key, draw + 1);
}

/* Position that no operation has: the stream of the task itself. */
#define TASK_ITSELF UINT32_MAX

static void draw_task(struct sn_program *program, uint32_t group, uint64_t tasks_key) {
    const struct sn_group *of = &program->scenario->group[group];
    uint32_t number = program->tasks++;
    struct sn_task *task = &program->task[number];
    uint64_t own_key = hd_stream_key(tasks_key, (uint64_t)number << 32 | TASK_ITSELF);
    uint64_t count = of->steps > 0 ? of->steps : draw_range(own_key, 0, of->operations);
    *task = (struct sn_task){
        .group = group, .first = program->operations, .count = (uint32_t)count, .phase = of->phase};
    program->operations += task->count;
    for (uint32_t position = 0; position < task->count; position++) {
        struct sn_operation *operation = &program->operation[task->first + position];
        draw_operation(operation, of, tasks_key, number, position);
        operation->value = sn_value(program, (uint64_t)(number + 1) * SN_VALUE_TASK + position + 1);
        program->nests |= operation->kind == SN_ITERATE_PUT;
        task->iterations += operation->kind == SN_ITERATE || operation->kind == SN_ITERATE_PUT;
    }
}

/* Tasks that iterate note how often each key came, and what with it where the map promises one moment. */
static void share_visits(struct sn_program *program) {
    uint32_t iterating = 0;
    for (uint32_t task = 0; task < program->tasks; task++)
        iterating += program->task[task].iterations > 0;
    bool moment = program->ops->promises.iterates_one_moment;
    size_t places = (size_t)iterating * SN_KEYS_MAX;
    free(program->visits);
    free(program->shown);
    program->visits = iterating > 0 ? malloc(places) : NULL;
    program->shown = iterating > 0 && moment ? calloc(places, sizeof(program->shown[0])) : NULL;
    HD_ASSERT(iterating == 0 || (program->visits != NULL && (!moment || program->shown != NULL)));
    uint8_t *next = program->visits;
    uint64_t *shown = program->shown;
    for (uint32_t task = 0; task < program->tasks; task++) {
        program->flight[task].visits = NULL;
        program->flight[task].shown = NULL;
        if (program->task[task].iterations == 0)
            continue;
        program->flight[task].visits = next;
        next += SN_KEYS_MAX;
        if (shown == NULL)
            continue;
        program->flight[task].shown = shown;
        shown += SN_KEYS_MAX;
    }
}

static uint64_t fold_program(const struct sn_program *program, uint64_t shape) {
    uint64_t sum = hd_fold(hd_fold(shape, program->map_seed), program->tasks);
    for (uint32_t task = 0; task < program->tasks; task++)
        sum = hd_fold(sum, program->task[task].count);
    for (uint32_t index = 0; index < program->operations; index++) {
        const struct sn_operation *operation = &program->operation[index];
        sum = hd_fold(sum, (uint64_t)operation->kind << 32 | operation->choice);
        sum = hd_fold(sum, operation->number);
        for (uint32_t draw = 0; draw < 3; draw++)
            sum = hd_fold(sum, operation->draw[draw]);
    }
    return sum;
}

uint32_t sn_build(void *context, uint64_t batch_seed, uint64_t *fingerprint) {
    struct sn_program *program = context;
    const struct sn_scenario *scenario = program->scenario;
    uint64_t shape = hd_stream_key(batch_seed, SN_STREAM_SHAPE);
    uint64_t tasks_key = hd_stream_key(batch_seed, SN_STREAM_TASKS);
    program->map_seed = hd_draw(hd_stream_key(batch_seed, SN_STREAM_MAP), 0);
    program->hint = draw_range(shape, SHAPE_HINT, scenario->hint);
    program->amount = draw_range(shape, SHAPE_PREFILL, scenario->prefill.amount);
    program->above = draw_range(shape, SHAPE_ABOVE, scenario->prefill.above);
    program->planned = program->nests = program->study.active = false;
    program->tasks = program->operations = 0;
    for (uint32_t group = 0; group < scenario->groups; group++) {
        uint64_t count = draw_range(shape, SHAPE_GROUPS + group, scenario->group[group].count);
        for (uint64_t number = 0; number < count; number++)
            draw_task(program, group, tasks_key);
    }
    HD_ASSERT(program->tasks >= 1 && program->tasks < HD_TASKS_MAX);
    share_visits(program);
    *fingerprint =
        fold_program(program, hd_fold(hd_fold(program->hint, program->amount), program->above));
    return program->tasks;
}
