/* test_trial.c - an attempt in a child: what it returns comes back with its line, whatever else becomes
 * of it is told, and nothing of it is left.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/intercept/trial.h"

#define SECOND 1000000000ull

/* What attempts tell: shared with the child. */
static struct notes {
    int undone;
    int number;
    pid_t process;
} * notes;

static char line[HD_TRIAL_LINE_MAX];

static void set_up(void) {
    notes = mmap(NULL, sizeof *notes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(notes, MAP_FAILED);
}

TestSuite(trial, .init = set_up, .timeout = 60);

static void undo(void *context) {
    (void)context;
    notes->undone++;
}

typedef int try(void *context, char *error, size_t size);

static int run(try *attempt, uint64_t limit_ns) {
    struct hd_trial trial = {
        .name = "it", .limit_ns = limit_ns, .attempt = attempt, .undo = undo, .context = notes};
    memset(line, 0, sizeof line);
    return hd_trial_run(&trial, line, sizeof line);
}

static void expect(try *attempt, int status, const char *text, int undone) {
    notes->undone = 0;
    cr_expect_eq(run(attempt, 60 * SECOND), status, "%s", line);
    cr_expect_str_eq(line, text);
    cr_expect_eq(notes->undone, undone, "undone %d times", notes->undone);
}

/* ---- it returns ----------------------------------------------------------------------------------- */

static int works(void *context, char *error, size_t size) {
    notes->number = context == notes && size == HD_TRIAL_LINE_MAX && error[0] == '\0';
    return 0;
}

static int says_no(void *context, char *error, size_t size) {
    (void)context;
    snprintf(error, size, "it: says no");
    return -EIO;
}

Test(trial, what_it_returns_comes_back_with_its_line_and_is_undone_when_it_worked) {
    expect(works, 0, "", 1);
    cr_expect_eq(notes->number, 1);
    expect(says_no, -EIO, "it: says no", 0);
}

Test(trial, a_line_is_cut_to_the_callers_size) {
    struct hd_trial trial = {
        .name = "it", .limit_ns = 60 * SECOND, .attempt = says_no, .undo = undo};
    char small[8] = "1234567";
    cr_expect_eq(hd_trial_run(&trial, small, 5), -EIO);
    cr_expect_arr_eq(small,
                     "it: \0"
                     "67",
                     8);
}

static int shared_maps(void) {
    char text[512];
    int found = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(text, sizeof text, maps) != NULL)
        found += strstr(text, "/dev/zero") != NULL;
    fclose(maps);
    return found;
}

Test(trial, nothing_of_it_is_left) {
    int before = shared_maps();
    expect(works, 0, "", 1);
    cr_expect_eq(shared_maps(), before);
    cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1);
    cr_expect_eq(errno, ECHILD);
}

/* ---- it does not return --------------------------------------------------------------------------- */

static int raises(void *context, char *error, size_t size) {
    (void)context;
    snprintf(error, size, "not to be seen");
    raise(notes->number);
    return 0;
}

/* A parent may have blocked and ignored all of them, and a sanitizer handles them. */
Test(trial, a_crash_is_told_whatever_is_blocked_or_ignored) {
    static const char *const names[] = {[SIGSEGV] = "SEGV",
                                        [SIGBUS] = "BUS",
                                        [SIGILL] = "ILL",
                                        [SIGFPE] = "FPE",
                                        [SIGABRT] = "ABRT"};
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    for (int number = 0; number < (int)(sizeof names / sizeof names[0]); number++) {
        char text[64];
        if (names[number] == NULL)
            continue;
        signal(number, SIG_IGN);
        notes->number = number;
        snprintf(text, sizeof text, "it: crashes when it is loaded (SIG%s)", names[number]);
        expect(raises, -ENOEXEC, text, 0);
    }
}

static int ends(void *context, char *error, size_t size) {
    (void)context;
    (void)error;
    (void)size;
    exit(notes->number);
}

static void crash(void *context) {
    (void)context;
    notes->undone++;
    raise(SIGKILL);
}

Test(trial, the_end_of_the_process_is_told) {
    expect(ends, -ENOEXEC, "it: ends the process (status 0) when it is loaded", 0);
    notes->number = 7;
    expect(ends, -ENOEXEC, "it: ends the process (status 7) when it is loaded", 0);
    struct hd_trial trial = {
        .name = "that", .limit_ns = 60 * SECOND, .attempt = works, .undo = crash};
    cr_expect_eq(hd_trial_run(&trial, line, sizeof line), -ENOEXEC);
    cr_expect_str_eq(line, "that: crashes when it is loaded (SIGKILL)");
    cr_expect_eq(notes->undone, 1);
}

static int never_ends(void *context, char *error, size_t size) {
    (void)context;
    (void)error;
    (void)size;
    for (;;)
        pause();
    return 0;
}

Test(trial, one_without_an_end_is_told) {
    cr_expect_eq(run(never_ends, SECOND / 5), -ENOEXEC);
    cr_expect_str_eq(line, "it: does not come to an end when it is loaded");
    cr_expect_eq(notes->undone, 0);
    cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1);
}

/* Stops the parent for more than a second, far beyond the limit. */
static int stops_us(void *context, char *error, size_t size) {
    (void)context;
    (void)error;
    (void)size;
    kill(getppid(), SIGSTOP);
    usleep(1500000);
    kill(getppid(), SIGCONT);
    usleep(50000);
    return 0;
}

Test(trial, time_for_which_we_were_stopped_does_not_count) {
    cr_expect_eq(run(stops_us, SECOND), 0, "%s", line);
    cr_expect_eq(notes->undone, 1);
}

/* ---- what it starts ------------------------------------------------------------------------------- */

static void *wait_long(void *argument) {
    for (;;)
        pause();
    return argument;
}

static int starts_a_thread(void *context, char *error, size_t size) {
    pthread_t thread;
    (void)context;
    (void)error;
    (void)size;
    return pthread_create(&thread, NULL, wait_long, NULL);
}

static void *end(void *argument) {
    return argument;
}

static int joins_a_thread(void *context, char *error, size_t size) {
    pthread_t thread;
    (void)context;
    (void)error;
    (void)size;
    return pthread_create(&thread, NULL, end, NULL) | pthread_join(thread, NULL);
}

Test(trial, a_thread_that_goes_on_is_told_and_one_that_has_ended_is_not) {
    expect(starts_a_thread, -ENOEXEC, "it: starts a thread when it is loaded", 0);
    expect(joins_a_thread, 0, "", 1);
}

static int starts_a_process(void *context, char *error, size_t size) {
    (void)context;
    (void)error;
    (void)size;
    pid_t process = fork();
    if (process == 0)
        for (;;)
            pause();
    notes->process = process;
    return 0;
}

/* The one that it started is ours when it has gone. */
Test(trial, a_process_that_goes_on_is_told_and_killed) {
    int status = 0;
    cr_assert_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    expect(starts_a_process, -ENOEXEC, "it: starts a process when it is loaded", 0);
    cr_assert_eq(waitpid(notes->process, &status, 0), notes->process);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static int returns_twice(void *context, char *error, size_t size) {
    (void)context;
    pid_t copy = fork();
    if (copy == 0)
        return 0;
    waitpid(copy, &notes->number, 0);
    snprintf(error, size, "it: was two");
    return -EIO;
}

Test(trial, a_copy_that_returns_too_says_nothing) {
    notes->number = -1;
    expect(returns_twice, -EIO, "it: was two", 0);
    cr_expect_eq(notes->number, 0);
}

/* ---- where it runs -------------------------------------------------------------------------------- */

static int writes_everywhere(void *context, char *error, size_t size) {
    (void)context;
    (void)error;
    (void)size;
    for (int descriptor = 0; descriptor < 3; descriptor++)
        notes->number += (int)write(descriptor, "x", 1);
    return read(0, &notes->process, 1) == 0 ? 0 : -EIO;
}

/* Returns how many bytes come out of three standard descriptors, of which some may be closed. */
static ssize_t written_by(try *attempt, int first) {
    char byte[16];
    int two[2], kept[3];
    cr_assert_eq(pipe(two), 0);
    cr_assert_neq(fcntl(two[0], F_SETFL, O_NONBLOCK), -1);
    for (int i = 0; i < 3; i++) {
        kept[i] = dup(i);
        dup2(two[1], i);
    }
    for (int i = 0; i < first; i++)
        close(i);
    int status = run(attempt, 60 * SECOND);
    for (int i = 0; i < 3; i++)
        dup2(kept[i], i);
    cr_expect_eq(status, 0, "%s", line);
    return read(two[0], byte, sizeof byte);
}

Test(trial, its_output_goes_nowhere_and_its_input_is_empty) {
    cr_expect_eq(written_by(writes_everywhere, 0), -1);
    cr_expect_eq(notes->number, 3);
    cr_expect_eq(written_by(writes_everywhere, 1), -1);
    cr_expect_eq(notes->number, 6);
    cr_expect_eq(written_by(writes_everywhere, 3), -1);
    cr_expect_eq(notes->number, 9);
}

Test(trial, what_we_had_yet_to_write_is_not_written_twice) {
    char byte[16];
    int two[2];
    cr_assert_eq(pipe(two), 0);
    FILE *stream = fdopen(two[1], "w");
    fputs("once", stream);
    expect(ends, -ENOEXEC, "it: ends the process (status 0) when it is loaded", 0);
    fclose(stream);
    cr_expect_eq(read(two[0], byte, sizeof byte), 4);
}

/* Its death leaves no file, ours ends it, and its children can be found. */
static int looks_around(void *context, char *error, size_t size) {
    struct rlimit core;
    int number = 0;
    (void)context;
    getrlimit(RLIMIT_CORE, &core);
    prctl(PR_GET_PDEATHSIG, &number);
    snprintf(error, size, "%d %d %d", core.rlim_max == 0, number == SIGKILL, getpgrp() == getpid());
    return -EIO;
}

Test(trial, it_leaves_no_core_dies_with_us_and_has_a_group_of_its_own) {
    expect(looks_around, -EIO, "1 1 1", 0);
}

/* ---- there can be no child ------------------------------------------------------------------------ */

Test(trial, no_memory_is_told_without_a_line) {
    struct rlimit before, none;
    cr_assert_eq(getrlimit(RLIMIT_AS, &before), 0);
    none = (struct rlimit){.rlim_max = before.rlim_max};
    cr_assert_eq(setrlimit(RLIMIT_AS, &none), 0);
    int status = run(works, 60 * SECOND);
    setrlimit(RLIMIT_AS, &before);
    cr_expect_eq(status, -ENOMEM);
    cr_expect_str_empty(line);
}

/* For an ordinary user; root may go beyond any limit. */
Test(trial, no_process_is_told_without_a_line) {
    struct rlimit none = {0};
    cr_assert_eq(setrlimit(RLIMIT_NPROC, &none), 0);
    cr_assert(getuid() != 0 || setuid(65534) == 0);
    cr_expect_eq(run(works, 60 * SECOND), -EAGAIN);
    cr_expect_str_empty(line);
    cr_expect_eq(shared_maps(), 1, "notes alone");
}

Test(trial, a_child_that_nobody_may_wait_for_is_told_without_a_line) {
    signal(SIGCHLD, SIG_IGN);
    cr_expect_eq(run(works, 60 * SECOND), -ECHILD);
    cr_expect_str_empty(line);
}
