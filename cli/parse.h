/* parse.h - numbers as people write them on a command line, refused when they are anything else.
 *
 * Each function returns 0 and fills its output, or -EINVAL with a reason in *reason: a static text
 * that fits behind "seed 'abc' ".
 */
#ifndef HEDDLE_CLI_PARSE_H
#define HEDDLE_CLI_PARSE_H

#include <stdint.h>

/* Decimal, or hexadecimal after 0x. No sign, no blank, nothing behind it; fits 64 bits. */
int cli_parse_seed(const char *text, uint64_t *seed, const char **reason);
/* Decimal, `least` to `most`. */
int cli_parse_count(const char *text, uint64_t least, uint64_t most, uint64_t *count,
                    const char **reason);
/* Seconds: "10", "2.5", "90s", "5m", "1h"; more than 0, at most 30 days. */
int cli_parse_seconds(const char *text, double *seconds, const char **reason);

#endif
