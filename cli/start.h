/* start.h - what the process arranges before and after any command: descriptors, address
 * randomisation, signals, the last flush, the other flavour.
 */
#ifndef HEDDLE_CLI_START_H
#define HEDDLE_CLI_START_H

#include <stdbool.h>
#include <stddef.h>

/* "controlled", "tsan" or "native": which engine this executable is linked with. Defined beside main. */
extern const char cli_flavour[];

/* First of all, with the whole argv. Closed standard descriptors are opened so that nothing else
 * takes their numbers; writes to a closed standard output still fail. Children tell how they ended,
 * whatever the caller ignores. A write to a broken pipe
 * fails instead of ending the process. Output that could not be written is an error at exit. */
void cli_start(char **arguments);

/* Standard output could not be written: says so, the first time, for -errno `status`. Returns
 * CLI_CANNOT_WRITE; without a word CLI_SIGNAL + SIGPIPE when its reader has gone, or CLI_SIGNAL + the
 * signal that ended the writing. */
int cli_output_failed(int status);

/* Starts this executable again without address space randomisation where that is allowed. Returns
 * whether randomisation is off; once started again it returns at once. */
bool cli_start_fixed(void);

/* Replaces this process by the executable of `flavour` beside it, with the same arguments. Returns
 * only on failure, with the exit status, after one line. */
int cli_start_flavour(const char *flavour);
/* Whether the process can find its own files. Returns 0 or CLI_SYSTEM after one line. */
int cli_proc_check(void);
/* Path of a file of the shared directory: <exe>/share/heddle/NAME, or <exe>/../share/heddle/NAME.
 * Returns 0 or -errno. */
int cli_share_path(const char *name, char *path, size_t size);
/* Path of the executable of a flavour beside this one. Returns 0 or -errno. */
int cli_flavour_path(const char *flavour, char *path, size_t size);

/* Replaces this process by a program found in PATH, with signals as they were. Returns only on
 * failure, with -errno. */
int cli_start_program(char *const *arguments);

/* The first SIGINT or SIGTERM asks the running campaign to end, the second one ends the process. */
void cli_catch_signals(void);
/* The signal that was caught, or 0. */
int cli_caught_signal(void);

/* Seconds on the monotonic clock. */
double cli_now(void);
/* The date for reports: SOURCE_DATE_EPOCH if set and a number, else the wall clock. */
long long cli_date(void);

#endif
