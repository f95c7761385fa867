/* nearest.c - see nearest.h.
 *
 * The distance counts insertions, deletions, changes and exchanges of two neighbours ("optimal string
 * alignment"): F. J. Damerau, "A technique for computer detection and correction of spelling errors",
 * 1964; by rows, as V. I. Levenshtein's distance is usually computed.
 */
#include "harness/base/nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LENGTH_MAX 63u /* of a name; what is longer is near to nothing */
#define WRONG_MAX  3u

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

static int fold(char letter) {
    return tolower((unsigned char)letter);
}

/* Row `line` of the distances between the first letters of both; rows hold the two before it. */
static void next_row(const char *from, const char *to, size_t line, size_t row[3][LENGTH_MAX + 1]) {
    size_t *now = row[line % 3], *before = row[(line + 2) % 3], *second = row[(line + 1) % 3];
    now[0] = line;
    for (size_t column = 1; to[column - 1] != '\0'; column++) {
        int letter = fold(from[line - 1]), other = fold(to[column - 1]);
        size_t least = smaller(before[column], now[column - 1]) + 1;
        least = smaller(least, before[column - 1] + (letter != other ? 1 : 0));
        if (line > 1 && column > 1 && letter == fold(to[column - 2]) &&
            fold(from[line - 2]) == other)
            least = smaller(least, second[column - 2] + 1);
        now[column] = least;
    }
}

/* Of two names of up to LENGTH_MAX letters. */
static size_t distance(const char *from, const char *to) {
    size_t row[3][LENGTH_MAX + 1], lines = strlen(from), width = strlen(to);
    for (size_t column = 0; column <= width; column++)
        row[0][column] = column;
    for (size_t line = 1; line <= lines; line++)
        next_row(from, to, line, row);
    return row[lines % 3][width];
}

/* The shorter of two names has a letter in common with the other. */
static size_t allowed(size_t typed, size_t meant) {
    size_t most = smaller((typed + 1) / 3, WRONG_MAX);
    return smaller(most, smaller(typed, meant) > 0 ? smaller(typed, meant) - 1 : 0);
}

static const char *beginning_with(const char *name, const char *const *names, size_t count) {
    for (size_t index = 0; index < count && strlen(name) >= 3; index++) {
        if (strncasecmp(names[index], name, strlen(name)) == 0)
            return names[index];
    }
    return NULL;
}

const char *hd_nearest(const char *name, const char *const *names, size_t count) {
    const char *nearest = NULL;
    size_t least = LENGTH_MAX, typed = strlen(name);
    for (size_t index = 0; index < count && typed <= LENGTH_MAX; index++) {
        size_t meant = strlen(names[index]);
        if (strcmp(name, names[index]) == 0)
            return NULL;
        if (meant > LENGTH_MAX)
            continue;
        size_t away = distance(name, names[index]);
        bool close = away <= allowed(typed, meant) || strcasecmp(name, names[index]) == 0;
        if (close && away < least) {
            least = away;
            nearest = names[index];
        }
    }
    return nearest != NULL ? nearest : beginning_with(name, names, count);
}

void hd_nearest_text(const char *name, const char *const *names, size_t count,
                     char text[HD_NEAREST_SIZE]) {
    const char *nearest = hd_nearest(name, names, count);
    text[0] = '\0';
    if (nearest != NULL)
        snprintf(text, HD_NEAREST_SIZE, "; did you mean '%.63s'?", nearest);
}
