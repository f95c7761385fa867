/* session.c - see session.h. */
#include "tests/docs/session.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_SIZE 512u

/* The builds with a sanitizer of their own have no ThreadSanitizer flavour. */
static bool skipped(const struct document_command *command) {
    return command->exempt || (strstr(command->text, "tsan") != NULL &&
                               access(HEDDLE_BUILD_DIR "/heddle-tsan", X_OK) != 0);
}

static void write_script(const struct document *document, const char *directory,
                         const char *prologue) {
    char path[PATH_SIZE];
    snprintf(path, sizeof(path), "%s/.script", directory);
    FILE *script = fopen(path, "w");
    cr_assert_not_null(script);
    fprintf(script,
            "%s\nunset CI GITHUB_ACTIONS HEDDLE_SEED HEDDLE_JOBS HEDDLE_EXECUTIONS HEDDLE_OUT\n"
            "export TERM=dumb\n",
            prologue);
    for (unsigned index = 0; index < document->commands; index++) {
        const struct document_command *command = &document->command[index];
        if (!skipped(command))
            fprintf(script, "echo '--- line %u'\n%s\necho %u $? >&3\n", command->line,
                    command->text, index);
    }
    cr_assert_eq(fclose(script), 0);
}

bool session_allows(const struct document_command *command, int status) {
    for (unsigned index = 0; index < command->statuses; index++) {
        if (command->status[index] == status)
            return true;
    }
    return false;
}

/* What the command of a line printed. */
static const char *log_of(const char *directory, unsigned line) {
    static char text[1u << 20];
    char path[PATH_SIZE], mark[64];
    snprintf(path, sizeof(path), "%s/.log", directory);
    FILE *stream = fopen(path, "r");
    if (stream == NULL)
        return "";
    text[fread(text, 1, sizeof(text) - 1, stream)] = '\0';
    fclose(stream);
    snprintf(mark, sizeof(mark), "--- line %u\n", line);
    char *begin = strstr(text, mark);
    char *end = begin != NULL ? strstr(begin + 1, "--- line ") : NULL;
    if (end != NULL)
        *end = '\0';
    return begin != NULL ? begin : "";
}

static void check_statuses(const char *path, const struct document *document,
                           const char *directory) {
    char name[PATH_SIZE];
    unsigned number;
    int status;
    bool seen[DOCUMENT_COMMANDS_MAX] = {false};
    snprintf(name, sizeof(name), "%s/.statuses", directory);
    FILE *statuses = fopen(name, "r");
    cr_assert_not_null(statuses);
    while (fscanf(statuses, "%u %d", &number, &status) == 2) { /* ends with the file */
        cr_assert_lt(number, document->commands);
        const struct document_command *command = &document->command[number];
        seen[number] = true;
        cr_expect(session_allows(command, status), "%s:%u: ended with %d: %s\n%s", path,
                  command->line, status, command->text, log_of(directory, command->line));
    }
    fclose(statuses);
    for (number = 0; number < document->commands; number++)
        cr_expect(seen[number] || skipped(&document->command[number]), "%s:%u: did not run: %s",
                  path, document->command[number].line, document->command[number].text);
}

void session_check(const char *path, const struct document *document, const char *directory,
                   const char *prologue) {
    char command[2 * PATH_SIZE];
    write_script(document, directory, prologue);
    snprintf(command, sizeof(command), "cd %s && bash .script </dev/null >.log 2>&1 3>.statuses",
             directory);
    cr_expect_neq(system(command), -1);
    check_statuses(path, document, directory);
}
