/* test_status.c - each way to call the command wrongly, and what each outcome of a run is told as.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/cli/support.h"

static void set_up(void) {
    scratch_begin();
}

TestSuite(cli_status, .init = set_up, .fini = scratch_end);

static void usage(const char *part, const char *arguments) {
    refused(FAKE, 64, part, arguments);
}

Test(cli_status, wrong_commands_are_usage_errors) {
    usage("missing", "");
    usage("did you mean 'run'", "rn");
    usage("unknown command 'frobnicate'", "frobnicate");
    usage("unknown command", "help frobnicate");
    usage("--frob", "run --frob");
    usage("--seed", "run --seed");
    usage("unexpected argument 'x'", "run x");
    usage("unexpected argument 'x'", "list x");
    usage("unexpected argument 'x'", "doctor x");
}

Test(cli_status, unknown_names_are_usage_errors_that_list_the_known) {
    usage("known are calm", "run --scenario nothing");
    usage("known are plain", "run --map nothing");
    usage("known are default", "run --strategy nothing");
    usage("known are calm", "replay --scenario nothing --map plain --seed 1 --strategy random");
    usage("known are plain", "replay --scenario calm --map nothing --seed 1 --strategy random");
    usage("no scenario has these tags", "run --tag nothing");
}

Test(cli_status, files_that_are_no_good_are_bad_input) {
    refused(FAKE, 65, "./x.yaml:3:7: ", "run --scenario ./x.yaml");
    refused(FAKE, 65, "./x.so: ", "run --map ./x.so");
    refused(FAKE, 65, "nothing.json: No such file", "replay nothing.json");
    refused(FAKE, 65, ": ", "replay .");
    sh(FAKE, "printf '{\"format\": \"heddle-fault\"' >cut.json; head -c 100 /dev/urandom >noise");
    refused(FAKE, 65, "cut.json:1: ", "replay cut.json");
    refused(FAKE, 65, "/dev/null:1: ", "replay /dev/null");
    sh(FAKE, "printf '\\n\\nneither this nor that\\n' >words");
    refused(FAKE, 65, "words:3: schedule: ", "replay words");
}

Test(cli_status, flag_refuses_what_run_refuses) {
    usage("known are calm", "flag --scenario nothing");
    usage("known are default", "flag -s calm --strategy nothing");
    usage("--executions '0' is too small", "flag -n 0");
    usage("--seed 'abc' is not a number", "flag --seed abc");
    usage("--jobs '257' is too large", "flag -j 257");
    usage("unexpected argument 'x'", "flag x");
    refused(FAKE, 65, "./x.yaml:3:7: ", "flag -s ./x.yaml");
    refused(FAKE, 70, "broken: the campaign failed", "flag -s broken");
    refused(FAKE, 74, "/dev/null/x", "flag -s calm --json /dev/null/x");
}

Test(cli_status, without_address_space_nothing_runs) {
    static const char *const commands[] = {"run", "compare -s calm", "flag",
                                           "replay -s calm -m plain -x random --seed 1"};
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        const struct child *ended = sh(FAKE, "export FAKE_NO_ROOM=1; exec $H %s", commands[i]);
        cr_expect_eq(ended->status, 71, "%s: %d", commands[i], ended->status);
        cr_expect_eq(count_lines(ended->errors), 1, "%s: %s", commands[i], ended->errors);
        cr_expect_not_null(strstr(ended->errors, "248 GiB of address space"), "%s", ended->errors);
    }
}

/* One form everywhere; `list --json` alone is a word of its own. */
Test(cli_status, json_takes_a_file_or_a_dash_and_j_is_jobs) {
    static const char *const commands[] = {"run", "compare", "flag", "claims", "check-history"};
    for (size_t index = 0; index < sizeof(commands) / sizeof(commands[0]); index++) {
        char arguments[64];
        snprintf(arguments, sizeof(arguments), "%s --json", commands[index]);
        usage("option '--json' requires an argument", arguments);
        snprintf(arguments, sizeof(arguments), "%s -j x", commands[index]);
        usage(index < 3 ? "--jobs 'x' is not a number" : "invalid option -- 'j'", arguments);
    }
    usage("invalid option -- 'j'", "list -j");
    refused(FAKE, 74, "/dev/null/x", "claims -c 15 --json /dev/null/x");
}

Test(cli_status, claims_that_do_not_exist_are_usage_errors) {
    usage("--claim '0' is too small", "claims --claim 0");
    usage("--claim '32' is too large", "claims --claim 32");
    usage("--claim 'x' is not a number", "claims --claim x");
    usage("--go '124' is too large", "claims --go 124");
    usage("--programs '0' is too small", "claims -n 0");
    usage("--seed '' is not", "claims --seed ''");
    usage("unexpected argument 'x'", "claims x");
}

Test(cli_status, what_the_claims_have_no_use_for_is_refused) {
    static const char *const options[] = {"--tag stress",      "--scenario calm", "--map plain",
                                          "--strategy random", "--executions 5",  "--time 5s",
                                          "--out out",         "--junit x.xml",   "--full",
                                          "--until-fault",     "--jobs 3",        "--flavour tsan",
                                          "--verbose",         "--no-native"};
    for (size_t index = 0; index < sizeof(options) / sizeof(options[0]); index++) {
        char arguments[64];
        snprintf(arguments, sizeof(arguments), "run --tag claims %s", options[index]);
        usage("--tag claims takes", arguments);
    }
    usage("--budget '62501' is too large: at most 62500", "run --tag claims --budget 62501");
    usage("not another --tag", "run --tag stress --tag claims");
    usage("--tag claims is a suite of heddle run", "compare --tag claims");
}

Test(cli_status, a_number_of_executions_and_a_budget_exclude_each_other) {
    usage("--executions and --budget exclude each other", "run -n 5 --budget 2");
    usage("--executions and --budget exclude each other", "compare --budget 1 -n 5");
}

Test(cli_status, names_beyond_the_last_place_are_refused) {
    usage("--map 'plain' is one too many", "run $(yes -- -m plain | head -n 257)");
    usage("--scenario 'calm' is one too many", "run $(yes -- -s calm | head -n 257)");
}

Test(cli_status, wrong_numbers_are_usage_errors) {
    usage("--seed 'abc' is not a number", "run --seed abc");
    usage("--seed '' is not", "run --seed ''");
    usage("--seed '-1' is not", "run --seed -1");
    usage("--seed '1 ' is not", "run --seed '1 '");
    usage("does not fit 64 bits", "run --seed 18446744073709551616");
    usage("does not fit 64 bits", "run --seed 0x10000000000000000");
    usage("is not a number", "run --seed 0x");
    usage("--jobs '0' is too small", "run --jobs 0");
    usage("--jobs '-3' is not", "run --jobs -3");
    usage("--jobs '99999' is too large", "run --jobs 99999");
    usage("--executions '0' is too small", "run --executions 0");
    usage("--executions '1e6' is not", "run --executions 1e6");
    usage("is too large", "run --executions 99999999999999");
    usage("does not fit", "run --executions 99999999999999999999999");
    usage("--time '0'", "run --time 0");
    usage("--time '5x'", "run --time 5x");
    usage("--time '-1'", "run --time -1");
    usage("--time '9999h'", "run --time 9999h");
    usage("--flavour 'native'", "run --flavour native");
    const struct child *ended = sh(FAKE, "HEDDLE_JOBS=many; export HEDDLE_JOBS; exec $H run");
    cr_expect_eq(ended->status, 64);
    cr_expect_not_null(strstr(ended->errors, "HEDDLE_JOBS 'many'"), "%s", ended->errors);
}

Test(cli_status, an_incomplete_replay_is_a_usage_error) {
    usage("--scenario is missing", "replay");
    usage("--map is missing", "replay --scenario fatal");
    usage("--seed is missing", "replay --scenario fatal --map plain");
    sh(FAKE, "echo fake-schedule-1 >schedule");
    usage("--scenario is missing", "replay schedule");
    usage("--expect 'zz'", "replay --expect zz");
    usage("stands for several", "replay --scenario fatal --map plain --seed 1");
    usage("stands for several", "replay --scenario fatal --map plain --seed 1 --strategy default");
    usage("unexpected argument 'b'", "replay a b");
}

Test(cli_status, output_that_cannot_be_written_is_seen_before_the_run) {
    refused(FAKE, 74, "/proc/nothing: ", "run --scenario slow --out /proc/nothing");
    refused(FAKE, 74, "/dev/null", "run --scenario slow --out /dev/null");
    refused(FAKE, 74, "/proc/x.json: ", "run --scenario slow --json /proc/x.json");
    refused(FAKE, 74, "none/x.xml: ", "run --scenario slow --junit none/x.xml");
    usage("--junit '-' is no file", "run --scenario calm --junit -");
    refused(FAKE, 74, "none/x.json: ", "claims -n 1000000 --json=none/x.json");
    refused(FAKE, 74, "none/x.json: ", "run --tag claims --budget 62500 --json none/x.json");
    refused(FAKE, 74, ": File name too long",
            "run --scenario slow --out $(printf '%0200d/%0200d' 0 0)");
}

static int status_of(const char *arguments) {
    return sh(FAKE, "exec $H %s", arguments)->status;
}

Test(cli_status, verdicts_become_statuses) {
    cr_expect_eq(status_of("run --scenario calm"), 0);
    cr_expect_eq(status_of("run --scenario fatal"), 0, "expected");
    cr_expect_eq(status_of("run --scenario surprise"), 1);
    cr_expect_eq(status_of("run --scenario empty"), 3);
    cr_expect_eq(status_of("run --scenario empty --scenario surprise"), 1, "a fault is worse");
    cr_expect_eq(status_of("run --scenario broken"), 70);
    cr_expect_eq(status_of("compare --scenario calm"), 0);
    cr_expect_eq(status_of("run --scenario calm --strategy blind"), 3, "no canary, no ok");
    cr_expect_eq(status_of("run --scenario fatal --strategy blind"), 0, "a fault needs no canary");
}

Test(cli_status, a_saved_fault_that_names_what_is_unknown_is_bad_input) {
    static const char *const keys[] = {"flavour", "scenario", "map", "strategy"};
    sh(FAKE, "exec $H run -s fatal -q --out out");
    for (size_t index = 0; index < sizeof(keys) / sizeof(keys[0]); index++) {
        sh(FAKE, "sed 's/\"%s\": \"[^\"]*\"/\"%s\": \"odd\"/' out/faults/fatal-* >odd.json",
           keys[index], keys[index]);
        refused(FAKE, 65, "'odd'", "replay odd.json");
    }
}

/* What gdb starts is told --gdb no more, but for a shorter way to write it. */
Test(cli_status, a_replay_in_the_debugger_starts_no_debugger) {
    const struct child *ended =
        sh(FAKE, "printf '#!/bin/sh\\necho gdb \"$@\"\\n' >gdb; chmod +x gdb; PATH=.:$PATH; "
                 "export PATH; $H replay -s fatal -m plain -x random --seed 1 --gd; "
                 "exec $H replay -s fatal -m plain -x random --seed 1 --gd --in-process");
    cr_expect_eq(ended->status, 0, "%d: %s", ended->status, ended->errors);
    cr_expect_eq(count_lines(ended->output), 1, "%s", ended->output);
    cr_expect_eq(strncmp(ended->output, "gdb -q", 6), 0, "%s", ended->output);
}

Test(cli_status, replays_become_statuses) {
    cr_expect_eq(status_of("replay -s calm -m plain -x random --seed 1"), 0);
    cr_expect_eq(status_of("replay -s fatal -m plain -x random --seed 7"), 1);
    cr_expect_eq(status_of("replay -s fatal -m plain -x random --seed 7 --expect "
                           "0x0123456789abcdef"),
                 1);
    cr_expect_eq(status_of("replay -s fatal -m plain -x random --seed 7 --expect 1"), 2);
    cr_expect_eq(status_of("replay -s fatal -m plain -x random --seed 8 --expect 7"), 2);
}

Test(cli_status, a_digest_that_differs_names_both_builds) {
    const struct child *ended = sh(FAKE, "exec $H replay -s fatal -m plain -x random --seed 7 "
                                         "--build 1111111111111111 --expect 1");
    cr_expect_not_null(strstr(ended->errors, "build 1111111111111111 recorded it, this is build "
                                             "b0b0b0b0b0b0b0b0"));
}

Test(cli_status, help_and_version_succeed_on_standard_output) {
    static const char *const calls[] = {"--help",        "-h",
                                        "help",          "--version",
                                        "help run",      "list --help",
                                        "run --help",    "run --usage",
                                        "replay --help", "compare --help",
                                        "doctor --help", "check-history --help"};
    for (size_t index = 0; index < sizeof(calls) / sizeof(calls[0]); index++) {
        const struct child *ended = sh(FAKE, "exec $H %s", calls[index]);
        cr_expect_eq(ended->status, 0, "%s", calls[index]);
        cr_expect_str_eq(ended->errors, "", "%s", calls[index]);
        cr_expect_neq(ended->output[0], '\0', "%s", calls[index]);
    }
}
