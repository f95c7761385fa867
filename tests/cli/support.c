/* support.c - see support.h. */
#include "tests/cli/support.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static struct child child;

static void read_file(const char *name, char *text, size_t size) {
    FILE *stream = fopen(name, "r");
    cr_assert_not_null(stream, "%s", name);
    text[fread(text, 1, size - 1, stream)] = '\0';
    fclose(stream);
}

/* The inner parentheses keep a redirection in `format` apart from the outer one. */
const struct child *sh(const char *program, const char *format, ...) {
    char inner[4096];
    char command[8192];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(inner, sizeof(inner), format, arguments);
    va_end(arguments);
    snprintf(command, sizeof(command),
             "H=${PROGRAM##*/} PATH=${PROGRAM%%/*}:$PATH TERM=dumb; export H PATH TERM; unset "
             "PROGRAM CI GITHUB_ACTIONS HEDDLE_SEED HEDDLE_JOBS HEDDLE_EXECUTIONS HEDDLE_OUT; "
             "(%s\n) >.output 2>.errors </dev/null",
             inner);
    setenv("PROGRAM", program, 1);
    int status = system(command);
    child.status = WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
    read_file(".output", child.output, sizeof(child.output));
    read_file(".errors", child.errors, sizeof(child.errors));
    return &child;
}

size_t count_lines(const char *text) {
    size_t lines = 0;
    for (; *text != '\0'; text++) {
        lines += *text == '\n' ? 1 : 0;
    }
    return lines;
}

void refused(const char *program, int status, const char *part, const char *arguments) {
    const struct child *ended = sh(program, "exec $H %s", arguments);
    cr_expect_eq(ended->status, status, "%s: status %d: %s", arguments, ended->status,
                 ended->errors);
    cr_expect_eq(count_lines(ended->errors), 1, "%s: %s", arguments, ended->errors);
    cr_expect_eq(strncmp(ended->errors, "heddle", 6), 0, "%s: %s", arguments, ended->errors);
    cr_expect_not_null(strstr(ended->errors, part), "%s: %s", arguments, ended->errors);
    cr_expect_str_eq(ended->output, "", "%s", arguments);
}
