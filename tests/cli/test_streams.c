/* test_streams.c - where output goes: pipes that nobody reads, readers that leave, devices, signals. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/cli/support.h"

static void begin(void) {
    scratch_begin();
}

TestSuite(cli_streams, .init = begin, .fini = scratch_end);

/* The status of the command, not of the shell's pipe, is the last line of its errors. */
static void expect_quiet_end(const char *command) {
    const struct child *ended = sh(FAKE, "{ %s; echo $? >&2; } | :", command);
    cr_expect_str_eq(ended->errors, "141\n", "%s: %s", command, ended->errors);
}

Test(cli_streams, a_reader_that_left_is_no_error) {
    expect_quiet_end("yes 'new 0' | $H map-trace");
    expect_quiet_end("sleep 0.3; $H list");
    expect_quiet_end("sleep 0.3; $H --help");
    expect_quiet_end("sleep 0.3; $H run -s calm -q");
    expect_quiet_end("sleep 0.3; $H doctor");
}

Test(cli_streams, what_was_found_is_written_although_the_reader_left) {
    const struct child *ended =
        sh(FAKE, "{ sleep 0.3; $H run -s fatal -q --out out; } | :; ls out out/faults");
    cr_expect_not_null(strstr(ended->output, "report.json"));
    cr_expect_not_null(strstr(ended->output, "fatal-"), "%s", ended->output);
}

Test(cli_streams, the_real_reason_is_told) {
    const struct child *ended = sh(FAKE, "$H list >&-; yes 'new 0' | $H map-trace >/dev/full");
    cr_expect_str_eq(ended->errors, "heddle: standard output: Bad file descriptor\n"
                                    "heddle: standard output: No space left on device\n");
    ended =
        sh(FAKE, "ulimit -f 8; exec $H map-trace >cut <<'END'\nnew 0\nputrange 0 2000\ndump\ndump\n"
                 "dump\ndump\nEND");
    cr_expect_eq(ended->status, 74);
    cr_expect_str_eq(ended->errors, "heddle: standard output: File too large\n");
}

Test(cli_streams, a_pipe_without_a_reader_is_refused_before_the_run) {
    const struct child *ended = sh(FAKE, "mkfifo p; exec $H run -s calm -q --json p");
    cr_expect_eq(ended->status, 74);
    cr_expect_str_eq(ended->output, "");
    cr_expect_str_eq(ended->errors, "heddle: p: nobody reads this pipe\n");
    cr_expect_eq(sh(FAKE, "exec $H run -s calm -q --junit p")->status, 74);
    cr_expect_eq(sh(FAKE, "exec $H flag -s calm -n 10 --json p")->status, 74);
}

Test(cli_streams, a_pipe_with_a_reader_is_written) {
    const struct child *ended = sh(FAKE, "mkfifo p q; cat p >json & cat q >junit & "
                                         "$H run -s calm -q --json p --junit q; echo $?; wait; "
                                         "head -c 1 json; grep -c '<testsuites' junit");
    cr_expect_not_null(strstr(ended->output, "\n0\n{1\n"), "%s", ended->output);
    cr_expect_str_eq(ended->errors, "");
}

/* The pipe is full, and its reader never reads. */
Test(cli_streams, a_signal_ends_the_writing) {
    const struct child *ended = sh(
        FAKE, "mkfifo p; exec 9<>p; yes | head -c 65536 >&9; yes 'new 0' | head -n 2000 >script; "
              "$H map-trace <script >p & sleep 0.3; kill $!; wait $!; echo $?; "
              "$H run -s calm -q --json p >table & sleep 0.3; kill $!; wait $!; echo $?; "
              "$H run -s calm -q >p & sleep 0.3; "
              "while kill -INT $! 2>/dev/null; do sleep 0.2; done; wait $!; echo $?");
    cr_expect_str_eq(ended->output, "143\n143\n130\n", "%s%s", ended->output, ended->errors);
}

Test(cli_streams, another_name_of_standard_output_is_standard_output) {
    const struct child *ended = sh(FAKE, "$H run -s calm -q --json /dev/stdout >f; head -c 1 f; "
                                         "tail -n 1 f");
    cr_expect_not_null(strstr(ended->output, "{}"), "%s", ended->output);
    ended = sh(FAKE, "exec $H run -s calm -q --junit /dev/stdout >f");
    cr_expect_eq(ended->status, 64);
    cr_expect_eq(sh(FAKE, "exec $H run -s calm -q --json /dev/null >/dev/null")->status, 0);
    cr_expect_eq(sh(FAKE, "exec $H run -s calm -q --junit /dev/full")->status, 74);
    ended = sh(FAKE, "mkfifo d; exec $H run -s calm -q --out d");
    cr_expect_eq(ended->status, 74);
    cr_expect_str_eq(ended->errors, "heddle: d: Not a directory\n");
}
