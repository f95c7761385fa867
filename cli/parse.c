/* parse.c - numbers as people write them on a command line.
 *
 * strtoull is not used: it takes signs and blanks, and reads 010 as 8.
 */
#include "cli/parse.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS_MAX (30.0 * 24 * 3600)

static int refuse(const char **reason, const char *why) {
    *reason = why;
    return -EINVAL;
}

/* Value of a digit in `base`, or `base`. */
static unsigned digit_value(char letter, unsigned base) {
    unsigned value = letter >= '0' && letter <= '9'   ? (unsigned)(letter - '0')
                     : letter >= 'a' && letter <= 'f' ? (unsigned)(letter - 'a') + 10
                     : letter >= 'A' && letter <= 'F' ? (unsigned)(letter - 'A') + 10
                                                      : base;
    return value < base ? value : base;
}

static int parse_digits(const char *digits, unsigned base, uint64_t *number, const char **reason) {
    uint64_t value = 0;
    if (digits[0] == '\0') {
        return refuse(reason, "is not a number");
    }
    for (; *digits != '\0'; digits++) {
        unsigned digit = digit_value(*digits, base);
        if (digit == base) {
            return refuse(reason, "is not a number");
        }
        if (value > (UINT64_MAX - digit) / base) {
            return refuse(reason, "does not fit 64 bits");
        }
        value = value * base + digit;
    }
    *number = value;
    return 0;
}

int cli_parse_seed(const char *text, uint64_t *seed, const char **reason) {
    bool hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char *digits = hexadecimal ? text + 2 : text;
    return parse_digits(digits, hexadecimal ? 16 : 10, seed, reason);
}

int cli_parse_count(const char *text, uint64_t least, uint64_t most, uint64_t *count,
                    const char **reason) {
    uint64_t value = 0;
    int status = parse_digits(text, 10, &value, reason);
    if (status != 0) {
        return status;
    }
    if (value < least) {
        return refuse(reason, "is too small");
    }
    if (value > most) {
        return refuse(reason, "is too large");
    }
    *count = value;
    return 0;
}

int cli_parse_seconds(const char *text, double *seconds, const char **reason) {
    size_t digits = strspn(text, "0123456789.");
    char *end = NULL;
    double value = digits > 0 && digits < 32 ? strtod(text, &end) : 0;
    if (end != text + digits) {
        return refuse(reason, "is not a number of seconds");
    }
    double unit = strcmp(end, "") == 0 || strcmp(end, "s") == 0 ? 1
                  : strcmp(end, "m") == 0                       ? 60
                  : strcmp(end, "h") == 0                       ? 3600
                                                                : 0;
    if (unit <= 0) {
        return refuse(reason, "is not a number of seconds (s, m or h may follow)");
    }
    if (!(value * unit > 0) || value * unit > SECONDS_MAX) {
        return refuse(reason, "must be more than 0 and at most 30 days");
    }
    *seconds = value * unit;
    return 0;
}
