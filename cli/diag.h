/* diag.h - the command's own lines on standard error.
 */
#ifndef HEDDLE_CLI_DIAG_H
#define HEDDLE_CLI_DIAG_H

#include <stddef.h>

/* Prints "heddle: " and the message on one line, whatever it holds; returns `status`. */
int cli_fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same without a status. */
void cli_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The one of `count` names that `name` may have been meant to be, or NULL when none is near. */
const char *cli_nearest(const char *name, const char *const *names, size_t count);

#endif
