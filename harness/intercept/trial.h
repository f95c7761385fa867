/* trial.h - what may crash, end the process or never return is done in a child first. */
#ifndef HEDDLE_HARNESS_INTERCEPT_TRIAL_H
#define HEDDLE_HARNESS_INTERCEPT_TRIAL_H

#include <stddef.h>
#include <stdint.h>

struct hd_trial {
    const char *name;  /* of what is tried, for the line */
    uint64_t limit_ns; /* how long the attempt may take */
    int (*attempt)(void *context, char *error, size_t size);
    void (*undo)(void *context); /* after an attempt that returned 0 and left nothing running */
    void *context;
};

/* Attempts it in a child process whose output goes nowhere, and returns what the attempt returned, with
 * its line in `error` (`size` bytes, at most HD_TRIAL_LINE_MAX are kept). -ENOEXEC when the child
 * crashed, ended, started a thread or a process, or did not return within its limit: the line is then
 * "NAME: reason". -errno without a line when there could be no child, or nobody can tell what became of
 * it. Outside of executions. */
int hd_trial_run(const struct hd_trial *trial, char *error, size_t size);

#define HD_TRIAL_LINE_MAX 512

#endif
