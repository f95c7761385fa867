/* test_tsan_flavour.c - the command linked with the real ThreadSanitizer: what it keeps of a report, which
 * maps it refuses, and what becomes of it when ThreadSanitizer itself ends a process.
 *
 * A container may keep address randomisation on and ThreadSanitizer from starting; then there is nothing
 * to test.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/cli/support.h"

#define TSAN HEDDLE_BUILD_DIR "/heddle-tsan"
#define RACE "run -s read-during-write -m gomap -n 64 -q "

static void set_up(void) {
    scratch_begin();
    if (sh(TSAN, "exec $H --version")->status != 0) {
        scratch_end();
        cr_skip_test("ThreadSanitizer does not start here");
    }
}

TestSuite(tsan_flavour, .init = set_up, .fini = scratch_end, .timeout = 120);

static int count_matches(const char *text, const char *part) {
    int count = 0;
    while ((text = strstr(text, part)) != NULL) { /* to the last match */
        count++;
        text += strlen(part) - 1;
    }
    return count;
}

static void without(const char *text, const char *part) {
    cr_expect_null(strstr(text, part), "%s in %s", part, text);
}

Test(tsan_flavour, a_kept_report_names_places_and_is_the_same_twice) {
    const struct child *ended =
        sh(TSAN, "for i in 1 2; do $H " RACE "-o $i >/dev/null; done; diff -r 1/faults 2/faults && "
                 "cat $(grep -l '\"kind\": \"tsan\"' 1/faults/* | head -1)");
    cr_expect_eq(ended->status, 0, "%s%s", ended->output, ended->errors);
    cr_expect_not_null(strstr(ended->output, "\"report\": \"data race\\n"), "%s", ended->output);
    cr_expect_not_null(strstr(ended->output, "by task 1:\\n    #0 gomap_"), "%s", ended->output);
    cr_expect_not_null(strstr(ended->output, " mapimpl/gomap/"));
    without(ended->output, "<null>");
    without(ended->output, "pid=");
    without(ended->output, "BuildId");
    without(ended->output, "tid=");
}

Test(tsan_flavour, a_map_of_the_default_flavour_is_refused) {
    refused(TSAN, 65, "gomap.so: built for the default flavour",
            "run -s readers-only -m \"$BUILD\"/lib/heddle/controlled/maps/gomap.so");
    const struct child *ended = sh(TSAN, "exec $H run -q -s readers-only -n 64 -m \"$BUILD\""
                                         "/lib/heddle/tsan/maps/gomap.so");
    cr_expect_eq(ended->status, 0, "%s", ended->errors);
}

Test(tsan_flavour, status_66_is_of_thread_sanitizer_itself) {
    const struct child *ended =
        sh(TSAN, "$H " RACE "-o out >/dev/null; export TSAN_OPTIONS=halt_on_error=1; $H " RACE
                 "; echo $?; $H " RACE " --free; echo $?; "
                 "$H replay $(grep -l '\"kind\": \"tsan\"' out/faults/* | head -1); echo $?");
    cr_expect_eq(count_matches(ended->output, "\n66\n"), 3, "%s%s", ended->output, ended->errors);
    cr_expect_eq(count_matches(ended->errors, "ThreadSanitizer itself ended"), 3, "%s",
                 ended->errors);
}

Test(tsan_flavour, real_threads_have_no_replay_line) {
    const struct child *ended = sh(TSAN, "exec $H " RACE "--free -o out");
    cr_expect_eq(ended->status, 0, "%s", ended->errors);
    without(ended->output, "replay lines");
    without(ended->output, "none:");
    refused(TSAN, 65, "found on real threads", "replay out/faults/*");
    ended = sh(TSAN, "exec $H run -v -s read-during-write -m gomap -n 64 --free");
    cr_expect_not_null(strstr(ended->errors, "replay    none: real threads follow no seed"));
}

/* A minute is far more than what ends with the execution that runs. */
Test(tsan_flavour, real_threads_end_by_a_signal) {
    const struct child *ended =
        sh(TSAN,
           "env --default-signal=INT $H run -q -s readers-only -m mutex --free --time 60s & p=$!; "
           "sleep 2; kill -INT $p; sleep 5; kill -KILL $p 2>/dev/null; wait $p; echo $?");
    cr_expect_not_null(strstr(ended->output, "UNKNOWN (interrupted)"), "%s%s", ended->output,
                       ended->errors);
    cr_expect_not_null(strstr(ended->output, "\n130\n"), "%s", ended->output);
}

/* The command that is installed starts the other one by itself, for a file and for a line. */
Test(tsan_flavour, a_saved_race_replays_from_the_usual_command) {
    const struct child *ended =
        sh(REAL, "$H " RACE "--flavour tsan --out out >/dev/null 2>&1; "
                 "exec $H replay $(grep -l '\"kind\": \"tsan\"' out/faults/* | head -1)");
    cr_expect_eq(ended->status, 1, "%s", ended->errors);
    cr_expect_not_null(strstr(ended->errors, "tsan: data race"), "%s", ended->errors);
}
