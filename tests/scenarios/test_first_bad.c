/* test_first_bad.c - of a map broken on purpose the first bad point is the line that was planted.
 *
 * Campaigns have a fixed seed. The line is looked up in the changed source, where the build keeps it.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "harness/explore/replay.h"
#include "scenarios/program_internal.h"

static struct hd_campaign campaign;
static struct hd_replay replay;

TestSuite(first_bad, .timeout = 120);

/* What `use` does with the subject ends with it. */
static void with_subject(const char *scenario_name, const char *map_name,
                         void (*use)(const struct hd_subject *subject, const void *argument),
                         const void *argument) {
    char error[HD_LINE_SIZE] = "";
    struct sn_scenario *scenario = NULL;
    struct sn_map *map = NULL;
    struct sn_program *program = NULL;
    struct hd_subject subject;
    cr_assert_eq(sn_paths_init("controlled", error), 0, "%s", error);
    cr_assert_eq(sn_scenario_open(scenario_name, &scenario, error), 0, "%s", error);
    cr_assert_eq(sn_map_open(map_name, &map, error), 0, "%s", error);
    cr_assert_eq(sn_program_open(scenario, map, &program, &subject, error), 0, "%s", error);
    use(&subject, argument);
    sn_program_close(program);
    sn_map_close(map);
    sn_scenario_close(scenario);
}

static void explore(const struct hd_subject *subject, const void *executions) {
    const struct hd_campaign_options options = {.seed = 0x6865646c65ull,
                                                .strategy = "default",
                                                .executions = *(const uint64_t *)executions,
                                                .jobs = 1,
                                                .kind = HD_RUN_WATCHED,
                                                .confirm = 1};
    hd_campaign_clear(&campaign);
    cr_assert_eq(hd_campaign_run(&options, subject, &campaign), 0);
}

static void run(const char *scenario, const char *map, uint64_t executions) {
    with_subject(scenario, map, explore, &executions);
}

static void again(const struct hd_subject *subject, const void *fault) {
    const struct hd_fault_record *record = fault;
    const struct hd_replay_options options = {.seed = record->seed, .strategy = record->strategy};
    char error[HD_LINE_SIZE] = "";
    hd_replay_clear(&replay);
    cr_assert_eq(hd_replay_run(&options, subject, &replay, error), 0, "%s", error);
}

/* The first fault of a kind whose message begins like this. */
static const struct hd_fault_record *find(enum hd_fault_kind kind, const char *message) {
    for (uint32_t index = 0; index < campaign.faults; index++) {
        const struct hd_fault_record *record = &campaign.fault[index];
        if (record->kind == kind && strncmp(record->message, message, strlen(message)) == 0)
            return record;
    }
    cr_assert_fail("no fault '%s...' among %u", message, campaign.faults);
    return NULL;
}

/* Whether the event's line holds `part`. */
static void expect_line(const struct hd_fault_event *event, const char *part) {
    char path[512], line[256] = "";
    cr_assert_geq(event->frames, 1);
    const struct hd_frame *frame = &event->frame[0];
    snprintf(path, sizeof(path), HEDDLE_BUILD_DIR "/%s", frame->file);
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file, "%s", path);
    for (uint32_t number = 0; number < frame->line; number++)
        cr_assert_not_null(fgets(line, sizeof(line), file));
    fclose(file);
    cr_expect_not_null(strstr(line, part), "%s:%u: %s", frame->file, frame->line, line);
}

/* A full run looks at every point in turn: what it came upon first is what the search has to find. */
static void expect_exact(const struct hd_fault_record *record, const char *message,
                         const char *operation, const char *line) {
    const struct hd_first_bad *found = &record->first_bad;
    cr_assert(found->told && found->before != NULL, "%s", found->note);
    cr_expect_eq(found->first.point, found->last.point);
    cr_expect_eq(strncmp(found->message, message, strlen(message)), 0, "%s", found->message);
    cr_expect_eq(strncmp(found->first.operation, operation, strlen(operation)), 0, "%s",
                 found->first.operation);
    cr_expect_str_eq(found->first.kind, "atomic store");
    cr_expect_lt(found->first.point, record->point);
    cr_expect_eq(found->first.point, found->seen);
    cr_expect_leq(found->executions, 16, "%u", found->executions);
    expect_line(&found->first, line);
}

Test(first_bad, a_mark_that_advances_too_early) {
    run("growth-window", "mutex-nevacuate-early", 64);
    const struct hd_fault_record *record =
        find(HD_FAULT_INVARIANT, "V4: old buckets are released after");
    expect_exact(record, "V4: nevacuate passed old bucket", "", "map->nevacuate");
    cr_expect_not_null(strstr(record->first_bad.before, "(growing, "));
    cr_expect_str_neq(record->first_bad.before, record->first_bad.after);
}

Test(first_bad, a_table_that_is_published_empty) {
    run("read-while-freezing", "oncefrozen-published-empty", 512);
    const struct hd_fault_record *record = find(HD_FAULT_INVARIANT, "V1: key ");
    expect_exact(record, "V1: key ", "", "atomic_store_explicit(&m->content, &m->table");
    cr_expect_eq(strncmp(record->first_bad.before, "count 8, ", 9), 0);
    cr_expect_eq(strncmp(record->first_bad.after, "count 0, ", 9), 0);
}

/* Only a full run sees it, and says so when all has ended. */
Test(first_bad, of_what_is_noticed_only_at_the_end) {
    run("growth-window", "mutex-flag-dropped", 16);
    const struct hd_fault_record *record = find(HD_FAULT_INVARIANT, "V7: ");
    cr_expect_eq(record->task[0].task, 0, "it was noticed by the main task");
    expect_exact(record, "V7: old bucket ", "", "GOMAP_LOAD(map->flags) & ~GOMAP_WRITING");
    cr_expect_not_null(strstr(record->first_bad.before, "hashWriting set"));
    cr_expect_null(strstr(record->first_bad.after, "hashWriting set"));
}

/* A wrong content at the end is a state, too. */
Test(first_bad, of_wrong_contents_at_the_end) {
    run("write-after-freeze", "oncefrozen-copy-unlocked", 1024);
    const struct hd_fault_record *record = find(HD_FAULT_LINEARIZABILITY, "at the end key ");
    expect_exact(record, "V", "", "atomic_store_explicit(&m->content, built");
}

/* The key is being put between the two: its presence cannot be judged. */
Test(first_bad, is_a_stretch_where_writes_are_inside) {
    const struct hd_first_bad *found = NULL;
    run("growth-window", "rwmutex-upgrade", 4000);
    for (uint32_t index = 0; index < campaign.faults && found == NULL; index++) {
        const struct hd_first_bad *one = &campaign.fault[index].first_bad;
        if (one->told && one->before != NULL && one->first.point < one->last.point)
            found = one;
    }
    cr_assert_not_null(found, "among %u faults", campaign.faults);
    cr_expect_eq(strncmp(found->last.operation, "put(", 4), 0, "%s", found->last.operation);
    cr_expect_not_null(strstr(found->last.frame[0].file, "mapimpl/rwmutex/rwmutex.c"));
}

/* All writes overlap, from the first to the last point: the state before them is all there is. */
Test(first_bad, is_the_whole_execution_where_nothing_can_be_judged) {
    run("concurrent-writes", "gomap-flag-not-held", 256);
    const struct hd_first_bad *found = &find(HD_FAULT_INVARIANT, "V6: ")->first_bad;
    cr_assert(found->told && found->before != NULL, "%s", found->note);
    cr_expect_eq(found->first.point, 1);
    cr_expect_eq(found->last.point, found->seen);
}

/* A wrong result alone shows nothing in the state, and none is claimed. */
Test(first_bad, is_not_told_of_a_result_that_no_state_shows) {
    run("growth-window", "sharded-wrong-bits", 32);
    const struct hd_fault_record *record = find(HD_FAULT_LINEARIZABILITY, "get(");
    cr_expect_not(record->first_bad.told, "%s", record->first_bad.note);
}

/* The search is no part of the execution. */
Test(first_bad, is_the_same_in_a_replay_and_changes_nothing) {
    run("growth-window", "mutex-nevacuate-early", 64);
    for (uint32_t index = 0; index < campaign.faults; index++) {
        const struct hd_fault_record *record = &campaign.fault[index];
        const struct hd_first_bad *found = &record->first_bad;
        cr_expect_eq(record->confirmed, record->replays);
        with_subject("growth-window", "mutex-nevacuate-early", again, record);
        cr_assert(replay.fault);
        cr_expect_eq(replay.digest, record->digest);
        cr_expect_str_eq(replay.schedule, record->schedule);
        cr_expect_eq(replay.record.first_bad.first.point, found->first.point);
        cr_expect_str_eq(replay.record.first_bad.before, found->before);
        cr_expect_str_eq(replay.record.first_bad.after, found->after);
    }
}
