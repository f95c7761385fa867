/* test_round_trip.c - the promise: the line that a fault prints, pasted, shows the same fault; and so does
 * the file that was saved. For every faulting row of the built-in scenarios.
 */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "tests/cli/support.h"

static char directory[512];

static void set_up(void) {
    snprintf(directory, sizeof directory, "%s", scratch_begin());
}

TestSuite(round_trip, .init = set_up, .fini = scratch_end, .timeout = 600);

static json_t *load(const char *name) {
    char path[600];
    json_error_t error;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    json_t *report = json_load_file(path, 0, &error);
    cr_assert_not_null(report, "%s: %s", path, error.text);
    return report;
}

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    cr_assert_not_null(text, "no %s", key);
    return text;
}

static void expect_fault(const struct child *ended, const json_t *fault, const char *line) {
    cr_expect_eq(ended->status, 1, "%s: status %d\n%s", line, ended->status, ended->errors);
    const char *both[] = {text_of(fault, "message"), text_of(fault, "digest")};
    for (int i = 0; i < 2; i++)
        cr_expect(strstr(ended->errors, both[i]) != NULL || strstr(ended->output, both[i]) != NULL,
                  "%s: no %s in\n%s", line, both[i], ended->errors);
}

static void check_fault(const json_t *fault) {
    char command[1024];
    const char *line = text_of(fault, "replay");
    cr_expect_eq(strncmp(line, "heddle replay ", 14), 0, "%s", line);
    expect_fault(sh(REAL, "%s", line), fault, line);
    snprintf(command, sizeof command, "heddle replay '%s'", text_of(fault, "file"));
    expect_fault(sh(REAL, "%s", command), fault, command);
}

/* Of every scenario against every map, the first two distinct faults of a row. */
Test(round_trip, every_faulting_row_replays_from_its_line_and_from_its_file) {
    size_t at, rows = 0;
    json_t *row;
    sh(REAL, "heddle run -n 512 -q --json all.json --out out");
    json_t *report = load("all.json");
    json_array_foreach(json_object_get(report, "results"), at, row) {
        const json_t *faults = json_object_get(row, "faults");
        rows += json_array_size(faults) > 0;
        for (size_t i = 0; i < json_array_size(faults) && i < 2; i++)
            check_fault(json_array_get(faults, i));
    }
    cr_expect_geq(rows, 5, "%zu rows with faults", rows);
    json_decref(report);
}

/* The same text a hundred times, with addresses randomised and, where the kernel allows it, not. */
Test(round_trip, a_hundred_replays_print_the_same_bytes) {
    const struct child *ended =
        sh(REAL, "heddle run -s concurrent-writes -m gomap -n 256 -q -v 2>/dev/null | "
                 "grep -o 'heddle replay.*' | head -1 >line; test -s line || exit 8; "
                 "setarch -R true 2>/dev/null && fixed='setarch -R'; "
                 "for i in $(seq 50); do sh line; echo $?; $fixed sh line; echo $?; done 2>&1 | "
                 "sha256sum >all; sh line >one 2>&1; echo $? >>one; "
                 "for i in $(seq 100); do cat one; done | sha256sum | cmp - all && cat one");
    cr_expect_eq(ended->status, 0, "%s%s", ended->output, ended->errors);
    cr_expect_not_null(strstr(ended->output, "concurrent map writes"));
}

/* Under load, and from another directory. */
Test(round_trip, load_and_place_do_not_matter) {
    const struct child *ended =
        sh(REAL,
           "heddle run -s read-during-write -m gomap -n 256 -q -v 2>/dev/null | "
           "grep -o 'heddle replay.*' | head -1 >line; test -s line || exit 8; sh line >calm 2>&1; "
           "for i in 1 2 3 4; do timeout 20 sh -c 'while :; do :; done' & done; "
           "mkdir other; cd other; for i in 1 2 3 4 5; do sh ../line >../busy 2>&1; "
           "cmp ../calm ../busy || exit 9; done; kill $(jobs -p); exit 0");
    cr_expect_eq(ended->status, 0, "%s%s", ended->output, ended->errors);
}

Test(round_trip, a_line_with_another_digest_says_so_with_status_2) {
    const struct child *ended =
        sh(REAL, "heddle run -s concurrent-writes -m gomap -n 256 -q -v 2>/dev/null | grep -o "
                 "'heddle replay.*' | "
                 "head -1 | sed 's/--expect 0x./--expect 0x/; s/$/0/' >line; sh line");
    cr_expect_eq(ended->status, 2, "%d %s", ended->status, ended->errors);
}
