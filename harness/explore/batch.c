/* batch.c - one batch: program, pilot, executions, sums. See run.h.
 *
 * The pilot counts the events of the batch's program for strategies that must know them: a random walk,
 * or, when that ends in a fault early, a run without preemption; enlarged by a fifth, since other
 * schedules may take longer.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/explore/run.h"
#include "harness/strategy/replay.h"
#include "harness/task/pool.h"

#define POINTS_MAX_DEFAULT   500000u
#define PILOT_EVENTS_UNKNOWN 64u
#define STUDY_POINTS_MAX     125000u /* alone, the main task may pass 32 times as many */

static const struct {
    uint32_t batches;
    uint32_t size;
} early[] = {{32, 8}, {32, 32}};

struct hd_batch_place hd_batch_place(uint64_t batch) {
    struct hd_batch_place place = {.batch = batch};
    for (uint32_t i = 0; i < sizeof early / sizeof early[0]; i++) {
        place.size = early[i].size;
        if (batch < early[i].batches) {
            place.first += batch * place.size;
            return place;
        }
        place.first += (uint64_t)early[i].batches * place.size;
        batch -= early[i].batches;
    }
    place.size = HD_BATCH;
    place.first += batch * HD_BATCH;
    return place;
}

struct hd_batch_place hd_batch_containing(uint64_t execution) {
    uint64_t batch = 0;
    uint64_t left = execution;
    for (uint32_t i = 0; i < sizeof early / sizeof early[0]; i++) {
        uint64_t all = (uint64_t)early[i].batches * early[i].size;
        if (left < all)
            return hd_batch_place(batch + left / early[i].size);
        left -= all;
        batch += early[i].batches;
    }
    return hd_batch_place(batch + left / HD_BATCH);
}

static uint64_t executions_of(const struct hd_run_plan *plan, uint64_t batch) {
    struct hd_batch_place place = hd_batch_place(batch);
    uint64_t total = plan->options->executions;
    return total != 0 && total - place.first < place.size ? total - place.first : place.size;
}

struct hd_batch_result *hd_batch_begin(const struct hd_run_plan *plan, uint64_t batch) {
    struct hd_batch_result *result = &plan->shared->ring[batch % HD_RING];
    memset(result, 0, offsetof(struct hd_batch_result, fault));
    result->batch = batch;
    result->limit = (uint32_t)executions_of(plan, batch);
    result->first_fault = -1;
    return result;
}

uint64_t hd_program_seed(const struct hd_subject *subject, uint64_t batch_name, uint32_t index) {
    return subject->alone ? hd_execution_seed(batch_name, index) : batch_name;
}

uint64_t hd_points_max(const struct hd_subject *subject) {
    return subject->points_max != 0 ? subject->points_max : POINTS_MAX_DEFAULT;
}

void hd_study(const struct hd_subject *subject, uint64_t name, bool crashed,
              struct hd_outcome *outcome) {
    struct hd_replay_state unguided = {0};
    struct hd_execution execution = {.seed = hd_stream_key(name, HD_STREAM_STUDY),
                                     .kind = HD_RUN_BARE,
                                     .events = 1,
                                     .points_max = STUDY_POINTS_MAX,
                                     .strategy = &hd_strategy_replay,
                                     .strategy_state = &unguided};
    uint64_t fingerprint;
    if (subject->ops->study == NULL)
        return;
    subject->ops->build(subject->program, hd_program_seed(subject, name, 0), &fingerprint);
    if (subject->ops->study(subject->program, crashed) && !crashed)
        hd_execution_run(subject, &execution, outcome);
}

static uint64_t pilot_events(const struct hd_subject *subject, uint64_t name, uint32_t tasks,
                             bool preemptive, struct hd_outcome *outcome) {
    struct hd_strategy random;
    struct hd_replay_state unguided = {0};
    char error[256];
    struct hd_execution execution = {.seed = hd_stream_key(name, HD_STREAM_PILOT),
                                     .kind = HD_RUN_BARE,
                                     .events = 1,
                                     .points_max = hd_points_max(subject),
                                     .tasks = tasks,
                                     .strategy = &hd_strategy_replay,
                                     .strategy_state = &unguided};
    if (preemptive && hd_strategy_open("random", 0, &random, error) == 0) {
        execution.strategy = random.ops;
        execution.strategy_state = random.state;
        hd_execution_run(subject, &execution, outcome);
        hd_strategy_close(&random);
    } else {
        hd_execution_run(subject, &execution, outcome);
    }
    return outcome->points;
}

uint64_t hd_pilot(const struct hd_subject *subject, uint64_t name, uint32_t tasks, uint32_t crashed,
                  struct hd_outcome *outcome) {
    uint64_t events = 0;
    if (subject->alone) /* nothing to schedule, and no program that the batch shares */
        return 1;
    outcome->fault = true;
    if (crashed == 0)
        events = pilot_events(subject, name, tasks, true, outcome);
    if (crashed < 2 && outcome->fault) {
        uint64_t calm = pilot_events(subject, name, tasks, false, outcome);
        events = calm > events ? calm : events;
    }
    if (events == 0)
        events = PILOT_EVENTS_UNKNOWN;
    return events + events / 5 + 1;
}

static struct hd_batch_fault *find_fault(struct hd_batch_result *result, uint64_t key) {
    for (uint32_t i = 0; i < result->faults; i++)
        if (result->fault[i].key == key)
            return &result->fault[i];
    if (result->faults == HD_BATCH_FAULTS)
        return NULL;
    struct hd_batch_fault *fault = &result->fault[result->faults++];
    *fault = (struct hd_batch_fault){.key = key, .execution = UINT64_MAX};
    return fault;
}

void hd_batch_account(struct hd_batch_result *result, uint32_t index,
                      const struct hd_outcome *outcome, uint64_t fingerprint) {
    result->digest = hd_fold(result->digest, outcome->digest);
    result->points += outcome->points;
    result->switches += outcome->switches;
    result->waited += outcome->waited;
    result->waited_max =
        outcome->waited_max > result->waited_max ? outcome->waited_max : result->waited_max;
    result->contended += outcome->contended;
    for (uint32_t i = 0; outcome->tallied && i < HD_COUNTERS_MAX; i++)
        result->counters[i] += outcome->tally[i];
    result->schedule[index] = hd_fold(fingerprint, outcome->schedule);
    if (outcome->points_seen > 0) {
        result->full_runs++;
        result->sample_points += outcome->points_seen;
        result->module_points += outcome->module_points;
    }
    if (outcome->fault) {
        uint64_t execution = hd_batch_place(result->batch).first + index;
        struct hd_batch_fault *fault = find_fault(result, outcome->key);
        result->fault_executions++;
        if (result->first_fault < 0)
            result->first_fault = (int64_t)execution;
        if (fault != NULL && fault->count++ == 0) {
            fault->execution = execution;
            fault->kind = outcome->kind;
            fault->stalled = outcome->stalled;
            memcpy(fault->message, outcome->message, sizeof fault->message);
        }
    }
    result->executed = index + 1;
}

int hd_prepare(const struct hd_subject *subject, const char *strategy, uint64_t seed,
               uint32_t crashed, struct hd_outcome *outcome, struct hd_prepared *prepared,
               char *error) {
    uint64_t name = hd_batch_of(seed);
    uint32_t index = hd_index_of(seed);
    uint32_t tasks = subject->ops->build(subject->program, hd_program_seed(subject, name, index),
                                         &prepared->fingerprint);
    int result = hd_pool_open(tasks + 1);
    if (result == 0)
        result = hd_strategy_open(strategy, index, &prepared->strategy, error);
    if (result != 0)
        return result;
    uint64_t events = 1;
    if (prepared->strategy.ops->needs_events)
        events = hd_pilot(subject, name, tasks, crashed, outcome);
    prepared->execution = (struct hd_execution){.seed = seed,
                                                .kind = HD_RUN_FULL,
                                                .events = events,
                                                .points_max = hd_points_max(subject),
                                                .tasks = tasks,
                                                .fair = prepared->strategy.ops->fair,
                                                .strategy = prepared->strategy.ops,
                                                .strategy_state = prepared->strategy.state};
    return 0;
}

void hd_prepared_close(struct hd_prepared *prepared) {
    hd_strategy_close(&prepared->strategy);
}

void hd_recording_clear(struct hd_recording *recording) {
    recording->runs = recording->events = 0;
    recording->cut = false;
}

void hd_run_twice(const struct hd_subject *subject, const struct hd_execution *execution,
                  struct hd_outcome *outcome) {
    hd_execution_run(subject, execution, outcome);
    uint64_t digest = outcome->digest, schedule = outcome->schedule;
    if (execution->recording != NULL)
        hd_recording_clear(execution->recording);
    hd_execution_run(subject, execution, outcome);
    if (outcome->digest == digest)
        return;
    outcome->fault = true;
    outcome->kind = HD_FAULT_ASSERT;
    outcome->key = hd_fold(HD_FAULT_ASSERT, outcome->schedule != schedule);
    snprintf(outcome->message, sizeof outcome->message,
             "the same execution came out differently the second time: its %s",
             outcome->schedule != schedule ? "schedule differs" : "results differ");
}
