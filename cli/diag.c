/* diag.c - the command's own lines on standard error, and the guess at a mistyped name.
 *
 * The distance is Levenshtein's (V. I. Levenshtein, "Binary codes capable of correcting deletions,
 * insertions, and reversals", 1966), by rows.
 */
#include "cli/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/text.h"

#define NAME_MAX_LENGTH 63u

static char place[HD_LINE_SIZE]; /* "FILE:LINE: ", or nothing */

static void print_line(const char *before, const char *format, va_list arguments) {
    char message[2 * HD_LINE_SIZE];
    int used = snprintf(message, sizeof(message), "%s", before);
    vsnprintf(message + used, sizeof(message) - (size_t)used, format, arguments);
    char *clean = rp_text_clean(message);
    for (char *letter = clean; letter != NULL && *letter != '\0'; letter++) {
        *letter = *letter == '\n' || *letter == '\t' ? ' ' : *letter;
    }
    fprintf(stderr, "heddle: %s\n", clean != NULL ? clean : "out of memory");
    free(clean);
}

void cli_fail_in(const char *file, unsigned line) {
    place[0] = '\0';
    if (file != NULL) {
        snprintf(place, sizeof(place), "%.400s:%u: ", file, line);
    }
}

int cli_fail(int status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    print_line(place, format, arguments);
    va_end(arguments);
    return status;
}

void cli_note(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    print_line("", format, arguments);
    va_end(arguments);
}

static size_t smallest(size_t a, size_t b, size_t c) {
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

static size_t distance(const char *from, const char *to) {
    size_t row[NAME_MAX_LENGTH + 1];
    size_t width = strlen(to);
    for (size_t column = 0; column <= width; column++) {
        row[column] = column;
    }
    for (size_t line = 1; from[line - 1] != '\0'; line++) {
        size_t diagonal = row[0];
        row[0] = line;
        for (size_t column = 1; column <= width; column++) {
            size_t above = row[column];
            size_t change = diagonal + (from[line - 1] != to[column - 1] ? 1 : 0);
            row[column] = smallest(above + 1, row[column - 1] + 1, change);
            diagonal = above;
        }
    }
    return row[width];
}

const char *cli_nearest(const char *name, const char *const *names, size_t count) {
    const char *nearest = NULL;
    size_t least = 3;
    for (size_t index = 0; index < count && strlen(name) <= NAME_MAX_LENGTH; index++) {
        if (strlen(names[index]) > NAME_MAX_LENGTH) {
            continue;
        }
        size_t away = distance(name, names[index]);
        if (away < least && away < strlen(names[index])) {
            least = away;
            nearest = names[index];
        }
    }
    return nearest;
}
