/* debugger.c - the same command again, under gdb.
 */
#include "cli/debugger.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/diag.h"
#include "cli/start.h"
#include "cli/status.h"
#include "harness/result/record.h"

/* What gdb does first, tried. Returns 0 or -errno. */
static int try_trace(void) {
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        _exit(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 ? 0 : errno);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) {
        return -errno;
    }
    return WIFEXITED(status) ? -WEXITSTATUS(status) : -EPERM;
}

int cli_debugger_start(int count, char **arguments) {
    char own[2 * HD_LINE_SIZE];
    char script[2 * HD_LINE_SIZE];
    int status = cli_proc_check();
    if (status != 0) {
        return status;
    }
    int denied = try_trace();
    if (denied != 0) {
        return cli_fail(CLI_SYSTEM, "--gdb: processes may not be traced here (ptrace): %s",
                        strerror(-denied));
    }
    if (cli_flavour_path(cli_flavour, own, sizeof(own)) != 0 ||
        cli_share_path("replay.gdb", script, sizeof(script)) != 0) {
        return cli_fail(CLI_INTERNAL, "replay.gdb is not beside this executable");
    }
    const char *const before[] = {"gdb", "-q", "-x", script, "--args", own, "replay"};
    const size_t fixed = sizeof(before) / sizeof(before[0]);
    char **whole = calloc(fixed + (size_t)count + 2, sizeof(*whole));
    if (whole == NULL) {
        return cli_fail(CLI_SYSTEM, "out of memory");
    }
    memcpy(whole, before, sizeof(before));
    size_t used = fixed;
    for (int index = 1; index < count; index++) {
        if (strcmp(arguments[index], "--gdb") != 0) {
            whole[used++] = arguments[index];
        }
    }
    char last[] = "--in-process";
    whole[used] = last;
    status = cli_start_program(whole);
    free(whole);
    return cli_fail(CLI_SYSTEM, "--gdb: gdb cannot be started: %s", strerror(-status));
}
