/* judge.c - what a campaign means: verdict, expectation, coverage.
 *
 * A fault is an answer whatever the coverage was. A clean campaign is ok only if it was not
 * vacuous: the map's own code passed points, tasks met, and the scenario's demands on the growth
 * window were kept. What was found counts as expected when the expected fault is among the faults
 * and every other one is of a kind that the scenario file allows.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/assert.h"
#include "scenarios/program_internal.h"

#define UNINSTRUMENTED "the map's own code passed no points: build it with `cc $("

#define GREW_SHARE 10u /* one execution in so many must have seen a growth */

static double share(uint64_t part, uint64_t whole) {
    return whole == 0 ? 0 : (double)part / (double)whole;
}

/* ---- coverage -------------------------------------------------------------------------------- */

/* Of a `blind` map, which shows no state, nothing but the overlap of a freeze can be seen. */
static bool sights_demanded(const struct sn_scenario *scenario, const struct hd_campaign *campaign,
                            bool blind, char *reason) {
    for (uint32_t sight = 0; sight < SN_SIGHTS; sight++) {
        if (!scenario->demands.sight[sight] || campaign->counters[sn_sight_counter(sight)] > 0 ||
            (blind && sight != SN_SIGHT_FREEZE_OVERLAP))
            continue;
        snprintf(reason, HD_MESSAGE_SIZE, "no execution came upon: %s", sn_sight_names[sight]);
        return false;
    }
    return true;
}

static bool window_demanded(const struct sn_scenario *scenario, const struct hd_campaign *campaign,
                            char *reason) {
    static const uint32_t kinds[] = {SN_PUT, SN_GET, SN_DELETE};
    double got = share(campaign->counters[SN_COUNT_WINDOW_POINTS], campaign->points);
    double wanted = (double)scenario->demands.window_share / SN_MILLION;
    if (got < wanted) {
        snprintf(reason, HD_MESSAGE_SIZE,
                 "%.1f %% of the points lie inside the growth window, %.1f %% are demanded",
                 100 * got, 100 * wanted);
        return false;
    }
    for (uint32_t index = 0; index < 3; index++) {
        uint32_t kind = kinds[index];
        if (!scenario->demands.window_op[kind])
            continue;
        bool moved = campaign->counters[SN_COUNT_PUT_MOVED + kind] > 0;
        if (moved && campaign->counters[SN_COUNT_PUT_UNMOVED + kind] > 0)
            continue;
        snprintf(reason, HD_MESSAGE_SIZE, "no %s was seen with its key's old bucket %s",
                 sn_operation_names[kind], moved ? "not yet moved" : "moved");
        return false;
    }
    return sights_demanded(scenario, campaign, false, reason);
}

/* Why nobody knows whether a map grew, and what its author can add. */
#define UNKNOWN_GROWTH                                                                             \
    "nobody knows whether it grew: it reports no MAP_GROWTH_START, and no block that it "          \
    "allocates "                                                                                   \
    "follows the number of keys; report it, or promise never_grows (map.h)"

/* Batches that began with a study. */
static uint64_t studied(const uint64_t *sum) {
    uint64_t batches = 0;
    for (uint32_t sign = 0; sign < SN_SIGNS; sign++)
        batches += sum[SN_COUNT_STUDIES + sign];
    return batches;
}

static bool growth_demanded(const struct map_ops *ops, const struct hd_campaign *campaign,
                            char *reason) {
    const uint64_t *sum = campaign->counters;
    uint64_t grew = sum[sn_sight_counter(SN_SIGHT_GROWING)];
    if (grew > 0 && grew >= campaign->executions / GREW_SHARE)
        return true;
    if (ops->promises.never_grows)
        snprintf(reason, HD_MESSAGE_SIZE, "nothing grew: the map promises that it never does");
    else if (grew > 0)
        snprintf(reason, HD_MESSAGE_SIZE, "it grew in %llu of %llu executions, a tenth is demanded",
                 (unsigned long long)grew, (unsigned long long)campaign->executions);
    else if (studied(sum) == 0)
        snprintf(reason, HD_MESSAGE_SIZE,
                 "nobody knows whether it grew: filled alone, the map crashes");
    else if (sum[SN_COUNT_STUDIES + SN_SIGN_NONE] > 0)
        snprintf(reason, HD_MESSAGE_SIZE, "%s", UNKNOWN_GROWTH);
    else
        snprintf(reason, HD_MESSAGE_SIZE, "nothing grew while the tasks ran");
    return false;
}

/* The growth window is asked of maps that move their entries in later writes. A map that the scenario does
 * not name owes a growth, and what can be seen of it. */
static bool demands_kept(const struct sn_scenario *scenario, const struct sn_map *map,
                         const struct hd_campaign *campaign, char *reason) {
    const struct map_ops *ops = sn_map_ops(map);
    const struct sn_expect *expect = sn_scenario_expect(scenario, ops->name);
    bool gradual = campaign->counters[SN_COUNT_GRADUAL] > 0;
    if (expect != NULL && expect->exempt)
        return true;
    if (sn_growth_wanted(scenario) && !growth_demanded(ops, campaign, reason))
        return false;
    if (expect == NULL && (ops->inspector == NULL || !gradual))
        return sights_demanded(scenario, campaign, true, reason);
    return window_demanded(scenario, campaign, reason);
}

/* Whether a clean campaign says nothing. */
static bool vacuous(const struct sn_scenario *scenario, const struct sn_map *map,
                    const struct hd_campaign *campaign, char *reason) {
    const char *why = NULL;
    if (campaign->free)
        return false;
    if (campaign->module_points == 0)
        why = sn_path_tsan() ? UNINSTRUMENTED "heddle doctor --flags --flavour=tsan)`"
                             : UNINSTRUMENTED "heddle doctor --flags)`";
    else if (campaign->contended == 0 && !sn_scenario_alone(scenario))
        why = "no two tasks passed points in one execution";
    else if (scenario->operation_points_max > 0 && campaign->counters[SN_COUNT_TIMED] == 0)
        why = "no operation was timed: only under a fair strategy, random, can a bound be kept";
    else if (campaign->counters[SN_COUNT_DECLINED] > 0 && campaign->counters[SN_COUNT_TAKEN] == 0)
        why = "the map refused every put and delete";
    else if (campaign->counters[SN_COUNT_MISPLACED] > 0)
        why = "there are too few keys of the bucket, top byte or table that the scenario asks for";
    if (why != NULL) {
        snprintf(reason, HD_MESSAGE_SIZE, "%s", why);
        return true;
    }
    return !demands_kept(scenario, map, campaign, reason);
}

/* Appends to a text of HD_MESSAGE_SIZE bytes, cut where it ends. */
static void add(char *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(char *text, const char *format, ...) {
    size_t used = strlen(text);
    va_list list;
    va_start(list, format);
    vsnprintf(text + used, HD_MESSAGE_SIZE - used, format, list);
    va_end(list);
}

static void describe_state_checks(const struct sn_map *map, const struct hd_campaign *campaign,
                                  char *text) {
    const uint64_t *sum = campaign->counters;
    const char *checks = "; V1-V8: the map shows no state";
    if (sn_map_ops(map)->inspector != NULL && sum[SN_COUNT_LOOKS] > 0)
        checks = "; V1-V8 at events and ends of writes, V9 at iterations";
    else if (sn_map_ops(map)->inspector != NULL)
        checks = "; V1-V8 not covered by bare runs";
    add(text, "%s", checks);
    if (sum[SN_COUNT_POINT_LOOKS] > 0)
        add(text, ", at %llu points of %llu full runs",
            (unsigned long long)sum[SN_COUNT_POINT_LOOKS], (unsigned long long)campaign->full_runs);
}

/* In how many executions it grew, how that is known, and what it cost to find out where. */
static void describe_growth(const struct hd_campaign *campaign, char *text) {
    const uint64_t *sum = campaign->counters;
    uint64_t batches = studied(sum);
    const char *sign = sn_sign_names[SN_SIGN_NONE];
    for (uint32_t index = 0; index < SN_SIGNS; index++) {
        if (index != SN_SIGN_NONE && sum[SN_COUNT_STUDIES + index] > 0)
            sign = sn_sign_names[index];
    }
    if (batches == 0)
        return;
    add(text, "; grew in %llu executions (told by %s; filled alone with %llu keys in %llu batches)",
        (unsigned long long)sum[sn_sight_counter(SN_SIGHT_GROWING)], sign,
        (unsigned long long)sum[SN_COUNT_STUDY_KEYS], (unsigned long long)batches);
}

/* What the scenario asks of buckets, and nobody can tell without an inspector. */
static void describe_place(const struct sn_scenario *scenario, const struct map_ops *ops,
                           char *text) {
    bool chains = scenario->prefill.kind == SN_PREFILL_COLLIDE ||
                  scenario->prefill.kind == SN_PREFILL_SAME_SIZE;
    if (ops->inspector == NULL && (chains || scenario->keys.place != SN_PLACE_ANY))
        add(text, "; any keys instead of those of one bucket: the map shows none");
}

/* At which ends V10 was asked, and how often without an answer. */
static void describe_whole(const uint64_t *sum, char *text) {
    unsigned long long ends = sum[SN_COUNT_ENDS], judged = sum[SN_COUNT_HISTORIES];
    if (judged == ends && ends > 0)
        add(text, "; V10 at ends");
    else if (ends > 0)
        add(text, "; V10 at %llu of %llu ends", judged, ends);
    if (sum[SN_COUNT_HISTORIES_UNKNOWN] > 0)
        add(text, ", %llu unknown", (unsigned long long)sum[SN_COUNT_HISTORIES_UNKNOWN]);
}

static void describe_coverage(const struct sn_scenario *scenario, const struct sn_map *map,
                              const struct hd_campaign *campaign, char *text) {
    const uint64_t *sum = campaign->counters;
    snprintf(text, HD_MESSAGE_SIZE, "results and final contents at every execution");
    describe_state_checks(map, campaign, text);
    describe_growth(campaign, text);
    describe_place(scenario, sn_map_ops(map), text);
    describe_whole(sum, text);
    if (campaign->stalled)
        add(text, "; ended at execution %llu, which made no progress",
            (unsigned long long)campaign->executions - 1);
    if (sum[SN_COUNT_TIMED] > 0)
        add(text, "; %llu operations timed", (unsigned long long)sum[SN_COUNT_TIMED]);
    if (campaign->sample_points > 0)
        add(text, "; own accesses %.0f %%",
            100 * share(campaign->module_points, campaign->sample_points));
    if (sum[SN_COUNT_GROWTHS] > 0)
        add(text, "; window moved/unmoved: put %llu/%llu get %llu/%llu delete %llu/%llu",
            (unsigned long long)sum[SN_COUNT_PUT_MOVED],
            (unsigned long long)sum[SN_COUNT_PUT_UNMOVED],
            (unsigned long long)sum[SN_COUNT_GET_MOVED],
            (unsigned long long)sum[SN_COUNT_GET_UNMOVED],
            (unsigned long long)sum[SN_COUNT_DELETE_MOVED],
            (unsigned long long)sum[SN_COUNT_DELETE_UNMOVED]);
}

/* ---- expectation ----------------------------------------------------------------------------- */

static void expect_text(const struct sn_expect *expect, char text[HD_MESSAGE_SIZE]) {
    if (expect->verdict == HD_VERDICT_OK)
        snprintf(text, HD_MESSAGE_SIZE, "ok");
    else
        snprintf(text, HD_MESSAGE_SIZE, "fault %s%s%.200s", hd_fault_kind_name(expect->kind),
                 expect->message != NULL ? ": " : "",
                 expect->message != NULL ? expect->message : "");
}

void sn_scenario_expected(const struct sn_scenario *scenario, uint32_t index, char *text) {
    HD_ASSERT(index < scenario->expects);
    expect_text(&scenario->expect[index], text);
}

static void describe_expected(const struct sn_expect *expect, enum map_kind kind,
                              struct hd_row *row) {
    row->expected[0] = row->expected_reason[0] = '\0';
    if (expect == NULL && kind == MAP_PLAIN)
        return;
    if (expect == NULL) {
        snprintf(row->expected, HD_MESSAGE_SIZE, "%s", kind == MAP_SAFE ? "ok" : "fault");
        snprintf(row->expected_reason, HD_MESSAGE_SIZE, "%s",
                 kind == MAP_SAFE ? "the map claims to be safe" : "the map is broken on purpose");
        return;
    }
    snprintf(row->expected_reason, HD_MESSAGE_SIZE, "%s", expect->reason);
    expect_text(expect, row->expected);
}

/* ThreadSanitizer reports the race behind an expected fault before it comes to that; a task that waits for
 * ever is no race. */
static bool is_expected(const struct sn_expect *expect, const struct hd_fault_record *fault) {
    if (fault->kind == HD_FAULT_TSAN)
        return expect->kind != HD_FAULT_DEADLOCK && expect->kind != HD_FAULT_LIVELOCK;
    return fault->kind == expect->kind &&
           (expect->message == NULL || strcmp(fault->message, expect->message) == 0);
}

/* `reason` names the fault that was not foreseen, or says that the expected one did not come. */
static bool faults_expected(const struct sn_expect *expect, const struct hd_campaign *campaign,
                            char *reason) {
    bool found = false;
    if (campaign->free) /* a row ends with its first fault, whichever that is */
        return campaign->faults > 0;
    for (uint32_t index = 0; index < campaign->faults; index++) {
        const struct hd_fault_record *fault = &campaign->fault[index];
        bool wanted = is_expected(expect, fault);
        if (!wanted && !expect->also[fault->kind]) {
            snprintf(reason, HD_MESSAGE_SIZE, "also found, and not foreseen: %s: %.200s",
                     hd_fault_kind_name(fault->kind), fault->message);
            return false;
        }
        found = found || wanted;
    }
    if (!found)
        snprintf(reason, HD_MESSAGE_SIZE, "the expected fault did not come");
    return found;
}

static bool as_expected(const struct sn_expect *expect, enum map_kind kind, enum hd_verdict verdict,
                        const struct hd_campaign *campaign, char *reason) {
    if (verdict != HD_VERDICT_OK && verdict != HD_VERDICT_FAULT)
        return false;
    if (expect == NULL)
        return kind == MAP_PLAIN ||
               verdict == (kind == MAP_SAFE ? HD_VERDICT_OK : HD_VERDICT_FAULT);
    if (verdict != expect->verdict)
        return false;
    return verdict == HD_VERDICT_OK || faults_expected(expect, campaign, reason);
}

static void take_counters(const uint64_t *sum, struct hd_row *row) {
    row->histories = sum[SN_COUNT_HISTORIES];
    row->histories_unknown = sum[SN_COUNT_HISTORIES_UNKNOWN];
    row->window_points = sum[SN_COUNT_WINDOW_POINTS];
    row->window_put = (struct hd_window_seen){sum[SN_COUNT_PUT_MOVED], sum[SN_COUNT_PUT_UNMOVED]};
    row->window_get = (struct hd_window_seen){sum[SN_COUNT_GET_MOVED], sum[SN_COUNT_GET_UNMOVED]};
    row->window_delete =
        (struct hd_window_seen){sum[SN_COUNT_DELETE_MOVED], sum[SN_COUNT_DELETE_UNMOVED]};
}

/* The verdict of a campaign without a fault; `reason` says why it is not ok. */
static enum hd_verdict clean_verdict(const struct sn_scenario *scenario, const struct sn_map *map,
                                     const struct hd_campaign *campaign, char *reason) {
    uint64_t unanswered = campaign->counters[SN_COUNT_HISTORIES_UNKNOWN];
    if (campaign->executions == 0) {
        snprintf(reason, HD_MESSAGE_SIZE, "no execution was completed");
        return HD_VERDICT_UNKNOWN;
    }
    if (campaign->interrupted) {
        snprintf(reason, HD_MESSAGE_SIZE, "interrupted after %llu executions",
                 (unsigned long long)campaign->executions);
        return HD_VERDICT_UNKNOWN;
    }
    if (vacuous(scenario, map, campaign, reason))
        return HD_VERDICT_VACUOUS;
    if (unanswered > 0) {
        snprintf(reason, HD_MESSAGE_SIZE, "V10: %llu executions were too hard to judge as a whole",
                 (unsigned long long)unanswered);
        return HD_VERDICT_UNKNOWN;
    }
    return HD_VERDICT_OK;
}

void sn_judge(const struct sn_scenario *scenario, const struct sn_map *map,
              const struct hd_campaign *campaign, struct hd_row *row) {
    const struct map_ops *ops = sn_map_ops(map);
    const struct sn_expect *expect = sn_scenario_expect(scenario, ops->name);
    row->verdict_reason[0] = '\0';
    take_counters(campaign->counters, row);
    row->verdict = campaign->fault_executions > 0
                       ? HD_VERDICT_FAULT
                       : clean_verdict(scenario, map, campaign, row->verdict_reason);
    describe_expected(expect, ops->kind, row);
    row->as_expected = as_expected(expect, ops->kind, row->verdict, campaign, row->verdict_reason);
    describe_coverage(scenario, map, campaign, row->coverage);
}
