/* test_output.c - what the command writes, where, and what survives when it is hindered. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <string.h>

#include "tests/cli/support.h"

static void set_up(void) {
    scratch_begin();
}

TestSuite(cli_output, .init = set_up, .fini = scratch_end);

static json_t *parsed(const char *text) {
    json_error_t cause;
    json_t *object = json_loads(text, 0, &cause);
    cr_assert_not_null(object, "%s", cause.text);
    return object;
}

Test(cli_output, json_on_standard_output_is_alone_there) {
    const struct child *ended = sh(FAKE, "exec $H run --json - -v");
    cr_expect_eq(ended->status, 1);
    json_t *object = parsed(ended->output);
    cr_expect_eq(json_array_size(json_object_get(object, "results")), 5);
    json_decref(object);
    cr_expect_not_null(strstr(ended->errors, "5 rows, 3 as expected"));
}

Test(cli_output, list_json_has_the_contracts_fields) {
    const struct child *ended = sh(FAKE, "exec $H list --json");
    cr_expect_eq(ended->status, 0);
    json_t *object = parsed(ended->output);
    const json_t *scenario = json_array_get(json_object_get(object, "scenarios"), 0);
    const json_t *map = json_array_get(json_object_get(object, "maps"), 1);
    const json_t *strategy = json_array_get(json_object_get(object, "strategies"), 0);
    cr_expect_str_eq(json_string_value(json_object_get(scenario, "name")), "calm");
    cr_expect(json_is_array(json_object_get(scenario, "tags")));
    cr_expect_str_eq(json_string_value(json_object_get(map, "kind")), "safe");
    cr_expect_not_null(json_object_get(strategy, "summary"));
    json_decref(object);
}

Test(cli_output, out_gets_report_junit_and_a_file_a_fault) {
    const struct child *ended = sh(FAKE, "$H run --out a/b/out -q; ls a/b/out a/b/out/faults");
    cr_expect_not_null(strstr(ended->output, "report.json"));
    cr_expect_not_null(strstr(ended->output, "junit.xml"));
    cr_expect_not_null(strstr(ended->output, "fatal-plain-000000000000abcd.json"));
    cr_expect_not_null(strstr(ended->output, "surprise-plain-000000000000abcd.json"));
    cr_expect_null(strstr(ended->output, ".part"));
}

Test(cli_output, a_saved_fault_replays) {
    const struct child *ended = sh(FAKE, "$H run -s fatal --out out -q >/dev/null; exec $H replay "
                                         "out/faults/fatal-plain-000000000000abcd.json");
    cr_expect_eq(ended->status, 1, "%s", ended->errors);
    cr_expect_not_null(strstr(ended->errors, "fatal error: concurrent map writes"));
    cr_expect_not_null(strstr(ended->errors, "execution 42"));
    ended =
        sh(FAKE, "sed s/fake-schedule-1/other/ out/faults/*.json >x.json; exec $H replay x.json");
    cr_expect_eq(ended->status, 65);
    cr_expect_not_null(strstr(ended->errors, ": schedule: its checksum"));
    ended = sh(FAKE, "exec $H replay x.json --seed 3");
    cr_expect_eq(ended->status, 64);
}

Test(cli_output, the_printed_line_replays) {
    const struct child *ended = sh(FAKE, "$H run -s fatal -q -v | grep -o 'heddle replay.*' >line; "
                                         "heddle() { $H \"$@\"; }; eval \"$(cat line)\"");
    cr_expect_eq(ended->status, 1, "%s", ended->errors);
    cr_expect_not_null(strstr(ended->errors, "fatal error: concurrent map writes"));
}

Test(cli_output, a_trace_is_alone_on_standard_output) {
    const struct child *ended =
        sh(FAKE, "exec $H replay -s fatal -m plain -x random --seed 7 --trace");
    cr_expect_eq(count_lines(ended->output), 1);
    cr_expect_not_null(strstr(ended->output, "heap 0:1+8/8"));
}

Test(cli_output, a_trace_that_was_cut_says_so_in_its_last_line) {
    const struct child *ended =
        sh(FAKE, "exec $H replay -s calm -m plain -x random --seed 8 --trace");
    cr_expect_eq(count_lines(ended->output), 2);
    cr_expect_not_null(strstr(ended->output, "\n... cut: a trace holds 2097152 points\n"), "%s",
                       ended->output);
}

Test(cli_output, a_full_disk_is_status_74_and_costs_nothing_else) {
    const struct child *ended = sh(FAKE, "exec $H run -s calm -q >/dev/full");
    cr_expect_eq(ended->status, 74);
    cr_expect_str_eq(ended->errors, "heddle: standard output: No space left on device\n");
    ended = sh(FAKE, "$H run -s calm -q --json - --out out >/dev/full; echo $?; ls out");
    cr_expect_eq(strncmp(ended->output, "74\n", 3), 0);
    cr_expect_not_null(strstr(ended->output, "report.json"));
    ended = sh(FAKE, "exec $H run -s calm -q --json /dev/full");
    cr_expect_eq(ended->status, 74);
    cr_expect_not_null(strstr(ended->output, "1 as expected")
                           ? ended->output
                           : strstr(ended->output, "as expected"));
    cr_expect_str_eq(ended->errors, "heddle: /dev/full: No space left on device\n");
    ended = sh(FAKE, "exec $H flag -s fatal -n 100 --json /dev/full");
    cr_expect_eq(ended->status, 74);
    cr_expect_not_null(strstr(ended->output, "80.0 %"), "%s", ended->output);
    ended = sh(FAKE, "exec $H claims -n 1 -c 15 --json /dev/full");
    cr_expect_eq(ended->status, 74);
    cr_expect_not_null(strstr(ended->output, "15  false"), "%s", ended->output);
    ended = sh(FAKE, "exec $H claims -n 1 -c 15 --json - >/dev/full");
    cr_expect_eq(ended->status, 74);
    cr_expect_str_eq(ended->errors, "heddle: standard output: No space left on device\n");
    cr_expect_eq(sh(FAKE, "exec $H --help >/dev/full")->status, 74);
    cr_expect_eq(sh(FAKE, "exec $H run --help >/dev/full")->status, 74);
    cr_expect_eq(sh(FAKE, "exec $H list >/dev/full")->status, 74);
    cr_expect_eq(sh(FAKE, "exec $H doctor >/dev/full")->status, 74);
    cr_expect_eq(sh(FAKE, "exec $H --version >/dev/full")->status, 74);
}

/* One block is 512 or 1024 bytes. */
Test(cli_output, a_file_that_may_not_grow_is_status_74) {
    const struct child *ended =
        sh(FAKE, "(ulimit -f 1; $H run -s fatal -q --json x.json >/dev/null; echo $?; "
                 "$H run -s fatal -q --out out; echo $?)");
    cr_expect_str_eq(ended->output, "74\n74\n");
    cr_expect_str_eq(ended->errors,
                     "heddle: x.json: File too large\nheddle: out: File too large\n");
}

Test(cli_output, a_closed_standard_output_is_status_74) {
    cr_expect_eq(sh(FAKE, "exec $H run -s calm -q >&-")->status, 74);
    cr_expect_eq(sh(FAKE, "exec $H list --json >&-")->status, 74);
    cr_expect_eq(sh(FAKE, "exec $H run -s calm -q --json x.json >/dev/null 2>&- <&-")->status, 0);
    const struct child *ended = sh(FAKE, "$H run -q --json x.json --out out >&-; cat x.json");
    json_decref(parsed(ended->output));
}

Test(cli_output, a_broken_pipe_does_not_cost_the_report) {
    const struct child *ended =
        sh(FAKE, "{ sleep 0.2; $H run -q --out out; echo $? >status; } | true; cat status; ls out");
    cr_expect_eq(strncmp(ended->output, "141\n", 4), 0, "%s", ended->output);
    cr_expect_not_null(strstr(ended->output, "report.json"));
}

Test(cli_output, an_interrupted_run_writes_what_it_has) {
    static const struct {
        const char *name;
        const char *status;
    } signals[] = {{"INT", "130\n"}, {"TERM", "143\n"}};
    for (size_t index = 0; index < 2; index++) {
        /* A shell ignores SIGINT in what it starts in the background: env gives it back. */
        const struct child *ended =
            sh(FAKE,
               "env --default-signal=INT $H run -s fatal -s slow -s calm --out out --json - -q "
               "2>/dev/null >x.json & p=$!; sleep 0.5; kill -%s $p; wait $p; echo $?; "
               "cat x.json",
               signals[index].name);
        cr_expect_eq(strncmp(ended->output, signals[index].status, 4), 0, "%.20s", ended->output);
        json_t *object = parsed(strchr(ended->output, '{'));
        const json_t *rows = json_object_get(object, "results");
        cr_expect(json_is_true(json_object_get(object, "interrupted")));
        cr_expect_eq(json_array_size(rows), 2);
        const json_t *slow = json_array_get(rows, 1);
        cr_expect_str_eq(json_string_value(json_object_get(slow, "verdict")), "unknown");
        cr_expect(json_integer_value(json_object_get(slow, "executions")) > 0);
        json_decref(object);
        cr_expect_eq(
            sh(FAKE, "test -s out/report.json && test -s out/faults/fatal-plain-*")->status, 0);
    }
}

/* What was found before is there whatever happens: the report of the first row, while the second runs. */
Test(cli_output, a_killed_run_leaves_the_rows_before, .timeout = 60) {
    const struct child *ended = sh(
        FAKE, "$H run -s fatal -s slow -s calm --out out -q >/dev/null 2>&1 & p=$!; i=0; "
              "while [ ! -s out/report.json ] && [ $i -lt 200 ]; do sleep 0.1; i=$((i + 1)); done; "
              "kill -KILL $p; wait $p; echo $?; grep -c '\"scenario\": \"fatal\"' out/report.json");
    cr_expect_eq(ended->status, 0, "no report: %s", ended->errors);
    cr_expect_eq(strncmp(ended->output, "137\n", 4), 0, "it was killed: %s", ended->output);
    cr_expect_neq(ended->output[4], '0', "%s", ended->output);
}

/* A slow row counts 256 executions a hundredth of a second: each of two has half of the time at most. */
Test(cli_output, time_is_shared_by_the_rows) {
    const struct child *ended =
        sh(FAKE, "exec $H run -q -s slow -m plain -m safe --time 0.6 --json - 2>/dev/null");
    json_t *object = parsed(ended->output);
    const json_t *rows = json_object_get(object, "results");
    cr_assert_eq(json_array_size(rows), 2);
    for (size_t index = 0; index < 2; index++) {
        const json_t *row = json_array_get(rows, index);
        json_int_t executions = json_integer_value(json_object_get(row, "executions"));
        cr_expect(executions > 0 && executions <= 256 * 31, "row %zu ran %lld executions", index,
                  (long long)executions);
    }
    json_decref(object);
}

Test(cli_output, settings_come_from_option_then_environment_then_default) {
    const struct child *ended = sh(FAKE, "HEDDLE_SEED=7 HEDDLE_JOBS=3 HEDDLE_OUT=there exec $H run "
                                         "--seed 0x10 --show-config");
    cr_expect_eq(ended->status, 0);
    cr_expect_not_null(strstr(ended->output, "0x0000000000000010       option"));
    cr_expect_not_null(strstr(ended->output, "3                        environment"));
    cr_expect_not_null(strstr(ended->output, "there                    environment"));
    cr_expect_not_null(strstr(ended->output, "controlled               default"));
}

/* The row that failed stands between the others, with what it had found. */
Test(cli_output, a_campaign_that_fails_costs_neither_its_faults_nor_other_rows) {
    const struct child *ended =
        sh(FAKE, "$H run -s fatal -s broken -s calm -m plain --out out; echo $?; ls out/faults; "
                 "grep '\"verdict\"' out/report.json; grep '<error' out/junit.xml");
    static const char *const parts[] = {
        "\n70\n", "broken-plain-000000000000abcd.json\n", "\"verdict\": \"unknown\"",
        "message=\"UNKNOWN: an assertion of heddle failed", "3 rows, 2 as expected"};
    for (size_t index = 0; index < sizeof(parts) / sizeof(parts[0]); index++) {
        cr_expect_not_null(strstr(ended->output, parts[index]), "%s: %s", parts[index],
                           ended->output);
    }
    cr_expect_not_null(strstr(ended->errors, "heddle: broken plain: the campaign failed: an"));
    cr_expect_not_null(strstr(ended->errors, "fatal error: concurrent map writes"), "%s",
                       ended->errors);
}

/* The executions of "calm", as the options and HEDDLE_EXECUTIONS=5 make them. */
static void expect_executions(const char *options, const char *count) {
    const struct child *ended = sh(FAKE,
                                   "export HEDDLE_EXECUTIONS=5; $H run -s calm -m plain -q %s "
                                   "--json - 2>/dev/null | grep -o '\"executions\": [0-9]*'",
                                   options);
    cr_expect_eq(strncmp(ended->output, "\"executions\": ", 14), 0, "%s", ended->output);
    cr_expect_str_eq(ended->output + 14, count, "%s: %s", options, ended->output);
}

/* The scenario asks for 1000; 0: only time ends it. */
Test(cli_output, an_option_comes_before_a_variable_of_another_name) {
    expect_executions("", "5\n");
    expect_executions("-n 7", "7\n");
    expect_executions("--budget 2", "2000\n");
    expect_executions("--budget 1", "1000\n");
    expect_executions("--time 1", "0\n");
    expect_executions("--time 1 -n 7", "7\n");
    expect_executions("--time 1 --budget 2", "2000\n");
    const struct child *ended =
        sh(FAKE, "HEDDLE_EXECUTIONS=3 exec $H run --budget 1 --show-config");
    cr_expect_not_null(strstr(ended->output, "executions   as the scenario says     scenario"));
    cr_expect_not_null(strstr(ended->output, "budget       1                        option"));
}

Test(cli_output, github_gets_one_line_an_unexpected_fault) {
    const struct child *ended = sh(FAKE, "GITHUB_ACTIONS=true exec $H run -q -s fatal -s surprise");
    cr_expect_eq(count_lines(ended->errors), 1, "%s", ended->errors);
    cr_expect_eq(strncmp(ended->errors, "::error file=map/put.c,line=12,", 31), 0);
}

Test(cli_output, colour_is_only_for_terminals_or_by_force) {
    cr_expect_null(strchr(sh(FAKE, "exec $H run -s surprise")->errors, '\033'));
    cr_expect_not_null(
        strchr(sh(FAKE, "CLICOLOR_FORCE=1 exec $H run -s surprise")->errors, '\033'));
    cr_expect_null(
        strchr(sh(FAKE, "NO_COLOR=1 CLICOLOR_FORCE=1 exec $H run -s surprise")->errors, '\033'));
}

/* The bounds of 40 in 50, by Wilson: 0.6696 and 0.8876. */
Test(cli_output, flag_tells_shares_with_their_bounds) {
    const struct child *ended = sh(FAKE, "exec $H flag -s fatal -s calm -n 100");
    cr_expect_eq(ended->status, 0);
    cr_expect_not_null(strstr(ended->output, "80.0 %  67.0 to 88.8"), "%s", ended->output);
    cr_expect_not_null(strstr(ended->output, "\ncalm             100        100       0       0    "
                                             "     0         -             -\n"),
                       "%s", ended->output);
    cr_expect_eq(count_lines(ended->output), 3 + 1 + 3 + 1 + 4, "%s", ended->output);
}

/* The bounds of 10 in 20, by Wilson: 0.2993 and 0.7007; of 30 in 30: 0.8865 and 1. */
Test(cli_output, flag_tells_them_by_kinds_of_operations) {
    const struct child *ended = sh(FAKE, "exec $H flag -s fatal -s calm -n 100 | tr -s ' '");
    static const char *const rows[] = {
        "\nscenario operations killed harmed first later never detected 95 %\n",
        "\nfatal put/put 10 20 10 0 10 50.0 % 29.9 to 70.1\n",
        "\nfatal put/get 0 30 20 10 0 100.0 % 88.6 to 100.0\n"};
    for (size_t index = 0; index < sizeof(rows) / sizeof(rows[0]); index++)
        cr_expect_not_null(strstr(ended->output, rows[index]), "%s: %s", rows[index],
                           ended->output);
}

Test(cli_output, flag_writes_json) {
    const struct child *ended =
        sh(FAKE, "$H flag -s fatal -n 100 --json x.json >/dev/null && cat x.json");
    json_t *object = parsed(ended->output);
    json_t *row = json_array_get(json_object_get(object, "results"), 0);
    static const struct {
        const char *name;
        json_int_t value;
    } counts[] = {{"executions", 100}, {"untouched", 40}, {"killed", 10}, {"harmed", 50},
                  {"first", 30},       {"later", 10},     {"never", 10},  {"survived", 8}};
    for (size_t index = 0; index < sizeof(counts) / sizeof(counts[0]); index++) {
        cr_expect_eq(json_integer_value(json_object_get(row, counts[index].name)),
                     counts[index].value, "%s", counts[index].name);
    }
    cr_expect_eq(json_array_size(json_object_get(row, "by")), 7);
    cr_expect(json_is_object(json_object_get(row, "detected")));
    cr_expect_eq(json_array_size(json_object_get(row, "operations")), 16);
    const json_t *pair = json_array_get(json_object_get(row, "operations"), 0);
    cr_expect_str_eq(json_string_value(json_object_get(pair, "operations")), "put/put");
    cr_expect_eq(json_integer_value(json_object_get(pair, "survived")), 8);
    cr_expect_eq(json_integer_value(json_object_get(pair, "harmed")), 20);
    cr_expect(json_is_object(json_object_get(pair, "detected")));
    json_decref(object);
    ended = sh(FAKE, "exec $H flag -s calm -n 100 --json -");
    object = parsed(ended->output);
    row = json_array_get(json_object_get(object, "results"), 0);
    cr_expect(json_is_null(json_object_get(row, "detected")));
    json_decref(object);
}

Test(cli_output, an_interrupted_flag_tells_what_it_has_counted) {
    const struct child *ended =
        sh(FAKE, "env --default-signal=INT $H flag -s fatal -s slow -s calm -n 100 --json x.json & "
                 "p=$!; sleep 0.5; kill -INT $p; wait $p; echo $?; cat x.json");
    cr_expect_not_null(strstr(ended->output, "80.0 %"), "%s", ended->output);
    cr_expect_not_null(strstr(ended->output, "\nINTERRUPTED, the results are partial\n130\n"), "%s",
                       ended->output);
    json_t *object = parsed(strchr(ended->output, '{'));
    cr_expect(json_is_true(json_object_get(object, "interrupted")));
    cr_expect_eq(json_array_size(json_object_get(object, "results")), 1);
    json_decref(object);
}

Test(cli_output, claims_are_told_with_what_was_observed) {
    const struct child *ended = sh(FAKE, "exec $H claims -n 1 -c 15 -c 4");
    cr_expect_eq(ended->status, 0);
    cr_expect_eq(count_lines(ended->output), 6);
    cr_expect_not_null(strstr(ended->output, "15  false     Tables"), "%s", ended->output);
    cr_expect_not_null(strstr(ended->output, " 4  true      While"), "%s", ended->output);
    ended = sh(FAKE, "exec $H claims -n 1 -c 10");
    cr_expect_eq(count_lines(ended->output), 4);
    cr_expect_not_null(strstr(ended->output, "\n              not testable here, because it is"));
    ended = sh(FAKE, "exec $H claims -n 1 -c 15 --go 121 --json -");
    json_t *object = parsed(ended->output);
    const json_t *claim = json_array_get(json_object_get(object, "claims"), 0);
    cr_expect_eq(json_integer_value(json_object_get(object, "go")), 121);
    cr_expect_eq(json_integer_value(json_object_get(claim, "cases")), 3);
    cr_expect(json_is_false(json_object_get(claim, "holds")));
    cr_expect_not_null(
        strstr(json_string_value(json_object_get(claim, "observed")), "97, 1537 and 6145"));
    json_decref(object);
}
