/* test_refusals.c - systems that lack something, folders and files that are not as they should be: one
 * line, and the right status.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/cli/support.h"

static void begin(void) {
    scratch_begin();
}

TestSuite(cli_refusals, .init = begin, .fini = scratch_end);

/* One line of errors, with `part` in it, of a command in a shell. */
static void refuses(int status, const char *part, const char *command) {
    const struct child *ended = sh(FAKE, "%s", command);
    cr_expect_eq(ended->status, status, "%s: %d", command, ended->status);
    cr_expect_eq(count_lines(ended->errors), 1, "%s: %s", command, ended->errors);
    cr_expect_eq(strncmp(ended->errors, "heddle: ", 8), 0, "%s: %s", command, ended->errors);
    cr_expect_not_null(strstr(ended->errors, part), "%s: %s", command, ended->errors);
}

/* ---- the system ------------------------------------------------------------------------------ */

Test(cli_refusals, a_small_stack_is_told) {
    static const char *const commands[] = {"list", "run -s calm", "check-history /dev/null",
                                           "doctor", "replay -s calm -m plain --seed 1"};
    for (size_t index = 0; index < sizeof(commands) / sizeof(commands[0]); index++) {
        char command[128];
        snprintf(command, sizeof(command), "ulimit -s 80; exec $H %s", commands[index]);
        refuses(71, "the stack may have 80 KiB and not 512: see ulimit -s", command);
    }
    cr_expect_eq(sh(FAKE, "ulimit -S -s 80; exec $H list")->status, 0, "the soft limit is raised");
}

Test(cli_refusals, the_tsan_flavour_says_which_limit_is_in_its_way) {
    refuses(71, "ulimit -v must be unlimited",
            "ulimit -v 4000000; exec $H run -s calm --flavour tsan");
    refuses(71, "ulimit -d must be unlimited",
            "ulimit -d 4000000; exec $H run -s calm --flavour tsan");
}

Test(cli_refusals, a_system_without_proc_is_told) {
    if (sh(FAKE, "exec unshare -m mount -t tmpfs none /proc")->status != 0) {
        cr_log_info("no mount namespaces here\n");
        return;
    }
    static const char *const commands[] = {"list",
                                           "run -s calm",
                                           "compare -s calm",
                                           "claims",
                                           "doctor --flags",
                                           "flag -s calm",
                                           "scenario check x.yaml",
                                           "run -s calm --flavour tsan",
                                           "replay -s calm -m plain --seed 1"};
    for (size_t index = 0; index < sizeof(commands) / sizeof(commands[0]); index++) {
        char command[256];
        snprintf(command, sizeof(command),
                 "H=$H exec unshare -m sh -c 'mount -t tmpfs none /proc && exec $H %s'",
                 commands[index]);
        const struct child *ended = sh(REAL, "%s", command);
        cr_expect_eq(ended->status, 71, "%s: %d", command, ended->status);
        cr_expect_str_eq(ended->errors,
                         "heddle: /proc/self/exe: No such file or directory: is /proc "
                         "mounted?\n");
    }
}

Test(cli_refusals, too_few_descriptors_are_no_bad_input) {
    const struct child *ended = sh(REAL, "ulimit -n 4; exec $H run -q -s churn");
    cr_expect_eq(ended->status, 71, "%d: %s", ended->status, ended->errors);
    cr_expect_eq(count_lines(ended->errors), 1, "%s", ended->errors);
}

/* Of this process and its children. */
static void deny_ptrace(void) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ptrace, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof(filter) / sizeof(filter[0]), .filter = filter};
    cr_assert_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    cr_assert_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

Test(cli_refusals, a_debugger_that_cannot_work_is_told) {
    refuses(
        71, "--gdb: gdb cannot be started: No such file or directory",
        "h=$(command -v $H); PATH=/nowhere; exec \"$h\" replay -s calm -m plain --seed 1 --gdb");
    deny_ptrace();
    refuses(71, "--gdb: processes may not be traced here (ptrace): Operation not permitted",
            "mkdir bin; ln -s /bin/true bin/gdb; PATH=$PWD/bin:$PATH; "
            "exec $H replay -s calm -m plain --seed 1 --gdb");
}

/* ---- folders and files ----------------------------------------------------------------------- */

Test(cli_refusals, a_used_folder_keeps_what_heddle_did_not_write) {
    sh(FAKE, "$H run -s fatal -q --out out >first; $H run -s calm -q --out out --json no/x.json");
    cr_expect_not_null(strstr(sh(FAKE, "ls out out/faults")->output, "fatal-"), "it was refused");
    static const char *const strangers =
        "touch out/faults/mine.json out/faults/x-0123456789abcdef.json out/notes";
    const struct child *ended =
        sh(FAKE,
           "$H run -s fatal -q --out out >first; ls out/faults | grep -c '^fatal-'; %s; "
           "$H run -s calm -q --out out >second; ls out out/faults",
           strangers);
    cr_expect_not_null(strstr(ended->output, "mine.json"));
    cr_expect_not_null(strstr(ended->output, "x-0123456789abcdef.json"));
    cr_expect_not_null(strstr(ended->output, "notes"));
    cr_expect_neq(ended->output[0], '0', "a fault was saved");
    cr_expect_null(strstr(ended->output, "fatal-"), "%s", ended->output);
}

Test(cli_refusals, a_killed_run_leaves_no_report_that_looks_whole) {
    const struct child *ended =
        sh(FAKE, "$H run -s calm -q --out out >table; grep complete out/report.json; "
                 "$H run -s slow -q --out out >table & "
                 "until grep -q 'complete.: false' out/report.json; do sleep 0.05; done; "
                 "kill -9 $!; wait $!; "
                 "grep -c calm out/report.json; grep 'complete\\|planned' out/report.json; ls out");
    cr_expect_not_null(strstr(ended->output, "\"complete\": true,\n0\n  \"complete\": false,\n  "
                                             "\"rows_planned\": "),
                       "%s", ended->output);
    cr_expect_null(strstr(ended->output, "junit.xml"), "it was of the run before");
}

Test(cli_refusals, a_plug_in_that_is_given_to_scenario_check_must_be_there) {
    const struct child *ended = sh(REAL, "exec $H scenario check -m nofile.so \"" HEDDLE_SOURCE_DIR
                                         "/scenarios/churn.yaml\"");
    cr_expect_eq(ended->status, 65);
    cr_expect_eq(count_lines(ended->errors), 1, "%s", ended->errors);
}

/* The fields of a saved fault that name what is not there, by their lines. */
Test(cli_refusals, a_saved_fault_is_blamed_by_line) {
    static const char *const edits[][2] = {
        {"s/\"scenario\": \".*\"/\"scenario\": \"nothing\"/", "\"scenario\":"},
        {"s/\"map\": \".*\"/\"map\": \"nothing\"/", "\"map\":"},
        {"s/\"strategy\": \".*\"/\"strategy\": \"nothing\"/", "\"strategy\":"},
        {"s/\"strategy\": \".*\"/\"strategy\": \"free\"/", "\"strategy\":"},
        {"s/\"flavour\": \".*\"/\"flavour\": \"nothing\"/", "\"flavour\":"},
        {"s/\"schedule\": \".*\"/\"schedule\": \"nothing\"/", "\"schedule\":"},
        {"s/\"kind\": \"fatal\"/\"kind\": \"nothing\"/", "\"kind\":"},
        {"s/\"schema\": 1/\"schema\": 99/", "\"schema\":"},
    };
    sh(REAL, "exec $H run -s concurrent-writes -m gomap --until-fault -q --out out >table");
    for (size_t index = 0; index < sizeof(edits) / sizeof(edits[0]); index++) {
        const struct child *ended =
            sh(REAL,
               "sed '%s' out/faults/*.json >f.json; "
               "line=$(grep -n '%s' f.json | head -n 1 | cut -d: -f1); $H replay f.json 2>told; "
               "echo $?; wc -l <told; grep -c \"^heddle: f.json:$line: \" told; cat told",
               edits[index][0], edits[index][1]);
        cr_expect_eq(strncmp(ended->output, "65\n1\n1\n", 7), 0, "%s: %s", edits[index][0],
                     ended->output);
    }
}

/* ---- readers of input ------------------------------------------------------------------------ */

Test(cli_refusals, endless_input_is_refused_in_one_line) {
    refuses(65, "/dev/zero:1: neither a saved fault nor a schedule", "exec $H replay /dev/zero");
    refuses(65, "/dev/zero:1: a line of more than", "exec $H check-history /dev/zero");
    refuses(65, ":1: a line of more than 4096 bytes", "exec $H map-trace </dev/zero");
    const struct child *ended = sh(REAL, "exec $H run -s /dev/zero");
    cr_expect_eq(ended->status, 65);
    cr_expect_eq(count_lines(ended->errors), 1, "%s", ended->errors);
    refuses(65, "big.json: has more than 67108864 bytes",
            "truncate -s 3G big.json; ulimit -v 2000000; exec $H replay big.json");
    refuses(65, "big.json:1: a line", "ulimit -v 2000000; exec $H check-history big.json");
}
