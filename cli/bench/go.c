/* go.c - Go's own maps, measured by a program in Go that does what measure.c does.
 *
 * It is built once, when a bench begins, from share/heddle/bench; each measurement is a process of its own,
 * which prints one JSON object with its rate and its histogram, in the cells of histogram.h. Its file has
 * a name only while it is built, in which time no signal ends us: nothing is ever left behind.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/bench/bench.h"
#include "cli/diag.h"
#include "cli/start.h"

#define PROGRAM "/heddle-bench-go"

static int program = -1; /* descriptor of the executable */
static sigset_t usual;   /* signals that are blocked but for the build */

static bool go_is_here(void) {
    return system("go version >/dev/null 2>&1") == 0;
}

/* Runs a program in `where` (NULL: here), its standard output into *output when that is not NULL. Returns
 * its exit status, or -errno. */
static int spawn(char *const *arguments, const char *where, FILE **output, pid_t *child) {
    int ends[2] = {-1, -1};
    if (output != NULL && pipe(ends) != 0) {
        return -errno;
    }
    *child = fork();
    if (*child == 0) {
        sigprocmask(SIG_SETMASK, &usual, NULL);
        if (output != NULL) {
            dup2(ends[1], STDOUT_FILENO);
            close(ends[0]);
            close(ends[1]);
        }
        if (where == NULL || chdir(where) == 0) {
            execvp(arguments[0], arguments);
        }
        _exit(127);
    }
    int error = *child < 0 ? -errno : 0;
    if (output != NULL) {
        close(ends[1]);
        *output = error == 0 ? fdopen(ends[0], "r") : NULL;
    }
    return error;
}

static int wait_for(pid_t child) {
    int status;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            return -errno;
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* Returns 0, or -errno after one line. */
static int make_directory(char directory[PATH_MAX]) {
    const char *place = getenv("TMPDIR");
    snprintf(directory, PATH_MAX, "%s/heddle-bench-XXXXXX",
             place != NULL && place[0] != '\0' ? place : "/tmp");
    if (mkdtemp(directory) == NULL) {
        int error = -errno;
        cli_note("%s: %s (TMPDIR says where)", directory, strerror(-error));
        return error;
    }
    return 0;
}

/* Builds in a directory that is gone afterwards. Returns a descriptor, or -errno. */
static int build(const char *source, const char *directory) {
    char path[PATH_MAX + sizeof(PROGRAM)];
    snprintf(path, sizeof(path), "%s" PROGRAM, directory);
    char *arguments[] = {"go", "build", "-o", path, NULL};
    pid_t child = -1;
    int built = spawn(arguments, source, NULL, &child);
    built = built == 0 && wait_for(child) == 0 ? open(path, O_RDONLY | O_CLOEXEC) : -EIO;
    built = built == -1 ? -errno : built;
    unlink(path);
    rmdir(directory);
    return built;
}

int cli_bench_go_begin(void) {
    char source[PATH_MAX];
    char directory[PATH_MAX];
    sigset_t ending;
    if (!go_is_here()) {
        return -ENOENT;
    }
    int error = cli_share_path("bench", source, sizeof(source));
    if (error != 0) {
        cli_note("share/heddle/bench: %s", strerror(-error));
        return -EIO;
    }
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    sigprocmask(SIG_BLOCK, &ending, &usual);
    error = make_directory(directory);
    program = error == 0 ? build(source, directory) : -1;
    sigprocmask(SIG_SETMASK, &usual, NULL);
    if (error != 0) {
        return -EACCES;
    }
    if (program < 0) {
        cli_note("go build failed in %s", source);
        return -EIO;
    }
    return 0;
}

void cli_bench_go_end(void) {
    close(program);
    program = -1;
}

/* ---- one measurement ------------------------------------------------------------------------- */

/* Adds [[cell, count], ...]. Returns false when it is anything else. */
static bool add_cells(const json_t *cells, uint64_t most, struct cli_histogram *histogram) {
    size_t at;
    const json_t *pair;
    json_array_foreach(cells, at, pair) {
        json_int_t cell = json_integer_value(json_array_get(pair, 0));
        json_int_t count = json_integer_value(json_array_get(pair, 1));
        if (cell < 0 || cell >= (json_int_t)CLI_HISTOGRAM_CELLS || count <= 0) {
            return false;
        }
        histogram->cell[cell] += (uint64_t)count;
        histogram->total += (uint64_t)count;
    }
    histogram->most = most > histogram->most ? most : histogram->most;
    return histogram->total > 0;
}

static bool read_sample(FILE *stream, struct cli_sample *sample) {
    json_t *object = stream != NULL ? json_loadf(stream, 0, NULL) : NULL;
    const json_t *cells;
    json_int_t most;
    bool well =
        json_unpack(object, "{s:F, s:F, s:F, s:I, s:o}", "rate", &sample->rate, "cpu", &sample->cpu,
                    "bytes", &sample->bytes, "most", &most, "latency", &cells) == 0 &&
        add_cells(cells, (uint64_t)most, &sample->latency);
    json_decref(object);
    return well;
}

int cli_bench_go_measure(const struct cli_bench_options *options, const struct cli_bench_row *row,
                         double seconds, struct cli_sample *sample) {
    char path[64];
    char word[6][64];
    bool filling = row->reads == CLI_FILL;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", program);
    snprintf(word[0], sizeof(word[0]), "--map=%s", row->map->name + strlen("go-"));
    snprintf(word[1], sizeof(word[1]), "--threads=%u", row->threads);
    snprintf(word[2], sizeof(word[2]), "--reads=%d", filling ? -1 : (int)row->reads);
    snprintf(word[3], sizeof(word[3]), "--keys=%llu", (unsigned long long)options->keys);
    snprintf(word[4], sizeof(word[4]), "--zipf=%s", options->zipf ? "true" : "false");
    snprintf(word[5], sizeof(word[5]), "--seconds=%f", seconds);
    char *arguments[] = {path, word[0], word[1], word[2], word[3], word[4], word[5], NULL};
    FILE *stream = NULL;
    pid_t child = -1;
    int error = spawn(arguments, NULL, &stream, &child);
    bool well = error == 0 && read_sample(stream, sample);
    if (stream != NULL) {
        fclose(stream);
    }
    if (error != 0 || wait_for(child) != 0 || !well) {
        cli_note("bench of %s: its program failed", row->map->name);
        return -EIO;
    }
    return 0;
}
