/* test_real.c - the command on the real engine: the main job, end to end. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <string.h>

#include "tests/cli/support.h"

#define FIND "$H run -s concurrent-writes -m gomap -n 512 "

static void set_up(void) {
    scratch_begin();
}

TestSuite(cli_real, .init = set_up, .fini = scratch_end);

Test(cli_real, lists_what_there_is) {
    const struct child *ended = sh(REAL, "exec $H list --json");
    cr_expect_eq(ended->status, 0);
    cr_expect_not_null(strstr(ended->output, "\"growth-window\""));
    cr_expect_not_null(strstr(ended->output, "\"gomap\""));
    cr_expect_not_null(strstr(ended->output, "\"pct\""));
    cr_expect_null(strstr(ended->output, "\"replay\""), "no strategy of --strategy");
}

Test(cli_real, help_tells_what_each_command_tells_itself) {
    const struct child *ended =
        sh(REAL,
           "for c in $($H help | sed -n 's/^  \\([a-z][a-z-]*\\) .*/\\1/p' | grep -v ^heddle); do "
           "$H help $c >help && $H $c --help | cmp - help && grep -q \"heddle $c\" help && "
           "echo $c; done");
    cr_expect_eq(count_lines(ended->output), 11, "%s%s", ended->output, ended->errors);
    cr_expect_not_null(strstr(ended->output, "bench\n"), "%s", ended->output);
    cr_expect_str_eq(ended->errors, "");
}

Test(cli_real, a_printed_line_shows_the_same_report_again) {
    const struct child *ended =
        sh(REAL, FIND "-q --verbose | grep -o 'heddle replay.*' | head -1 >line; "
                      "eval \"$(cat line)\" 2>one; echo $?; eval \"$(cat line)\" 2>two; echo $?; "
                      "cmp one two && cat one");
    cr_expect_eq(strncmp(ended->output, "1\n1\n", 4), 0, "%s%s", ended->output, ended->errors);
    cr_expect_not_null(strstr(ended->output, "fatal error: concurrent map writes"));
    cr_expect_not_null(strstr(ended->output, "gomap_put"));
}

Test(cli_real, a_saved_fault_shows_it_too) {
    const struct child *ended =
        sh(REAL, FIND "-q --out out >/dev/null; for f in out/faults/*; do $H replay $f; echo $?; "
                      "done | sort -u");
    cr_expect_str_eq(ended->output, "1\n", "%s", ended->errors);
}

Test(cli_real, a_saved_fault_of_twice_shows_it_too) {
    const struct child *ended =
        sh(REAL, "$H run -s concurrent-writes -m gomap -x twice:random -n 40 -q --out out "
                 ">/dev/null; for f in out/faults/*; do $H replay $f; echo $?; done | sort -u");
    cr_expect_str_eq(ended->output, "1\n", "%s", ended->errors);
}

Test(cli_real, whoever_ignores_the_end_of_children_may_start_it, .timeout = 60) {
    const struct child *ended =
        sh(REAL, "exec env --ignore-signal=CHLD $H run -s one-task -m gomap -n 64 -q");
    cr_expect_eq(ended->status, 0, "%s", ended->errors);
}

Test(cli_real, jobs_never_matter) {
    const struct child *ended =
        sh(REAL,
           "for j in 1 2 7; do $H run -s read-during-write -n 2048 -j $j --json - -q 2>/dev/null | "
           "grep -v '\"seconds\"\\|\"jobs\"' >$j; done; cmp 1 2 && cmp 1 7 && echo same");
    cr_expect_str_eq(ended->output, "same\n", "%s", ended->errors);
}

Test(cli_real, a_wrong_digest_is_status_2) {
    const struct child *ended =
        sh(REAL, FIND
           "-q --verbose | grep -o 'heddle replay.*' | head -1 | sed 's/0x[0-9a-f]*$/0x1/' >line; "
           "eval \"$(cat line)\"");
    cr_expect_eq(ended->status, 2, "%s", ended->errors);
    cr_expect_not_null(strstr(ended->errors, "the same build"));
}

Test(cli_real, a_trace_has_a_line_a_point) {
    const struct child *ended =
        sh(REAL, "exec $H replay -s one-task -m gomap -x random --seed 1 --trace");
    cr_expect_eq(ended->status, 0, "%s", ended->errors);
    cr_expect_not_null(strstr(ended->output, "task 1"));
    cr_expect_not_null(strstr(ended->output, "mapimpl/gomap/"));
}

Test(cli_real, unknown_names_and_cut_schedules_are_one_line) {
    refused(REAL, 64, "growth-window", "run --scenario nothing");
    refused(REAL, 64, "gomap", "run --map nothing");
    refused(REAL, 64, "random", "run --strategy nothing");
    refused(REAL, 65, "nothing.yaml", "run --scenario ./nothing.yaml");
    refused(REAL, 65, "nothing.so", "run --map ./nothing.so");
    sh(REAL, FIND "-q --out out >/dev/null; f=$(ls out/faults/* | head -1); "
                  "sed 's/\"schedule\": \"\\(.*\\)....\"/\"schedule\": \"\\1\"/' <$f >cut.json");
    refused(REAL, 65, "cut.json", "replay cut.json");
}

Test(cli_real, scenario_check_answers_for_each_file) {
    const struct child *ended = sh(REAL, "exec $H scenario check \"$SOURCE\"/scenarios/*.yaml");
    cr_expect_eq(ended->status, 0, "%s", ended->errors);
    cr_expect_not_null(strstr(ended->output, "/growth-window.yaml: ok: growth-window, "));
    refused(REAL, 65, "none.yaml: No such file", "scenario check ./none.yaml");
    sh(REAL, "printf 'name: x\nquestion: q\ncost: c\ntasks: []\n' >bad.yaml");
    refused(REAL, 65, "bad.yaml:4:8: tasks must have", "scenario check bad.yaml");
    refused(REAL, 64, "no file is given", "scenario check");
    refused(REAL, 64, "unknown command 'scenario run'; there are show and check", "scenario run");
}

#define NAMES_A_MAP(name)                                                                          \
    "printf 'name: x\nquestion: q\ncost: c\nkeys: {new: 2}\n"                                      \
    "tasks:\n  - {name: a, do: [put(0), get(1)]}\n"                                                \
    "expect:\n  rwmutex: {verdict: ok, reason: r}\n  " name                                        \
    ": {verdict: ok, reason: r}\n' >x.yaml; "

Test(cli_real, a_map_that_nobody_knows_is_told_with_its_place) {
    sh(REAL, NAMES_A_MAP("nomap") "true");
    refused(REAL, 65, "x.yaml:9:3: no map is called 'nomap' (known: gomap",
            "scenario check x.yaml");
    refused(REAL, 65, "x.yaml:9:3: no map is called 'nomap'", "run -s x.yaml");
    refused(REAL, 65, "x.yaml:9:3: no map is called 'nomap'", "compare -s x.yaml");
    refused(REAL, 65, "./no.so: ", "scenario check --map ./no.so x.yaml");
    const struct child *ended = sh(REAL, "exec $H run -s x.yaml -m rwmutex -n 64");
    cr_expect_eq(ended->status, 0, "%s", ended->errors);
    cr_expect_not_null(strstr(ended->errors, "note: x.yaml:9:3: no map is called 'nomap'"));
}

Test(cli_real, a_plug_in_that_is_given_may_be_named) {
    const struct child *ended =
        sh(REAL, NAMES_A_MAP("list") HEDDLE_TEST_CC
           " -c $($H doctor --flags=compile) "
           "\"$SOURCE\"/tests/cli/plugin.c && " HEDDLE_TEST_CC
           " $($H doctor --flags=link) -o list.so plugin.o && "
           "$H scenario check -m ./list.so x.yaml && exec $H run -q -s x.yaml -m ./list.so -n 64");
    cr_expect_eq(ended->status, 0, "%s", ended->errors);
    cr_expect_null(strstr(ended->errors, "no map is called"), "%s", ended->errors);
}

Test(cli_real, a_budget_multiplies_what_the_file_asks_for) {
    const struct child *ended =
        sh(REAL, "sed 's/^executions: .*/executions: 300/' "
                 "\"$SOURCE\"/scenarios/first-use.yaml >x.yaml; "
                 "exec $H run -q -s x.yaml -m rwmutex --budget 3 --json - 2>/dev/null");
    cr_expect_not_null(strstr(ended->output, "\"executions\": 900,"));
    refused(REAL, 64, "--budget wants a number from 1 to 1000000, not '0'", "run --budget 0");
}

Test(cli_real, phases_run_one_after_the_other) {
    const struct child *ended =
        sh(REAL, "printf 'name: x\nquestion: q\ncost: c\nkeys: {new: 3}\nphases:\n"
                 "  - - {name: a, do: [put(0), put(1)]}\n  - - {name: b, do: [put(0), put(2)]}\n"
                 "  - - {name: c, count: 2, do: [get(0), get(2)]}\n"
                 "expect: {gomap: {verdict: ok, reason: writers never meet}}\n' >x.yaml; "
                 "exec $H run -q -s x.yaml -n 4096");
    cr_expect_eq(ended->status, 0, "%s%s", ended->output, ended->errors);
}

Test(cli_real, an_interrupted_run_writes_what_it_has) {
    const struct child *ended =
        sh(REAL, "env --default-signal=INT $H run -s readers-only -m gomap --time 60 --json - -q "
                 "2>/dev/null >x.json & p=$!; sleep 2; kill -INT $p; wait $p; echo $?; cat x.json");
    cr_expect_eq(strncmp(ended->output, "130\n", 4), 0, "%.20s", ended->output);
    cr_expect_not_null(strstr(ended->output, "\"interrupted\": true"));
}

Test(cli_real, doctor_tells_and_gives_flags) {
    const struct child *ended = sh(REAL, "exec $H doctor");
    cr_expect_eq(ended->status, 0);
    cr_expect_not_null(strstr(ended->output, "map gomap"));
    ended = sh(REAL, "exec $H doctor --flags=link");
    cr_expect_not_null(strstr(ended->output, "wrap")); /* a file of them, or each by itself */
}

/* What the flags name is there, and so the doctor does not miss it. */
Test(cli_real, doctor_finds_the_header_that_its_flags_name) {
    const struct child *ended =
        sh(REAL, "test -f $($H doctor --flags=compile | grep -o '[-]I.*' | cut -c3-)/heddle/map.h "
                 "&& exec $H doctor");
    cr_expect_eq(ended->status, 0, "%s", ended->errors);
    cr_expect_not_null(strstr(ended->output, "ok    the header and the flags for a map of"), "%s",
                       ended->output);
}

Test(cli_real, a_map_of_ones_own_is_built_by_the_doctors_flags_and_found_broken) {
    const struct child *ended =
        sh(REAL, HEDDLE_TEST_CC " -c $($H doctor --flags=compile) "
                                "\"$SOURCE\"/tests/cli/plugin.c && " HEDDLE_TEST_CC
                                " $($H doctor --flags=link) -o list.so plugin.o && "
                                "exec $H run -q -s concurrent-writes -m ./list.so -n 2048");
    cr_expect_eq(ended->status, 1, "%s", ended->errors);
    cr_expect_not_null(strstr(ended->output, "not as expected: concurrent-writes list"));
    cr_expect_not_null(strstr(ended->output, "--map ./list.so"));
}

/* The same without the instrumentation: its own code passes no point. */
Test(cli_real, a_map_that_is_not_instrumented_is_vacuous) {
    const struct child *ended =
        sh(REAL, HEDDLE_TEST_CC " -shared -fPIC -o list.so $($H doctor --flags=compile | grep -o "
                                "'[-]I.*') \"$SOURCE\"/tests/cli/plugin.c && "
                                "exec $H run -q -s concurrent-writes -m ./list.so -n 256");
    cr_expect_eq(ended->status, 3, "%s", ended->errors);
    cr_expect_not_null(strstr(ended->output, "VACUOUS"));
}

/* Each script by the command itself, its output compared byte by byte; and there are scripts. */
Test(cli_real, map_trace_prints_the_bytes_of_the_real_go_map) {
    const struct child *ended = sh(
        REAL, "cd \"$SOURCE\"/tests/golden/go1.19 && n=0; for s in scripts/*.txt; do "
              "b=$(basename $s .txt); $H map-trace --map gomap <$s | cmp - traces/$b.jsonl && "
              "n=$((n + 1)); done; test $n -ge 24 && test $n = $(ls scripts | wc -l) && echo all");
    cr_expect_str_eq(ended->output, "all\n", "%s", ended->errors);
}

Test(cli_real, map_trace_refuses_in_one_line) {
    refused(REAL, 64, "'rwmutex' has no trace", "map-trace --map rwmutex </dev/null");
    refused(REAL, 64, "unexpected argument 'x'", "map-trace x </dev/null");
    sh(REAL, "printf 'rng 1\\nput 1 2\\n' >early; printf '# c\\n\\nfly 1\\n' >unknown");
    refused(REAL, 65, "standard input:2: put before the first new", "map-trace <early");
    refused(REAL, 65, "standard input:3: 'fly' is no operation", "map-trace <unknown");
    sh(REAL, "printf 'keys u32\\nkeys u16\\n' >kind");
    refused(REAL, 65, "standard input:2: 'u16' is no kind of keys", "map-trace <kind");
    refused(REAL, 65, "standard input:1: cannot be read: Is a directory", "map-trace <.");
    refused(REAL, 65, "standard input:1: a line of more than 4096 bytes", "map-trace </dev/zero");
    sh(REAL, "echo new 1099511627776 >giant");
    refused(REAL, 65, "standard input:1: a map has at most 4194304 entries", "map-trace <giant");
    const struct child *ended = sh(REAL, "printf 'new 0\nnew' | $H map-trace >/dev/full");
    cr_expect_eq(ended->status, 74);
    cr_expect_eq(count_lines(ended->errors), 1, "%s", ended->errors);
}

Test(cli_real, the_manuals_scenario_runs) {
    const struct child *ended =
        sh(REAL, "sed -n '/^```$/,/^```$/p' "
                 "\"$SOURCE\"/docs/man/heddle-scenario.5.scd | grep -v '^```' >two-writers.yaml && "
                 "exec $H run -q -s ./two-writers.yaml -n 4096");
    cr_expect_eq(ended->status, 0, "%s%s", ended->output, ended->errors);
}

/* What is measured on real threads stands in the table and in the JSON; what is not, in neither. */
Test(cli_real, compare_measures_built_in_maps_on_real_threads) {
    const struct child *ended =
        sh(REAL, "$H compare -q -s concurrent-writes -m rwmutex -m oncefrozen -n 512 --json c.json "
                 ">table; grep -c 'real threads, 1/2/4: [^-]*[0-9] / [0-9]' table; grep -c "
                 "'\"lookups\"' c.json");
    cr_expect_str_eq(ended->output, "1\n2\n", "%s", ended->errors);
    ended =
        sh(REAL, "$H compare -q -s concurrent-writes -m rwmutex -n 512 --json c.json --no-native "
                 ">table; grep -c 'real threads' table; grep -c '\"native\": null' c.json");
    cr_expect_str_eq(ended->output, "0\n1\n", "%s", ended->errors);
}

Test(cli_real, the_tag_claims_runs_their_suite) {
    const struct child *ended =
        sh(REAL, "$H run --tag claims --seed 3 --budget 1 --json claims.json -q && "
                 "$H claims --seed 3 --json - | cmp - claims.json");
    cr_expect_eq(ended->status, 0, "%s", ended->errors);
    cr_expect_not_null(strstr(ended->output, "15  false     Tables"), "%s", ended->output);
}

/* What ran under schedules is told with the seed that repeats it, and a claim of none has no seed. */
Test(cli_real, claims_about_tasks_are_told_with_their_seed) {
    const struct child *ended = sh(REAL, "$H claims -n 2 -c 18 --seed 7 | tee one && "
                                         "$H claims -n 2 -c 18 --seed 7 | cmp - one");
    cr_expect_eq(ended->status, 0, "%s", ended->errors);
    cr_expect_not_null(strstr(ended->output,
                              "\n              campaign seed 0x0000000000000007, 128 "
                              "executions of random\n"),
                       "%s", ended->output);
    ended = sh(REAL, "$H claims -n 1 --json - | grep -c '\"executions\": 128\\|\"seed\": null'");
    cr_expect_str_eq(ended->output, "30\n");
}

Test(cli_real, interrupted_claims_tell_what_was_answered) {
    const struct child *ended =
        sh(REAL, "env --default-signal=INT $H claims -n 1000000 -c 15 -c 9 -c 30 & p=$!; sleep 2; "
                 "kill -INT $p; wait $p; echo $?");
    cr_expect_not_null(strstr(ended->output, "INTERRUPTED, the results are partial\n130\n"), "%s",
                       ended->output);
}
