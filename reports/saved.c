/* saved.c - one fault in a file of its own, as JSON.
 *
 * Reading trusts nothing: every field is required, of its type, and small enough for its place.
 * Invariant F: what rp_saved_read accepts, rp_saved_write writes back byte for byte.
 */
#include "reports/saved.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "reports/file.h"
#include "reports/json.h"

#define FORMAT        "heddle-fault"
#define SIZE_MAX_FILE (64u << 20)

/* ---- writing --------------------------------------------------------------------------------- */

static json_t *frames_array(const struct hd_frame frame[], uint32_t frames) {
    json_t *array = json_array();
    int bad = 0;
    for (uint32_t index = 0; index < frames && index < HD_STACK_FRAMES_MAX; index++) {
        json_t *object = json_object();
        bad |= json_object_set_new(object, "function", rp_json_text(frame[index].function));
        bad |= json_object_set_new(object, "file", rp_json_text(frame[index].file));
        bad |= json_object_set_new(object, "line", rp_json_count(frame[index].line));
        bad |= json_array_append_new(array, object);
    }
    return rp_json_whole(array, bad);
}

static json_t *tasks_array(const struct hd_fault_record *record) {
    json_t *array = json_array();
    int bad = 0;
    for (uint32_t index = 0; index < record->tasks && index < HD_FAULT_TASKS_MAX; index++) {
        const struct hd_fault_task *task = &record->task[index];
        json_t *object = json_object();
        bad |= json_object_set_new(object, "task", rp_json_count(task->task));
        bad |= json_object_set_new(object, "point", rp_json_count(task->point));
        bad |= json_object_set_new(object, "state", rp_json_text(task->state));
        bad |= json_object_set_new(object, "operation", rp_json_text(task->operation));
        bad |= json_object_set_new(object, "note", rp_json_text(task->note));
        bad |= json_object_set_new(object, "frames", frames_array(task->frame, task->frames));
        bad |= json_array_append_new(array, object);
    }
    return rp_json_whole(array, bad);
}

static json_t *event_object(const struct hd_fault_event *event) {
    json_t *object = json_object();
    int bad = json_object_set_new(object, "point", rp_json_count(event->point));
    bad |= json_object_set_new(object, "task", rp_json_count(event->task));
    bad |= json_object_set_new(object, "operation", rp_json_text(event->operation));
    bad |= json_object_set_new(object, "kind", rp_json_text(event->kind));
    bad |= json_object_set_new(object, "frames", frames_array(event->frame, event->frames));
    return rp_json_whole(object, bad);
}

static json_t *first_bad_object(const struct hd_first_bad *first_bad) {
    bool found = first_bad->before != NULL && first_bad->after != NULL;
    if (!first_bad->told) {
        return json_null();
    }
    json_t *object = json_object();
    int bad = json_object_set_new(object, "message", rp_json_text(first_bad->message));
    bad |= json_object_set_new(object, "seen", rp_json_count(first_bad->seen));
    bad |= json_object_set_new(object, "note", rp_json_text(first_bad->note));
    bad |= json_object_set_new(object, "executions", rp_json_count(first_bad->executions));
    bad |=
        json_object_set_new(object, "first", found ? event_object(&first_bad->first) : json_null());
    bad |=
        json_object_set_new(object, "last", found ? event_object(&first_bad->last) : json_null());
    bad |= json_object_set_new(object, "before",
                               found ? rp_json_text(first_bad->before) : json_null());
    bad |=
        json_object_set_new(object, "after", found ? rp_json_text(first_bad->after) : json_null());
    return rp_json_whole(object, bad);
}

static json_t *text_or_null(const char *text) {
    return text != NULL ? rp_json_text(text) : json_null();
}

static int put_record(json_t *object, const struct hd_fault_record *record) {
    const char *kind = hd_fault_kind_name(record->kind);
    int bad = json_object_set_new(object, "strategy", rp_json_text(record->strategy));
    bad |= json_object_set_new(object, "seed", rp_json_hex(record->seed));
    bad |= json_object_set_new(object, "digest", rp_json_hex(record->digest));
    bad |= json_object_set_new(object, "kind", rp_json_text(kind));
    bad |= json_object_set_new(object, "message", rp_json_text(record->message));
    bad |= json_object_set_new(object, "signature", rp_json_hex(record->signature));
    bad |= json_object_set_new(object, "execution", rp_json_count(record->execution));
    bad |= json_object_set_new(object, "count", rp_json_count(record->count));
    bad |= json_object_set_new(object, "point", rp_json_count(record->point));
    bad |= json_object_set_new(object, "confirmed", rp_json_count(record->confirmed));
    bad |= json_object_set_new(object, "replays", rp_json_count(record->replays));
    bad |= json_object_set_new(object, "replay", rp_json_text(record->replay));
    bad |= json_object_set_new(object, "tasks", tasks_array(record));
    bad |= json_object_set_new(object, "first_bad", first_bad_object(&record->first_bad));
    bad |= json_object_set_new(object, "schedule", text_or_null(record->schedule));
    bad |= json_object_set_new(object, "state", text_or_null(record->state));
    bad |= json_object_set_new(object, "report", text_or_null(record->report));
    return bad;
}

static int write_saved(FILE *stream, const void *context) {
    const struct rp_saved *saved = context;
    json_t *object = json_object();
    int bad = json_object_set_new(object, "format", json_string(FORMAT));
    bad |= json_object_set_new(object, "schema", json_integer(HD_SCHEMA_VERSION));
    bad |= json_object_set_new(object, "version", rp_json_text(saved->version));
    bad |= json_object_set_new(object, "build", rp_json_text(saved->build));
    bad |= json_object_set_new(object, "flavour", rp_json_text(saved->flavour));
    bad |= json_object_set_new(object, "scenario", rp_json_text(saved->scenario));
    bad |= json_object_set_new(object, "map", rp_json_text(saved->map));
    bad |= json_object_set_new(object, "campaign_seed", rp_json_hex(saved->campaign_seed));
    bad |= put_record(object, &saved->record);
    return rp_json_dump(stream, rp_json_whole(object, bad));
}

int rp_saved_write(const char *path, const struct rp_saved *saved, char *error) {
    return rp_file_write(path, write_saved, saved, error);
}

/* ---- reading --------------------------------------------------------------------------------- */

struct reader {
    const char *path;
    const char *text; /* the whole file: lines are found in it */
    char *error;
    int status; /* of the first refusal; later ones are ignored */
};

/* Line of the first `"key":` in a text, 1 without one. */
static unsigned line_of(const char *text, const char *key) {
    char quoted[HD_NAME_SIZE];
    snprintf(quoted, sizeof(quoted), "\"%s\":", key);
    const char *place = strstr(text, quoted);
    unsigned line = 1;
    for (const char *letter = text; place != NULL && letter < place; letter++) {
        line += *letter == '\n' ? 1 : 0;
    }
    return line;
}

static void refuse(struct reader *reader, const char *key, const char *reason) {
    if (reader->status == 0) {
        reader->status = -EINVAL;
        snprintf(reader->error, HD_LINE_SIZE, "%.300s:%u: '%s' %s", reader->path,
                 line_of(reader->text, key), key, reason);
    }
}

static void read_text(struct reader *reader, const json_t *object, const char *key, char *place,
                      size_t size) {
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value)) {
        refuse(reader, key, value == NULL ? "is missing" : "must be a string");
    } else if (json_string_length(value) >= size) {
        refuse(reader, key, "is too long");
    } else if (strlen(json_string_value(value)) != json_string_length(value)) {
        refuse(reader, key, "holds a NUL");
    } else {
        memcpy(place, json_string_value(value), json_string_length(value) + 1);
    }
}

static void read_heap_text(struct reader *reader, const json_t *object, const char *key,
                           char **place) {
    const json_t *value = json_object_get(object, key);
    if (value == NULL || (!json_is_string(value) && !json_is_null(value))) {
        refuse(reader, key, value == NULL ? "is missing" : "must be a string or null");
    } else if (json_is_string(value)) {
        *place = strdup(json_string_value(value));
        if (*place == NULL) {
            refuse(reader, key, "does not fit into memory");
        }
    }
}

static uint64_t read_hex(struct reader *reader, const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    size_t digits =
        text != NULL ? strspn(text + (strlen(text) > 2 ? 2 : 0), "0123456789abcdef") : 0;
    if (text == NULL || strlen(text) != 18 || strncmp(text, "0x", 2) != 0 || digits != 16) {
        refuse(reader, key, "must be a string of 0x and 16 hexadecimal digits");
        return 0;
    }
    return strtoull(text + 2, NULL, 16);
}

static uint64_t read_count(struct reader *reader, const json_t *object, const char *key,
                           uint64_t most) {
    const json_t *value = json_object_get(object, key);
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < 0 || (uint64_t)number > most) {
        refuse(reader, key, value == NULL ? "is missing" : "is not a number in its range");
        return 0;
    }
    return (uint64_t)number;
}

/* An array of objects with at most `most` entries; NULL when refused. */
static const json_t *read_array(struct reader *reader, const json_t *object, const char *key,
                                size_t most) {
    const json_t *array = json_object_get(object, key);
    if (!json_is_array(array) || json_array_size(array) > most) {
        refuse(reader, key, array == NULL ? "is missing" : "is not an array of its size");
        return NULL;
    }
    for (size_t index = 0; index < json_array_size(array); index++) {
        if (!json_is_object(json_array_get(array, index))) {
            refuse(reader, key, "must hold objects");
            return NULL;
        }
    }
    return array;
}

/* Returns how many there are. */
static uint32_t read_frames(struct reader *reader, const json_t *object, struct hd_frame frame[]) {
    const json_t *frames = read_array(reader, object, "frames", HD_STACK_FRAMES_MAX);
    uint32_t count = (uint32_t)json_array_size(frames);
    for (uint32_t index = 0; index < count; index++) {
        const json_t *entry = json_array_get(frames, index);
        read_text(reader, entry, "function", frame[index].function, sizeof(frame[index].function));
        read_text(reader, entry, "file", frame[index].file, sizeof(frame[index].file));
        frame[index].line = (uint32_t)read_count(reader, entry, "line", UINT32_MAX);
    }
    return count;
}

static void read_task(struct reader *reader, const json_t *object, struct hd_fault_task *task) {
    task->task = (uint32_t)read_count(reader, object, "task", UINT32_MAX);
    task->point = read_count(reader, object, "point", INT64_MAX);
    read_text(reader, object, "state", task->state, sizeof(task->state));
    read_text(reader, object, "operation", task->operation, sizeof(task->operation));
    read_text(reader, object, "note", task->note, sizeof(task->note));
    task->frames = read_frames(reader, object, task->frame);
}

static void read_event(struct reader *reader, const json_t *object, struct hd_fault_event *event) {
    event->point = read_count(reader, object, "point", INT64_MAX);
    event->task = (uint32_t)read_count(reader, object, "task", UINT32_MAX);
    read_text(reader, object, "operation", event->operation, sizeof(event->operation));
    read_text(reader, object, "kind", event->kind, sizeof(event->kind));
    event->frames = read_frames(reader, object, event->frame);
}

/* Files from before it was told have none. */
static void read_first_bad(struct reader *reader, const json_t *object,
                           struct hd_first_bad *first_bad) {
    if (object == NULL || json_is_null(object)) {
        return;
    }
    if (!json_is_object(object)) {
        refuse(reader, "first_bad", "must be an object or null");
        return;
    }
    first_bad->told = true;
    read_text(reader, object, "message", first_bad->message, sizeof(first_bad->message));
    first_bad->seen = read_count(reader, object, "seen", INT64_MAX);
    read_text(reader, object, "note", first_bad->note, sizeof(first_bad->note));
    first_bad->executions = (uint32_t)read_count(reader, object, "executions", UINT32_MAX);
    read_heap_text(reader, object, "before", &first_bad->before);
    read_heap_text(reader, object, "after", &first_bad->after);
    if ((first_bad->before == NULL) != (first_bad->after == NULL)) {
        refuse(reader, "before", "and 'after' belong together");
    } else if (first_bad->before != NULL) {
        read_event(reader, json_object_get(object, "first"), &first_bad->first);
        read_event(reader, json_object_get(object, "last"), &first_bad->last);
    }
}

static void read_record(struct reader *reader, const json_t *object,
                        struct hd_fault_record *record) {
    char kind[HD_NAME_SIZE] = "";
    read_text(reader, object, "strategy", record->strategy, sizeof(record->strategy));
    record->seed = read_hex(reader, object, "seed");
    record->digest = read_hex(reader, object, "digest");
    read_text(reader, object, "kind", kind, sizeof(kind));
    record->kind = hd_fault_kind_from_name(kind);
    if (hd_fault_kind_name(record->kind) == NULL) {
        refuse(reader, "kind", "is no kind of fault");
    }
    read_text(reader, object, "message", record->message, sizeof(record->message));
    record->signature = read_hex(reader, object, "signature");
    record->execution = read_count(reader, object, "execution", INT64_MAX);
    record->count = read_count(reader, object, "count", INT64_MAX);
    record->point = read_count(reader, object, "point", INT64_MAX);
    record->confirmed = (uint32_t)read_count(reader, object, "confirmed", UINT32_MAX);
    record->replays = (uint32_t)read_count(reader, object, "replays", UINT32_MAX);
    read_text(reader, object, "replay", record->replay, sizeof(record->replay));
    const json_t *tasks = read_array(reader, object, "tasks", HD_FAULT_TASKS_MAX);
    record->tasks = (uint32_t)json_array_size(tasks);
    for (uint32_t index = 0; index < record->tasks; index++) {
        read_task(reader, json_array_get(tasks, index), &record->task[index]);
    }
    read_first_bad(reader, json_object_get(object, "first_bad"), &record->first_bad);
    read_heap_text(reader, object, "schedule", &record->schedule);
    read_heap_text(reader, object, "state", &record->state);
    read_heap_text(reader, object, "report", &record->report);
}

static void read_head(struct reader *reader, const json_t *object, struct rp_saved *saved) {
    char format[HD_NAME_SIZE] = "";
    read_text(reader, object, "format", format, sizeof(format));
    if (strcmp(format, FORMAT) != 0) {
        refuse(reader, "format", "is not \"" FORMAT "\"");
    }
    if (read_count(reader, object, "schema", INT64_MAX) != HD_SCHEMA_VERSION) {
        refuse(reader, "schema", "is not one that this heddle reads");
    }
    read_text(reader, object, "version", saved->version, sizeof(saved->version));
    read_text(reader, object, "build", saved->build, sizeof(saved->build));
    read_text(reader, object, "flavour", saved->flavour, sizeof(saved->flavour));
    read_text(reader, object, "scenario", saved->scenario, sizeof(saved->scenario));
    read_text(reader, object, "map", saved->map, sizeof(saved->map));
    saved->campaign_seed = read_hex(reader, object, "campaign_seed");
}

/* Returns the object that the file holds, or NULL with *error filled. */
static json_t *parse(const char *path, const char *text, size_t size, char *error) {
    json_error_t cause;
    json_t *object = json_loadb(text, size, JSON_REJECT_DUPLICATES, &cause);
    if (object == NULL) {
        snprintf(error, HD_LINE_SIZE, "%.300s:%d: %s", path, cause.line > 0 ? cause.line : 1,
                 cause.text);
    } else if (!json_is_object(object)) {
        snprintf(error, HD_LINE_SIZE, "%.300s:1: not a saved fault", path);
        json_decref(object);
        object = NULL;
    }
    for (char *letter = error; object == NULL && *letter != '\0'; letter++) {
        *letter = (unsigned char)*letter < 0x20 || *letter == 0x7f ? '?' : *letter;
    }
    return object;
}

int rp_saved_read(const char *path, struct rp_saved *saved, char *error) {
    char *text = NULL;
    size_t size = 0;
    int status = rp_file_read(path, SIZE_MAX_FILE, &text, &size, error);
    if (status != 0) {
        return status;
    }
    json_t *object = parse(path, text, size, error);
    struct reader reader = {.path = path, .text = text, .error = error};
    reader.status = object != NULL ? 0 : -EINVAL;
    if (object != NULL) {
        struct rp_saved read = {0};
        read_head(&reader, object, &read);
        read_record(&reader, object, &read.record);
        snprintf(read.record.file, sizeof(read.record.file), "%s", path);
        if (reader.status == 0) {
            *saved = read;
        } else {
            rp_saved_clear(&read);
        }
    }
    json_decref(object);
    free(text);
    return reader.status;
}

void rp_saved_clear(struct rp_saved *saved) {
    hd_fault_record_clear(&saved->record);
}

unsigned rp_saved_line(const char *path, const char *key) {
    char error[HD_LINE_SIZE];
    char *text = NULL;
    size_t size = 0;
    if (rp_file_read(path, SIZE_MAX_FILE, &text, &size, error) != 0) {
        return 1;
    }
    unsigned line = line_of(text, key);
    free(text);
    return line;
}
