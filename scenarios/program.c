/* program.c - the pair of a scenario and a map, as the harness runs it: see
 * harness/sched/program.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/random.h"
#include "scenarios/program_internal.h"

static const struct hd_program_ops program_ops;

static uint64_t operations_max(const struct sn_scenario *scenario) {
    uint64_t count = 0;
    for (uint32_t index = 0; index < scenario->groups; index++) {
        const struct sn_group *group = &scenario->group[index];
        count += group->count.high * (group->steps > 0 ? group->steps : group->operations.high);
    }
    return count;
}

bool sn_program_fits(const struct sn_scenario *scenario, const struct sn_map *map, char *error) {
    const struct map_ops *ops = sn_map_ops(map);
    if (!scenario->strings || ops->strings != NULL)
        return true;
    snprintf(error, HD_LINE_SIZE, "%.200s %.200s: the map takes no strings for keys",
             scenario->name, ops->name);
    return false;
}

/* Some task writes in the middle of its own iteration. */
static bool nests(const struct sn_scenario *scenario) {
    bool any = false;
    for (uint32_t index = 0; index < scenario->groups; index++) {
        const struct sn_group *group = &scenario->group[index];
        any |= group->weight[SN_ITERATE_PUT] > 0;
        for (uint32_t step = 0; step < group->steps; step++)
            any |= group->step[step].kind == SN_ITERATE_PUT;
    }
    return any;
}

bool sn_program_answers(const struct sn_scenario *scenario, const struct sn_map *map, char *error) {
    const struct map_ops *ops = sn_map_ops(map);
    const char *why = NULL;
    if (sn_scenario_expect(scenario, ops->name) != NULL)
        return true;
    if (ops->promises.never_grows && sn_growth_wanted(scenario))
        why = "the map never grows";
    else if (scenario->operation_points_max > 0)
        why = "how long an operation may take is known of the maps that it names only";
    else if (nests(scenario))
        why = "its tasks write in the middle of their own iteration, where a map with a lock waits "
              "for itself";
    if (why != NULL)
        snprintf(error, HD_LINE_SIZE, "%.100s %.100s: %s; --scenario %.100s runs it all the same",
                 scenario->name, ops->name, why, scenario->name);
    return why == NULL;
}

int sn_program_open(const struct sn_scenario *scenario, const struct sn_map *map,
                    struct sn_program **program, struct hd_subject *subject, char *error) {
    if (!sn_program_fits(scenario, map, error))
        return -ENOTSUP;
    struct sn_program *opened = calloc(1, sizeof(*opened));
    if (opened == NULL)
        goto no_memory;
    opened->scenario = scenario;
    opened->ops = sn_map_ops(map);
    opened->module[0] = sn_map_module(map);
    opened->operation = calloc(operations_max(scenario) + 1, sizeof(opened->operation[0]));
    opened->plan = calloc(2 * SN_KEYS_MAX, sizeof(opened->plan[0]));
    opened->texts = scenario->strings ? sn_texts_new() : NULL;
    if (sn_v10_open(&opened->v10, operations_max(scenario)) != 0 || opened->operation == NULL ||
        opened->plan == NULL || (scenario->strings && opened->texts == NULL))
        goto no_memory;
    *subject = (struct hd_subject){.ops = &program_ops,
                                   .program = opened,
                                   .module = opened->module,
                                   .modules = 1,
                                   .points_max = scenario->points_max,
                                   .alone = sn_scenario_alone(scenario)};
    *program = opened;
    return 0;
no_memory:
    sn_program_close(opened);
    snprintf(error, HD_LINE_SIZE, "%.200s: %s", scenario->spelling, strerror(ENOMEM));
    return -ENOMEM;
}

void sn_program_close(struct sn_program *program) {
    if (program == NULL)
        return;
    sn_v10_close(&program->v10);
    free(program->operation);
    free(program->plan);
    free(program->visits);
    free(program->shown);
    sn_texts_free(program->texts);
    free(program);
}

/* Sums of one execution; after a fault the window is counted up to the last point heard of. */
static void ended(void *context, bool fault, uint64_t counters[HD_COUNTERS_MAX]) {
    struct sn_program *program = context;
    struct sn_track *track = &program->track;
    if (fault)
        sn_track_stop(track, track->point);
    program->counter[SN_COUNT_WINDOW_POINTS] = track->window_points;
    program->counter[SN_COUNT_GROWTHS] = track->growths;
    program->counter[SN_COUNT_GROWTHS_DONE] = track->growths_done;
    program->counter[SN_COUNT_MOVES] = track->moves;
    program->counter[SN_COUNT_MISPLACED] = program->misplaced;
    sn_sight_count(program);
    if (!program->study.counted) {
        program->study.counted = true;
        program->counter[SN_COUNT_STUDIES + program->growth.sign] = program->study.done;
        program->counter[SN_COUNT_STUDY_KEYS] = program->study.keys;
        program->counter[SN_COUNT_GRADUAL] = program->study.gradual;
    }
    for (uint32_t index = 0; index < SN_COUNTERS; index++)
        counters[index] += program->counter[index];
}

static const struct hd_program_ops program_ops = {
    .name = "scenario",
    .build = sn_build,
    .study = sn_study_begin,
    .setup = sn_setup,
    .task = sn_task_run,
    .finish = sn_finish,
    .at_point = sn_at_point,
    .judge = sn_judge_moment,
    .ended = ended,
    .describe = sn_describe,
    .begun = sn_begun,
    .render = sn_render,
};
