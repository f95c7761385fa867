/* diag.h - the command's own lines on standard error.
 */
#ifndef HEDDLE_CLI_DIAG_H
#define HEDDLE_CLI_DIAG_H

/* Prints "heddle: " and the message on one line, whatever it holds; returns `status`. */
int cli_fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What cli_fail says from now on is about a line of a file; NULL: about the command again. */
void cli_fail_in(const char *file, unsigned line);
/* The same without a status. */
void cli_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
