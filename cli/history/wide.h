/* wide.h - integers that the JSON library cannot hold: 2^63 to 2^64 - 1.
 *
 * Before a line is parsed each such number is put in quotes behind an escaped NUL, which no other
 * string may hold.
 */
#ifndef HEDDLE_CLI_HISTORY_WIDE_H
#define HEDDLE_CLI_HISTORY_WIDE_H

#include <stddef.h>

/* Copies `length` bytes of a line to `quoted`, which has room for CLI_WIDE_SIZE(length); returns
 * the new length. Returns 0 with *reason set when a string of the line holds an escaped NUL. */
#define CLI_WIDE_SIZE(length) (2 * (length) + 1)
size_t cli_wide_quote(const char *line, size_t length, char *quoted, const char **reason);

/* The digits of a string that was made so, or NULL for any other. `length` is of `text`, in bytes. */
const char *cli_wide_digits(const char *text, size_t length);

#endif
