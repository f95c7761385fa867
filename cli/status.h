/* status.h - what the command's exit status says. Part of the outside contract.
 */
#ifndef HEDDLE_CLI_STATUS_H
#define HEDDLE_CLI_STATUS_H

enum cli_status {
    CLI_AS_EXPECTED = 0, /* replay: no fault */
    CLI_FAULT = 1,     /* an unexpected fault, or an expected one that did not come; replay: seen */
    CLI_DIVERGED = 2,  /* the replay diverged or did not reproduce */
    CLI_NO_ANSWER = 3, /* the budget ended without an answer, or a row was vacuous */
    CLI_USAGE = 64,
    CLI_BAD_INPUT = 65,
    CLI_TSAN = 66, /* ThreadSanitizer itself ended the process, or one that ran executions */
    CLI_INTERNAL = 70,
    CLI_SYSTEM = 71, /* it refuses processes, threads, memory or address space */
    CLI_CANNOT_WRITE = 74,
    CLI_SIGNAL = 128, /* plus the signal's number: interrupted, partial results were written */
};

#define CLI_TSAN_ENDED "ThreadSanitizer itself ended the process (TSAN_OPTIONS, or no memory)"

#endif
