/* text.c - calls of libc that allocate for their caller: the block is of the execution's heap, as
 * every other.
 *
 * libc makes the text in its own heap, where nothing switches tasks; it is copied, and libc's is
 * freed.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/intercept/heap.h"
#include "harness/intercept/real.h"
#include "harness/intercept/reset.h"

/* Takes over a text that libc has allocated. */
static char *take_over(char *text, size_t length, const void *pc) {
    if (text == NULL || !hd_ours())
        return text;
    char *copy = hd_heap_copy(text, length, pc);
    free(text);
    return copy;
}

static int print(char **out, const char *format, va_list arguments, const void *pc) {
    char *text;
    int length = vasprintf(&text, format, arguments);
    if (length < 0)
        return length;
    *out = take_over(text, (size_t)length, pc);
    return *out == NULL ? -1 : length;
}

int __wrap_vasprintf(char **out, const char *format, va_list arguments);
int __wrap_vasprintf(char **out, const char *format, va_list arguments) {
    return print(out, format, arguments, CALLER);
}

int __wrap___vasprintf_chk(char **out, int flag, const char *format, va_list arguments);
int __wrap___vasprintf_chk(char **out, int flag, const char *format, va_list arguments) {
    (void)flag;
    return print(out, format, arguments, CALLER);
}

int __wrap_asprintf(char **out, const char *format, ...);
int __wrap_asprintf(char **out, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = print(out, format, arguments, CALLER);
    va_end(arguments);
    return length;
}

int __wrap___asprintf_chk(char **out, int flag, const char *format, ...);
int __wrap___asprintf_chk(char **out, int flag, const char *format, ...) {
    va_list arguments;
    (void)flag;
    va_start(arguments, format);
    int length = print(out, format, arguments, CALLER);
    va_end(arguments);
    return length;
}

/* A buffer of the caller's that is too small is given back for a larger one. */
static ssize_t read_line(char **line, size_t *size, int end, FILE *stream, const void *pc) {
    char *text = NULL;
    size_t room = 0;
    if (!hd_ours())
        return getdelim(line, size, end, stream);
    ssize_t length = getdelim(&text, &room, end, stream);
    int error = errno;
    if (length >= 0 && (*line == NULL || *size < (size_t)length + 1)) {
        char *copy = hd_heap_copy(text, (size_t)length, pc);
        if (copy != NULL && *line != NULL)
            hd_heap_free(*line, "getline", pc);
        length = copy != NULL ? length : -1;
        *line = copy != NULL ? copy : *line;
        *size = copy != NULL ? (size_t)length + 1 : *size;
    } else if (length >= 0) {
        memcpy(*line, text, (size_t)length + 1);
    }
    free(text);
    errno = error;
    return length;
}

ssize_t __wrap_getdelim(char **line, size_t *size, int end, FILE *stream);
ssize_t __wrap_getdelim(char **line, size_t *size, int end, FILE *stream) {
    return read_line(line, size, end, stream, CALLER);
}

ssize_t __wrap___getdelim(char **line, size_t *size, int end, FILE *stream);
ssize_t __wrap___getdelim(char **line, size_t *size, int end, FILE *stream) {
    return read_line(line, size, end, stream, CALLER);
}

ssize_t __wrap_getline(char **line, size_t *size, FILE *stream);
ssize_t __wrap_getline(char **line, size_t *size, FILE *stream) {
    return read_line(line, size, '\n', stream, CALLER);
}

char *__wrap_realpath(const char *path, char *resolved);
char *__wrap_realpath(const char *path, char *resolved) {
    char *real = realpath(path, resolved);
    return real == NULL || resolved != NULL ? real : take_over(real, strlen(real), CALLER);
}
