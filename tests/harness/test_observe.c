/* test_observe.c - what a full run writes down of each event: what it is, where it points, and what it read
 * or wrote.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

#include "harness/intercept/module.h"
#include "harness/sched/point.h"
#include "harness/task/pool.h"
#include "tests/harness/support.h"

#define EVENTS 32u

static struct bench bench;
static struct hd_raw_event event[EVENTS];
static struct hd_run run[EVENTS];
static struct hd_recording recording;

static const struct hd_outcome *watch(const char *subject, uint64_t events_max) {
    bench_open(&bench, "observed", subject);
    struct hd_execution execution =
        bench_execution(&bench, "pct:1", bench_seed(0), HD_RUN_FULL, 10);
    recording = (struct hd_recording){
        .runs_max = EVENTS, .events_max = events_max, .run = run, .event = event};
    execution.recording = &recording;
    hd_execution_run(&bench.program, &execution, bench.outcome);
    return bench.outcome;
}

/* The next event of this kind behind *at, which becomes its place. */
static const struct hd_raw_event *next(uint64_t *at, enum hd_what kind) {
    while (*at < recording.events && event[*at].what >> HD_WHAT_SHIFT != kind)
        ++*at;
    cr_assert_lt(*at, recording.events, "no %s", hd_what_name(kind));
    return &event[(*at)++];
}

/* ---- where ----------------------------------------------------------------------------------------- */

Test(observe, the_place_is_a_block_or_a_stack_or_data_of_a_module) {
    uint64_t at = 0;
    watch("observed_places", EVENTS);
    const struct hd_raw_event *heap = next(&at, HD_WRITE);
    cr_expect_eq(heap->place, HD_PLACE_HEAP);
    cr_expect_eq(heap->owner, 1, "the task that allocated it");
    cr_expect_eq(heap->number, 1, "its second block");
    cr_expect_eq(heap->offset, 16);
    cr_expect_eq(HD_WHAT_SIZE(heap->what), 8);
    const struct hd_raw_event *stack = next(&at, HD_WRITE);
    cr_expect_eq(stack->place, HD_PLACE_STACK);
    cr_expect_eq(stack->owner, 1);
    cr_expect(stack->offset >= 8 && stack->offset < 4096, "%lu", (unsigned long)stack->offset);
    const struct hd_raw_event *data = next(&at, HD_WRITE);
    cr_expect_eq(data->place, HD_PLACE_DATA);
    cr_expect_eq(data->owner, 0, "module 0");
    cr_expect_eq(data->offset,
                 (uint64_t)bench_symbol(&bench, "observed_cell") - hd_module_base(bench.module));
    const struct hd_raw_event *again = next(&at, HD_READ);
    cr_expect_eq(again->address, data->address);
    cr_expect_eq(again->value, 13);
}

Test(observe, an_event_tells_its_task_and_operation_and_code) {
    uint64_t at = 0;
    watch("observed_places", EVENTS);
    const struct hd_raw_event *write = next(&at, HD_WRITE);
    cr_expect_eq(write->task, 1);
    cr_expect_str_eq(write->operation, "operation of 1");
    uint64_t offset = write->pc - hd_module_base(bench.module);
    cr_expect(offset > 0 && offset < 1u << 20, "%lx", (unsigned long)offset);
    cr_expect_eq(event[recording.events - 1].what >> HD_WHAT_SHIFT, HD_JOIN, "the main task's");
    cr_expect_eq(event[recording.events - 1].task, 0);
    cr_expect_eq(event[recording.events - 1].place, HD_PLACE_UNKNOWN);
}

/* ---- what was read or written ---------------------------------------------------------------------- */

Test(observe, a_value_is_what_a_read_found_and_what_a_write_left) {
    static const struct {
        enum hd_what what;
        uint64_t value;
    } expected[] = {
        {HD_WRITE, 0x1122334455667788},
        {HD_WRITE, 0xabcd},
        {HD_READ, 0xabcd},
        {HD_ATOMIC_UPDATE, 0x1122334455667789},
        {HD_ATOMIC_COMPARE, 0x1122334455667789},
        {HD_ATOMIC_STORE, 7},
        {HD_ATOMIC_LOAD, 7},
    };
    uint64_t at = 0;
    watch("observed_values", EVENTS);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        const struct hd_raw_event *seen = next(&at, expected[i].what);
        cr_expect(seen->has_value, "%s", hd_what_name(expected[i].what));
        cr_expect_eq(seen->value, expected[i].value, "%s: %lx", hd_what_name(expected[i].what),
                     (unsigned long)seen->value);
    }
    cr_expect_not(recording.cut);
}

struct last {
    char subject[32];
    uint64_t first; /* what its writes leave, one behind the other */
    uint64_t second;
    bool fault;
};

static struct last lasts[] = {
    {"observed_before_write", 21, 22, false}, {"observed_before_end", 21, 0, false},
    {"observed_before_yield", 21, 22, false}, {"observed_before_lock", 21, 22, false},
    {"observed_before_wait", 21, 0, true},    {"observed_before_fault", 21, 0, true},
    {"observed_before_others", 0, 0, false},
};

ParameterizedTestParameters(observe, a_write_has_a_value_whatever_comes_behind_it) {
    return cr_make_param_array(struct last, lasts, sizeof lasts / sizeof lasts[0]);
}

ParameterizedTest(struct last *last, observe, a_write_has_a_value_whatever_comes_behind_it) {
    uint64_t at = 0;
    const struct hd_outcome *outcome = watch(last->subject, EVENTS);
    cr_assert_eq(outcome->fault, last->fault, "%s: %s", last->subject, outcome->message);
    if (last->first == 0) { /* in either order */
        for (uint32_t i = 0; i < 2; i++) {
            const struct hd_raw_event *write = next(&at, HD_WRITE);
            cr_expect(write->has_value);
            cr_expect_eq(write->value, 20 + write->task);
        }
        return;
    }
    for (uint64_t value = last->first; value != 0; value = last->second, last->second = 0) {
        const struct hd_raw_event *write = next(&at, HD_WRITE);
        cr_expect(write->has_value, "%s", last->subject);
        cr_expect_eq(write->value, value, "%s: %lu", last->subject, (unsigned long)write->value);
    }
}

/* ---- by hand --------------------------------------------------------------------------------------- */

static struct hd_program_ops ops;
static uint64_t words[4] = {1, 2, 3, 4};
static const char *const code = "0123456789"; /* where a call came from, for all we know */

/* A task of the test's own: a value is told of up to eight bytes. */
static void sized_task(void *program, uint32_t index) {
    static const uint32_t sizes[] = {0, 1, 2, 4, 8, 9, 16};
    (void)program;
    (void)index;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (uint32_t kind = HD_READ; kind <= HD_WRITE; kind++)
            hd_point(words, HD_WHAT(kind, sizes[i]), code + i);
}

static void watch_own(void (*task)(void *program, uint32_t index)) {
    bench_open(&bench, "observed", "observed_before_end");
    struct hd_execution execution =
        bench_execution(&bench, "pct:1", bench_seed(0), HD_RUN_FULL, 10);
    recording =
        (struct hd_recording){.runs_max = EVENTS, .events_max = EVENTS, .run = run, .event = event};
    execution.recording = &recording;
    void (*at_point)(void *program, bool written) = ops.at_point;
    ops = *bench.program.ops;
    ops.task = task;
    ops.at_point = at_point != NULL ? at_point : ops.at_point;
    bench.program.ops = &ops;
    hd_execution_run(&bench.program, &execution, bench.outcome);
}

Test(observe, a_value_is_told_of_up_to_eight_bytes) {
    watch_own(sized_task);
    cr_assert_eq(recording.events, 15);
    for (uint32_t i = 0; i < 14; i++) {
        uint32_t size = HD_WHAT_SIZE(event[i].what);
        cr_expect_eq(event[i].has_value, size > 0 && size <= 8, "%u bytes", size);
        cr_expect_eq(event[i].value, event[i].has_value ? 1 : 0);
        cr_expect_eq(event[i].pc, (uint64_t)(code + i / 2) - 1,
                     "the call is before its return address");
        cr_expect_eq(event[i].address, (uint64_t)words);
        cr_expect_eq(event[i].place, HD_PLACE_UNKNOWN, "it is in no module");
    }
}

/* The first byte of a stack and its last, and those beside it. */
static void edges_task(void *program, uint32_t index) {
    uint64_t low, high;
    (void)program;
    (void)index;
    hd_pool_stack(1, &low, &high);
    const uint64_t edges[] = {low, high - 1, low - 1, high};
    for (uint32_t i = 0; i < 4; i++)
        hd_point((const void *)edges[i], HD_WHAT(HD_READ, 0), code);
}

Test(observe, a_stack_ends_where_its_task_may_not_go) {
    watch_own(edges_task);
    cr_assert_eq(recording.events, 5);
    for (uint32_t i = 0; i < 4; i++)
        cr_expect_eq(event[i].place == HD_PLACE_STACK, i < 2, "%u", i);
    cr_expect_eq(event[0].owner, 1);
    cr_expect_eq(event[0].offset, event[3].address - event[0].address);
    cr_expect_eq(event[1].offset, 1);
}

/* What looks at the map passes no points. */
static void instrumented_look(void *program, bool written) {
    (void)program;
    (void)written;
    hd_point(words, HD_WHAT(HD_READ, 8), code);
}

Test(observe, an_inspector_that_passes_points_is_refused) {
    ops.at_point = instrumented_look;
    watch_own(sized_task);
    cr_assert(bench.outcome->fault);
    cr_expect_eq(bench.outcome->kind, HD_FAULT_MISUSE);
    cr_expect_str_eq(bench.outcome->message,
                     "the inspector is instrumented: compile it without -fsanitize=thread");
}

/* ---- how much -------------------------------------------------------------------------------------- */

Test(observe, a_full_trace_keeps_its_beginning_and_says_so) {
    watch("observed_values", EVENTS);
    uint64_t events = recording.events;
    cr_assert(events > 3 && events < EVENTS);
    cr_expect_eq(bench.outcome->points_seen, events);
    struct hd_raw_event first = event[0];
    memset(event, 0xa5, sizeof event);
    watch("observed_values", events);
    cr_expect_eq(recording.events, events);
    cr_expect_not(recording.cut, "it fits");
    memset(event, 0xa5, sizeof event);
    watch("observed_values", events - 1);
    cr_expect_eq(recording.events, events - 1);
    cr_expect(recording.cut);
    cr_expect_eq(event[0].what, first.what);
    cr_expect_eq(event[events - 1].what, 0xa5a5a5a5, "nothing is written behind its end");
}

Test(observe, no_trace_is_kept_where_none_is_wanted) {
    memset(event, 0xa5, sizeof event);
    watch("observed_values", 0);
    cr_expect_eq(recording.events, 0);
    cr_expect_not(recording.cut);
    cr_expect_eq(event[0].what, 0xa5a5a5a5);
}

/* ---- names ----------------------------------------------------------------------------------------- */

Test(observe, every_kind_of_event_has_a_name_of_its_own) {
    for (uint32_t what = 1; what < HD_WHATS; what++) {
        cr_expect_str_neq(hd_what_name(what), "?", "%u", what);
        for (uint32_t other = 1; other < what; other++)
            cr_expect_str_neq(hd_what_name(what), hd_what_name(other));
    }
    cr_expect_str_eq(hd_what_name(0), "?");
    cr_expect_str_eq(hd_what_name(HD_WHATS), "?");
    cr_expect_str_eq(hd_what_name(UINT32_MAX), "?");
}
