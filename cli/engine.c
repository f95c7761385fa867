/* engine.c - see engine.h.
 */
#include "cli/engine.h"

#include <errno.h>
#include <string.h>

#include "cli/diag.h"
#include "cli/status.h"

const char *cli_engine_reason(int status, const char *line) {
    switch (status) {
    case -EAGAIN:
        return "no more processes or threads may be made (ulimit -u, or a limit of the container)";
    case -ENOMEM:
        return "out of memory, or of address space (ulimit -v)";
    case -ELIBBAD:
        return CLI_TSAN_ENDED;
    case -ENOTRECOVERABLE:
        return "an assertion of heddle failed in a process that ran executions";
    case -EOWNERDEAD:
        return "processes that run executions are killed by a signal from outside (a limit of "
               "processor time or "
               "memory, or kill)";
    case -ECHILD:
        return "a process that runs executions ended between two of them";
    default:
        return line[0] != '\0' ? line : strerror(-status);
    }
}

int cli_engine_status(int status) {
    switch (status) {
    case -ELIBBAD:
        return CLI_TSAN;
    case -EAGAIN:
    case -ENOMEM:
    case -EMFILE:
    case -ENFILE:
    case -EOWNERDEAD:
        return CLI_SYSTEM;
    default:
        return CLI_INTERNAL;
    }
}

int cli_input_status(int status) {
    return cli_engine_status(status) == CLI_SYSTEM ? CLI_SYSTEM : CLI_BAD_INPUT;
}

int cli_engine_failed(int status, const char *what, const char *line) {
    return cli_fail(cli_engine_status(status), "%s: %s", what, cli_engine_reason(status, line));
}
