/* engine.c - what the engine costs: a point, a switch, an execution. One process, one core, one run.
 *
 * Figures of a shared machine are noisy: compare rows of one run, best through their ratios. Each row is
 * the best of many short rounds, since noise only ever adds, and some rounds meet none. A campaign of one
 * worker is rated by the worker's processor time, too.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "harness/base/assert.h"
#include "harness/base/clock.h"
#include "harness/sched/state.h"
#include "harness/task/pool.h"
#include "harness/task/switch.h"
#include "scenarios/scenario.h"
#include "tests/bench/bare.h"
#include "tests/harness/support.h"

#define ROUNDS              300
#define LOOP_ACCESSES       40000.0
#define RAW_SWITCHES        20000u
#define PROGRAM_EXECUTIONS  5000u
#define DISTINCT_EXECUTIONS 5000000u
#define RATE_EXECUTIONS     250000u
#define RATE_ROUNDS         40
#define SCENARIO_EXECUTIONS 4096u
#define CAMPAIGN_ROUNDS     5

static double seconds(uint64_t since) {
    return (double)(hd_clock_ns() - since) * 1e-9;
}

static double least(double a, double b) {
    return a < b ? a : b;
}

/* ---- a point, a switch ---------------------------------------------------------------------------- */

/* The strategy that switches at every point: two tasks take turns. */
static int turns_init(void *state, const char *parameter) {
    (void)state;
    return *parameter == '\0' ? 0 : -1;
}

static void turns_begin(void *state, const struct hd_strategy_start *start) {
    (void)state;
    (void)start;
}

static void turns_born(void *state, uint32_t task) {
    (void)state;
    (void)task;
}

static uint32_t turns_next(void *state, const struct hd_choice *choice, uint64_t *points) {
    (void)state;
    *points = 1;
    return choice
        ->enabled[choice->count == 1 ? 0 : choice->current_enabled && choice->current_index == 0];
}

static const struct hd_strategy_ops turns = {.name = "turns",
                                             .state_size = 1,
                                             .init = turns_init,
                                             .begin = turns_begin,
                                             .task_born = turns_born,
                                             .next = turns_next};

/* Seconds of one execution of a loop subject. */
static double loop_seconds(const char *symbol, const struct hd_strategy_ops *ops,
                           uint64_t *switches) {
    static struct hd_outcome outcome;
    struct bench bench;
    struct hd_strategy random;
    char error[256];
    double best = 1e9;
    bench_open(&bench, "loop", symbol);
    if (hd_execution_open(&bench.program) != 0 ||
        hd_strategy_open("random", 0, &random, error) != 0)
        exit(70);
    for (int round = 0; round < ROUNDS; round++) {
        struct hd_execution execution = {.seed = bench_seed(0),
                                         .kind = HD_RUN_BARE,
                                         .events = 1,
                                         .points_max = UINT64_MAX / 2,
                                         .tasks = bench.subject->tasks,
                                         .strategy = ops != NULL ? ops : random.ops,
                                         .strategy_state = random.state};
        uint64_t start = hd_clock_ns();
        hd_execution_run(&bench.program, &execution, &outcome);
        best = least(best, seconds(start));
    }
    *switches = outcome.switches;
    hd_strategy_close(&random);
    hd_module_close(bench.module);
    return best;
}

/* ---- the bare switch ------------------------------------------------------------------------------ */

static void *host, *guest;
static uint64_t host_tls, guest_tls;

static void guest_body(void) {
    for (;;)
        hd_switch(&guest, host, host_tls);
}

static double raw_switch_ns(void) {
    double best = 1e9;
    host_tls = hd_switch_thread_pointer();
    guest_tls = hd_pool_tls(1);
    guest = hd_pool_prepare(1, 1, guest_body);
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t start = hd_clock_ns();
        for (uint32_t i = 0; i < RAW_SWITCHES; i++)
            hd_switch(&host, guest, guest_tls);
        best = least(best, seconds(start) / (2.0 * RAW_SWITCHES) * 1e9);
    }
    return best;
}

/* ---- executions ----------------------------------------------------------------------------------- */

static double program_seconds(enum hd_run_kind kind, uint32_t executions) {
    static struct bench bench;
    double best = 1e9;
    bench_open(&bench, "increments", "subject");
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t name = hd_batch_name(1, (uint64_t)round), start = hd_clock_ns();
        for (uint32_t i = 0; i < executions; i++)
            bench_run(&bench, "random", hd_execution_seed(name, i), kind, 1);
        best = least(best, seconds(start));
    }
    return best;
}

/* The same program with nothing but a countdown, a walk and the switch: seconds. */
static double bare_seconds(uint32_t executions) {
    double best = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t start = hd_clock_ns();
        uint32_t lost = bare_run(executions, (uint64_t)round);
        best = least(best, seconds(start));
        HD_ASSERT(lost > 0 && lost < executions);
    }
    return best;
}

/* Of all children that have ended. */
static double children_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

/* The best of many short campaigns: executions a second, and a second of the worker's processor time. */
static void campaign_rates(struct bench *bench, double *by_wall, double *by_processor) {
    struct hd_campaign_options options = bench_options("random", RATE_EXECUTIONS);
    double wall = 1e9, used = 1e9;
    options.kind = HD_RUN_BARE;
    for (int round = 0; round < RATE_ROUNDS; round++) {
        struct hd_campaign campaign;
        double before = children_seconds();
        bench_campaign(bench, &options, &campaign);
        used = least(used, children_seconds() - before);
        wall = least(wall, campaign.seconds);
        hd_campaign_clear(&campaign);
    }
    *by_wall = RATE_EXECUTIONS / wall;
    *by_processor = RATE_EXECUTIONS / used;
}

/* Returns the rate by processor time, which what else runs here hardly changes. */
static double smallest_program_rows(void) {
    struct bench bench;
    struct hd_campaign campaign;
    double by_wall, by_processor;
    bench_open_plain(&bench, "increments", "subject");
    campaign_rates(&bench, &by_wall, &by_processor);
    printf("  two tasks, five increments, random  %10.0f executions/s, %.0f a processor second\n",
           by_wall, by_processor);
    struct hd_campaign_options options = bench_options("random", DISTINCT_EXECUTIONS);
    options.kind = HD_RUN_BARE;
    bench_campaign(&bench, &options, &campaign);
    printf("  distinct schedules                  %10" PRIu64 " of 184756 after %" PRIu64 "\n",
           campaign.distinct, campaign.executions);
    hd_campaign_clear(&campaign);
    return by_processor;
}

static double scenario_rate(const char *map_name, enum hd_run_kind kind) {
    struct sn_scenario *scenario;
    struct sn_map *map;
    struct sn_program *program;
    struct hd_subject subject;
    struct hd_campaign campaign;
    char error[HD_LINE_SIZE];
    double best = 0;
    if (sn_scenario_open("growth-window", &scenario, error) != 0 ||
        sn_map_open(map_name, &map, error) != 0 ||
        sn_program_open(scenario, map, &program, &subject, error) != 0) {
        fprintf(stderr, "bench: %s\n", error);
        exit(70);
    }
    for (int round = 0; round < CAMPAIGN_ROUNDS; round++) {
        struct hd_campaign_options options = {.seed = 1,
                                              .strategy = "default",
                                              .executions = SCENARIO_EXECUTIONS,
                                              .jobs = 1,
                                              .kind = kind};
        if (hd_campaign_run(&options, &subject, &campaign) != 0)
            exit(70);
        double rate = (double)campaign.executions / campaign.seconds;
        best = rate > best ? rate : best;
        hd_campaign_clear(&campaign);
    }
    sn_program_close(program);
    sn_map_close(map);
    sn_scenario_close(scenario);
    return best;
}

int main(void) {
    char error[HD_LINE_SIZE];
    uint64_t switches;
    if (sn_paths_init("controlled", error) != 0) {
        fprintf(stderr, "bench: %s\n", error);
        return 70;
    }
    printf("campaigns of one worker\n");
    double campaign = smallest_program_rows();
    double bare_rate = scenario_rate("rwmutex", HD_RUN_BARE);
    double watched_rate = scenario_rate("rwmutex", HD_RUN_WATCHED);
    double full_rate = scenario_rate("rwmutex", HD_RUN_FULL);
    printf("  growth-window rwmutex, default      %10.0f executions/s bare, %.0f watched (%.2f), "
           "%.0f full (%.2f)\n",
           bare_rate, watched_rate, watched_rate / bare_rate, full_rate, full_rate / bare_rate);

    double none = loop_seconds("none", NULL, &switches) / LOOP_ACCESSES * 1e9;
    double point = loop_seconds("one", NULL, &switches) / LOOP_ACCESSES * 1e9;
    double turn = loop_seconds("two", &turns, &switches);
    double ns_switch = turn / (double)switches * 1e9;
    double raw = raw_switch_ns();
    printf("one access\n");
    printf("  without a point                     %10.2f ns\n", none);
    printf("  with a point that does not switch   %10.2f ns (%.2f times)\n", point, point / none);
    printf("one switch\n");
    printf("  of stack and thread pointer         %10.2f ns\n", raw);
    printf("  with decision, digest and access    %10.2f ns (%.2f times)\n", ns_switch,
           ns_switch / raw);
    printf("two tasks, five unprotected increments each: 20 events\n");
    double bare = program_seconds(HD_RUN_BARE, PROGRAM_EXECUTIONS);
    double full = program_seconds(HD_RUN_FULL, PROGRAM_EXECUTIONS / 4) * 4;
    double least_cost = bare_seconds(PROGRAM_EXECUTIONS);
    double least_rate = PROGRAM_EXECUTIONS / least_cost;
    printf("  countdown, walk and switch alone    %10.0f executions/s\n", least_rate);
    printf("  the campaign above                  %10.0f (1 / %.2f)\n", campaign,
           least_rate / campaign);
    printf("  in one process, bare                %10.0f (1 / %.2f)\n", PROGRAM_EXECUTIONS / bare,
           bare / least_cost);
    printf("  in one process, full                %10.0f (1 / %.2f)\n", PROGRAM_EXECUTIONS / full,
           full / least_cost);
    return 0;
}
