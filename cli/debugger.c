/* debugger.c - the same command again, under gdb.
 */
#include "cli/debugger.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/diag.h"
#include "cli/start.h"
#include "cli/status.h"
#include "harness/result/record.h"

int cli_debugger_start(int count, char **arguments) {
    char own[2 * HD_LINE_SIZE];
    char script[2 * HD_LINE_SIZE];
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
    int status = cli_start_program(whole);
    free(whole);
    return cli_fail(CLI_INTERNAL, "gdb cannot be started: %s", strerror(-status));
}
