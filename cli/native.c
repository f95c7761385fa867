/* native.c - runs `heddle bench` in a process of its own and reads what it says. See native.h.
 */
#include "cli/native.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/diag.h"
#include "cli/start.h"
#include "mapimpl/native.h"

#define LOOKUPS "100/0"
#define MIXED   "99/1"
#define FILL    "fill"
#define FIXED   12u

extern char **environ;

static bool built_in(const char *name) {
    uint32_t count;
    const struct map_ops *const *map = map_native(&count);
    for (uint32_t index = 0; index < count; index++) {
        if (strcmp(map[index]->name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* `heddle bench` for each map once. Returns how many maps there are. */
static uint32_t make_arguments(const struct hd_report *report, char *program, char **argument) {
    static char *const fixed[FIXED] = {
        NULL,        "bench", "--quiet",  "--json", "-", "--mix", LOOKUPS "," MIXED "," FILL,
        "--seconds", "0.06",  "--rounds", "3",      NULL};
    uint32_t used = 0;
    uint32_t maps = 0;
    argument[used++] = program;
    for (uint32_t index = 1; fixed[index] != NULL; index++) {
        argument[used++] = fixed[index];
    }
    for (uint32_t index = 0; index < report->rows; index++) {
        char *name = report->row[index].map;
        bool seen = false;
        for (uint32_t before = 0; before < index; before++) {
            seen |= strcmp(report->row[before].map, name) == 0;
        }
        if (!seen && built_in(name)) {
            argument[used++] = "--map";
            argument[used++] = name;
            maps++;
        }
    }
    argument[used] = NULL;
    return maps;
}

/* Runs the program with its output in a pipe. Returns the descriptor to read, or -errno. */
static int start(char **argument, pid_t *child) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return -errno;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    int error = posix_spawn(child, argument[0], &actions, NULL, argument, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (error != 0) {
        close(ends[0]);
        return -error;
    }
    return ends[0];
}

/* What the program printed as JSON, or NULL with the reason in `error`. */
static json_t *answer(char **argument, char error[HD_LINE_SIZE]) {
    pid_t child = 0;
    int status = 0;
    int output = start(argument, &child);
    if (output < 0) {
        snprintf(error, HD_LINE_SIZE, "%.300s: %s", argument[0], strerror(-output));
        return NULL;
    }
    json_error_t place;
    json_t *root = json_loadfd(output, 0, &place);
    close(output);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (root == NULL || status != 0) {
        snprintf(error, HD_LINE_SIZE, "%.300s: no figures", argument[0]);
        json_decref(root);
        return NULL;
    }
    return root;
}

static struct hd_latency latency_of(const json_t *object) {
    struct hd_latency latency = {0};
    if (json_is_object(object)) {
        latency.p50 = (uint64_t)json_integer_value(json_object_get(object, "p50"));
        latency.p99 = (uint64_t)json_integer_value(json_object_get(object, "p99"));
        latency.p999 = (uint64_t)json_integer_value(json_object_get(object, "p99.9"));
        latency.max = (uint64_t)json_integer_value(json_object_get(object, "max"));
    }
    return latency;
}

static void take_rate(const json_t *figures, json_int_t threads, double rate[HD_NATIVE_RATES]) {
    for (uint32_t power = 0; power < HD_NATIVE_RATES; power++) {
        if (threads == 1 << power) {
            rate[power] = json_number_value(json_object_get(figures, "rate"));
        }
    }
}

static void take(const json_t *figures, struct hd_native *native) {
    const char *mix = json_string_value(json_object_get(figures, "mix"));
    json_int_t threads = json_integer_value(json_object_get(figures, "threads"));
    const json_t *bytes = json_object_get(figures, "bytes_per_entry");
    if (mix == NULL) {
        return;
    }
    native->measured = true;
    if (json_is_number(bytes)) {
        native->bytes_per_entry = json_number_value(bytes);
    }
    if (strcmp(mix, LOOKUPS) == 0) {
        take_rate(figures, threads, native->lookups);
    } else if (strcmp(mix, MIXED) == 0) {
        take_rate(figures, threads, native->mixed);
    } else if (threads == 1) {
        native->calm = latency_of(json_object_get(figures, "latency_ns"));
        native->growing = latency_of(json_object_get(figures, "growth_ns"));
    }
}

static void fill(struct hd_report *report, const json_t *root) {
    size_t index;
    const json_t *figures;
    json_array_foreach(json_object_get(root, "rows"), index, figures) {
        const char *map = json_string_value(json_object_get(figures, "map"));
        for (uint32_t row = 0; row < report->rows && map != NULL; row++) {
            if (strcmp(report->row[row].map, map) == 0) {
                take(figures, &report->row[row].native);
            }
        }
    }
}

void cli_native_measure(struct hd_report *report, bool quiet) {
    char program[2 * HD_LINE_SIZE] = "heddle-native";
    char error[HD_LINE_SIZE] = "out of memory";
    char **argument = calloc(FIXED + 2 * (size_t)report->rows + 1, sizeof(*argument));
    if (argument != NULL && cli_flavour_path("native", program, sizeof(program)) == 0) {
        if (make_arguments(report, program, argument) > 0) {
            json_t *root = answer(argument, error);
            if (root != NULL) {
                fill(report, root);
            } else if (!quiet) {
                cli_note("note: nothing is measured on real threads: %s", error);
            }
            json_decref(root);
        }
    }
    free(argument);
}
