/* support.h - the command as a child process: what it printed, how it ended.
 */
#ifndef HEDDLE_TESTS_CLI_SUPPORT_H
#define HEDDLE_TESTS_CLI_SUPPORT_H

#include <stddef.h>

#include "tests/scratch.h"

#define FAKE HEDDLE_BUILD_DIR "/tests/heddle-fake"
#define REAL HEDDLE_BUILD_DIR "/heddle"

struct child {
    int status; /* exit status; 1000 + the signal that ended it */
    char output[65536];
    char errors[65536];
};

/* Runs a shell command in the folder of scratch_begin, in a plain environment. $H is the command under
 * test: the name of `program`, whose folder is the first in PATH. The result is valid until the next
 * call. */
const struct child *sh(const char *program, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Fails the test unless the command ends with `status` and exactly one line on standard error,
 * which begins with "heddle" and holds `part`, and nothing on standard output. */
void refused(const char *program, int status, const char *part, const char *arguments);

size_t count_lines(const char *text);

#endif
