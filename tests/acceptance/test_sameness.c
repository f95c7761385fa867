/* test_sameness.c - the same seed gives the same bytes: for any number of jobs, run after run, as the
 * first process of a container, and as far as it came when it is interrupted.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/cli/support.h"

static void set_up(void) {
    scratch_begin();
}

TestSuite(sameness, .init = set_up, .fini = scratch_end, .timeout = 600);

static const struct child *run(const char *command) {
    return sh(REAL, "%s", command);
}

/* Every row of every scenario: all of the report but the jobs and the seconds. */
Test(sameness, jobs_do_not_matter_in_any_row) {
    const struct child *ended =
        run("for j in 1 7; do heddle run -n 100 -j $j -q --json $j.json >/dev/null; "
            "grep -v '\"seconds\"\\|\"jobs\"' $j.json >$j; done; grep -c digest 1; cmp 1 7");
    cr_expect_eq(ended->status, 0, "%s%s", ended->output, ended->errors);
    cr_expect_neq(ended->output[0], '0');
}

Test(sameness, two_runs_print_the_same_bytes) {
    const struct child *ended = run("for i in 1 2; do heddle run -m gomap -m sharded -n 100 -q | "
                                    "sed 's/; [0-9.]* s$//' >$i; done; "
                                    "cmp 1 2 && wc -l <1");
    cr_expect_eq(ended->status, 0, "%s%s", ended->output, ended->errors);
    cr_expect_gt(strlen(ended->output), 1);
}

Test(sameness, a_hundred_replays_of_a_saved_fault_are_the_same_bytes) {
    const struct child *ended =
        sh(REAL, "$H run -q -s write-after-freeze -m gomap -n 512 -o out >/dev/null; "
                 "f=$(ls out/faults/* | head -1); for i in $(seq 100); do $H replay $f >$i 2>&1; "
                 "echo $? >>$i; done; cat $(seq 100) | grep -c 'fatal error'; "
                 "for i in $(seq 100); do cmp 1 $i || echo $i differs; done");
    cr_expect_str_eq(ended->output, "100\n", "%s%s", ended->output, ended->errors);
}

Test(sameness, a_lone_execution_is_the_one_of_the_campaign) {
    const struct child *ended =
        run("heddle run -s hundred-writers -m gomap -n 64 -q --json a.json >/dev/null; "
            "heddle run -s hundred-writers -m gomap -n 1024 -q --json b.json >/dev/null; "
            "grep -m1 '\"first_fault_execution\"' a.json >a; "
            "grep -m1 '\"first_fault_execution\"' b.json >b; cmp a b");
    cr_expect_eq(ended->status, 0, "%s%s", ended->output, ended->errors);
}

/* Where the kernel lets us make one; status 99: it does not. */
Test(sameness, the_first_process_of_a_container_is_no_exception) {
    const struct child *ended =
        run("unshare -fp --mount-proc true 2>/dev/null || exit 99; "
            "heddle run -s concurrent-writes -m gomap -n 300 -q --json a.json >/dev/null; "
            "unshare -fp --mount-proc heddle run -s concurrent-writes -m gomap -n 300 -q "
            "--json b.json >/dev/null; grep digest a.json >a; grep digest b.json >b; cmp a b");
    cr_expect(ended->status == 0 || ended->status == 99, "%s%s", ended->output, ended->errors);
}

Test(sameness, an_interrupted_run_reports_what_it_has) {
    const struct child *ended =
        run("heddle run -s growth-window -m rwmutex -n 1000000000 -q --json part.json >/dev/null & "
            "sleep 2; kill -INT $!; wait $!; status=$?; "
            "grep -o '\"executions\": [0-9]*' part.json; exit $status");
    cr_expect_eq(ended->status, 130, "%d %s", ended->status, ended->errors);
    cr_expect_not_null(strstr(ended->output, "\"executions\": "), "%s", ended->output);
    cr_expect_null(strstr(ended->output, "\"executions\": 0\n"));
}
