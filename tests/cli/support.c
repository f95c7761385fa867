/* support.c - see support.h. */
#include "tests/cli/support.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static char directory[64];
static struct child child;

const char *scratch_begin(void) {
    snprintf(directory, sizeof(directory), "/tmp/heddle-test-cli-XXXXXX");
    cr_assert_not_null(mkdtemp(directory));
    return directory;
}

void scratch_end(void) {
    char command[128];
    snprintf(command, sizeof(command), "rm -rf %s", directory);
    cr_expect_eq(system(command), 0);
}

static void read_file(const char *name, char *text, size_t size) {
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    FILE *stream = fopen(path, "r");
    cr_assert_not_null(stream, "%s", path);
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
             "cd %s && export H='%s' TERM=dumb && unset CI GITHUB_ACTIONS HEDDLE_SEED HEDDLE_JOBS "
             "HEDDLE_EXECUTIONS HEDDLE_OUT; (%s\n) >.output 2>.errors </dev/null",
             directory, program, inner);
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
