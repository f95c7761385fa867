/* flag.c - see flag.h. */
#include "scenarios/flag.h"

#include <stdio.h>
#include <string.h>

#include "scenarios/program_internal.h"

/* Places in hd_tally: harmed executions by word and harm, then those without harm. An execution begins
 * as a death of which the flag says nothing: that is what it was if its process dies. */
#define HARMED(word, harm) ((uint32_t)(word)*SN_HARMS + (uint32_t)(harm))
#define UNTOUCHED          (SN_WORDS_OF_FLAG * SN_HARMS)
#define KILLED             (UNTOUCHED + 1u)
_Static_assert(KILLED < HD_COUNTERS_MAX, "the tally has a place for each");

const char *const sn_harm_names[SN_HARMS] = {"get",   "iterate", "length", "write",
                                             "table", "end",     "death"};

static void settle(struct sn_flag *flag, uint32_t place) {
    uint64_t *tally = hd_tally();
    tally[flag->place] = 0;
    tally[place] = 1;
    flag->place = place;
}

void sn_flag_speaks(struct sn_program *program) {
    struct sn_flag *flag = &program->flag;
    if (!flag->running || flag->spoken)
        return;
    flag->spoken = true;
    enum sn_word word = flag->harmed ? SN_WORD_LATER : SN_WORD_FIRST;
    settle(flag, HARMED(word, flag->place % SN_HARMS));
}

static enum sn_harm harm_of(const struct sn_program *program, enum hd_fault_kind kind) {
    uint32_t task = hd_task_self();
    if (kind == HD_FAULT_INVARIANT)
        return SN_HARM_TABLE;
    if (task == 0)
        return SN_HARM_END;
    switch (program->flight[task - 1].kind) {
    case SN_GET:
        return SN_HARM_GET;
    case SN_ITERATE:
        return SN_HARM_ITERATE;
    case SN_LENGTH:
        return SN_HARM_LENGTH;
    default:
        return SN_HARM_WRITE;
    }
}

/* From here on nothing is checked, but for the flag. */
bool sn_flag_harm(struct sn_program *program, enum hd_fault_kind kind) {
    struct sn_flag *flag = &program->flag;
    if (!flag->running || kind == HD_FAULT_FATAL)
        return false;
    if (flag->harmed)
        return true;
    flag->harmed = true;
    program->kind = HD_RUN_BARE;
    settle(flag, HARMED(flag->spoken ? SN_WORD_FIRST : SN_WORD_NEVER, harm_of(program, kind)));
    return true;
}

/* ---- the program ----------------------------------------------------------------------------- */

static void setup(void *context, enum hd_run_kind kind) {
    struct sn_program *program = context;
    program->flag = (struct sn_flag){.running = false};
    sn_setup(program, kind == HD_RUN_BARE ? HD_RUN_BARE : HD_RUN_WATCHED);
    program->flag.running = true;
    settle(&program->flag, HARMED(SN_WORD_NEVER, SN_HARM_DEATH));
}

static void finish(void *context) {
    struct sn_program *program = context;
    struct sn_flag *flag = &program->flag;
    sn_finish(program);
    flag->running = false;
    if (!flag->harmed)
        settle(flag, flag->spoken ? KILLED : UNTOUCHED);
}

/* What only full runs see is left out, so that every execution is measured alike. */
static void at_point(void *context, bool written) {
    (void)context;
    (void)written;
}

static void ended(void *context, bool fault, uint64_t counters[HD_COUNTERS_MAX]) {
    (void)context;
    (void)fault;
    (void)counters;
}

static const struct hd_program_ops flag_ops = {
    .name = "flag",
    .build = sn_build,
    .setup = setup,
    .task = sn_task_run,
    .finish = finish,
    .at_point = at_point,
    .judge = sn_judge_moment,
    .ended = ended,
    .describe = sn_describe,
    .render = sn_render,
};

void sn_flag_watch(struct hd_subject *subject) {
    subject->ops = &flag_ops;
}

/* ---- the campaign ---------------------------------------------------------------------------- */

void sn_flag_read(const uint64_t tally[HD_COUNTERS_MAX], struct sn_flag_count *count) {
    count->untouched = tally[UNTOUCHED];
    count->killed = tally[KILLED];
    for (uint32_t word = 0; word < SN_WORDS_OF_FLAG; word++) {
        for (uint32_t harm = 0; harm < SN_HARMS; harm++)
            count->harmed[word][harm] = tally[HARMED(word, harm)];
    }
}

uint64_t sn_flag_harmed(const struct sn_flag_count *count, enum sn_word word, uint32_t harm) {
    uint64_t sum = 0;
    for (uint32_t index = 0; index < SN_HARMS; index++) {
        if (harm == SN_HARMS || harm == index)
            sum += count->harmed[word][index];
    }
    return sum;
}

static int explore(const struct hd_subject *subject, const struct sn_scenario *scenario,
                   const struct sn_flag_options *options, struct sn_flag_count *count,
                   char *error) {
    uint64_t executions = options->executions;
    struct hd_campaign_options asked = {
        .seed = options->seed,
        .strategy = options->strategy,
        .executions = executions != 0 ? executions : sn_scenario_executions(scenario),
        .jobs = options->jobs,
        .kind = HD_RUN_WATCHED};
    struct hd_campaign campaign = {0};
    int status = hd_campaign_run(&asked, subject, &campaign);
    *count = (struct sn_flag_count){.executions = campaign.executions, .digest = campaign.digest};
    sn_flag_read(campaign.counters, count);
    hd_campaign_clear(&campaign);
    if (status != 0)
        snprintf(error, HD_LINE_SIZE, "%.200s: the campaign failed: %s", sn_scenario_name(scenario),
                 strerror(-status));
    return status;
}

int sn_flag_run(const struct sn_scenario *scenario, const struct sn_flag_options *options,
                struct sn_flag_count *count, char *error) {
    struct sn_map *map = NULL;
    struct sn_program *program = NULL;
    struct hd_subject subject;
    int status = sn_map_open("gomap-goes-on", &map, error);
    if (status == 0)
        status = sn_program_open(scenario, map, &program, &subject, error);
    if (status == 0) {
        sn_flag_watch(&subject);
        status = explore(&subject, scenario, options, count, error);
    }
    sn_program_close(program);
    sn_map_close(map);
    return status;
}
