/* test_hostile.c - whatever code under test does to the process becomes a fault of the right kind with a
 * seed that shows it again, and the campaign spends its whole budget, or ends with the first execution that
 * makes no progress.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/harness/support.h"

#define EXECUTIONS 24

struct expectation {
    char subject[32];
    char message[80];
    enum hd_fault_kind kind;
    uint32_t executions;
    uint32_t stall_ms;
};

static struct expectation expectations[] = {
    {"crash", "SIGSEGV: invalid memory reference", HD_FAULT_CRASH, EXECUTIONS, 0},
    {"divides_by_zero", "SIGFPE: arithmetic exception", HD_FAULT_CRASH, EXECUTIONS, 0},
    {"aborts", "SIGABRT: aborted", HD_FAULT_CRASH, EXECUTIONS, 0},
    {"asserts", "assertion `zero == 1' failed in ", HD_FAULT_ASSERT, EXECUTIONS, 0},
    {"exits", "exit(3) called", HD_FAULT_CRASH, EXECUTIONS, 0},
    {"exits_at_once", "_exit(0) called", HD_FAULT_CRASH, EXECUTIONS, 0},
    {"ends_the_process", "the process ended with status 0", HD_FAULT_CRASH, EXECUTIONS, 0},
    {"forks", "fork() is not modelled", HD_FAULT_MISUSE, EXECUTIONS, 0},
    {"polls", "poll() is not modelled", HD_FAULT_MISUSE, EXECUTIONS, 0},
    {"spawns", "system() is not modelled", HD_FAULT_MISUSE, EXECUTIONS, 0},
    {"overflows", "stack overflow of task ", HD_FAULT_CRASH, EXECUTIONS, 0},
    {"never_ends", "no end after 20000 points", HD_FAULT_LIVELOCK, EXECUTIONS, 0},
    {"never_wakes_up", "no end after 20000 points", HD_FAULT_LIVELOCK, EXECUTIONS, 0},
    {"never_end_together", "no end after 20000 points", HD_FAULT_LIVELOCK, EXECUTIONS, 0},
    {"never_ends_unseen", "no progress: task ", HD_FAULT_LIVELOCK, 10, 100},
};
#define COUNT (sizeof expectations / sizeof expectations[0])

static void open_hostile(struct bench *bench, const struct expectation *expected) {
    bench_open(bench, "hostile", expected->subject);
    bench->program.points_max = 5000;
}

static void run(struct bench *bench, const struct expectation *expected, uint32_t jobs,
                struct hd_campaign *campaign) {
    struct hd_campaign_options options = bench_options("random", expected->executions);
    options.stall_ms = expected->stall_ms;
    options.jobs = jobs;
    options.confirm = 1;
    bench_campaign(bench, &options, campaign);
}

ParameterizedTestParameters(hostile, becomes_a_fault_and_the_campaign_goes_on) {
    return cr_make_param_array(struct expectation, expectations, COUNT);
}

ParameterizedTest(struct expectation *expected, hostile, becomes_a_fault_and_the_campaign_goes_on,
                  .timeout = 60) {
    struct bench bench;
    struct hd_campaign campaign;
    open_hostile(&bench, expected);
    run(&bench, expected, 1, &campaign);
    bool stalls = expected->stall_ms != 0;
    uint64_t executions =
        stalls ? (uint64_t)campaign.first_fault_execution + 1 : expected->executions;
    cr_expect_eq(campaign.executions, executions, "%s: %lu executions", expected->subject,
                 (unsigned long)campaign.executions);
    cr_expect_eq(campaign.stalled, stalls, "%s", expected->subject);
    cr_expect(campaign.fault_executions > 0 &&
                  (stalls || campaign.fault_executions < campaign.executions),
              "%s: %lu faults", expected->subject, (unsigned long)campaign.fault_executions);
    cr_assert_geq(campaign.faults, 1);
    uint64_t counted = 0;
    for (uint32_t i = 0; i < campaign.faults; i++) {
        const struct hd_fault_record *fault = &campaign.fault[i];
        counted += fault->count;
        cr_expect_eq(fault->kind, expected->kind, "%s: kind %s", expected->subject,
                     hd_fault_kind_name(fault->kind));
        cr_expect_eq(strncmp(fault->message, expected->message, strlen(expected->message)), 0,
                     "%s: %s", expected->subject, fault->message);
        cr_expect_eq(fault->confirmed, 1, "%s does not come again", expected->subject);
    }
    cr_expect_eq(counted, campaign.fault_executions, "%s", expected->subject);
    cr_expect_eq(campaign.first_fault_execution, (int64_t)campaign.fault[0].execution);
}

ParameterizedTestParameters(hostile, a_replay_shows_the_same) {
    return cr_make_param_array(struct expectation, expectations, COUNT);
}

ParameterizedTest(struct expectation *expected, hostile, a_replay_shows_the_same, .timeout = 60) {
    struct bench bench;
    struct hd_campaign campaign;
    struct hd_replay replay;
    open_hostile(&bench, expected);
    run(&bench, expected, 1, &campaign);
    cr_assert_geq(campaign.faults, 1);
    const struct hd_fault_record *fault = &campaign.fault[0];
    for (int i = 0; i < 2; i++) {
        bench_replay(&bench, fault->strategy, fault->seed, &replay);
        cr_expect(replay.fault);
        cr_expect_eq(replay.digest, fault->digest, "%s: digest", expected->subject);
        cr_expect_eq(replay.record.kind, fault->kind);
        cr_expect_str_eq(replay.record.message, fault->message);
        cr_expect_eq(replay.record.signature, fault->signature, "%s: signature", expected->subject);
        hd_replay_clear(&replay);
    }
}

/* Figures of a campaign whose workers die do not depend on how many there are. Only 256 executions of a
 * batch run in one worker, so that this takes 300. */
static void expect_same_campaign(const char *subject, uint32_t executions, uint32_t stall_ms) {
    struct bench bench;
    struct hd_campaign one, three;
    struct expectation many = {.executions = executions, .stall_ms = stall_ms};
    bench_open(&bench, "hostile", subject);
    bench.program.points_max = 5000;
    run(&bench, &many, 1, &one);
    run(&bench, &many, 3, &three);
    cr_expect_eq(one.digest, three.digest, "%s", subject);
    cr_expect_eq(one.executions, three.executions, "%s", subject);
    cr_expect_eq(one.points, three.points, "%s: %lu, %lu points", subject,
                 (unsigned long)one.points, (unsigned long)three.points);
    cr_expect_eq(one.switches, three.switches, "%s", subject);
    cr_expect_eq(one.distinct, three.distinct, "%s", subject);
    cr_expect_eq(one.contended, three.contended, "%s", subject);
    cr_expect_eq(one.fault_executions, three.fault_executions, "%s", subject);
}

Test(hostile, figures_do_not_depend_on_the_jobs_when_workers_crash, .timeout = 120) {
    expect_same_campaign("crash", 600, 0);
}

Test(hostile, figures_do_not_depend_on_the_jobs_when_workers_end, .timeout = 120) {
    expect_same_campaign("ends_the_process", 600, 0);
}

Test(hostile, figures_do_not_depend_on_the_jobs_when_an_execution_makes_no_progress,
     .timeout = 120) {
    expect_same_campaign("never_ends_unseen", 600, 400);
}

/* Neither bare nor in full: it takes twice the limit, and passes points all the time. */
Test(hostile, long_work_between_points_is_no_fault, .timeout = 120) {
    struct bench bench;
    struct hd_campaign campaign;
    struct hd_replay replay;
    struct hd_campaign_options options = bench_options("random", 1);
    options.stall_ms = 4000;
    options.jobs = 1;
    bench_open(&bench, "hostile", "works_long");
    bench_campaign(&bench, &options, &campaign);
    cr_expect_eq(campaign.executions, 1);
    cr_expect_eq(campaign.faults, 0, "%s", campaign.faults > 0 ? campaign.fault[0].message : "");
    bench_replay(&bench, "random", bench_seed(0), &replay);
    cr_expect_not(replay.fault, "%s", replay.record.message);
    hd_replay_clear(&replay);
}

static void interrupt(int number) {
    (void)number;
    hd_campaign_interrupt();
}

/* Neither an execution that makes no progress nor its re-run is waited for. A slow machine may be
 * interrupted before the re-run; there is then no record. */
static void expect_prompt_end(uint32_t stall_ms, long tenths, struct hd_campaign *campaign) {
    struct itimerval timer = {.it_value = {tenths / 10, tenths % 10 * 100000}};
    struct bench bench;
    struct expectation expected = {.executions = 600, .stall_ms = stall_ms};
    bench_open(&bench, "hostile", "never_ends_unseen");
    signal(SIGALRM, interrupt);
    setitimer(ITIMER_REAL, &timer, NULL);
    run(&bench, &expected, 1, campaign);
    cr_expect(campaign->interrupted);
}

Test(hostile, an_interruption_does_not_wait_for_progress, .timeout = 50) {
    struct hd_campaign campaign;
    expect_prompt_end(60000, 10, &campaign);
    cr_expect_eq(campaign.faults, 0);
}

Test(hostile, an_interruption_cuts_a_rerun_short, .timeout = 50) {
    struct hd_campaign campaign;
    expect_prompt_end(16000, 66, &campaign); /* re-run from 6.4 to 8 s, killed at 7.6 */
    if (campaign.faults == 1) {
        cr_expect_not_null(strstr(campaign.fault[0].message, "not run again"), "%s",
                           campaign.fault[0].message);
        cr_expect_eq(campaign.fault[0].replays, 0);
    }
}

/* ---- printing ------------------------------------------------------------------------------------- */

static void expect_clean(const char *module, const char *subject) {
    struct bench bench;
    struct hd_campaign campaign;
    bench_open(&bench, module, subject);
    struct hd_campaign_options options = bench_options("default", 600);
    bench_campaign(&bench, &options, &campaign);
    cr_expect_eq(campaign.executions, 600);
    cr_expect_eq(campaign.faults, 0, "%s: %s", subject,
                 campaign.faults > 0 ? campaign.fault[0].message : "");
}

Test(hostile, printing_much_is_no_fault, .timeout = 60) {
    expect_clean("hostile", "prints");
}

/* A nested function of gcc, say. */
Test(hostile, code_on_a_stack_is_no_fault_where_the_module_asks_for_it, .timeout = 60) {
    expect_clean("trampoline", "trampoline");
}

Test(hostile, a_stream_locked_over_points_makes_the_other_wait, .timeout = 60) {
    expect_clean("hostile", "holds_stdio");
}
