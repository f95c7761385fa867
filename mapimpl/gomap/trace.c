/* trace.c - reads a script line by line and runs its operations.
 */
#include "mapimpl/gomap/trace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "mapimpl/gomap/trace_internal.h"

int trace_fail(struct trace *t, const char *format, ...) {
    char reason[160];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    snprintf(t->error, t->error_size, "%" PRIu64 ": %s", t->line, reason);
    return -EINVAL;
}

static int arguments_fail(struct trace *t, const struct trace_operation *op, unsigned given) {
    unsigned least = op->arguments_min, most = op->arguments_max;
    if (least != most) {
        return trace_fail(t, "%s takes %u to %u arguments, not %u", op->name, least, most, given);
    }
    const char *plural = least == 1 ? "" : "s";
    return trace_fail(t, "%s takes %u argument%s, not %u", op->name, least, plural, given);
}

static int run_words(struct trace *t, const struct trace_words *words) {
    for (const struct trace_operation *op = trace_operation; op->name != NULL; op++) {
        if (strcmp(words->word[0], op->name) != 0) {
            continue;
        }
        unsigned arguments = words->count - 1;
        if (arguments < op->arguments_min || arguments > op->arguments_max) {
            return arguments_fail(t, op, arguments);
        }
        if (op->needs_map && t->map == NULL) {
            return trace_fail(t, "%s before the first new", op->name);
        }
        return op->run(t, words);
    }
    return trace_fail(t, "'%.32s' is no operation", words->word[0]);
}

static int run_line(struct trace *t, char *line, size_t length) {
    if (strlen(line) != length) {
        return trace_fail(t, "contains a NUL byte");
    }
    line[strcspn(line, "#")] = '\0';
    struct trace_words words = {0};
    char *rest = NULL;
    for (char *w = strtok_r(line, " \t\r\n", &rest); w != NULL;
         w = strtok_r(NULL, " \t\r\n", &rest)) {
        if (words.count == TRACE_WORDS_MAX) {
            return trace_fail(t, "more than %u words", TRACE_WORDS_MAX);
        }
        words.word[words.count++] = w;
    }
    return words.count == 0 ? 0 : run_words(t, &words);
}

/* Reads up to the end of a line. Returns 1, 0 at the end of the script, or what trace_fail returned. */
static int read_line(struct trace *t, FILE *in, size_t *length) {
    int letter = getc_unlocked(in);
    if (letter == EOF) {
        return 0;
    }
    t->line++;
    *length = 0;
    for (; letter != EOF && letter != '\n'; letter = getc_unlocked(in)) {
        if (*length == TRACE_LINE_MAX) {
            return trace_fail(t, "a line of more than %u bytes", TRACE_LINE_MAX);
        }
        t->text[(*length)++] = (char)letter;
    }
    t->text[*length] = '\0';
    return 1;
}

/* Called where the script seems to end, with `reason` as errno was then. */
static int stream_check(struct trace *t, FILE *in, int reason) {
    if (ferror(in)) {
        t->line++; /* the one that was not read */
        trace_fail(t, "cannot be read: %s", strerror(reason));
        return -EIO;
    }
    return 0;
}

int map_trace_run(FILE *in, FILE *out, char *error, size_t size) {
    struct trace *t = calloc(1, sizeof *t);
    if (t == NULL) {
        snprintf(error, size, "1: out of memory");
        return -ENOMEM;
    }
    t->out = out;
    t->error = error;
    t->error_size = size;
    t->kind_next = trace_kind;
    GOMAP_STORE(t->random.state, 1);
    int result = 1;
    while (result > 0 &&
           !ferror(out)) { /* ends: with the script, or where nobody takes the trace */
        size_t length;
        result = read_line(t, in, &length);
        if (result > 0) {
            int ran = run_line(t, t->text, length);
            result = ran == 0 ? 1 : ran;
        }
    }
    if (result == 0) {
        result = stream_check(t, in, errno);
    }
    trace_drop(t);
    free(t);
    return result < 0 ? result : 0;
}
