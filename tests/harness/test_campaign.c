/* test_campaign.c - many executions: every figure but the seconds is a function of the seed.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/explore/run.h"
#include "harness/task/pool.h"
#include "tests/harness/support.h"

TestSuite(campaign, .timeout = 240);

/* Under a sanitizer executions take thirty times as long, and memory is not what it would be. */
#if defined(__SANITIZE_ADDRESS__)
#define SLOW true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SLOW true
#endif
#endif
#ifndef SLOW
#define SLOW false
#endif

static void run(const char *file, const char *subject, const struct hd_campaign_options *options,
                struct hd_campaign *campaign) {
    struct bench bench;
    bench_open(&bench, file, subject);
    bench_campaign(&bench, options, campaign);
}

/* Compared are all figures, and the records of faults as far as they are figures. */
static void expect_same(const struct hd_campaign *left, const struct hd_campaign *right,
                        const char *what) {
    cr_expect_eq(left->digest, right->digest, "%s: digest", what);
    cr_expect_eq(left->executions, right->executions, "%s: executions", what);
    cr_expect_eq(left->points, right->points, "%s: points", what);
    cr_expect_eq(left->switches, right->switches, "%s: switches", what);
    cr_expect_eq(left->distinct, right->distinct, "%s: distinct", what);
    cr_expect_eq(left->contended, right->contended, "%s: contended", what);
    cr_expect_eq(left->full_runs, right->full_runs, "%s: full runs", what);
    cr_expect_eq(left->module_points, right->module_points, "%s: module points", what);
    cr_expect_eq(left->fault_executions, right->fault_executions, "%s: faults", what);
    cr_expect_eq(left->first_fault_execution, right->first_fault_execution, "%s: first", what);
    cr_expect_arr_eq(left->counters, right->counters, sizeof left->counters, "%s: counters", what);
    cr_assert_eq(left->faults, right->faults, "%s: distinct faults", what);
    for (uint32_t i = 0; i < left->faults; i++) {
        cr_expect_eq(left->fault[i].seed, right->fault[i].seed, "%s", what);
        cr_expect_eq(left->fault[i].count, right->fault[i].count, "%s", what);
        cr_expect_eq(left->fault[i].digest, right->fault[i].digest, "%s", what);
        cr_expect_str_eq(left->fault[i].schedule, right->fault[i].schedule, "%s", what);
    }
}

static void check_jobs(const char *file, const char *subject, bool until_fault) {
    static const uint32_t jobs[] = {1, 2, 7, 2};
    static const char *const strategies[] = {"default", "random", "pct:3", "sticky"};
    struct hd_campaign first, other;
    for (int k = 0; k < 4; k++) {
        struct hd_campaign_options options = bench_options(strategies[k], 5000);
        options.until_fault = until_fault;
        run(file, subject, &options, &first);
        for (int i = 1; i < 4; i++) {
            options.jobs = jobs[i];
            run(file, subject, &options, &other);
            expect_same(&first, &other, subject);
        }
    }
}

Test(campaign, the_number_of_jobs_does_not_matter) {
    check_jobs("increments", "subject", false);
    check_jobs("state", "keys_state", false);
}

Test(campaign, the_number_of_jobs_does_not_matter_with_faults) {
    check_jobs("state", "lock_left", false);
    check_jobs("state", "lock_left", true);
}

Test(campaign, bare_and_watched_runs_have_one_digest) {
    struct hd_campaign bare, other;
    struct hd_campaign_options options = bench_options("default", 2000);
    run("state", "once_state", &options, &bare);
    options.kind = HD_RUN_WATCHED;
    run("state", "once_state", &options, &other);
    expect_same(&bare, &other, "watched");
    options.kind = HD_RUN_FULL;
    run("state", "once_state", &options, &other);
    cr_expect_eq(bare.digest, other.digest);
    cr_expect_eq(bare.points, other.points);
}

Test(campaign, a_campaign_is_the_start_of_a_longer_one) {
    struct hd_campaign shorter, longer;
    struct hd_campaign_options options = bench_options("default", 700);
    run("state", "lock_left", &options, &shorter);
    options.executions = 1500;
    run("state", "lock_left", &options, &longer);
    cr_assert(shorter.faults > 0 && longer.faults >= shorter.faults);
    cr_expect_eq(shorter.first_fault_execution, longer.first_fault_execution);
    cr_expect_eq(shorter.fault[0].digest, longer.fault[0].digest);
    cr_expect_neq(shorter.digest, longer.digest);
}

Test(campaign, another_seed_is_another_campaign) {
    struct hd_campaign one, two;
    struct hd_campaign_options options = bench_options("random", 500);
    run("increments", "subject", &options, &one);
    options.seed = 2;
    run("increments", "subject", &options, &two);
    cr_expect_neq(one.digest, two.digest);
}

static int count_found(void *context, struct hd_fault_record *record) {
    uint64_t *told = context;
    cr_expect_gt(record->count, 0);
    *told += record->count;
    return 0;
}

/* Batches follow each other without a gap, grow, and hold each execution once. */
Test(campaign, batches_are_short_at_first) {
    uint64_t execution = 0;
    for (uint64_t batch = 0; batch < 200; batch++) {
        struct hd_batch_place place = hd_batch_place(batch);
        cr_assert_eq(place.batch, batch);
        cr_assert_eq(place.first, execution);
        cr_assert(place.size >= 8 && place.size <= HD_BATCH);
        cr_assert(batch == 0 || place.size >= hd_batch_place(batch - 1).size);
        for (uint32_t index = 0; index < place.size; index++, execution++) {
            struct hd_batch_place found = hd_batch_containing(execution);
            cr_assert_eq(found.batch, batch, "execution %llu", (unsigned long long)execution);
            cr_assert_eq(found.first, place.first);
            cr_assert_eq(found.size, place.size);
        }
    }
    cr_expect_eq(hd_batch_containing(255).batch, 31);
    cr_expect_eq(hd_batch_place(199).size, HD_BATCH);
    cr_expect_eq(hd_batch_containing(HD_EXECUTIONS_MAX - 1).batch,
                 64 + (HD_EXECUTIONS_MAX - 1 - 32 * 8 - 32 * 32) / HD_BATCH);
}

/* In one batch all are known when the first is told. */
Test(campaign, a_fault_is_told_with_how_often_it_was_seen) {
    uint64_t told = 0;
    struct hd_campaign campaign;
    struct hd_campaign_options options = bench_options("default", hd_batch_place(0).size);
    options.found = count_found;
    options.context = &told;
    run("state", "lock_left", &options, &campaign);
    cr_assert_gt(campaign.fault_executions, 1);
    cr_expect_eq(told, campaign.fault_executions);
}

Test(campaign, until_a_fault_stops_at_the_lowest_faulting_execution) {
    struct hd_campaign all, first;
    struct hd_campaign_options options = bench_options("random", 3000);
    run("state", "lock_left", &options, &all);
    options.until_fault = true;
    options.jobs = 3;
    run("state", "lock_left", &options, &first);
    cr_expect_eq(first.first_fault_execution, all.first_fault_execution);
    cr_expect_eq(first.executions, (uint64_t)all.first_fault_execution + 1);
    cr_expect_eq(first.fault_executions, 1);
}

/* Other schedules may take longer than the one that was tried. */
Test(campaign, a_pilot_counts_a_fifth_more_than_it_took) {
    struct bench bench;
    static struct hd_outcome outcome;
    uint64_t fingerprint = 0, name = hd_batch_name(1, 0);
    bench_open(&bench, "increments", "subject");
    cr_assert_eq(hd_execution_open(&bench.program), 0);
    uint32_t tasks = bench.program.ops->build(bench.program.program, name, &fingerprint);
    cr_assert_eq(hd_pool_open(tasks + 1), 0);
    uint64_t events = hd_pilot(&bench.program, name, tasks, 0, &outcome);
    cr_assert_gt(outcome.points, 5);
    cr_expect_eq(events, outcome.points + outcome.points / 5 + 1);
}

/* ---- twice ---------------------------------------------------------------------------------------- */

Test(campaign, twice_finds_nothing_in_what_follows_from_the_seed) {
    static const char *const subjects[] = {"static_counter", "thread_local_state", "heap_garbage",
                                           "lock_left",      "keys_state",         "time_state",
                                           "yield_left"};
    for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++) {
        struct hd_campaign once, twice;
        struct hd_campaign_options options = bench_options("random", 600);
        run("state", subjects[i], &options, &once);
        options.strategy = "twice:random";
        run("state", subjects[i], &options, &twice);
        cr_expect_eq(once.digest, twice.digest, "%s", subjects[i]);
        cr_expect_eq(once.fault_executions, twice.fault_executions, "%s", subjects[i]);
    }
}

static void expect_caught(const char *subject, const char *part) {
    struct hd_campaign campaign;
    struct hd_campaign_options options = bench_options("twice:random", 64);
    run("state", subject, &options, &campaign);
    cr_assert_geq(campaign.faults, 1, "%s", subject);
    cr_expect_eq(campaign.fault[0].kind, HD_FAULT_ASSERT);
    cr_expect_not_null(strstr(campaign.fault[0].message, "differently the second time"), "%s",
                       campaign.fault[0].message);
    cr_expect_not_null(strstr(campaign.fault[0].message, part), "%s", campaign.fault[0].message);
}

Test(campaign, twice_catches_what_does_not_follow_from_the_seed) {
    expect_caught("reads_ticks", "results differ");
    expect_caught("uses_table", "schedule differs");
}

/* ---- schedules ------------------------------------------------------------------------------------ */

/* The walk takes a schedule with probability 2^-k, k its steps with both tasks enabled. Of the 184,756
 * schedules N executions are expected to see the sum of 1 - (1 - 2^-k)^N: 169,236 after a million, sigma
 * 116 (bounds are six sigma), and 184,749, sigma 2.6, after five million. */
static void check_distinct(uint64_t executions, uint64_t low, uint64_t high) {
    struct hd_campaign campaign;
    struct hd_campaign_options options = bench_options("random", executions);
    options.jobs = 2;
    run("increments", "subject", &options, &campaign);
    cr_expect_eq(campaign.executions, executions);
    cr_expect_not(campaign.distinct_estimated);
    cr_expect(campaign.distinct >= low && campaign.distinct <= high, "%lu",
              (unsigned long)campaign.distinct);
    cr_expect_eq(campaign.points, 20 * executions);
}

Test(campaign, a_million_random_executions_see_most_schedules_of_the_increments, .disabled = SLOW) {
    check_distinct(1000000, 168540, 169932);
}

Test(campaign, five_million_see_nearly_all_of_them, .disabled = SLOW) {
    check_distinct(5000000, 184733, 184756);
}

/* ---- budgets -------------------------------------------------------------------------------------- */

/* However short; what it has come to is what as many executions come to. */
Test(campaign, a_budget_of_time_has_the_figures_of_as_many_executions) {
    static const double seconds[] = {1e-9, 0.05, 0.3};
    for (int i = 0; i < 3; i++) {
        struct hd_campaign timed, counted;
        struct hd_campaign_options options = bench_options("default", 0);
        options.seconds = seconds[i];
        options.jobs = 2;
        run("increments", "subject", &options, &timed);
        cr_assert_gt(timed.executions, 0);
        cr_expect_not(timed.interrupted);
        options = bench_options("default", timed.executions);
        run("increments", "subject", &options, &counted);
        cr_expect_eq(timed.digest, counted.digest);
        cr_expect_eq(timed.points, counted.points);
        cr_expect_eq(timed.distinct, counted.distinct);
    }
}

/* All is merged when the time is over: what is kept has been run again once, and nothing like it. */
Test(campaign, when_time_is_over_faults_are_neither_confirmed_nor_told_apart) {
    struct hd_campaign campaign;
    struct hd_campaign_options options = bench_options("random", 0);
    options.seconds = 1e-9;
    options.confirm = 10;
    run("state", "waiter_left", &options, &campaign);
    while (campaign.faults == 0) { /* the seed of a batch whose first executions show one */
        options.seed++;
        cr_assert_lt(options.seed, 100);
        run("state", "waiter_left", &options, &campaign);
    }
    for (uint32_t i = 0; i < campaign.faults; i++) {
        cr_expect_eq(campaign.fault[i].replays, 0);
        cr_expect_neq(campaign.fault[i].digest, 0);
    }
}

Test(campaign, options_that_mean_nothing_are_refused) {
    struct bench bench;
    struct hd_campaign campaign;
    bench_open(&bench, "increments", "subject");
    struct hd_campaign_options options = bench_options("random", 0);
    cr_expect_eq(hd_campaign_run(&options, &bench.program, &campaign), -EINVAL);
    options = bench_options("nonsense", 10);
    cr_expect_eq(hd_campaign_run(&options, &bench.program, &campaign), -EINVAL);
    options = bench_options("pct:0", 10);
    cr_expect_eq(hd_campaign_run(&options, &bench.program, &campaign), -EINVAL);
    options = bench_options("pct:", 10);
    cr_expect_eq(hd_campaign_run(&options, &bench.program, &campaign), -EINVAL);
    options = bench_options("random:", 10);
    cr_expect_eq(hd_campaign_run(&options, &bench.program, &campaign), -EINVAL);
    options = bench_options("random", 10);
    options.jobs = 0;
    cr_expect_eq(hd_campaign_run(&options, &bench.program, &campaign), -EINVAL);
}

/* Neither a fault nor a bug of ours: there is no room for the heap of the code under test. */
Test(campaign, what_the_system_refuses_is_told_as_that, .disabled = SLOW) {
    const struct rlimit limit = {.rlim_cur = 4ull << 30, .rlim_max = 4ull << 30};
    char error[HD_LINE_SIZE];
    struct bench bench;
    struct hd_campaign campaign;
    struct hd_replay replay;
    struct hd_campaign_options options = bench_options("random", 64);
    struct hd_replay_options again = {.seed = bench_seed(0), .strategy = "random"};
    bench_open(&bench, "increments", "subject");
    cr_assert_eq(setrlimit(RLIMIT_AS, &limit), 0);
    cr_expect_eq(hd_campaign_run(&options, &bench.program, &campaign), -ENOMEM);
    cr_expect_eq(hd_replay_run(&again, &bench.program, &replay, error), -ENOMEM);
}

/* The kernel then keeps no status of a process that ended. */
Test(campaign, a_worker_of_which_nobody_can_tell_is_an_error, .timeout = 60) {
    struct bench bench;
    struct hd_campaign campaign;
    struct hd_campaign_options options = bench_options("random", 64);
    bench_open(&bench, "increments", "subject");
    signal(SIGCHLD, SIG_IGN);
    cr_expect_eq(hd_campaign_run(&options, &bench.program, &campaign), -ECHILD);
}

static void interrupt(int number) {
    (void)number;
    hd_campaign_interrupt();
}

Test(campaign, an_interruption_leaves_partial_results) {
    struct hd_campaign campaign;
    struct hd_campaign_options options = bench_options("random", 1ull << 36);
    options.jobs = 2;
    signal(SIGALRM, interrupt);
    ualarm(300000, 0);
    run("increments", "subject", &options, &campaign);
    cr_expect(campaign.interrupted);
    cr_expect(campaign.executions > 0 && campaign.executions < options.executions);
    cr_expect_lt(campaign.seconds, 10);
}

static void sleep_for_ever(void) {
    for (;;)
        pause();
}

/* A busy machine: a worker is killed before it has come to its first batch. */
Test(campaign, an_interruption_before_the_first_batch_is_one, .timeout = 60) {
    struct hd_campaign campaign;
    struct hd_campaign_options options = bench_options("random", 1000);
    struct bench bench;
    bench_open(&bench, "increments", "subject");
    cr_assert_eq(pthread_atfork(NULL, NULL, sleep_for_ever), 0);
    signal(SIGALRM, interrupt);
    ualarm(10000, 0);
    cr_expect_eq(hd_campaign_run(&options, &bench.program, &campaign), 0);
    cr_expect(campaign.interrupted);
    cr_expect_eq(campaign.executions, 0);
}

/* The worker of a campaign, as soon as there is one. */
static pid_t worker_of(pid_t process) {
    char path[64];
    int worker = 0;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)process, (int)process);
    while (worker == 0) { /* ends with the test */
        FILE *file = fopen(path, "r");
        cr_assert_not_null(file);
        if (fscanf(file, "%d", &worker) != 1)
            usleep(1000);
        fclose(file);
    }
    return worker;
}

/* In a process of its own. Returns its exit status. */
static int endless_campaign(void) {
    struct hd_campaign campaign;
    struct hd_campaign_options options = bench_options("random", 1ull << 36);
    options.stall_ms = 1000;
    signal(SIGTERM, interrupt);
    run("increments", "subject", &options, &campaign);
    return campaign.interrupted && !campaign.stalled && campaign.faults == 0 ? 0 : 1;
}

/* Ctrl-Z and fg, or a machine that slept. The worker stops a moment earlier than its parent and goes on a
 * moment later: the parent must not count the time in which both were stopped. */
Test(campaign, time_in_which_all_were_stopped_is_no_stall) {
    int status;
    pid_t parent = fork();
    if (parent == 0)
        _exit(endless_campaign());
    pid_t worker = worker_of(parent);
    usleep(100000);
    kill(worker, SIGSTOP);
    usleep(50000); /* the parent sees its last progress */
    kill(parent, SIGSTOP);
    usleep(1600000);
    kill(parent, SIGCONT);
    usleep(50000);
    kill(worker, SIGCONT);
    usleep(50000);
    kill(parent, SIGTERM);
    cr_assert_eq(waitpid(parent, &status, 0), parent);
    cr_expect_eq(status, 0, "%x", (unsigned)status);
}

/* ---- signals from outside -------------------------------------------------------------------------- */

static struct {
    int signal;
    uint32_t left; /* times to send it to a worker */
} attack;

static void attack_worker(void *context, uint64_t done, uint64_t faults, double seconds) {
    (void)context, (void)done, (void)faults, (void)seconds;
    pid_t worker = attack.left > 0 ? worker_of(getpid()) : 0;
    if (worker != 0 && kill(worker, attack.signal) == 0)
        attack.left--;
}

static int run_attacked(int number, uint32_t times, struct hd_campaign *campaign) {
    static struct bench bench;
    struct hd_campaign_options options = bench_options("default", 400000);
    bench_open(&bench, "increments", "subject");
    options.jobs = 2;
    options.progress = attack_worker;
    attack.signal = number;
    attack.left = times;
    int result = hd_campaign_run(&options, &bench.program, campaign);
    cr_expect_eq(attack.left, times > 2 ? attack.left : 0, "the attack came too late");
    return result;
}

/* The batch that it ran is run again by another one: everything comes out as if nothing had been. */
Test(campaign, a_worker_that_is_killed_once_changes_nothing, .timeout = 120) {
    static const int numbers[] = {SIGKILL, SIGXCPU, SIGHUP};
    struct hd_campaign calm, attacked;
    cr_assert_eq(run_attacked(0, 0, &calm), 0);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        cr_assert_eq(run_attacked(numbers[i], 1, &attacked), 0, "signal %d", numbers[i]);
        cr_expect_eq(attacked.digest, calm.digest, "signal %d", numbers[i]);
        cr_expect_eq(attacked.points, calm.points, "signal %d", numbers[i]);
        cr_expect_eq(attacked.fault_executions, calm.fault_executions);
        cr_expect_eq(attacked.faults, calm.faults);
    }
}

Test(campaign, workers_that_are_killed_again_end_it_without_a_fault, .timeout = 120) {
    struct hd_campaign calm, attacked;
    cr_assert_eq(run_attacked(0, 0, &calm), 0);
    cr_expect_eq(run_attacked(SIGKILL, 1000, &attacked), -EOWNERDEAD);
    cr_expect_leq(attacked.faults, calm.faults);
}

/* A worker alone, not its parent: it can make no progress. */
Test(campaign, a_worker_that_is_stopped_is_waited_for, .timeout = 120) {
    int status;
    pid_t parent = fork();
    if (parent == 0)
        _exit(endless_campaign());
    pid_t worker = worker_of(parent);
    usleep(100000);
    kill(worker, SIGSTOP);
    usleep(2500000); /* two and a half times the limit of a stall */
    kill(worker, SIGCONT);
    usleep(50000);
    kill(parent, SIGTERM);
    cr_assert_eq(waitpid(parent, &status, 0), parent);
    cr_expect_eq(status, 0, "%x", (unsigned)status);
}

/* Dead, or dead and not yet waited for. */
static bool gone(pid_t process) {
    char path[64], state = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)process);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return true;
    bool told = fscanf(file, "%*d (%*[^)]) %c", &state) == 1;
    fclose(file);
    return !told || state == 'Z';
}

Test(campaign, workers_end_with_a_parent_that_is_killed, .timeout = 60) {
    int status;
    pid_t parent = fork();
    if (parent == 0)
        _exit(endless_campaign());
    pid_t worker = worker_of(parent);
    usleep(100000); /* it has become a worker */
    kill(parent, SIGKILL);
    cr_assert_eq(waitpid(parent, &status, 0), parent);
    for (int i = 0; i < 1000 && !gone(worker); i++)
        usleep(20000);
    bool lives = !gone(worker);
    if (lives)
        kill(worker, SIGKILL);
    cr_expect_not(lives, "the worker works on without a parent");
}

/* ---- memory --------------------------------------------------------------------------------------- */

static long resident(pid_t process) {
    char path[64];
    long pages = 0, kept = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", (int)process);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%ld %ld", &pages, &kept) != 2)
        kept = 0;
    fclose(file);
    return kept;
}

static struct { long first, last; } memory;

/* Parent and workers together. */
static long resident_of_all(void) {
    char path[64];
    long kept = resident(getpid());
    int child;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE *file = fopen(path, "r");
    while (file != NULL && fscanf(file, "%d", &child) == 1) /* ends with the file */
        kept += resident(child);
    if (file != NULL)
        fclose(file);
    return kept;
}

/* Watches from a tenth of the budget on, and while workers are there. */
static void watch(void *context, uint64_t done, uint64_t faults, double seconds) {
    (void)context;
    (void)faults;
    (void)seconds;
    if (done < 200000 || done > 1900000)
        return;
    memory.last = resident_of_all();
    if (memory.first == 0)
        memory.first = memory.last;
}

Test(campaign, memory_does_not_grow, .disabled = SLOW) {
    struct hd_campaign campaign;
    struct hd_campaign_options options = bench_options("random", 2000000);
    options.progress = watch;
    run("increments", "subject", &options, &campaign);
    cr_assert_gt(memory.first, 0);
    cr_expect_leq(memory.last, memory.first + memory.first / 100 + 1, "%ld, then %ld pages",
                  memory.first, memory.last);
}

/* counters[0] counts executions whose process lived to say that they ended, counters[2] tallies all. */
Test(campaign, the_members_of_a_list_take_turns) {
    struct hd_campaign_options options = bench_options("default", 1000);
    struct hd_campaign left, right;
    run("increments", "subject", &options, &left);
    options.strategy = "random,pct:3";
    run("increments", "subject", &options, &right);
    expect_same(&left, &right, "default and what it stands for");
    hd_campaign_clear(&right);
    options.strategy = "random,pct:2,pct:4";
    run("increments", "subject", &options, &right);
    cr_expect_neq(left.digest, right.digest);
    hd_campaign_clear(&left);
    options.jobs = 3;
    run("increments", "subject", &options, &left);
    expect_same(&left, &right, "three in turn, one job and three");
    hd_campaign_clear(&left);
    hd_campaign_clear(&right);
}

/* The last of three finds what the others cannot: pct:1 never preempts. */
Test(campaign, every_member_of_a_list_is_run_and_named) {
    struct hd_campaign_options options = bench_options("pct:1,pct:1,random", 256);
    struct hd_campaign campaign;
    run("primitives", "mutex_crossed", &options, &campaign);
    cr_assert_eq(campaign.faults, 1);
    cr_expect_str_eq(campaign.fault[0].strategy, "random");
    cr_expect_lt(campaign.fault_executions, 256 / 3 + 1);
    hd_campaign_clear(&campaign);
}

Test(campaign, a_list_with_a_bad_member_is_refused) {
    char error[256] = "";
    cr_expect_eq(hd_strategy_check("random,pct:0", error), -EINVAL);
    cr_expect_not_null(strstr(error, "pct:0"), "%s", error);
    cr_expect_eq(hd_strategy_check("random,", error), -EINVAL);
    cr_expect_not_null(strstr(error, "''"), "%s", error);
    cr_expect_eq(hd_strategy_check("random,twice:random", error), -EINVAL);
    cr_expect_not_null(strstr(error, "'twice:random': twice: stands once, before"), "%s", error);
    cr_expect_eq(hd_strategy_check("twice:twice:random", error), -EINVAL);
    cr_expect_not_null(strstr(error, "twice: stands once"), "%s", error);
    cr_expect_eq(hd_strategy_check("default,pct:5", error), -EINVAL);
    cr_expect_not_null(strstr(error, "'default' stands for a list"), "%s", error);
    cr_expect_eq(hd_strategy_check("twice:default", error), 0);
    cr_expect_eq(hd_strategy_check("pct,pct,pct,pct,pct,pct,pct,pct,pct", error), -EINVAL);
    cr_expect_not_null(strstr(error, "at most 8"), "%s", error);
    cr_expect_eq(hd_strategy_check("twice:random,pct:5", error), 0);
}

Test(campaign, a_bad_member_is_told_what_it_may_have_been_or_takes) {
    char error[256] = "";
    cr_expect_eq(hd_strategy_check("random,pctt:3", error), -EINVAL);
    cr_expect_str_eq(error, "unknown strategy 'pctt:3'; did you mean 'pct'?");
    cr_expect_eq(hd_strategy_check("twice:rndom", error), -EINVAL);
    cr_expect_str_eq(error, "unknown strategy 'rndom'; did you mean 'random'?");
    cr_expect_eq(hd_strategy_check("defualt", error), -EINVAL);
    cr_expect_str_eq(error, "unknown strategy 'defualt'; did you mean 'default'?");
    cr_expect_eq(hd_strategy_check("zzz", error), -EINVAL);
    cr_expect_not_null(strstr(error, "'zzz': known are default"), "%s", error);
    cr_expect_eq(hd_strategy_check("pct:65", error), -EINVAL);
    cr_expect_str_eq(error, "strategy 'pct:65': pct takes a number from 1 to 64");
    cr_expect_eq(hd_strategy_check("random:3", error), -EINVAL);
    cr_expect_str_eq(error, "strategy 'random:3': random takes no parameter");
}

Test(campaign, what_is_tallied_outlives_the_process) {
    static const char *const deaths[] = {"crash", "ends_the_process"};
    for (size_t i = 0; i < sizeof deaths / sizeof deaths[0]; i++) {
        struct hd_campaign_options options = bench_options("random", 64);
        struct hd_campaign campaign;
        struct bench bench;
        bench_open(&bench, "hostile", deaths[i]);
        bench.tallies = true;
        bench_campaign(&bench, &options, &campaign);
        cr_assert_gt(campaign.fault_executions, 0);
        cr_expect_eq(campaign.counters[0], campaign.executions - campaign.fault_executions);
        cr_expect_eq(campaign.counters[2], campaign.executions);
        hd_campaign_clear(&campaign);
    }
}
