/* read.c - lines into calls and returns: see read.h.
 */
#include "cli/history/read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/history/wide.h"
#include "harness/result/record.h"

static const struct {
    const char *name;
    enum hd_call_kind kind;
    bool keyed;
} functions[] = {
    {"put", HD_CALL_PUT, true},        {"get", HD_CALL_GET, true},
    {"delete", HD_CALL_DELETE, true},  {"clear", HD_CALL_CLEAR, false},
    {"length", HD_CALL_LENGTH, false}, {"iterate", HD_CALL_ITERATE, false},
};
#define FUNCTIONS (sizeof(functions) / sizeof(functions[0]))

const char *cli_history_name(enum hd_call_kind kind) {
    for (size_t index = 0; index < FUNCTIONS; index++) {
        if (functions[index].kind == kind) {
            return functions[index].name;
        }
    }
    return "visit";
}

/* One event, as far as its line says. Each step returns 0, -EINVAL with *reason, or -ENOMEM. */
struct event {
    struct cli_history *to;
    const json_t *object;
    uint32_t process;
    uint32_t call;      /* the open one of its process, or HD_CALL_NONE */
    const char *reason; /* what is wrong */
};

static int wrong(struct event *event, const char *reason) {
    event->reason = reason;
    return -EINVAL;
}

static const json_t *field(const struct event *event, const char *name) {
    return json_object_get(event->object, name);
}

/* ---- growing --------------------------------------------------------------------------------- */

static int make_room(struct hd_history *history) {
    if (history->calls < history->calls_max) {
        return 0;
    }
    uint32_t size = history->calls_max > 0 ? 2 * history->calls_max : 256;
    struct hd_call *call =
        size <= HD_HISTORY_CALLS_MAX ? realloc(history->call, size * sizeof(*call)) : NULL;
    if (call == NULL) {
        return -ENOMEM;
    }
    history->call = call;
    history->calls_max = size;
    return 0;
}

static int make_process(struct cli_history *history, uint32_t process) {
    if (process < history->open_size) {
        return 0;
    }
    uint32_t size = 2 * process + 16;
    uint32_t *open = realloc(history->open, size * sizeof(*open));
    if (open == NULL) {
        return -ENOMEM;
    }
    for (uint32_t index = history->open_size; index < size; index++) {
        open[index] = HD_CALL_NONE;
    }
    history->open = open;
    history->open_size = size;
    return 0;
}

/* ---- invocations ----------------------------------------------------------------------------- */

static int take_function(struct event *event, size_t *function) {
    const json_t *value = field(event, "f");
    const char *name = json_string_value(value);
    if (value == NULL) {
        return wrong(event, "\"f\" is missing");
    }
    for (size_t index = 0; name != NULL && index < FUNCTIONS; index++) {
        if (strcmp(functions[index].name, name) == 0) {
            *function = index;
            return 0;
        }
    }
    return wrong(event, "\"f\" is none of put, get, delete, clear, length, iterate");
}

static int take_key(struct event *event, uint32_t *key) {
    const json_t *value = field(event, "key");
    if (value == NULL) {
        return wrong(event, "\"key\" is missing");
    }
    int status = cli_ids_take(&event->to->keys, value, key);
    return status == -EINVAL ? wrong(event, "\"key\" is neither an integer nor a string") : status;
}

static int take_value(struct event *event, const json_t *value, uint32_t *id) {
    if (value == NULL) {
        return wrong(event, "\"value\" is missing");
    }
    int status = cli_ids_take(&event->to->values, value, id);
    return status == -EINVAL ? wrong(event, "\"value\" is neither an integer nor a string")
                             : status;
}

static int take_invoke(struct event *event) {
    size_t function = 0;
    uint32_t key = 0, value = 0;
    if (event->call != HD_CALL_NONE) {
        return wrong(event, "its process has not returned from the call before");
    }
    int status = take_function(event, &function);
    if (status == 0 && functions[function].keyed) {
        status = take_key(event, &key);
    }
    if (status == 0 && functions[function].kind == HD_CALL_PUT) {
        status = take_value(event, field(event, "value"), &value);
    }
    if (status == 0) {
        status = make_room(&event->to->history);
    }
    if (status == 0) {
        event->to->open[event->process] = hd_history_invoke(&event->to->history, event->process,
                                                            functions[function].kind, key, value);
    }
    return status;
}

/* ---- returns --------------------------------------------------------------------------------- */

/* What a return says again of its call has to be the same. */
static int compare(struct event *event) {
    const struct hd_call *call = &event->to->history.call[event->call];
    size_t function = 0;
    uint32_t id = 0;
    int status = field(event, "f") != NULL ? take_function(event, &function) : 0;
    if (status != 0) {
        return status;
    }
    if (field(event, "f") != NULL && functions[function].kind != call->kind) {
        return wrong(event, "\"f\" is not that of the call");
    }
    bool keyed =
        call->kind == HD_CALL_PUT || call->kind == HD_CALL_GET || call->kind == HD_CALL_DELETE;
    if (keyed && field(event, "key") != NULL) {
        status = take_key(event, &id);
        if (status == 0 && id != call->key) {
            return wrong(event, "\"key\" is not that of the call");
        }
    }
    if (status == 0 && call->kind == HD_CALL_PUT && field(event, "value") != NULL) {
        status = take_value(event, field(event, "value"), &id);
        if (status == 0 && id != call->value) {
            return wrong(event, "\"value\" is not that of the call");
        }
    }
    return status;
}

static int take_read(struct event *event, enum hd_presence *presence, uint64_t *value) {
    const json_t *read = field(event, "value");
    uint32_t id = 0;
    *presence = HD_ABSENT;
    if (json_is_null(read)) {
        return 0;
    }
    int status = take_value(event, read, &id);
    *presence = HD_PRESENT;
    *value = id;
    return status;
}

static int take_found(struct event *event, enum hd_presence *presence) {
    const json_t *found = field(event, "found");
    if (found != NULL && !json_is_boolean(found)) {
        return wrong(event, "\"found\" is neither true nor false");
    }
    if (found != NULL) {
        *presence = json_is_true(found) ? HD_PRESENT : HD_ABSENT;
    }
    return 0;
}

static int take_length(struct event *event, uint64_t *length) {
    const json_t *value = field(event, "value");
    if (!json_is_integer(value) || json_integer_value(value) < 0) {
        return wrong(event, "\"value\" of a length is not a number of entries");
    }
    *length = (uint64_t)json_integer_value(value);
    return 0;
}

/* [[KEY, VALUE], ...] */
static int take_visits(struct event *event) {
    const json_t *pairs = field(event, "value");
    static const char reason[] = "\"value\" of an iteration is not an array of [key, value]";
    if (!json_is_array(pairs)) {
        return wrong(event, reason);
    }
    for (size_t index = 0; index < json_array_size(pairs); index++) {
        const json_t *pair = json_array_get(pairs, index);
        uint32_t key = 0, value = 0;
        if (json_array_size(pair) != 2) {
            return wrong(event, reason);
        }
        int status = cli_ids_take(&event->to->keys, json_array_get(pair, 0), &key);
        if (status == 0) {
            status = cli_ids_take(&event->to->values, json_array_get(pair, 1), &value);
        }
        if (status == 0) {
            status = make_room(&event->to->history);
        }
        if (status != 0) {
            return status == -EINVAL ? wrong(event, reason) : status;
        }
        hd_history_visit(&event->to->history, event->call, key, value);
    }
    return 0;
}

static int take_result(struct event *event, enum hd_presence *presence, uint64_t *value) {
    switch (event->to->history.call[event->call].kind) {
    case HD_CALL_GET:
        return take_read(event, presence, value);
    case HD_CALL_DELETE:
        return take_found(event, presence);
    case HD_CALL_LENGTH:
        return take_length(event, value);
    case HD_CALL_ITERATE:
        return take_visits(event);
    default:
        return 0;
    }
}

static int take_return(struct event *event, enum hd_call_end end) {
    enum hd_presence presence = HD_UNTOLD;
    uint64_t value = 0;
    if (event->call == HD_CALL_NONE) {
        return wrong(event, "its process has no call that could return");
    }
    int status = compare(event);
    if (status == 0 && end == HD_CALL_OK) {
        status = take_result(event, &presence, &value);
    }
    if (status == 0) {
        hd_history_return(&event->to->history, event->call, end, presence, value);
        event->to->open[event->process] = HD_CALL_NONE;
    }
    return status;
}

/* ---- lines ----------------------------------------------------------------------------------- */

static int take_event(struct event *event) {
    const json_t *process = field(event, "process");
    if (!json_is_object(event->object)) {
        return wrong(event, "not an object");
    }
    if (process == NULL) {
        return wrong(event, "\"process\" is missing");
    }
    int status = cli_ids_take(&event->to->processes, process, &event->process);
    if (status == -EINVAL) {
        return wrong(event, "\"process\" is neither an integer nor a string");
    }
    if (status == 0) {
        status = make_process(event->to, event->process);
    }
    if (status != 0) {
        return status;
    }
    event->call = event->to->open[event->process];
    const json_t *type = field(event, "type");
    const char *name = json_is_string(type) ? json_string_value(type) : "";
    if (strcmp(name, "invoke") == 0) {
        return take_invoke(event);
    }
    if (strcmp(name, "ok") == 0) {
        return take_return(event, HD_CALL_OK);
    }
    if (strcmp(name, "fail") == 0) {
        return take_return(event, HD_CALL_FAIL);
    }
    if (strcmp(name, "info") == 0) {
        return take_return(event, HD_CALL_INFO);
    }
    return wrong(event, type == NULL ? "\"type\" is missing"
                                     : "\"type\" is none of invoke, ok, fail, info");
}

/* Room for a line as it is read and as it is parsed. */
struct line {
    char text[CLI_HISTORY_LINE_MAX];
    char quoted[CLI_WIDE_SIZE(CLI_HISTORY_LINE_MAX)];
    size_t length;
};

/* Returns 1 for a line, 0 at the end of the file, -EINVAL for a line that is too long. */
static int read_line(FILE *stream, struct line *line) {
    int letter = getc_unlocked(stream);
    if (letter == EOF) {
        return 0;
    }
    line->length = 0;
    for (; letter != EOF && letter != '\n'; letter = getc_unlocked(stream)) {
        if (line->length == sizeof(line->text)) {
            return -EINVAL;
        }
        line->text[line->length++] = (char)letter;
    }
    return 1;
}

static int take_line(struct cli_history *history, struct line *line, char *error) {
    struct event event = {.to = history, .reason = "out of memory"};
    json_error_t problem = {0};
    size_t length = cli_wide_quote(line->text, line->length, line->quoted, &event.reason);
    unsigned long number = (unsigned long)history->history.events + 1;
    json_t *object = NULL;
    int status = -EINVAL;
    if (length > 0) {
        object =
            json_loadb(line->quoted, length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &problem);
        event.object = object;
        event.reason = problem.text;
    } else if (line->length == 0) {
        event.reason = "an empty line";
    }
    if (object != NULL) {
        event.reason = "out of memory";
        status = take_event(&event);
    }
    json_decref(object);
    if (status != 0) {
        snprintf(error, HD_LINE_SIZE, "%lu: %s", number, event.reason);
    }
    return status;
}

int cli_history_read(FILE *stream, struct cli_history *history, char *error) {
    struct line *line = malloc(sizeof(*line));
    int status = line != NULL ? 1 : -ENOMEM;
    snprintf(error, HD_LINE_SIZE, "out of memory");
    while (status > 0) { /* ends with the file */
        status = read_line(stream, line);
        if (status == -EINVAL) {
            snprintf(error, HD_LINE_SIZE, "%lu: a line of more than %u bytes",
                     (unsigned long)history->history.events + 1, CLI_HISTORY_LINE_MAX);
        } else if (status > 0) {
            int taken = take_line(history, line, error);
            status = taken == 0 ? 1 : taken;
        }
    }
    if (status == 0 && ferror(stream) != 0) {
        status = errno != 0 ? -errno : -EIO;
        snprintf(error, HD_LINE_SIZE, "%s", strerror(-status));
    }
    free(line);
    return status;
}

void cli_history_clear(struct cli_history *history) {
    free(history->history.call);
    free(history->open);
    cli_ids_clear(&history->keys);
    cli_ids_clear(&history->values);
    cli_ids_clear(&history->processes);
    *history = (struct cli_history){0};
}
