/* parse.h - numbers as people write them on a command line, refused when they are anything else.
 */
#ifndef HEDDLE_CLI_PARSE_H
#define HEDDLE_CLI_PARSE_H

#include <stdint.h>

/* Each returns 0 and fills its output, or -EINVAL and leaves it alone. */

/* Decimal, or hexadecimal after 0x. No sign, no blank, nothing behind it; fits 64 bits. */
int cli_parse_seed(const char *text, uint64_t *seed);
/* Decimal, `least` to `most`. */
int cli_parse_count(const char *text, uint64_t least, uint64_t most, uint64_t *count);
/* Seconds: "10", "2.5", "90s", "5m", "1h"; more than 0, at most 30 days. */
int cli_parse_seconds(const char *text, double *seconds);

/* The same for a value that was given: `what` is how the user wrote it, "--seed" or "HEDDLE_SEED". What
 * is refused is told on one line that says what would be right. Each returns 0 or CLI_USAGE. */
int cli_take_seed(const char *what, const char *text, uint64_t *seed);
int cli_take_count(const char *what, const char *text, uint64_t least, uint64_t most,
                   uint64_t *count);
int cli_take_seconds(const char *what, const char *text, double *seconds);

#endif
