/* support.c - see support.h. */
#include "tests/harness/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/random.h"
#include "harness/intercept/module.h"
#include "harness/sched/state.h"
#include "harness/strategy/replay.h"

#define EXPECTED_MIN 20.0
#define PRINTED_MAX  24u
#define QUANTILE     4.753 /* of the normal law at 1 - 1e-6 */

/* What lives until the test's process ends is kept here: it is no leak. */
static void *kept[256];

static void keep(void *block) {
    static uint32_t count;
    kept[count++ % (sizeof kept / sizeof kept[0])] = block;
}

static _Noreturn void give_up(const char *what, const char *why) {
    fprintf(stderr, "bench: %s: %s\n", what, why);
    abort();
}

/* ---- the program ---------------------------------------------------------------------------------- */

static uint32_t build(void *program, uint64_t batch_seed, uint64_t *fingerprint) {
    const struct bench *bench = program;
    (void)batch_seed;
    *fingerprint = 0;
    return bench->subject->tasks;
}

static void setup(void *program, enum hd_run_kind kind) {
    const struct bench *bench = program;
    (void)kind;
    if (bench->tallies)
        hd_tally()[2]++;
    if (bench->subject->setup != NULL)
        bench->subject->setup();
}

static void task(void *program, uint32_t index) {
    const struct bench *bench = program;
    bench->subject->task(index);
}

static void finish(void *program) {
    struct bench *bench = program;
    bench->result = bench->subject->check == NULL ? 0 : bench->subject->check();
    hd_result((uint64_t)bench->result);
}

static void at_point(void *program, bool written) {
    struct bench *bench = program;
    bench->visible++;
    bench->written += written;
}

static enum hd_judgement judge(void *program, uint64_t what) {
    const struct bench *bench = program;
    char letter = bench->moments[hd_moment_now()];
    (void)what;
    return letter == 'h' ? HD_HOLDS : letter == 'b' ? HD_BROKEN : HD_UNJUDGED;
}

static void ended(void *program, bool fault, uint64_t counters[HD_COUNTERS_MAX]) {
    (void)program;
    counters[0]++;
    counters[1] += fault;
}

static void describe(void *program, uint32_t number, char operation[HD_NAME_SIZE],
                     char note[HD_MESSAGE_SIZE]) {
    (void)program;
    snprintf(operation, HD_NAME_SIZE, "operation of %u", number);
    note[0] = '\0';
}

static void render(void *program, char *text, size_t size) {
    const struct bench *bench = program;
    snprintf(text, size, "state of %s", bench->subject->name);
}

static const struct hd_program_ops ops = {.name = "bench",
                                          .build = build,
                                          .setup = setup,
                                          .task = task,
                                          .finish = finish,
                                          .at_point = at_point,
                                          .judge = judge,
                                          .ended = ended,
                                          .describe = describe,
                                          .render = render};

void bench_open(struct bench *bench, const char *file, const char *symbol) {
    char path[512], error[512];
    *bench = (struct bench){0};
    snprintf(path, sizeof path, "%s/lib/heddle/controlled/subjects/%s.so", HEDDLE_BUILD_DIR, file);
    if (hd_module_open(path, &bench->module, error, sizeof error) != 0)
        give_up(path, error);
    keep(bench->module);
    bench->subject = hd_module_symbol(bench->module, symbol);
    if (bench->subject == NULL)
        give_up(symbol, "no such subject");
    bench->program =
        (struct hd_subject){.ops = &ops, .program = bench, .module = &bench->module, .modules = 1};
}

void bench_open_plain(struct bench *bench, const char *file, const char *symbol) {
    static struct hd_program_ops plain;
    bench_open(bench, file, symbol);
    plain = ops;
    plain.ended = NULL;
    bench->program.ops = &plain;
}

void *bench_symbol(const struct bench *bench, const char *name) {
    void *at = hd_module_symbol(bench->module, name);
    if (at == NULL)
        give_up(name, "no such symbol");
    return at;
}

/* ---- running it ----------------------------------------------------------------------------------- */

uint64_t bench_seed(uint64_t index) {
    return hd_execution_seed(hd_batch_name(1, index / HD_BATCH), (uint32_t)(index % HD_BATCH));
}

static void take_strategy(struct bench *bench, const char *name) {
    char error[256];
    if (bench->strategy.ops != NULL && strcmp(bench->strategy.name, name) == 0)
        return;
    hd_strategy_close(&bench->strategy);
    if (hd_strategy_open(name, 0, &bench->strategy, error) != 0)
        give_up(name, error);
    keep(bench->strategy.state);
}

struct hd_execution bench_execution(struct bench *bench, const char *strategy, uint64_t seed,
                                    enum hd_run_kind kind, uint64_t events) {
    if (bench->outcome == NULL) {
        bench->outcome = calloc(1, sizeof *bench->outcome);
        keep(bench->outcome);
        if (bench->outcome == NULL || hd_execution_open(&bench->program) != 0)
            give_up(bench->subject->name, "cannot be executed here");
    }
    take_strategy(bench, strategy);
    uint64_t points_max = bench->program.points_max != 0 ? bench->program.points_max : 1000000;
    return (struct hd_execution){.seed = seed,
                                 .kind = kind,
                                 .events = events,
                                 .points_max = points_max,
                                 .tasks = bench->subject->tasks,
                                 .strategy = bench->strategy.ops,
                                 .strategy_state = bench->strategy.state};
}

const struct hd_outcome *bench_run(struct bench *bench, const char *strategy, uint64_t seed,
                                   enum hd_run_kind kind, uint64_t events) {
    struct hd_execution execution = bench_execution(bench, strategy, seed, kind, events);
    bench->result = -1;
    hd_execution_run(&bench->program, &execution, bench->outcome);
    return bench->outcome;
}

const struct hd_outcome *bench_follow(struct bench *bench, const struct hd_run *run,
                                      uint64_t runs) {
    static struct hd_replay_state state;
    struct hd_execution execution =
        bench_execution(bench, "random", bench_seed(0), HD_RUN_FULL, 10);
    state = (struct hd_replay_state){.run = run, .runs = runs};
    execution.strategy = &hd_strategy_replay;
    execution.strategy_state = &state;
    execution.recorded = true;
    hd_execution_run(&bench->program, &execution, bench->outcome);
    if (state.diverged)
        give_up(bench->subject->name, "does not follow the list of runs");
    return bench->outcome;
}

struct hd_campaign_options bench_options(const char *strategy, uint64_t executions) {
    return (struct hd_campaign_options){
        .seed = 1, .strategy = strategy, .executions = executions, .jobs = 1, .kind = HD_RUN_BARE};
}

void bench_campaign(struct bench *bench, const struct hd_campaign_options *options,
                    struct hd_campaign *campaign) {
    int error = hd_campaign_run(options, &bench->program, campaign);
    if (error != 0)
        give_up(bench->subject->name, strerror(-error));
    keep(campaign->fault);
}

void bench_replay(struct bench *bench, const char *strategy, uint64_t seed,
                  struct hd_replay *replay) {
    struct hd_replay_options options = {.seed = seed, .strategy = strategy, .stall_ms = 5000};
    char error[HD_LINE_SIZE] = "cannot be replayed";
    if (hd_replay_run(&options, &bench->program, replay, error) != 0)
        give_up(bench->subject->name, error);
}

/* ---- statistics ----------------------------------------------------------------------------------- */

/* Wilson and Hilferty's approximation; it errs upwards for few degrees of freedom. */
static double limit(uint32_t freedom) {
    double a = 2.0 / (9.0 * freedom);
    return freedom * pow(1 - a + QUANTILE * sqrt(a), 3);
}

static void print_cells(const char *what, const uint64_t *count, const double *probability,
                        uint32_t cells, double total) {
    fprintf(stderr, "%s does not fit:\n", what);
    for (uint32_t i = 0; i < cells && i < PRINTED_MAX; i++)
        fprintf(stderr, "  cell %u: %llu seen, %.1f expected\n", i, (unsigned long long)count[i],
                probability[i] * total);
}

bool fits(const char *what, const uint64_t *count, const double *probability, uint32_t cells) {
    double total = 0, sum = 0, rest_seen = 0, rest_expected = 0;
    uint32_t used = 0;
    bool fit = true;
    for (uint32_t i = 0; i < cells; i++)
        total += (double)count[i];
    for (uint32_t i = 0; i < cells; i++) {
        double seen = (double)count[i], expected = probability[i] * total;
        fit &= probability[i] > 0 || count[i] == 0;
        if (expected < EXPECTED_MIN) {
            rest_seen += seen;
            rest_expected += expected;
        } else {
            sum += (seen - expected) * (seen - expected) / expected;
            used++;
        }
    }
    if (rest_expected >= EXPECTED_MIN) {
        sum += (rest_seen - rest_expected) * (rest_seen - rest_expected) / rest_expected;
        used++;
    }
    fit &= used >= 1 && (used < 2 || sum <= limit(used - 1));
    if (!fit)
        print_cells(what, count, probability, cells, total);
    return fit;
}
