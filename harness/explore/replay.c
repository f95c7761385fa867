/* replay.c - see replay.h. */
#include "harness/explore/replay.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/explore/rerun.h"
#include "harness/intercept/module.h"
#include "harness/sched/point.h"
#include "harness/sched/schedule.h"
#include "harness/strategy/strategy.h"

static void name_place(const struct hd_subject *subject, const struct hd_raw_event *raw,
                       char name[HD_NAME_SIZE]) {
    unsigned long long offset = raw->offset;
    switch ((enum hd_place)raw->place) {
    case HD_PLACE_HEAP:
        if (raw->owner == HD_ARENA_LOADED) {
            snprintf(name, HD_NAME_SIZE, "heap load:%u+%llu", raw->number, offset);
            break;
        }
        snprintf(name, HD_NAME_SIZE, "heap %u:%u+%llu", raw->owner, raw->number, offset);
        break;
    case HD_PLACE_STACK:
        snprintf(name, HD_NAME_SIZE, "stack of %u-%llu", raw->owner, offset);
        break;
    case HD_PLACE_DATA:
        snprintf(name, HD_NAME_SIZE, "%.32s data+%#llx",
                 hd_module_name(subject->module[raw->owner]), offset);
        break;
    default:
        name[0] = '\0';
    }
}

static void deliver(const struct hd_replay_options *options, const struct hd_subject *subject,
                    struct hd_rerun *rerun) {
    const struct hd_recording *recording = hd_rerun_recording(rerun);
    const struct hd_frame *frame = hd_rerun_frames(rerun);
    for (uint64_t i = 0; frame != NULL && i < recording->events; i++) {
        const struct hd_raw_event *raw = &recording->event[i];
        struct hd_trace_event event = {.point = i + 1,
                                       .task = raw->task,
                                       .kind = hd_what_name(raw->what >> HD_WHAT_SHIFT),
                                       .size = HD_WHAT_SIZE(raw->what),
                                       .has_value = raw->has_value,
                                       .value = raw->value,
                                       .frame = frame[i]};
        name_place(subject, raw, event.object);
        snprintf(event.operation, sizeof event.operation, "%s", raw->operation);
        options->trace(options->context, &event);
    }
}

static int fill(struct hd_rerun *rerun, const struct hd_rerun_request *request,
                struct hd_replay *replay) {
    const struct hd_outcome *outcome = hd_rerun_outcome(rerun);
    uint64_t point;
    replay->fault = outcome->fault;
    replay->trace_cut = hd_rerun_trace_cut(rerun);
    replay->diverged = hd_rerun_diverged(rerun, &point);
    replay->digest = outcome->digest;
    replay->points = outcome->points;
    replay->switches = outcome->switches;
    if (replay->diverged)
        snprintf(replay->divergence, sizeof replay->divergence,
                 "from point %" PRIu64 " on the program does not follow the recorded schedule",
                 point);
    replay->schedule = hd_rerun_schedule(rerun, request);
    return outcome->fault ? hd_rerun_record(rerun, request, &replay->record) : 0;
}

static uint64_t trace_max(const struct hd_replay_options *options) {
    if (options->trace == NULL)
        return 0;
    return options->trace_max != 0 ? options->trace_max : HD_TRACE_MAX;
}

static int open_request(const struct hd_replay_options *options, const struct hd_subject *subject,
                        struct hd_rerun_request *request, struct hd_run **run, char *error) {
    char build[HD_NAME_SIZE];
    int result = 0;
    *request = (struct hd_rerun_request){.subject = subject,
                                         .strategy = options->strategy,
                                         .seed = options->seed,
                                         .trace_max = trace_max(options),
                                         .keep_output = true,
                                         .in_process = options->in_process,
                                         .stall_ms = options->stall_ms};
    if (options->schedule != NULL) {
        result = hd_schedule_decode(options->schedule, run, &request->runs, build, error);
        request->run = *run;
    } else {
        result = hd_strategy_check(options->strategy, error);
    }
    return result;
}

int hd_replay_run(const struct hd_replay_options *options, const struct hd_subject *subject,
                  struct hd_replay *replay, char *error) {
    struct hd_rerun_request request;
    struct hd_run *run = NULL;
    *replay = (struct hd_replay){0};
    int result = open_request(options, subject, &request, &run, error);
    if (result != 0)
        return result;
    struct hd_rerun *rerun = hd_rerun_new();
    result = rerun == NULL ? -ENOMEM : hd_rerun_run(rerun, &request);
    if (result == 0)
        result = fill(rerun, &request, replay);
    if (result == 0 && options->trace != NULL)
        deliver(options, subject, rerun);
    if (result == 0 && replay->fault && !replay->diverged)
        result = hd_rerun_first_bad(rerun, &request, &replay->record);
    hd_rerun_free(rerun);
    free(run);
    return result;
}

void hd_replay_clear(struct hd_replay *replay) {
    hd_fault_record_clear(&replay->record);
    free(replay->schedule);
    replay->schedule = NULL;
}
