/* test_bisect.c - the first moment at which something was broken is found, and found to be so.
 *
 * The subject executes 20 events and the main task's join: moments 0 to 22. What the program judges of each
 * is given as a string.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/random.h"
#include "harness/explore/bisect.h"
#include "harness/sched/point.h"
#include "tests/harness/support.h"

#define EVENTS     21u
#define MOMENTS    (EVENTS + 2u)
#define PROBES_MAX (2u + 5u + 2u) /* both ends, log2 of what is between, the names of two events */

static struct bench bench;
static struct hd_bisection found;

static void set_up(void) {
    bench_open(&bench, "increments", "subject");
}

TestSuite(bisect, .init = set_up, .timeout = 60);

/* Searches in execution `seed` for what was seen at moment `seen`. */
static void search(const char *moments, uint64_t seen, uint64_t seed) {
    struct hd_execution execution =
        bench_execution(&bench, "random", bench_seed(seed), HD_RUN_FULL, EVENTS);
    const struct hd_raw_broken broken = {.what = 1, .moment = seen};
    bench.moments = moments;
    memset(&found, 0, sizeof found);
    hd_bisect(&bench.program, &execution, &broken, bench.outcome, &found);
    cr_expect_leq(found.executions, PROBES_MAX, "%s", moments);
}

static void expect_found(const char *moments, uint64_t seen, uint64_t first, uint64_t last) {
    search(moments, seen, 3);
    cr_expect_eq(found.result, HD_BISECT_FOUND, "%s: %d", moments, (int)found.result);
    cr_expect_eq(found.first.moment, first, "%s", moments);
    cr_expect_eq(found.last.moment, last, "%s", moments);
}

Test(bisect, finds_the_event_that_broke_it_wherever_it_is) {
    char moments[MOMENTS + 1] = "";
    for (uint32_t broken = 2; broken < MOMENTS; broken++) {
        memset(moments, 'h', broken);
        memset(moments + broken, 'b', MOMENTS - broken);
        for (uint32_t seen = broken; seen < MOMENTS; seen++)
            expect_found(moments, seen, broken - 1, broken - 1);
    }
}

Test(bisect, answers_with_a_stretch_where_nothing_can_be_judged) {
    expect_found("hhhhhh?????bbbbbbbbbbbb", 15, 5, 10);
    expect_found("h?????????????????????b", 22, 1, 21);
    expect_found("hhhhhhhhhhhhhhhhhhhhh?b", 22, 20, 21);
    expect_found("h?h?h?h?h?b?b?b?b?b?b??", 20, 8, 9);
}

Test(bisect, says_when_it_was_broken_before_the_first_event) {
    search("bbbbbbbbbbbbbbbbbbbbbbb", 21, 3);
    cr_expect_eq(found.result, HD_BISECT_FROM_START);
    cr_expect_eq(found.broken, 0);
    search("hbbbbbbbbbbbbbbbbbbbbbb", 21, 3);
    cr_expect_eq(found.result, HD_BISECT_FROM_START);
    cr_expect_eq(found.broken, 1);
    search("?????bbbbbbbbbbbbbbbbbb", 21, 3);
    cr_expect_eq(found.result, HD_BISECT_FROM_START);
    cr_expect_eq(found.broken, 5);
}

Test(bisect, says_when_the_state_does_not_show_what_was_seen) {
    search("hhhhhbbbbbhhhhhhhhhhhhh", 15, 3);
    cr_expect_eq(found.result, HD_BISECT_UNSEEN);
    cr_expect_eq(found.executions, 1);
    search("hhhhhhhhhhhhhhhhhhhhh??", 21, 3);
    cr_expect_eq(found.result, HD_BISECT_UNSEEN);
}

/* Nothing is assumed of the moments but what is claimed of them. */
static void check_claim(const char *moments, uint64_t seen) {
    uint64_t low = found.first.moment, high = found.last.moment + 1;
    if (moments[seen] != 'b') {
        cr_expect_eq(found.result, HD_BISECT_UNSEEN, "%s", moments);
        return;
    }
    if (found.result == HD_BISECT_FROM_START) {
        cr_expect_eq(moments[found.broken], 'b');
        cr_expect(found.broken == 1 || strspn(moments, "?") == found.broken, "%s", moments);
        return;
    }
    low = low == 1 && moments[1] == '?' ? 0 : low;
    cr_assert_eq(found.result, HD_BISECT_FOUND, "%s", moments);
    cr_expect(low < high && high <= seen, "%s", moments);
    cr_expect_eq(moments[low], 'h', "%s at %u", moments, (unsigned)low);
    cr_expect_eq(moments[high], 'b', "%s at %u", moments, (unsigned)high);
    cr_expect_eq(strspn(moments + low + 1, "?"), high - low - 1, "%s", moments);
}

Test(bisect, claims_only_what_it_has_judged_whatever_comes_and_goes) {
    uint64_t key = hd_stream_key(0x6269736563740001ull, HD_STREAM_PROGRAM);
    uint64_t draws = 0;
    for (uint64_t round = 0; round < 300; round++) {
        char moments[MOMENTS + 1] = "";
        for (uint32_t at = 0; at < MOMENTS; at++)
            moments[at] = "hhbb?"[hd_draw_below(key, &draws, 5)];
        uint64_t seen = 1 + round % (MOMENTS - 1);
        search(moments, seen, round % 16);
        check_claim(moments, seen);
    }
}

Test(bisect, runs_the_execution_that_it_is_asked_about) {
    for (uint64_t seed = 0; seed < 32; seed++) {
        uint64_t digest =
            bench_run(&bench, "random", bench_seed(seed), HD_RUN_FULL, EVENTS)->digest;
        struct hd_execution execution =
            bench_execution(&bench, "random", bench_seed(seed), HD_RUN_WATCHED, EVENTS);
        struct hd_probe probe = {.what = 1, .limit = UINT64_MAX};
        execution.probe = &probe;
        bench.moments = "???????????????????????";
        hd_execution_run(&bench.program, &execution, bench.outcome);
        cr_expect_eq(bench.outcome->digest, digest);
        search("hhhhhhhhhhhhhbbbbbbbbbb", 21, seed);
        cr_expect_eq(bench_run(&bench, "random", bench_seed(seed), HD_RUN_FULL, EVENTS)->digest,
                     digest);
    }
}

Test(bisect, names_the_event_as_a_trace_does) {
    char text[HD_NAME_SIZE];
    search("hhhhhhhhbbbbbbbbbbbbbbb", 9, 3);
    snprintf(text, sizeof text, "operation of %u", found.first.task);
    cr_expect_eq(found.first.moment, 7);
    cr_expect(found.first.kind == HD_READ || found.first.kind == HD_WRITE);
    cr_expect_geq(found.first.frames, 1);
    cr_expect_str_eq(found.first.operation, text);
    cr_expect_str_eq(found.before, "state of subject");
    cr_expect_str_eq(found.after, "state of subject");
}

/* From the first moment in question up to the first that is not. */
static uint64_t moment_of_probe(uint64_t from, uint64_t limit) {
    static struct hd_probe probe;
    struct hd_execution execution =
        bench_execution(&bench, "random", bench_seed(0), HD_RUN_FULL, EVENTS);
    probe = (struct hd_probe){.from = from, .limit = limit, .event = {.moment = 99}};
    execution.probe = &probe;
    hd_execution_run(&bench.program, &execution, bench.outcome);
    cr_expect_not(bench.outcome->fault);
    return probe.event.moment;
}

Test(bisect, a_probe_looks_at_the_first_moment_in_question_and_no_further) {
    for (uint64_t from = 0; from < MOMENTS; from++) {
        cr_expect_eq(moment_of_probe(from, MOMENTS), from);
        cr_expect_eq(moment_of_probe(from, from + 1), from);
        cr_expect_eq(moment_of_probe(from, from), 99, "there is none");
    }
}
