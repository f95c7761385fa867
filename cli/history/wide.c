/* wide.c - a scan of one line, inside and outside of strings: see wide.h.
 */
#include "cli/history/wide.h"

#include <stdbool.h>
#include <string.h>

#define MARK          "\"\\u0000"
#define DIGITS_LEAST  19u /* of 2^63 = 9223372036854775808 ... */
#define DIGITS_MOST   20u /* ... and of 2^64 - 1 */
#define LEAST         "9223372036854775808"
#define MOST          "18446744073709551615"
#define OF_A_NUMBER   "+-.0123456789eE"
#define ESCAPED_NUL   "\\u0000"
#define ESCAPE_LENGTH (sizeof(ESCAPED_NUL) - 1)

/* Bytes of the number, or of what looks like one, at the start of `text`. */
static size_t number_length(const char *text, size_t length) {
    size_t count = 0;
    while (count < length && text[count] != '\0' && strchr(OF_A_NUMBER, text[count]) != NULL) {
        count++;
    }
    return count;
}

static bool is_wide(const char *number, size_t length) {
    for (size_t index = 0; index < length; index++) {
        if (number[index] < '0' || number[index] > '9') {
            return false;
        }
    }
    return (length == DIGITS_LEAST && memcmp(number, LEAST, length) >= 0) ||
           (length == DIGITS_MOST && number[0] != '0' && memcmp(number, MOST, length) <= 0);
}

/* Bytes of the string that begins at `text` with its quote, up to its end or the line's. */
static size_t string_length(const char *text, size_t length, bool *nul) {
    for (size_t index = 1; index < length; index++) {
        if (text[index] == '"') {
            return index + 1;
        }
        if (text[index] == '\\') {
            *nul = *nul || (length - index >= ESCAPE_LENGTH &&
                            memcmp(text + index, ESCAPED_NUL, ESCAPE_LENGTH) == 0);
            index++;
        }
    }
    return length;
}

static size_t put(char *to, const char *text, size_t length) {
    memcpy(to, text, length);
    return length;
}

size_t cli_wide_quote(const char *line, size_t length, char *quoted, const char **reason) {
    size_t used = 0;
    bool nul = false;
    for (size_t at = 0; at < length;) { /* ends: each turn takes a byte or more */
        size_t number = number_length(line + at, length - at);
        if (is_wide(line + at, number)) {
            used += put(quoted + used, MARK, sizeof(MARK) - 1);
            used += put(quoted + used, line + at, number);
            used += put(quoted + used, "\"", 1);
            at += number;
            continue;
        }
        size_t piece = line[at] == '"' ? string_length(line + at, length - at, &nul) : 1;
        piece = number > piece ? number : piece;
        used += put(quoted + used, line + at, piece);
        at += piece;
    }
    if (nul) {
        *reason = "a string holds the character NUL";
        return 0;
    }
    return used;
}

const char *cli_wide_digits(const char *text, size_t length) {
    return length > 1 && text[0] == '\0' ? text + 1 : NULL;
}
