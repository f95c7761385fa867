/* diag.c - the command's own lines on standard error.
 */
#include "cli/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "reports/text.h"

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
