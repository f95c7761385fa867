/* fake_engine.c - an engine whose every answer is known, to test the command on.
 *
 * Scenarios are named after what comes of them: "calm" ok, "fatal" an expected fault, "surprise" an
 * unexpected one with hostile text, "empty" vacuous, "slow" never ends but by a signal or its time,
 * "broken" fails inside the engine after its first fault. Maps: "plain" and "safe". The strategy
 * "blind" misses the canary. The trace of a replay with seed 8 is cut.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/base/arena.h"
#include "harness/explore/campaign.h"
#include "harness/explore/replay.h"
#include "harness/sched/schedule.h"
#include "harness/strategy/strategy.h"
#include "scenarios/flag.h"
#include "scenarios/scenario.h"
#include "tests/cli/fake_engine.h"

struct sn_scenario {
    char name[HD_NAME_SIZE];
    char spelling[HD_LINE_SIZE];
};

struct sn_map {
    struct map_ops ops;
    char spelling[HD_LINE_SIZE];
};

struct sn_program {
    const struct sn_scenario *scenario;
};

static volatile bool interrupted;

/* ---- scenarios ------------------------------------------------------------------------------- */

static const char *const scenario_names[] = {"calm",  "fatal", "surprise",
                                             "empty", "slow",  "broken"};
static const char *const map_names[] = {"plain", "safe"};

int sn_paths_init(const char *flavour, char *error) {
    (void)flavour;
    (void)error;
    return 0;
}

static bool known(const char *name, const char *const *names, size_t count) {
    for (size_t index = 0; index < count; index++) {
        if (strcmp(names[index], name) == 0) {
            return true;
        }
    }
    return false;
}

const char *const *sn_scenario_names(uint32_t *count) {
    *count = 4; /* `heddle run` alone ends */
    return scenario_names;
}

int sn_scenario_open(const char *name, struct sn_scenario **scenario, char *error) {
    if (strchr(name, '/') != NULL) {
        snprintf(error, HD_LINE_SIZE, "%s:3:7: unknown key 'tsaks'", name);
        return -EINVAL;
    }
    if (!known(name, scenario_names, 6)) {
        snprintf(error, HD_LINE_SIZE, "unknown scenario '%s'; known are calm, fatal", name);
        return -ENOENT;
    }
    *scenario = calloc(1, sizeof(**scenario));
    snprintf((*scenario)->name, sizeof((*scenario)->name), "%s", name);
    snprintf((*scenario)->spelling, sizeof((*scenario)->spelling), "%s", name);
    return 0;
}

void sn_scenario_close(struct sn_scenario *scenario) {
    free(scenario);
}

const char *sn_scenario_name(const struct sn_scenario *scenario) {
    return scenario->name;
}

const char *sn_scenario_spelling(const struct sn_scenario *scenario) {
    return scenario->spelling;
}

const char *sn_scenario_path(const struct sn_scenario *scenario) {
    return scenario->spelling;
}

void sn_scenario_expected(const struct sn_scenario *scenario, uint32_t index, char *text) {
    (void)index;
    snprintf(text, HD_MESSAGE_SIZE, "%s", strcmp(scenario->name, "fatal") == 0 ? "fault" : "ok");
}

const char *sn_scenario_question(const struct sn_scenario *scenario) {
    (void)scenario;
    return "does it hold?";
}

const char *sn_scenario_cost(const struct sn_scenario *scenario) {
    (void)scenario;
    return "none";
}

const char *const *sn_scenario_tags(const struct sn_scenario *scenario, uint32_t *count) {
    static const char *const tags[] = {"quick"};
    *count = strcmp(scenario->name, "calm") == 0 ? 1 : 0;
    return tags;
}

const char *const *sn_scenario_maps(const struct sn_scenario *scenario, uint32_t *count) {
    *count = strcmp(scenario->name, "calm") == 0 ? 2 : 1;
    return map_names;
}

bool sn_scenario_map_built_in(const struct sn_scenario *scenario, uint32_t index, char *error) {
    (void)scenario;
    (void)index;
    (void)error;
    return true;
}

bool sn_program_fits(const struct sn_scenario *scenario, const struct sn_map *map, char *error) {
    (void)scenario;
    (void)map;
    (void)error;
    return true;
}

bool sn_program_answers(const struct sn_scenario *scenario, const struct sn_map *map, char *error) {
    return sn_program_fits(scenario, map, error);
}

bool sn_scenario_usual(const struct sn_scenario *scenario) {
    (void)scenario;
    return true;
}

uint64_t sn_scenario_executions(const struct sn_scenario *scenario) {
    (void)scenario;
    return 1000;
}

const char *sn_scenario_strategy(const struct sn_scenario *scenario) {
    (void)scenario;
    return "default";
}

/* ---- maps ------------------------------------------------------------------------------------ */

const char *const *sn_map_names(uint32_t *count) {
    *count = 2;
    return map_names;
}

int sn_map_open(const char *name, struct sn_map **map, char *error) {
    if (strchr(name, '/') != NULL) {
        snprintf(error, HD_LINE_SIZE, "%s: exports no heddle_map", name);
        return -EINVAL;
    }
    if (!known(name, map_names, 2) && strcmp(name, "gomap") != 0) {
        snprintf(error, HD_LINE_SIZE, "unknown map '%s'; known are plain, safe", name);
        return -ENOENT;
    }
    *map = calloc(1, sizeof(**map));
    (*map)->ops.kind = strcmp(name, "safe") == 0 ? MAP_SAFE : MAP_PLAIN;
    (*map)->ops.name = strcmp(name, "safe") == 0 ? "safe" : "plain";
    (*map)->ops.summary = "a map that is not there";
    snprintf((*map)->spelling, sizeof((*map)->spelling), "%s", name);
    return 0;
}

bool sn_map_name_taken(const struct sn_map *map) {
    (void)map;
    return false;
}

void sn_map_close(struct sn_map *map) {
    free(map);
}

const struct map_ops *sn_map_ops(const struct sn_map *map) {
    return &map->ops;
}

struct hd_module *sn_map_module(const struct sn_map *map) {
    (void)map;
    return NULL;
}

bool hd_module_redirected(const struct hd_module *module) {
    (void)module;
    return true;
}

bool hd_module_instrumented(const struct hd_module *module) {
    (void)module;
    return true;
}

const char *sn_map_spelling(const struct sn_map *map) {
    return map->spelling;
}

/* ---- the pair -------------------------------------------------------------------------------- */

int sn_program_open(const struct sn_scenario *scenario, const struct sn_map *map,
                    struct sn_program **program, struct hd_subject *subject, char *error) {
    (void)map;
    (void)error;
    *program = calloc(1, sizeof(**program));
    (*program)->scenario = scenario;
    subject->program = *program;
    return 0;
}

void sn_program_close(struct sn_program *program) {
    free(program);
}

void sn_judge(const struct sn_scenario *scenario, const struct sn_map *map,
              const struct hd_campaign *campaign, struct hd_row *row) {
    (void)map;
    bool fault = campaign->faults > 0;
    bool expected = strcmp(scenario->name, "fatal") == 0;
    bool vacuous = strcmp(scenario->name, "empty") == 0;
    row->verdict = fault ? HD_VERDICT_FAULT : vacuous ? HD_VERDICT_VACUOUS : HD_VERDICT_OK;
    row->as_expected = fault == expected && !vacuous;
    snprintf(row->expected, sizeof(row->expected), "%s", expected ? "fault fatal" : "ok");
    snprintf(row->verdict_reason, sizeof(row->verdict_reason), "%s",
             vacuous ? "nothing was exercised" : "");
    row->window_points = row->points / 4;
}

int sn_canary(const char *strategy, uint64_t seed, uint32_t jobs, char *error) {
    (void)seed;
    (void)jobs;
    (void)error;
    return strcmp(strategy, "blind") == 0 ? -ENOENT : 0;
}

/* ---- address space --------------------------------------------------------------------------- */

int hd_arena_possible(void) {
    return getenv("FAKE_NO_ROOM") != NULL ? -ENOMEM : 0;
}

/* ---- strategies ------------------------------------------------------------------------------ */

const struct hd_strategy_name hd_strategies[] = {{"random", "a uniform walk"},
                                                 {"pct", "random priorities"}};
const uint32_t hd_strategies_count = 2;

int hd_strategy_open(const char *name, uint64_t index, struct hd_strategy *strategy, char *error) {
    static const char *const names[] = {"default", "random", "pct:3", "blind"};
    if (!known(name, names, 4)) {
        snprintf(error, 256, "unknown strategy '%.60s'; known are default, random, pct", name);
        return -EINVAL;
    }
    bool alternates = strcmp(name, "default") == 0;
    memset(strategy, 0, sizeof(*strategy));
    snprintf(strategy->name, sizeof(strategy->name), "%.60s",
             !alternates      ? name
             : index % 2 == 0 ? "random"
                              : "pct:3");
    return 0;
}

void hd_strategy_close(struct hd_strategy *strategy) {
    (void)strategy;
}

uint32_t hd_strategy_members(const char *name) {
    return strcmp(name, "default") == 0 ? 2 : 1;
}

int hd_strategy_check(const char *name, char *error) {
    struct hd_strategy strategy;
    return hd_strategy_open(name, 0, &strategy, error);
}

int hd_schedule_decode(const char *text, struct hd_run **run, uint64_t *runs, char *build,
                       char *error) {
    *run = NULL;
    *runs = 0;
    build[0] = '\0';
    if (strncmp(text, "fake-schedule-", 14) == 0) {
        return 0;
    }
    snprintf(error, HD_LINE_SIZE, "schedule: is none");
    return -EINVAL;
}

/* ---- the engine ------------------------------------------------------------------------------ */

static void make_fault(const char *scenario, struct hd_fault_record *record) {
    bool hostile = strcmp(scenario, "surprise") == 0;
    *record = (struct hd_fault_record){.kind = hostile ? HD_FAULT_CRASH : HD_FAULT_FATAL,
                                       .seed = 7,
                                       .execution = 42,
                                       .count = 3,
                                       .point = 9,
                                       .digest = FAKE_DIGEST,
                                       .signature = 0xabcd,
                                       .tasks = 1};
    snprintf(record->message, sizeof(record->message), "%s",
             hostile ? "bell\a \033[31mred\033[0m \xff" : "concurrent map writes");
    snprintf(record->strategy, sizeof(record->strategy), "random");
    snprintf(record->task[0].state, sizeof(record->task[0].state), "running");
    record->task[0].task = 2;
    record->task[0].frames = 1;
    record->task[0].frame[0] =
        (struct hd_frame){.function = "put", .file = "map/put.c", .line = 12};
    record->schedule = strdup("fake-schedule-1");
}

static void sleep_a_little(void) {
    const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
    nanosleep(&pause, NULL);
}

/* Ends by a signal, by its time, or after a minute. */
static void run_slowly(const struct hd_campaign_options *options, struct hd_campaign *campaign) {
    while (!interrupted && campaign->seconds < 60 &&
           (options->seconds <= 0 || campaign->seconds < options->seconds)) {
        sleep_a_little();
        campaign->seconds += 0.01;
        campaign->executions += 256;
        options->progress(options->context, campaign->executions, 0, campaign->seconds);
    }
    campaign->interrupted = interrupted;
}

int hd_campaign_run(const struct hd_campaign_options *options, const struct hd_subject *subject,
                    struct hd_campaign *campaign) {
    const char *scenario = ((struct sn_program *)subject->program)->scenario->name;
    *campaign = (struct hd_campaign){.points = 4000,
                                     .switches = 500,
                                     .distinct = 900,
                                     .digest = options->seed,
                                     .first_fault_execution = -1};
    if (strcmp(scenario, "slow") == 0) {
        run_slowly(options, campaign);
        return 0;
    }
    campaign->executions = options->executions;
    bool broken = strcmp(scenario, "broken") == 0;
    if (strcmp(scenario, "fatal") != 0 && strcmp(scenario, "surprise") != 0 && !broken) {
        return 0;
    }
    campaign->fault = calloc(1, sizeof(*campaign->fault));
    campaign->faults = 1;
    campaign->fault_executions = 3;
    campaign->first_fault_execution = 42;
    make_fault(scenario, campaign->fault);
    int status = options->found(options->context, campaign->fault);
    return broken ? -ENOTRECOVERABLE : status;
}

void hd_campaign_clear(struct hd_campaign *campaign) {
    for (uint32_t index = 0; index < campaign->faults; index++) {
        hd_fault_record_clear(&campaign->fault[index]);
    }
    free(campaign->fault);
}

void hd_campaign_interrupt(void) {
    interrupted = true;
}

int hd_replay_run(const struct hd_replay_options *options, const struct hd_subject *subject,
                  struct hd_replay *replay, char *error) {
    const char *scenario = ((struct sn_program *)subject->program)->scenario->name;
    if (options->schedule != NULL && strncmp(options->schedule, "fake-schedule-", 14) != 0) {
        snprintf(error, HD_LINE_SIZE, "schedule: its checksum does not fit");
        return -EINVAL;
    }
    *replay = (struct hd_replay){
        .digest = 5, .points = 9, .switches = 2, .trace_cut = options->seed == 8};
    if (options->trace != NULL) {
        const struct hd_trace_event event = {
            .point = 1, .task = 1, .kind = "read", .object = "heap 0:1+8", .size = 8};
        options->trace(options->context, &event);
    }
    if (strcmp(scenario, "fatal") == 0 && options->seed == 7) {
        replay->fault = true;
        replay->digest = FAKE_DIGEST;
        make_fault(scenario, &replay->record);
    }
    return 0;
}

void hd_replay_clear(struct hd_replay *replay) {
    hd_fault_record_clear(&replay->record);
    free(replay->schedule);
}

void hd_build_identity(const struct hd_subject *subject, char text[HD_NAME_SIZE]) {
    (void)subject;
    snprintf(text, HD_NAME_SIZE, "%s", FAKE_BUILD);
}

/* ---- what programs call: none runs here ------------------------------------------------------ */

uint32_t hd_task_self(void) {
    abort();
}

uint64_t *hd_tally(void) {
    abort();
}

void hd_fault(enum hd_fault_kind kind, const char *format, ...) {
    (void)kind;
    (void)format;
    abort();
}

/* ---- the flag -------------------------------------------------------------------------------- */

const char *const sn_harm_names[SN_HARMS] = {"get",   "iterate", "length", "write",
                                             "table", "end",     "death"};

const char *const sn_flag_pair_names[SN_FLAG_PAIRS] = {
    "put/put",     "put/delete",     "put/clear",     "put/get",
    "put/iterate", "put/length",     "delete/delete", "delete/clear",
    "delete/get",  "delete/iterate", "delete/length", "clear/clear",
    "clear/get",   "clear/iterate",  "clear/length",  "nothing"};

uint64_t sn_flag_harmed(const struct sn_flag_count *count, enum sn_word word, uint32_t harm) {
    uint64_t sum = 0;
    for (uint32_t index = 0; index < SN_HARMS; index++) {
        sum += harm == SN_HARMS || harm == index ? count->harmed[word][index] : 0;
    }
    return sum;
}

/* Of each hundred executions 50 are harmed; in "calm" none is. */
int sn_flag_run(const struct sn_scenario *scenario, const struct sn_flag_options *options,
                struct sn_flag_count *count, char *error) {
    uint64_t hundreds = options->executions / 100;
    *count = (struct sn_flag_count){.executions = options->executions, .digest = options->seed};
    if (strcmp(scenario->name, "broken") == 0) {
        snprintf(error, HD_LINE_SIZE, "broken: the campaign failed: no such process");
        return -ESRCH;
    }
    while (strcmp(scenario->name, "slow") == 0 && !interrupted) {
        sleep_a_little();
    }
    if (strcmp(scenario->name, "calm") == 0) {
        count->untouched = options->executions;
        return 0;
    }
    count->untouched = 40 * hundreds;
    count->killed = 10 * hundreds;
    count->harmed[SN_WORD_FIRST][SN_HARM_GET] = 30 * hundreds;
    count->harmed[SN_WORD_LATER][SN_HARM_GET] = 10 * hundreds;
    count->harmed[SN_WORD_NEVER][SN_HARM_TABLE] = 8 * hundreds;
    count->harmed[SN_WORD_NEVER][SN_HARM_DEATH] = 2 * hundreds;
    count->pair[0] = (struct sn_flag_pair){
        .killed = 10 * hundreds, .word = {10 * hundreds, 0, 10 * hundreds}, .dead = 2 * hundreds};
    count->pair[3] = (struct sn_flag_pair){.word = {20 * hundreds, 10 * hundreds, 0}};
    return 0;
}
