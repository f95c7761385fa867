/* parse.c - numbers as people write them on a command line.
 *
 * strtoull is not used: it takes signs and blanks, and reads 010 as 8.
 */
#include "cli/parse.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cli/diag.h"
#include "cli/status.h"

#define SECONDS_MAX (30.0 * 24 * 3600)

/* Value of a digit in `base`, or `base`. */
static unsigned digit_value(char letter, unsigned base) {
    unsigned value = letter >= '0' && letter <= '9'   ? (unsigned)(letter - '0')
                     : letter >= 'a' && letter <= 'f' ? (unsigned)(letter - 'a') + 10
                     : letter >= 'A' && letter <= 'F' ? (unsigned)(letter - 'A') + 10
                                                      : base;
    return value < base ? value : base;
}

static int parse_digits(const char *digits, unsigned base, uint64_t *number) {
    uint64_t value = 0;
    if (digits[0] == '\0') {
        return -EINVAL;
    }
    for (; *digits != '\0'; digits++) {
        unsigned digit = digit_value(*digits, base);
        if (digit == base || value > (UINT64_MAX - digit) / base) {
            return -EINVAL;
        }
        value = value * base + digit;
    }
    *number = value;
    return 0;
}

int cli_parse_seed(const char *text, uint64_t *seed) {
    bool hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    return parse_digits(hexadecimal ? text + 2 : text, hexadecimal ? 16 : 10, seed);
}

int cli_parse_count(const char *text, uint64_t least, uint64_t most, uint64_t *count) {
    uint64_t value = 0;
    if (parse_digits(text, 10, &value) != 0 || value < least || value > most) {
        return -EINVAL;
    }
    *count = value;
    return 0;
}

int cli_parse_seconds(const char *text, double *seconds) {
    size_t digits = strspn(text, "0123456789.");
    char *end = NULL;
    double value = digits > 0 && digits < 32 ? strtod(text, &end) : 0;
    if (end != text + digits) {
        return -EINVAL;
    }
    double unit = strcmp(end, "") == 0 || strcmp(end, "s") == 0 ? 1
                  : strcmp(end, "m") == 0                       ? 60
                  : strcmp(end, "h") == 0                       ? 3600
                                                                : 0;
    if (!(value * unit > 0) || value * unit > SECONDS_MAX) {
        return -EINVAL;
    }
    *seconds = value * unit;
    return 0;
}

int cli_take_seed(const char *what, const char *text, uint64_t *seed) {
    return cli_parse_seed(text, seed) == 0
               ? 0
               : cli_fail(CLI_USAGE,
                          "%s wants a number of 64 bits, decimal or 0x and hexadecimal digits, "
                          "not '%.100s'",
                          what, text);
}

int cli_take_count(const char *what, const char *text, uint64_t least, uint64_t most,
                   uint64_t *count) {
    return cli_parse_count(text, least, most, count) == 0
               ? 0
               : cli_fail(CLI_USAGE,
                          "%s wants a number from %" PRIu64 " to %" PRIu64 ", not '%.100s'", what,
                          least, most, text);
}

int cli_take_seconds(const char *what, const char *text, double *seconds) {
    return cli_parse_seconds(text, seconds) == 0
               ? 0
               : cli_fail(CLI_USAGE,
                          "%s wants seconds, or a number with s, m or h behind it, more than 0 and "
                          "at most 30 days, not '%.100s'",
                          what, text);
}
