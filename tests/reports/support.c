/* support.c - see support.h. */
#include "tests/reports/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define LINE                                                                                       \
    "heddle replay --scenario growth-window --map gomap --strategy pct:3 --seed "                  \
    "0x00000000c0ffee00 --expect 0x9f8b62d15c21aa07"

struct hd_fault_record sample_fault(void) {
    struct hd_fault_record fault = {.kind = HD_FAULT_FATAL,
                                    .message = "concurrent map writes",
                                    .strategy = "pct:3",
                                    .seed = 0xc0ffee00,
                                    .execution = 6213,
                                    .count = 12,
                                    .point = 41,
                                    .digest = 0x9f8b62d15c21aa07,
                                    .signature = 0x1234,
                                    .confirmed = 10,
                                    .replays = 10,
                                    .tasks = 2,
                                    .replay = LINE};
    fault.task[0] = (struct hd_fault_task){.task = 2,
                                           .point = 41,
                                           .state = "running",
                                           .operation = "put(7, 2)",
                                           .note = "found the flag set",
                                           .frames = 1};
    fault.task[0].frame[0] = (struct hd_frame){"gomap_assign", "mapimpl/gomap/assign.c", 118};
    fault.task[1] = (struct hd_fault_task){.task = 1,
                                           .point = 37,
                                           .state = "preempted",
                                           .operation = "put(3, 1)",
                                           .note = "holds the flag",
                                           .frames = 2};
    fault.task[1].frame[0] = (struct hd_frame){"gomap_evacuate", "mapimpl/gomap/grow.c", 203};
    fault.task[1].frame[1] = (struct hd_frame){"?", "", 0};
    fault.schedule = strdup("hd1.abc.BAID.00000000");
    fault.state = strdup("count 104, B 4 -> 5\n  old[3]  9a e1\n");
    return fault;
}

static struct hd_fault_event sample_event(uint64_t point, uint32_t line) {
    struct hd_fault_event event = {.point = point,
                                   .task = 5,
                                   .kind = "atomic store",
                                   .operation = "put(25, 5001)",
                                   .frames = 3};
    event.frame[0] = (struct hd_frame){"advance", "mapimpl/gomap/evacuate.c", line};
    event.frame[1] = (struct hd_frame){"gomap_put", "mapimpl/gomap/gomap.c", 129};
    event.frame[2] = (struct hd_frame){"put", "mapimpl/mutex/mutex.c", 59};
    return event;
}

struct hd_fault_record sample_first_bad(uint64_t first, uint64_t last) {
    struct hd_fault_record fault = sample_fault();
    fault.kind = HD_FAULT_INVARIANT;
    snprintf(fault.message, sizeof(fault.message), "V4: old buckets are released too early");
    fault.first_bad = (struct hd_first_bad){.told = true,
                                            .message = "V4: nevacuate passed old bucket 0",
                                            .seen = 40,
                                            .first = sample_event(first, 105),
                                            .last = sample_event(last, 117),
                                            .executions = 11};
    fault.first_bad.before = strdup("count 52, 0 of 8 moved\n  old[0]  7\n  new[0]  .\n");
    fault.first_bad.after = strdup("count 52, 1 of 8 moved\n  old[0]  7\n  new[0]  .\n");
    return fault;
}

static void add(struct hd_report *report, const struct hd_row *row) {
    cr_assert_eq(hd_report_add(report, row), 0);
}

struct hd_report sample_report(void) {
    struct hd_report report = {.version = "0.1.0", .build = "00000000deadbeef", .seed = 0x5eed};
    report.jobs = 2;
    report.complete = true;
    report.rows_planned = 3;
    struct hd_row fault = {.scenario = "growth-window",
                           .map = "gomap",
                           .strategy = "default",
                           .seed = 0x5eed,
                           .executions = 10000,
                           .points = 200000,
                           .switches = 30000,
                           .window_points = 68000,
                           .native = {.measured = true,
                                      .lookups = {21.34e6, 0, 0},
                                      .mixed = {14.9e6, 0, 0},
                                      .bytes_per_entry = 57.2,
                                      .calm = {20, 119, 519, 4081511},
                                      .growing = {50, 375, 703, 2219759}},
                           .waited_points = 5000,
                           .waited_max = 17,
                           .window_get = {.moved = 30, .unmoved = 40},
                           .window_put = {.moved = 0, .unmoved = 2},
                           .distinct = 9990,
                           .verdict = HD_VERDICT_FAULT,
                           .expected = "fault fatal: concurrent map writes",
                           .expected_reason = "a plain map",
                           .as_expected = true,
                           .first_fault_execution = 6213,
                           .fault_executions = 12,
                           .digest = 0x1122334455667788,
                           .seconds = 1.25,
                           .faults = 1};
    fault.fault = calloc(1, sizeof(*fault.fault));
    fault.fault[0] = sample_fault();
    add(&report, &fault);
    struct hd_row calm = {.scenario = "growth-window",
                          .map = "rwmutex",
                          .strategy = "default",
                          .seed = 0x5eed,
                          .executions = 5000000,
                          .points = 1000,
                          .window_points = 3,
                          .histories = 5000,
                          .histories_unknown = 1,
                          .distinct = 4900000,
                          .distinct_estimated = true,
                          .verdict = HD_VERDICT_OK,
                          .expected = "ok",
                          .as_expected = true,
                          .first_fault_execution = -1,
                          .seconds = 2.5};
    add(&report, &calm);
    struct hd_row empty = calm;
    snprintf(empty.scenario, sizeof(empty.scenario), "readers-only");
    snprintf(empty.verdict_reason, sizeof(empty.verdict_reason), "no point of the map was passed");
    empty.verdict = HD_VERDICT_VACUOUS;
    empty.as_expected = false;
    empty.window_points = 0;
    add(&report, &empty);
    return report;
}

char *printed(int (*print)(FILE *stream, const void *context), const void *context) {
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    cr_assert_not_null(stream);
    cr_assert_eq(print(stream, context), 0);
    fclose(stream);
    return text;
}

void check_golden(const char *name, const char *text) {
    char path[512];
    char expected[16384];
    const char *mode = getenv("HEDDLE_GOLDEN");
    snprintf(path, sizeof(path), "%s/tests/reports/golden/%s", HEDDLE_SOURCE_DIR, name);
    if (mode != NULL && strcmp(mode, "write") == 0) {
        FILE *made = fopen(path, "w");
        cr_assert_not_null(made, "%s", path);
        fputs(text, made);
        fclose(made);
        return;
    }
    FILE *golden = fopen(path, "r");
    cr_assert_not_null(golden, "%s", path);
    size_t size = fread(expected, 1, sizeof(expected) - 1, golden);
    expected[size] = '\0';
    fclose(golden);
    cr_assert_str_eq(text, expected, "%s differs; printed:\n%s", path, text);
}
