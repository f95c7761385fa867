/* flag.c - see flag.h. */
#include "scenarios/flag.h"

#include <stdio.h>
#include <string.h>

#include "scenarios/program_internal.h"

/* Places in hd_tally: harmed executions by word and harm, then those without harm; then all but the
 * untouched by kinds of operations and fate. An execution begins as a death of which the flag says
 * nothing: that is what it was if its process dies. */
#define HARMED(word, harm) ((uint32_t)(word)*SN_HARMS + (uint32_t)(harm))
#define UNTOUCHED          (SN_WORDS_OF_FLAG * SN_HARMS)
#define KILLED             (UNTOUCHED + 1u)
#define NOWHERE            (KILLED + 1u) /* an untouched one has no kinds */
#define PAIR(pair, fate)   (NOWHERE + 1u + (uint32_t)(pair)*FATES + (uint32_t)(fate))
enum fate { FATE_FIRST, FATE_LATER, FATE_NEVER, FATE_DEAD, FATE_KILLED, FATES };
_Static_assert(PAIR(SN_FLAG_PAIRS, 0) <= HD_COUNTERS_MAX, "the tally has a place for each");
_Static_assert((int)FATE_FIRST == (int)SN_WORD_FIRST && (int)FATE_NEVER == (int)SN_WORD_NEVER,
               "a word of the flag is a fate");

const char *const sn_harm_names[SN_HARMS] = {"get",   "iterate", "length", "write",
                                             "table", "end",     "death"};

static const struct {
    enum sn_operation_kind writer;
    enum sn_operation_kind other;
} pairs[SN_FLAG_NOTHING] = {{SN_PUT, SN_PUT},        {SN_PUT, SN_DELETE},    {SN_PUT, SN_CLEAR},
                            {SN_PUT, SN_GET},        {SN_PUT, SN_ITERATE},   {SN_PUT, SN_LENGTH},
                            {SN_DELETE, SN_DELETE},  {SN_DELETE, SN_CLEAR},  {SN_DELETE, SN_GET},
                            {SN_DELETE, SN_ITERATE}, {SN_DELETE, SN_LENGTH}, {SN_CLEAR, SN_CLEAR},
                            {SN_CLEAR, SN_GET},      {SN_CLEAR, SN_ITERATE}, {SN_CLEAR, SN_LENGTH}};

const char *const sn_flag_pair_names[SN_FLAG_PAIRS] = {
    "put/put",     "put/delete",     "put/clear",     "put/get",
    "put/iterate", "put/length",     "delete/delete", "delete/clear",
    "delete/get",  "delete/iterate", "delete/length", "clear/clear",
    "clear/get",   "clear/iterate",  "clear/length",  "nothing"};

/* ---- what overlaps --------------------------------------------------------------------------- */

static bool writes(enum sn_operation_kind kind) {
    return kind == SN_PUT || kind == SN_DELETE || kind == SN_CLEAR;
}

/* SN_FLAG_NOTHING when neither writes, or one freezes, which is no operation of this map. */
static uint32_t pair_of(enum sn_operation_kind one, enum sn_operation_kind other) {
    for (uint32_t pair = 0; pair < SN_FLAG_NOTHING; pair++) {
        if ((pairs[pair].writer == one && pairs[pair].other == other) ||
            (pairs[pair].writer == other && pairs[pair].other == one))
            return pair;
    }
    return SN_FLAG_NOTHING;
}

/* What a task is at, also within an iteration. */
static const struct sn_flight *flight_of(const struct sn_program *program, uint32_t index) {
    return program->within[index].active ? &program->within[index] : &program->flight[index];
}

/* Two writes before a write and a read. */
static void meet(struct sn_flag *flag, uint32_t index, uint32_t pair) {
    uint32_t before = flag->met[index];
    bool both = before != SN_FLAG_NOTHING && writes(pairs[before].other);
    if (pair != SN_FLAG_NOTHING && (!both || writes(pairs[pair].other)))
        flag->met[index] = (uint8_t)pair;
}

static void settle(uint32_t *place, uint32_t next) {
    uint64_t *tally = hd_tally();
    tally[*place] = 0;
    tally[next] = 1;
    *place = next;
}

static bool shown(const struct sn_flag *flag) {
    return flag->spoken || flag->harmed;
}

void sn_flag_begins(struct sn_program *program) {
    struct sn_flag *flag = &program->flag;
    uint32_t self = hd_task_self() - 1;
    if (!flag->running)
        return;
    flag->met[self] = SN_FLAG_NOTHING;
    for (uint32_t index = 0; index < program->tasks; index++) {
        const struct sn_flight *other = flight_of(program, index);
        if (index == self || !other->active)
            continue;
        uint32_t pair = pair_of(flight_of(program, self)->kind, other->kind);
        meet(flag, self, pair);
        meet(flag, index, pair);
    }
    if (flag->met[self] != SN_FLAG_NOTHING)
        flag->last = flag->met[self];
    if (!shown(flag))
        settle(&flag->second, PAIR(flag->last, FATE_DEAD));
}

/* The moment that shows it: by which operations. */
static void show(struct sn_program *program) {
    struct sn_flag *flag = &program->flag;
    uint32_t task = hd_task_self();
    flag->pair = task > 0 ? flag->met[task - 1] : SN_FLAG_NOTHING;
    if (flag->pair == SN_FLAG_NOTHING)
        flag->pair = flag->last;
}

/* ---- what comes of it ------------------------------------------------------------------------ */

void sn_flag_speaks(struct sn_program *program) {
    struct sn_flag *flag = &program->flag;
    if (!flag->running || flag->spoken)
        return;
    if (!flag->harmed)
        show(program);
    flag->spoken = true;
    enum sn_word word = flag->harmed ? SN_WORD_LATER : SN_WORD_FIRST;
    settle(&flag->place, HARMED(word, flag->place % SN_HARMS));
    settle(&flag->second, PAIR(flag->pair, word));
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
    if (!flag->running)
        return false;
    if (flag->harmed)
        return kind != HD_FAULT_FATAL;
    if (!flag->spoken)
        show(program);
    if (kind == HD_FAULT_FATAL) { /* another one than the flag's: the execution ends */
        settle(&flag->second, PAIR(flag->pair, flag->spoken ? FATE_FIRST : FATE_DEAD));
        return false;
    }
    flag->harmed = true;
    program->kind = HD_RUN_BARE;
    enum sn_word word = flag->spoken ? SN_WORD_FIRST : SN_WORD_NEVER;
    settle(&flag->place, HARMED(word, harm_of(program, kind)));
    settle(&flag->second, PAIR(flag->pair, word));
    return true;
}

/* ---- the program ----------------------------------------------------------------------------- */

static void setup(void *context, enum hd_run_kind kind) {
    struct sn_program *program = context;
    program->flag = (struct sn_flag){.second = NOWHERE, .last = SN_FLAG_NOTHING};
    sn_setup(program, kind == HD_RUN_BARE ? HD_RUN_BARE : HD_RUN_WATCHED);
    program->flag.running = true;
    settle(&program->flag.place, HARMED(SN_WORD_NEVER, SN_HARM_DEATH));
    settle(&program->flag.second, PAIR(SN_FLAG_NOTHING, FATE_DEAD));
}

static void finish(void *context) {
    struct sn_program *program = context;
    struct sn_flag *flag = &program->flag;
    sn_finish(program);
    flag->running = false;
    if (flag->harmed)
        return;
    settle(&flag->place, flag->spoken ? KILLED : UNTOUCHED);
    settle(&flag->second, flag->spoken ? PAIR(flag->pair, FATE_KILLED) : NOWHERE);
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
    .begun = sn_begun,
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
    for (uint32_t pair = 0; pair < SN_FLAG_PAIRS; pair++)
        count->pair[pair] = (struct sn_flag_pair){
            .killed = tally[PAIR(pair, FATE_KILLED)],
            .word = {tally[PAIR(pair, FATE_FIRST)], tally[PAIR(pair, FATE_LATER)],
                     tally[PAIR(pair, FATE_NEVER)] + tally[PAIR(pair, FATE_DEAD)]},
            .dead = tally[PAIR(pair, FATE_DEAD)]};
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
