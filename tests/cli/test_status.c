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
    usage("unknown tag 'nothing'; heddle list shows them all", "run --tag nothing");
    usage("unknown tag 'nothing'; heddle list shows them all", "list --tag nothing");
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
    usage("--executions wants a number from 1 to ", "flag -n 0");
    usage("--seed wants a number of 64 bits", "flag --seed abc");
    usage("--jobs wants a number from 1 to 256, not '257'", "flag -j 257");
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
        usage(index < 3 ? "--jobs wants a number from 1 to 256, not 'x'" : "unknown option '-j'",
              arguments);
    }
    usage("unknown option '-j'; see heddle list --help", "list -j");
    refused(FAKE, 74, "/dev/null/x", "claims -c 15 --json /dev/null/x");
}

Test(cli_status, claims_that_do_not_exist_are_usage_errors) {
    usage("--claim wants a number from 1 to 31, not '0'", "claims --claim 0");
    usage("--claim wants a number from 1 to 31, not '32'", "claims --claim 32");
    usage("--claim wants a number from 1 to 31, not 'x'", "claims --claim x");
    usage("--go wants a number from 119 to 123, not '124'", "claims --go 124");
    usage("--programs wants a number from 1 to 1000000, not '0'", "claims -n 0");
    usage("--seed wants a number of 64 bits, decimal or 0x", "claims --seed ''");
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
    static const char *const seeds[] = {
        "abc", "''", "-1", "'1 '", "0x", "18446744073709551616", "0x10000000000000000"};
    for (size_t index = 0; index < sizeof(seeds) / sizeof(seeds[0]); index++) {
        char arguments[64];
        snprintf(arguments, sizeof(arguments), "run --seed %s", seeds[index]);
        usage("--seed wants a number of 64 bits, decimal or 0x and hexadecimal digits, not '",
              arguments);
    }
    usage("--jobs wants a number from 1 to 256, not '0'", "run --jobs 0");
    usage("--jobs wants a number from 1 to 256, not '-3'", "run --jobs -3");
    usage("--jobs wants a number from 1 to 256, not '99999'", "run --jobs 99999");
    usage("--executions wants a number from 1 to ", "run --executions 0");
    usage("not '1e6'", "run --executions 1e6");
    usage("not '99999999999999'", "run --executions 99999999999999");
    usage("not '99999999999999999999999'", "run --executions 99999999999999999999999");
    usage("--budget wants a number from 1 to 1000000, not '0'", "run --budget 0");
    usage("at most 30 days, not '0'", "run --time 0");
    usage("--time wants seconds, or a number with s, m or h behind it", "run --time 5x");
    usage("not '-1'", "run --time -1");
    usage("not '9999h'", "run --time 9999h");
    usage("--steps wants a number from 1 to 1000000000000, not '0'", "check-history --steps 0");
    usage("--memory wants a number from 1 to 16384, not '0'", "check-history --memory 0");
    usage("--flavour wants controlled or tsan, not 'native'", "run --flavour native");
    const struct child *ended = sh(FAKE, "HEDDLE_JOBS=many; export HEDDLE_JOBS; exec $H run");
    cr_expect_eq(ended->status, 64);
    cr_expect_not_null(
        strstr(ended->errors, "HEDDLE_JOBS wants a number from 1 to 256, not 'many'"), "%s",
        ended->errors);
}

Test(cli_status, an_incomplete_replay_is_a_usage_error) {
    usage("--scenario is missing", "replay");
    usage("--map is missing", "replay --scenario fatal");
    usage("--seed is missing", "replay --scenario fatal --map plain");
    sh(FAKE, "echo fake-schedule-1 >schedule");
    usage("--scenario is missing", "replay schedule");
    usage("--expect wants a number of 64 bits", "replay --expect zz");
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

/* Nothing of it is wider than a terminal of 80 columns. */
static void expect_help(const char *call) {
    const struct child *ended = sh(FAKE, "exec $H %s", call);
    cr_expect_eq(ended->status, 0, "%s", call);
    cr_expect_str_eq(ended->errors, "", "%s", call);
    cr_expect_eq(strncmp(ended->output, "Usage: heddle", 13), 0, "%s: %s", call, ended->output);
    for (const char *line = ended->output; *line != '\0'; line += strcspn(line, "\n") + 1) {
        cr_expect_leq(strcspn(line, "\n"), 80, "%s: %.200s", call, line);
    }
}

Test(cli_status, every_command_has_help_by_every_name) {
    static const char *const commands[] = {
        "list", "run",       "replay",   "compare",       "check-history",  "claims",
        "flag", "map-trace", "scenario", "scenario show", "scenario check", "doctor"};
    char call[64];
    for (size_t index = 0; index < sizeof(commands) / sizeof(commands[0]); index++) {
        static const char *const forms[] = {"%s -h", "%s --help", "help %s", "-h %s"};
        for (size_t form = 0; form < sizeof(forms) / sizeof(forms[0]); form++) {
            snprintf(call, sizeof(call), forms[form], commands[index]);
            expect_help(call);
        }
    }
    expect_help("-h");
    expect_help("--help");
    expect_help("help");
    expect_help("help --help");
    expect_help("version -h");
    expect_help("run --usage");
    expect_help("run --scenario nothing -h");
}

Test(cli_status, the_version_is_told_by_every_name) {
    static const char *const calls[] = {"--version", "-V", "version"};
    for (size_t index = 0; index < sizeof(calls) / sizeof(calls[0]); index++) {
        const struct child *ended = sh(FAKE, "exec $H %s", calls[index]);
        cr_expect_eq(ended->status, 0);
        cr_expect_eq(strncmp(ended->output, "heddle ", 7), 0, "%s", ended->output);
    }
    usage("unexpected argument 'x'", "version x");
}

Test(cli_status, a_mistake_in_an_option_is_told_on_one_line) {
    usage("unknown option '--sceanrio'; did you mean '--scenario'?", "run --sceanrio calm");
    usage("unknown option '--seeed'; did you mean '--seed'?", "run --seeed=5");
    usage("unknown option '--frob'; see heddle run --help", "run --frob");
    usage("unknown option '-z'; see heddle run --help", "run -qz");
    usage("option '--s' is not clear: several begin so", "run --s");
    usage("option '--bare' takes no value", "run --bare=3");
    usage("option '--seed' requires an argument: N", "run --seed");
    usage("option '--jobs' requires an argument: N", "run -j");
    usage("unknown option '--jsom'; did you mean '--json'?", "list --jsom");
    usage("unknown option '--mpa'; did you mean '--map'?", "scenario check --mpa x");
    usage("unknown option '--traec'; did you mean '--trace'?", "replay --traec");
    cr_expect_eq(sh(FAKE, "exec $H run --scen calm -q")->status, 0, "a clear beginning will do");
}

Test(cli_status, a_mistyped_word_is_told_what_it_may_have_been) {
    usage("unknown command 'lsit'; did you mean 'list'?", "lsit");
    usage("unknown command 'hlep'; did you mean 'help'?", "hlep");
    usage("unknown command 'scenario chek'; did you mean 'check'?", "scenario chek x.yaml");
    usage("unknown command 'scenario zzz'; there are show and check", "scenario zzz");
    usage("--flavour wants controlled or tsan, not 'tsna'; did you mean 'tsan'?",
          "run --flavour tsna");
    usage("--flags wants compile or link, not 'lnk'; did you mean 'link'?", "doctor --flags=lnk");
    usage("did you mean 'controlled'?", "doctor --flavour Controlled");
}
