/* out.c - the files a run writes.
 */
#include "cli/out.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/diag.h"
#include "cli/start.h"
#include "cli/status.h"
#include "reports/file.h"
#include "reports/json.h"
#include "reports/junit.h"

#define PATH_SIZE HD_LINE_SIZE
/* What comes behind the directory, at most: the name of a saved fault. */
#define BELOW_SIZE (sizeof("/faults/--0123456789abcdef.json") + 2 * (HD_NAME_SIZE - 1))
#define OUT_MAX    (PATH_SIZE - BELOW_SIZE)

/* ---- before the run -------------------------------------------------------------------------- */

/* mkdir -p. Returns 0 or -errno. */
static int make_directory(const char *path) {
    char prefix[PATH_SIZE];
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof(prefix)) {
        return length == 0 ? -ENOENT : -ENAMETOOLONG;
    }
    for (size_t end = 1; end <= length; end++) {
        if (path[end] != '/' && path[end] != '\0') {
            continue;
        }
        memcpy(prefix, path, end);
        prefix[end] = '\0';
        if (mkdir(prefix, 0777) != 0 && errno != EEXIST) {
            return -errno;
        }
    }
    struct stat status;
    return stat(path, &status) != 0 ? -errno : S_ISDIR(status.st_mode) ? 0 : -ENOTDIR;
}

static int write_block(FILE *stream, const void *context) {
    (void)context;
    for (int count = 0; count < 4096; count++) {
        fputc('\n', stream);
    }
    return 0;
}

/* A block is written and removed again: a full disk is seen now and not after an hour. */
static int try_directory(const char *directory) {
    char path[PATH_SIZE + 32];
    char error[HD_LINE_SIZE];
    int status = make_directory(directory);
    if (status != 0) {
        return cli_fail(CLI_CANNOT_WRITE, "%s: %s", directory, strerror(-status));
    }
    snprintf(path, sizeof(path), "%s/.heddle-%d", directory, (int)getpid());
    status = rp_file_write(path, write_block, NULL, error);
    if (status != 0) {
        return cli_fail(CLI_CANNOT_WRITE, "%s: %s", directory, strerror(-status));
    }
    unlink(path);
    return 0;
}

/* Whether a file begins as heddle's own do. */
static bool begins_with(int directory, const char *name, const char *mark) {
    char head[256] = "";
    int descriptor = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    ssize_t size = descriptor >= 0 ? read(descriptor, head, sizeof(head) - 1) : -1;
    if (descriptor >= 0) {
        close(descriptor);
    }
    return size > 0 && strstr(head, mark) != NULL;
}

/* "...-0123456789abcdef.json": the name of a saved fault. */
static bool is_fault_name(const char *name) {
    enum { TAIL = 22 };
    size_t length = strlen(name);
    const char *tail = length > TAIL ? name + length - TAIL : "";
    return tail[0] == '-' && strspn(tail + 1, "0123456789abcdef") == 16 &&
           strcmp(tail + 17, ".json") == 0;
}

/* What an earlier run left is no part of this report: its saved faults and its junit.xml are removed, and
 * nothing that heddle did not write. report.json is written over. */
static void clear_used(const char *out, const char *faults) {
    DIR *directory = opendir(faults);
    struct dirent *entry;
    while (directory != NULL && (entry = readdir(directory)) != NULL) { /* ends with the entries */
        if (is_fault_name(entry->d_name) &&
            begins_with(dirfd(directory), entry->d_name, "\"format\": \"heddle-fault\"")) {
            unlinkat(dirfd(directory), entry->d_name, 0);
        }
    }
    if (directory != NULL) {
        closedir(directory);
    }
    int above = open(out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (above >= 0 && begins_with(above, "junit.xml", "<testsuites name=\"heddle\"")) {
        unlinkat(above, "junit.xml", 0);
    }
    if (above >= 0) {
        close(above);
    }
}

/* A pipe's reader would take an end for the end: it stays open until it is written. */
static struct held {
    const char *path;
    int descriptor;
} held[2];

/* The reader may be started beside us: it has a second. */
static int hold_pipe(const char *path) {
    enum { TURNS = 100, TURN_NS = 10000000 };
    int descriptor = -1;
    for (int turn = 0; turn < TURNS && descriptor < 0; turn++) {
        descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
        if (descriptor < 0 && errno != ENXIO) {
            return cli_fail(CLI_CANNOT_WRITE, "%s: %s", path, strerror(errno));
        }
        if (descriptor < 0) {
            nanosleep(&(struct timespec){.tv_nsec = TURN_NS}, NULL);
        }
    }
    if (descriptor < 0) {
        return cli_fail(CLI_CANNOT_WRITE, "%s: nobody reads this pipe", path);
    }
    held[held[0].path != NULL] = (struct held){path, descriptor};
    return 0;
}

/* A file that is there stays as it is; one that is not is made, so that the directory is tried too.
 */
static int try_file(const char *path) {
    struct stat about;
    if (stat(path, &about) == 0 && S_ISFIFO(about.st_mode)) {
        return hold_pipe(path);
    }
    int descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);
    if (descriptor < 0) {
        return cli_fail(CLI_CANNOT_WRITE, "%s: %s", path, strerror(errno));
    }
    close(descriptor);
    return 0;
}

bool cli_out_standard(const char *path) {
    struct stat about, output;
    if (path == NULL || strcmp(path, "-") == 0) {
        return path != NULL;
    }
    return stat(path, &about) == 0 && fstat(STDOUT_FILENO, &output) == 0 &&
           (!S_ISCHR(about.st_mode) || isatty(STDOUT_FILENO)) && about.st_dev == output.st_dev &&
           about.st_ino == output.st_ino;
}

/* Nothing is removed before all else is known to be well. */
int cli_out_check(const struct cli_settings *settings) {
    char faults[PATH_SIZE];
    int status = 0;
    if (cli_out_standard(settings->junit)) {
        return cli_fail(CLI_USAGE,
                        "--junit '%.100s' is no file: only --json goes to standard output",
                        settings->junit);
    }
    if (settings->out != NULL) {
        if (strlen(settings->out) > OUT_MAX) {
            return cli_fail(CLI_CANNOT_WRITE, "%s: %s", settings->out, strerror(ENAMETOOLONG));
        }
        snprintf(faults, sizeof(faults), "%.480s/faults", settings->out);
        status = try_directory(settings->out);
        status = status != 0 ? status : try_directory(faults);
    }
    if (status == 0 && settings->json != NULL && !cli_out_standard(settings->json)) {
        status = try_file(settings->json);
    }
    if (status == 0 && settings->junit != NULL) {
        status = try_file(settings->junit);
    }
    if (status == 0 && settings->out != NULL) {
        clear_used(settings->out, faults);
    }
    return status;
}

/* ---- one fault ------------------------------------------------------------------------------- */

/* Letters that mean something in a path become '_'. */
static void put_name(char *place, size_t size, const char *name) {
    snprintf(place, size, "%s", name);
    for (; *place != '\0'; place++) {
        if (*place == '/' || (unsigned char)*place <= ' ' || *place == 0x7f) {
            *place = '_';
        }
    }
}

int cli_out_fault(const struct cli_settings *settings, const char *scenario, const char *map,
                  struct rp_saved *saved) {
    char scenario_name[HD_NAME_SIZE];
    char map_name[HD_NAME_SIZE];
    char error[HD_LINE_SIZE];
    struct hd_fault_record *record = &saved->record;
    if (settings->out == NULL) {
        return 0;
    }
    put_name(scenario_name, sizeof(scenario_name), scenario);
    put_name(map_name, sizeof(map_name), map);
    int length = snprintf(record->file, sizeof(record->file), "%s/faults/%s-%s-%016" PRIx64 ".json",
                          settings->out, scenario_name, map_name, record->signature);
    if (length < 0 || (size_t)length >= sizeof(record->file)) {
        record->file[0] = '\0';
        return cli_fail(CLI_CANNOT_WRITE, "%s: %s", settings->out, strerror(ENAMETOOLONG));
    }
    if (rp_saved_write(record->file, saved, error) != 0) {
        record->file[0] = '\0';
        return cli_fail(CLI_CANNOT_WRITE, "%s", error);
    }
    return 0;
}

/* ---- the report ------------------------------------------------------------------------------ */

static int write_json(FILE *stream, const void *context) {
    return rp_json_report(stream, context);
}

static int write_junit(FILE *stream, const void *context) {
    return rp_junit_write(stream, context, cli_date());
}

/* The pipe that was opened for this path, or -1; it is the caller's now. */
static int take_held(const char *path) {
    for (size_t index = 0; index < 2; index++) {
        if (held[index].path == path) {
            held[index].path = NULL;
            return held[index].descriptor;
        }
    }
    return -1;
}

static int put_file(const char *path, int (*write)(FILE *, const void *), const void *context) {
    char error[HD_LINE_SIZE];
    int descriptor = take_held(path);
    int status;
    if (descriptor >= 0) {
        status = rp_file_fill(descriptor, write, context);
        snprintf(error, sizeof(error), "%.400s: %s", path, strerror(-status));
    } else {
        status = rp_file_write(path, write, context, error);
    }
    if (status == -EINTR && cli_caught_signal() != 0) {
        return CLI_SIGNAL + cli_caught_signal();
    }
    return status != 0 ? cli_fail(CLI_CANNOT_WRITE, "%s", error) : 0;
}

static int put_under(const struct cli_settings *settings, const char *name,
                     int (*write)(FILE *, const void *), const struct hd_report *report) {
    char path[PATH_SIZE];
    if (settings->out == NULL) {
        return 0;
    }
    snprintf(path, sizeof(path), "%.480s/%s", settings->out, name);
    return put_file(path, write, report);
}

int cli_out_write(const char *path, int (*write)(FILE *, const void *), const void *context) {
    if (!cli_out_standard(path)) {
        return put_file(path, write, context);
    }
    int status = write(stdout, context);
    return status != 0 ? cli_output_failed(status) : 0;
}

int cli_out_partial(const struct cli_settings *settings, const struct hd_report *report) {
    return put_under(settings, "report.json", write_json, report);
}

int cli_out_all(const struct cli_settings *settings, const struct hd_report *report) {
    int first = put_under(settings, "report.json", write_json, report);
    int second = put_under(settings, "junit.xml", write_junit, report);
    int third = settings->json != NULL ? cli_out_write(settings->json, write_json, report) : 0;
    int fourth = settings->junit != NULL ? put_file(settings->junit, write_junit, report) : 0;
    return first != 0 ? first : second != 0 ? second : third != 0 ? third : fourth;
}
