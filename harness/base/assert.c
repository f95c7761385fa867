/* assert.c - see assert.h. The line is put together by hand and written with one system call: an
 * assertion may fail on a task, inside a signal handler, or while stdio is locked. */
#include "harness/base/assert.h"

#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int hd_assert_file = STDERR_FILENO;

static size_t append(char *text, size_t size, size_t at, const char *more) {
    size_t length = strlen(more);
    if (length > size - at)
        length = size - at;
    for (size_t i = 0; i < length; i++)
        text[at + i] = more[i];
    return at + length;
}

_Noreturn void hd_exit_now(int status) {
    for (;;) /* the first call ends it */
        syscall(SYS_exit_group, status);
}

_Noreturn void hd_assert_failed(const char *file, int line, const char *condition) {
    char text[512];
    char digits[12];
    size_t digit = sizeof digits - 1;
    digits[digit] = '\0';
    do {
        digits[--digit] = (char)('0' + line % 10);
        line /= 10;
    } while (line > 0);
    size_t at = append(text, sizeof text, 0, "heddle: internal error: ");
    at = append(text, sizeof text, at, file);
    at = append(text, sizeof text, at, ":");
    at = append(text, sizeof text, at, &digits[digit]);
    at = append(text, sizeof text, at, ": ");
    at = append(text, sizeof text, at, condition);
    at = append(text, sizeof text, at, "\n");
    if (write(hd_assert_file, text, at) < 0)
        hd_exit_now(HD_EXIT_INTERNAL);
    hd_exit_now(HD_EXIT_INTERNAL);
}
