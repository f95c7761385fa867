/* test_stall.c - a worker that is asked where it is while it runs no execution goes on. */
#include <criterion/criterion.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/explore/run.h"
#include "harness/sched/crash.h"

static void expect_end(pid_t worker, int wanted) {
    int status;
    cr_assert_eq(waitpid(worker, &status, 0), worker);
    cr_assert(WIFEXITED(status), "killed by signal %d", WTERMSIG(status));
    cr_assert_eq(WEXITSTATUS(status), wanted);
}

Test(stall, a_worker_that_has_just_begun_lives) {
    for (int i = 0; i < 200; i++) {
        pid_t worker = hd_fork_worker(true);
        cr_assert_geq(worker, 0);
        if (worker == 0)
            _exit(7);
        kill(worker, HD_SIGNAL_STALL);
        expect_end(worker, 7);
    }
}

Test(stall, a_worker_between_executions_lives) {
    pid_t worker = hd_fork_worker(true);
    cr_assert_geq(worker, 0);
    if (worker == 0) {
        if (hd_crash_open() == 0 && raise(HD_SIGNAL_STALL) == 0 && raise(HD_SIGNAL_STALL) == 0)
            _exit(7);
        _exit(1);
    }
    expect_end(worker, 7);
}

/* What the parent blocks is its own affair, before and after. */
Test(stall, the_parent_blocks_what_it_blocked) {
    sigset_t mask;
    pid_t worker = hd_fork_worker(true);
    cr_assert_geq(worker, 0);
    if (worker == 0)
        _exit(7);
    expect_end(worker, 7);
    cr_assert_eq(sigprocmask(SIG_BLOCK, NULL, &mask), 0);
    cr_expect_not(sigismember(&mask, HD_SIGNAL_STALL));
}
