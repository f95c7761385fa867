/* test_check_history.c - `heddle check-history`: golden histories, good and bad, and every way in
 * which a file can be no history.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

#include "tests/cli/support.h"

#define GOLDEN "\"$SOURCE\"/tests/golden/histories"

static void set_up(void) {
    scratch_begin();
}

TestSuite(check_history, .init = set_up, .fini = scratch_end);

static int status_of(const char *arguments) {
    return sh(FAKE, "exec $H check-history %s", arguments)->status;
}

/* ---- golden histories ------------------------------------------------------------------------ */

Test(check_history, good_histories_are_linearizable) {
    const struct child *ended =
        sh(FAKE,
           "n=0; for f in %s/good-*.jsonl; do $H check-history \"$f\" || exit; "
           "n=$((n + 1)); done; [ $n -ge 5 ]",
           GOLDEN);
    cr_expect_eq(ended->status, 0, "%s%s", ended->output, ended->errors);
}

Test(check_history, bad_histories_are_told_with_key_and_prefix) {
    const struct child *ended =
        sh(FAKE,
           "cd %s; n=0; for f in bad-*.jsonl; do $H check-history \"$f\" >\"$OLDPWD\"/told; [ "
           "$? -eq 1 ] && "
           "diff -u ${f%%.jsonl}.txt \"$OLDPWD\"/told || exit 9; n=$((n + 1)); done; [ $n -ge 7 ]",
           GOLDEN);
    cr_expect_eq(ended->status, 0, "%s%s", ended->output, ended->errors);
}

/* The prefix in the JSON output is a history, and illegal by its last event. */
Test(check_history, the_prefix_can_be_checked_again) {
    const struct child *ended = sh(
        FAKE,
        "cd %s; for f in bad-[!u]*.jsonl; do "
        "$H check-history --json - \"$f\" | sed -n '/\"prefix\": \\[/,/^  \\]/p' | sed '1d;$d' | "
        "tr -d '\\n' | sed 's/},/}\\n/g; $a\\' >\"$OLDPWD\"/prefix\n"
        "$H check-history \"$OLDPWD\"/prefix >\"$OLDPWD\"/told; [ $? -eq 1 ] || exit 9\n"
        "n=$(grep -c process \"$OLDPWD\"/prefix); grep -q \"prefix: $n of $n events\" "
        "\"$OLDPWD\"/told "
        "|| exit "
        "8; done",
        GOLDEN);
    cr_expect_eq(ended->status, 0, "%s%s", ended->output, ended->errors);
}

Test(check_history, json_tells_the_same) {
    const struct child *ended =
        sh(FAKE, "exec $H check-history --json - %s/bad-lost-update.jsonl", GOLDEN);
    static const char *const parts[] = {"\"verdict\": \"illegal\"", "\"key\": 1,",
                                        "\"legal_prefix\": 7",      "\"illegal_prefix\": 8",
                                        "\"shortest\": true",       "\"schema\": 1"};
    cr_expect_eq(ended->status, 1);
    for (size_t index = 0; index < sizeof(parts) / sizeof(parts[0]); index++)
        cr_expect_not_null(strstr(ended->output, parts[index]), "%s: %s", parts[index],
                           ended->output);
    ended = sh(FAKE, "exec $H check-history --json=- %s/good-sequential.jsonl", GOLDEN);
    cr_expect_eq(ended->status, 0);
    cr_expect_not_null(strstr(ended->output, "\"verdict\": \"ok\""));
}

Test(check_history, standard_input_is_read_without_a_name_and_for_a_dash) {
    cr_expect_eq(status_of("<" GOLDEN "/good-sequential.jsonl"), 0);
    cr_expect_eq(status_of("- <" GOLDEN "/bad-length.jsonl"), 1);
}

Test(check_history, an_empty_history_proves_nothing) {
    const struct child *ended = sh(FAKE, "exec $H check-history");
    cr_expect_eq(ended->status, 3);
    cr_expect_str_eq(ended->output, "vacuous: standard input holds no event\n");
}

Test(check_history, json_goes_to_a_file_besides_or_alone_to_standard_output) {
    const struct child *ended =
        sh(FAKE,
           "$H check-history --json out.json %s/bad-length.jsonl; echo $?; "
           "$H check-history - --json - <%s/bad-length.jsonl >alone; cmp out.json alone",
           GOLDEN, GOLDEN);
    cr_expect_eq(ended->status, 0, "%s", ended->errors);
    cr_expect_eq(strncmp(ended->output, "NOT LINEARIZABLE", 16), 0, "%s", ended->output);
    cr_expect_not_null(strstr(ended->output, "\n1\n"));
    cr_expect_eq(sh(FAKE, "$H check-history --json - <%s/good-whole-map.jsonl", GOLDEN)->status, 0);
}

/* Who takes --json for a word without a value must not lose the history. */
Test(check_history, json_never_takes_the_history_for_its_file) {
    sh(FAKE, "cp %s/bad-length.jsonl h", GOLDEN);
    refused(FAKE, 64, "--json 'h' needs the history's FILE, or -", "check-history --json h");
    refused(FAKE, 64, "--json './h' is the history", "check-history h --json ./h");
    refused(FAKE, 64, "--json 'h' is the history", "check-history --json h - <h");
    refused(FAKE, 64, "requires an argument", "check-history h --json");
    cr_expect_eq(sh(FAKE, "cmp h %s/bad-length.jsonl", GOLDEN)->status, 0);
    refused(FAKE, 74, "/dev/null/x", "check-history h --json /dev/null/x");
    const struct child *ended = sh(FAKE, "exec $H check-history h --json /dev/full");
    cr_expect_eq(ended->status, 74);
    cr_expect_not_null(strstr(ended->output, "NOT LINEARIZABLE"), "%s", ended->output);
    cr_expect_eq(sh(FAKE, "exec $H check-history h --json - >/dev/full")->status, 74);
}

/* ---- forms that are allowed ------------------------------------------------------------------ */

#define EVENT(process, type, rest) "{\"process\": " process ", \"type\": \"" type "\"" rest "}\n"
#define PUT(process, key, value)                                                                   \
    EVENT(process, "invoke", ", \"f\": \"put\", \"key\": " key ", \"value\": " value)
#define GET(process, key)    EVENT(process, "invoke", ", \"f\": \"get\", \"key\": " key)
#define OK(process)          EVENT(process, "ok", "")
#define READ(process, value) EVENT(process, "ok", ", \"value\": " value)

static int status_of_lines(const char *lines) {
    char command[2048];
    snprintf(command, sizeof(command), "cat >h <<'END'\n%sEND\nexec $H check-history h", lines);
    return sh(FAKE, "%s", command)->status;
}

Test(check_history, a_return_need_not_repeat_the_call) {
    cr_expect_eq(status_of_lines(PUT("0", "1", "5") OK("0") GET("0", "1") READ("0", "5")), 0);
    cr_expect_eq(status_of_lines(PUT("0", "1", "5") OK("0") GET("0", "1") READ("0", "6")), 1);
}

Test(check_history, integers_and_strings_differ) {
    cr_expect_eq(status_of_lines(PUT("0", "1", "5") OK("0") GET("0", "\"1\"") READ("0", "null")),
                 0);
    cr_expect_eq(status_of_lines(PUT("0", "1", "5") OK("0") GET("0", "1") READ("0", "\"5\"")), 1);
    cr_expect_eq(status_of_lines(PUT("0", "1", "5") GET("\"0\"", "1") OK("0") READ("\"0\"", "5")),
                 0);
}

Test(check_history, all_64_bits_count_and_no_sign_is_lost) {
    cr_expect_eq(status_of_lines(PUT("0", "18446744073709551615", "1") OK("0") GET("0", "-1") READ(
                     "0", "null") GET("0", "18446744073709551614") READ("0", "null")),
                 0);
    cr_expect_eq(status_of_lines(PUT("0", "1", "18446744073709551615") OK("0") GET("0", "1")
                                     READ("0", "18446744073709551614")),
                 1);
    cr_expect_eq(status_of_lines(PUT("0", "1", "\"18446744073709551615\"") OK("0") GET("0", "1")
                                     READ("0", "18446744073709551615")),
                 1);
}

Test(check_history, unknown_fields_are_ignored) {
    cr_expect_eq(
        status_of_lines(EVENT("0", "invoke",
                              ", \"f\": \"get\", \"key\": 1, \"value\": null, \"time\": 1.5, "
                              "\"x\": [{\"y\": 18446744073709551615}]") READ("0", "null")),
        0);
}

Test(check_history, the_last_line_needs_no_line_feed) {
    cr_expect_eq(sh(FAKE, "head -c -1 %s/bad-length.jsonl | $H check-history", GOLDEN)->status, 1);
}

/* ---- malformed ------------------------------------------------------------------------------- */

struct malformed {
    char line[128]; /* behind an invocation of get(1) by process 0 */
    char reason[64];
};

ParameterizedTestParameters(check_history, malformed) {
    static struct malformed cases[] = {
        {"", "2: an empty line"},
        {"[]", "2: not an object"},
        {"{\"process\": 0, \"type\": \"ok\", \"value\"", "2: "},
        {"{\"process\": 0, \"type\": \"ok\", \"type\": \"ok\"}", "2: duplicate object key"},
        {"{\"type\": \"ok\"}", "2: \"process\" is missing"},
        {"{\"process\": null, \"type\": \"ok\"}", "2: \"process\" is neither"},
        {"{\"process\": 1.0, \"type\": \"ok\"}", "2: \"process\" is neither"},
        {"{\"process\": 0}", "2: \"type\" is missing"},
        {"{\"process\": 0, \"type\": 1}", "2: \"type\" is none of"},
        {"{\"process\": 0, \"type\": \"okay\"}", "2: \"type\" is none of"},
        {"{\"process\": 1, \"type\": \"ok\"}", "2: its process has no call"},
        {"{\"process\": 0, \"type\": \"ok\"}", "2: \"value\" is missing"},
        {"{\"process\": 0, \"type\": \"ok\", \"value\": 1.5}", "2: \"value\" is neither"},
        {"{\"process\": 0, \"type\": \"ok\", \"value\": true}", "2: \"value\" is neither"},
        {"{\"process\": 0, \"type\": \"ok\", \"f\": \"put\", \"value\": 1}", "2: \"f\" is not"},
        {"{\"process\": 0, \"type\": \"ok\", \"key\": 2, \"value\": 1}", "2: \"key\" is not"},
        {"{\"process\": 0, \"type\": \"invoke\", \"f\": \"get\", \"key\": 1}",
         "2: its process has"},
        {"{\"process\": 1, \"type\": \"invoke\", \"key\": 1}", "2: \"f\" is missing"},
        {"{\"process\": 1, \"type\": \"invoke\", \"f\": \"cas\", \"key\": 1}",
         "2: \"f\" is none of"},
        {"{\"process\": 1, \"type\": \"invoke\", \"f\": \"get\"}", "2: \"key\" is missing"},
        {"{\"process\": 1, \"type\": \"invoke\", \"f\": \"get\", \"key\": []}",
         "2: \"key\" is nei"},
        {"{\"process\": 1, \"type\": \"invoke\", \"f\": \"put\", \"key\": 1}",
         "2: \"value\" is mis"},
        {"{\"process\": 18446744073709551616, \"type\": \"ok\"}", "2: too big integer"},
        {"{\"process\": -9223372036854775809, \"type\": \"ok\"}", "2: too big negative integer"},
        {"{\"process\": \"\\u0000\", \"type\": \"ok\"}", "2: a string holds the character NUL"},
        {"{18446744073709551615: 1}", "2: "},
    };
    return cr_make_param_array(struct malformed, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct malformed *malformed, check_history, malformed) {
    char reason[96];
    sh(FAKE, "cat >h <<'END'\n%s%s\nEND", GET("0", "1"), malformed->line);
    snprintf(reason, sizeof(reason), "heddle: h:%s", malformed->reason);
    refused(FAKE, 65, reason, "check-history h");
}

Test(check_history, deletes_and_lengths_have_types_too) {
    sh(FAKE, "cat >d <<'END'\n%s%sEND", EVENT("0", "invoke", ", \"f\": \"delete\", \"key\": 1"),
       EVENT("0", "ok", ", \"found\": 1"));
    refused(FAKE, 65, "d:2: \"found\" is neither", "check-history d");
    sh(FAKE, "cat >l <<'END'\n%s%sEND", EVENT("0", "invoke", ", \"f\": \"length\""),
       READ("0", "-1"));
    refused(FAKE, 65, "l:2: \"value\" of a length", "check-history l");
    sh(FAKE, "cat >i <<'END'\n%s%sEND", EVENT("0", "invoke", ", \"f\": \"iterate\""),
       READ("0", "[[1, 2], [3]]"));
    refused(FAKE, 65, "i:2: \"value\" of an iteration", "check-history i");
    sh(FAKE, "cat >p <<'END'\n%s%sEND", PUT("0", "1", "2"), READ("0", "3"));
    refused(FAKE, 65, "p:2: \"value\" is not that of the call", "check-history p");
}

Test(check_history, what_is_no_file_of_lines_is_refused) {
    refused(FAKE, 65, "none.jsonl: No such file", "check-history none.jsonl");
    refused(FAKE, 65, ".: Is a directory", "check-history .");
    refused(FAKE, 65, "/dev/zero:1: a line of more than", "check-history /dev/zero");
    sh(FAKE,
       "cat \"$BUILD\"/tests/$H >binary; head -c 200 %s/good-sequential.jsonl >cut; printf "
       "'\\n\\n' >blank",
       GOLDEN);
    refused(FAKE, 65, "binary:1: ", "check-history binary");
    refused(FAKE, 65, "cut:4: ", "check-history cut");
    refused(FAKE, 65, "blank:1: an empty line", "check-history blank");
    refused(FAKE, 65, "standard input: Is a directory", "check-history <.");
}

Test(check_history, wrong_options_are_usage_errors) {
    refused(FAKE, 64, "unexpected argument 'b'", "check-history a b");
    refused(FAKE, 64, "--steps wants a number from 1 to ", "check-history --steps 0");
    refused(FAKE, 64, "--time wants seconds", "check-history --time x");
    refused(FAKE, 64, "--memory wants a number from 1 to 16384, not '0'",
            "check-history --memory 0");
    refused(FAKE, 64, "--frob", "check-history --frob");
    cr_expect_eq(
        sh(FAKE, "exec $H check-history %s/good-sequential.jsonl >/dev/full", GOLDEN)->status, 74);
}

/* ---- without an answer ----------------------------------------------------------------------- */

/* Forty puts of one key overlap, then come two gets that do not agree. */
static void write_adversary(void) {
    sh(FAKE, "{ for p in $(seq 40); do printf '" PUT(
                 "%%d", "1", "%%d") "' $p $p; done\n"
                                    "for p in $(seq 40); do printf '" OK(
                                        "%%d") "' $p; done\n"
                                               "printf '" GET("0", "1") READ("0", "1") GET("0", "1")
                                                   READ("0", "2") "'; } | tr -s '\\n' >adversary");
}

Test(check_history, budgets_end_as_unknown) {
    write_adversary();
    const struct child *ended = sh(FAKE, "exec $H check-history --steps 1000 adversary");
    cr_expect_eq(ended->status, 3);
    cr_expect_str_eq(ended->output,
                     "unknown: the steps have run out after 1000; the first 81 of 84 "
                     "events are linearizable\n");
    ended = sh(FAKE, "exec $H check-history --memory 1 adversary");
    cr_expect_eq(ended->status, 3);
    cr_expect_not_null(strstr(ended->output, "the memory has run out"));
    ended = sh(FAKE, "exec $H check-history --time 0.01 --memory 512 --json - adversary");
    cr_expect_eq(ended->status, 3);
    cr_expect_not_null(strstr(ended->output, "\"reason\": \"the time has run out\""));
}

/* The part is known to be illegal before its shortest prefix is: what is behind the last return, or
 * belongs to another key, is never blamed. */
Test(check_history, with_few_steps_the_right_call_is_blamed) {
    static const char lines[] = PUT("0", "1", "5") PUT("1", "1", "6") OK("0") OK("1") GET("0", "1")
        READ("0", "5") GET("1", "1") READ("1", "6") GET("2", "2") GET("3", "2");
    for (int steps = 7; steps <= 12; steps++) {
        const struct child *ended =
            sh(FAKE, "cat >h <<'END'\n%sEND\nexec $H check-history --steps %d h", lines, steps);
        cr_expect_eq(ended->status, 1, "%d: %d", steps, ended->status);
        cr_expect_not_null(strstr(ended->output, "key 1, h:8: get(1) = 6: no order"), "%d: %s",
                           steps, ended->output);
    }
}
