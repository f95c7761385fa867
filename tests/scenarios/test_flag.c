/* test_flag.c - how good the flag is: counted by two roads that must agree, and where the answer is known.
 *
 * Where it is known every schedule with one preemption is tried: the first task is stopped before its
 * n-th point, the second runs to its end, the first goes on.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "harness/base/random.h"
#include "harness/sched/execution.h"
#include "scenarios/program_internal.h"

#define SEED     0x6865646c65ull
#define BATCHES  16u
#define STOP_MAX 400u

/* ---- campaigns ------------------------------------------------------------------------------- */

static struct sn_flag_count count(const char *name, uint64_t executions, uint32_t jobs) {
    char error[HD_LINE_SIZE] = "";
    struct sn_scenario *scenario = NULL;
    struct sn_flag_options options = {
        .seed = SEED, .executions = executions, .strategy = "random", .jobs = jobs};
    struct sn_flag_count counted;
    memset(&counted, 0, sizeof(counted));
    cr_assert_eq(sn_paths_init("controlled", error), 0, "%s", error);
    cr_assert_eq(sn_scenario_open(name, &scenario, error), 0, "%s", error);
    cr_assert_eq(sn_flag_run(scenario, &options, &counted, error), 0, "%s", error);
    sn_scenario_close(scenario);
    return counted;
}

static uint64_t all(const struct sn_flag_count *counted, enum sn_word word) {
    return sn_flag_harmed(counted, word, SN_HARMS);
}

/* Ordinary executions of the plain map: those that the flag ended, and those that anything else did. */
static void run_plain(const char *name, uint64_t executions, uint64_t *flag, uint64_t *other) {
    char error[HD_LINE_SIZE] = "";
    struct sn_scenario *scenario = NULL;
    struct sn_map *map = NULL;
    struct sn_program *program = NULL;
    struct hd_subject subject;
    struct hd_campaign campaign;
    struct hd_campaign_options options = {.seed = SEED,
                                          .strategy = "random",
                                          .executions = executions,
                                          .jobs = 1,
                                          .kind = HD_RUN_WATCHED};
    cr_assert_eq(sn_scenario_open(name, &scenario, error), 0, "%s", error);
    cr_assert_eq(sn_map_open("gomap", &map, error), 0, "%s", error);
    cr_assert_eq(sn_program_open(scenario, map, &program, &subject, error), 0, "%s", error);
    cr_assert_eq(hd_campaign_run(&options, &subject, &campaign), 0);
    *flag = 0;
    for (uint32_t index = 0; index < campaign.faults; index++) {
        if (campaign.fault[index].kind == HD_FAULT_FATAL &&
            strncmp(campaign.fault[index].message, "concurrent map", 14) == 0)
            *flag += campaign.fault[index].count;
    }
    *other = campaign.fault_executions - *flag;
    hd_campaign_clear(&campaign);
    sn_program_close(program);
    sn_map_close(map);
    sn_scenario_close(scenario);
}

/* The plain map's executions end with the flag's word or with the first sign of harm, whichever is first:
 * so the two campaigns of one seed must agree to the last execution. */
Test(flag, agrees_with_the_plain_map_execution_by_execution) {
    static const char *const names[] = {"concurrent-writes", "growth-window", "same-size-growth",
                                        "iterate-during-write"};
    for (size_t index = 0; index < sizeof(names) / sizeof(names[0]); index++) {
        uint64_t flag, other;
        struct sn_flag_count counted = count(names[index], 512, 1);
        run_plain(names[index], 512, &flag, &other);
        cr_assert_gt(flag, 0);
        cr_expect_eq(counted.killed + all(&counted, SN_WORD_FIRST), flag, "%s", names[index]);
        cr_expect_eq(all(&counted, SN_WORD_LATER) + all(&counted, SN_WORD_NEVER), other, "%s",
                     names[index]);
    }
}

Test(flag, every_execution_is_counted_once_for_any_number_of_jobs) {
    struct sn_flag_count first = count("same-size-growth", 1000, 1);
    struct sn_flag_count other = count("same-size-growth", 1000, 3);
    uint64_t harmed =
        all(&first, SN_WORD_FIRST) + all(&first, SN_WORD_LATER) + all(&first, SN_WORD_NEVER);
    cr_expect_eq(first.executions, 1000);
    cr_expect_eq(first.untouched + first.killed + harmed, 1000);
    cr_expect_gt(first.harmed[SN_WORD_NEVER][SN_HARM_DEATH], 0); /* also those that died */
    cr_expect_arr_eq(&first, &other, sizeof(first));
}

static uint32_t pair_named(const char *name) {
    uint32_t pair = 0;
    while (strcmp(sn_flag_pair_names[pair], name) != 0) /* ends: the names are known */
        pair++;
    return pair;
}

static uint64_t of_pair(const struct sn_flag_count *counted, const char *name) {
    const struct sn_flag_pair *found = &counted->pair[pair_named(name)];
    return found->killed + found->word[SN_WORD_FIRST] + found->word[SN_WORD_LATER] +
           found->word[SN_WORD_NEVER];
}

static void expect_same_sums(const char *name) {
    struct sn_flag_count counted = count(name, 1000, 1);
    struct sn_flag_pair sum = {0};
    for (uint32_t pair = 0; pair < SN_FLAG_PAIRS; pair++) {
        sum.killed += counted.pair[pair].killed;
        sum.dead += counted.pair[pair].dead;
        for (uint32_t word = 0; word < SN_WORDS_OF_FLAG; word++)
            sum.word[word] += counted.pair[pair].word[word];
    }
    cr_expect_eq(sum.killed, counted.killed, "%s", name);
    cr_expect_eq(sum.dead, counted.harmed[SN_WORD_NEVER][SN_HARM_DEATH], "%s", name);
    for (uint32_t word = 0; word < SN_WORDS_OF_FLAG; word++)
        cr_expect_eq(sum.word[word], all(&counted, (enum sn_word)word), "%s", name);
    cr_expect_eq(of_pair(&counted, "nothing"), 0, "%s: shown though nothing overlapped", name);
}

Test(flag, kinds_of_operations_are_told_of_all_but_the_untouched) {
    expect_same_sums("concurrent-writes");
    expect_same_sums("growth-window");
    expect_same_sums("same-size-growth");
    expect_same_sums("churn");
    expect_same_sums("growth-clear"); /* some of its processes die */
}

/* No other kinds can overlap there: two writers of puts and deletes, a put and gets, ... */
Test(flag, kinds_are_those_of_operations_that_can_overlap) {
    struct sn_flag_count counted = count("concurrent-writes", 1000, 1);
    cr_expect_eq(of_pair(&counted, "put/put") + of_pair(&counted, "put/delete") +
                     of_pair(&counted, "delete/delete"),
                 1000 - counted.untouched);
    cr_expect_gt(of_pair(&counted, "delete/delete"), 0);
    counted = count("read-during-write", 1000, 1);
    cr_expect_gt(of_pair(&counted, "put/get"), 0);
    cr_expect_eq(of_pair(&counted, "put/get"), 1000 - counted.untouched);
    counted = count("iterate-during-write", 1000, 1);
    cr_expect_gt(of_pair(&counted, "put/iterate"), 0);
    cr_expect_gt(of_pair(&counted, "delete/iterate"), 0);
    cr_expect_eq(of_pair(&counted, "put/iterate") + of_pair(&counted, "delete/iterate"),
                 1000 - counted.untouched);
}

Test(flag, what_keeps_the_contract_is_untouched) {
    struct sn_flag_count counted = count("readers-only", 256, 1);
    cr_expect_eq(counted.untouched, 256);
}

/* A length looks at no flag: whom the flag stops has met the other delete, whatever came between. */
Test(flag, a_write_that_meets_a_write_is_told_as_such) {
    struct sn_flag_count counted =
        count(HEDDLE_SOURCE_DIR "/tests/scenarios/flag-lengths.yaml", 1000, 1);
    cr_expect_gt(counted.killed, 100);
    cr_expect_eq(counted.pair[pair_named("delete/delete")].killed, counted.killed);
}

/* ---- one preemption -------------------------------------------------------------------------- */

static uint64_t stop_after; /* points of the first task */
static bool stopped;

static int no_parameter(void *state, const char *parameter) {
    (void)state;
    (void)parameter;
    return 0;
}

static void begin(void *state, const struct hd_strategy_start *start) {
    (void)state;
    (void)start;
    stopped = false;
}

static void task_born(void *state, uint32_t task) {
    (void)state;
    (void)task;
}

static bool enabled(const struct hd_choice *choice, uint32_t task) {
    for (uint32_t index = 0; index < choice->count; index++) {
        if (choice->enabled[index] == task)
            return true;
    }
    return false;
}

static uint32_t next(void *state, const struct hd_choice *choice, uint64_t *points) {
    (void)state;
    *points = HD_POINTS_FOREVER;
    if (!enabled(choice, 1) || !enabled(choice, 2))
        return choice->enabled[0];
    if (stopped)
        return 2;
    stopped = true;
    *points = stop_after;
    return 1;
}

static const struct hd_strategy_ops one_stop = {
    .name = "one-stop", .init = no_parameter, .begin = begin, .task_born = task_born, .next = next};

struct stops {
    uint64_t untouched;
    uint64_t killed;
    uint64_t word[SN_WORDS_OF_FLAG];
    uint64_t pair[SN_FLAG_PAIRS];
    uint64_t last_word;  /* the last stop with a word of the flag; 0: none */
    uint64_t first_lost; /* the first stop that does harm without one; UINT64_MAX: none */
};

static void add_stop(struct stops *stops, const struct hd_outcome *outcome) {
    struct sn_flag_count counted = {0};
    sn_flag_read(outcome->tally, &counted);
    cr_assert_not(outcome->fault, "%s", outcome->message);
    stops->untouched += counted.untouched;
    stops->killed += counted.killed;
    for (uint32_t word = 0; word < SN_WORDS_OF_FLAG; word++)
        stops->word[word] += all(&counted, (enum sn_word)word);
    for (uint32_t pair = 0; pair < SN_FLAG_PAIRS; pair++)
        stops->pair[pair] += of_pair(&counted, sn_flag_pair_names[pair]);
    if (counted.killed + all(&counted, SN_WORD_FIRST) + all(&counted, SN_WORD_LATER) > 0)
        stops->last_word = stop_after;
    else if (all(&counted, SN_WORD_NEVER) > 0 && stops->first_lost == UINT64_MAX)
        stops->first_lost = stop_after;
}

/* All stops of the first task, on the program of one batch. */
static struct stops try_stops(const struct hd_subject *subject, uint64_t batch) {
    static struct hd_outcome outcome;
    struct stops stops = {.first_lost = UINT64_MAX};
    uint64_t fingerprint, name = hd_batch_name(SEED, batch);
    struct hd_execution execution = {.seed = hd_execution_seed(name, 0),
                                     .kind = HD_RUN_WATCHED,
                                     .events = 1,
                                     .points_max = 100000,
                                     .tasks =
                                         subject->ops->build(subject->program, name, &fingerprint),
                                     .strategy = &one_stop};
    for (stop_after = 1; stop_after < STOP_MAX; stop_after++) {
        hd_execution_run(subject, &execution, &outcome);
        add_stop(&stops, &outcome);
    }
    return stops;
}

/* All stops but the untouched are of these operations. */
static void expect_one_pair(const struct stops *stops, const char *name) {
    cr_expect_eq(stops->pair[pair_named(name)], STOP_MAX - 1 - stops->untouched, "%s", name);
}

static struct hd_subject subject_of(const char *file) {
    static struct sn_scenario *scenario;
    static struct sn_map *map;
    static struct sn_program *program;
    char path[512], error[HD_LINE_SIZE] = "";
    struct hd_subject subject;
    snprintf(path, sizeof(path), HEDDLE_SOURCE_DIR "/tests/scenarios/%s.yaml", file);
    cr_assert_eq(sn_paths_init("controlled", error), 0, "%s", error);
    cr_assert_eq(sn_scenario_open(path, &scenario, error), 0, "%s", error);
    cr_assert_eq(sn_map_open("gomap-goes-on", &map, error), 0, "%s", error);
    cr_assert_eq(sn_program_open(scenario, map, &program, &subject, error), 0, "%s", error);
    sn_flag_watch(&subject);
    cr_assert_eq(hd_execution_open(&subject), 0);
    return subject;
}

/* Deletes change the map between raising and clearing the flag only. */
Test(flag, always_detects_deletes_that_overlap) {
    struct hd_subject subject = subject_of("flag-deletes");
    struct stops stops = try_stops(&subject, 0);
    cr_expect_gt(stops.word[SN_WORD_FIRST], 0);
    cr_expect_gt(stops.untouched, 0);
    cr_expect_eq(stops.word[SN_WORD_NEVER], 0);
    expect_one_pair(&stops, "delete/delete");
}

/* The caller stores the value when the flag is down again: whoever is stopped there meets no flag, and the
 * value goes into a bucket that has moved. */
Test(flag, cannot_detect_a_value_that_is_stored_behind_it) {
    struct hd_subject subject = subject_of("flag-value");
    struct stops stops = try_stops(&subject, 0);
    cr_expect_gt(stops.word[SN_WORD_FIRST] + stops.killed, 0);
    cr_expect_gt(stops.word[SN_WORD_NEVER], 0);
    cr_expect_gt(stops.first_lost, stops.last_word);
    expect_one_pair(&stops, "put/put");
}

/* A reader looks once, on entry. Which program's key moves to where the reader does not look follows from
 * the hash seed: about half of them. */
Test(flag, cannot_detect_a_write_behind_a_reader_that_has_looked) {
    struct hd_subject subject = subject_of("flag-reader");
    uint64_t harmed = 0, said = 0;
    for (uint64_t batch = 0; batch < BATCHES; batch++) {
        struct stops stops = try_stops(&subject, batch);
        expect_one_pair(&stops, "put/get");
        harmed += stops.word[SN_WORD_NEVER];
        said += stops.killed + stops.word[SN_WORD_FIRST] + stops.word[SN_WORD_LATER];
    }
    cr_expect_gt(harmed, 0);
    cr_expect_eq(said, 0);
}
