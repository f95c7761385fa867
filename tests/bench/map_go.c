/* map_go.c - Go's side of the comparison: a child process that answers one line a round.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/map.h"

struct bench_go {
    FILE *requests;
    FILE *answers;
    pid_t pid;
};

static _Noreturn void die(const char *what) {
    fprintf(stderr, "bench-map: %s\n", what);
    exit(70);
}

struct bench_go *bench_go_start(const char *program, const char *gogc) {
    int down[2];
    int up[2];
    posix_spawn_file_actions_t files;
    struct bench_go *go = calloc(1, sizeof *go);
    if (go == NULL || pipe2(down, O_CLOEXEC) != 0 || pipe2(up, O_CLOEXEC) != 0 ||
        posix_spawn_file_actions_init(&files) != 0) {
        die("no pipe to Go's side");
    }
    posix_spawn_file_actions_adddup2(&files, down[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, up[1], STDOUT_FILENO);
    setenv("GOGC", gogc, 1);
    setenv("GOMAXPROCS", "1", 1);
    char *arguments[] = {(char *)(uintptr_t)program, NULL};
    if (posix_spawn(&go->pid, program, &files, NULL, arguments, environ) != 0) {
        die("Go's side does not start");
    }
    posix_spawn_file_actions_destroy(&files);
    close(down[0]);
    close(up[1]);
    go->requests = fdopen(down[1], "w");
    go->answers = fdopen(up[0], "r");
    return go;
}

struct bench_result bench_go(struct bench_go *go, const struct bench_row *row) {
    struct bench_result result = {0};
    char line[128];
    fprintf(go->requests, "%d %d %" PRIu32 "\n", (int)row->operation, row->strings, row->count);
    if (fflush(go->requests) != 0 || fgets(line, sizeof line, go->answers) == NULL ||
        sscanf(line, "%lf %" SCNu64, &result.ns, &result.check) != 2) {
        die("Go's side gave no answer");
    }
    result.ns_memory = result.ns;
    return result;
}

void bench_go_stop(struct bench_go *go) {
    if (go != NULL) {
        fclose(go->requests);
        fclose(go->answers);
        waitpid(go->pid, NULL, 0);
        free(go);
    }
}
