/* room.c - see room.h.
 */
#include "cli/room.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>

#include "cli/diag.h"
#include "cli/status.h"
#include "harness/base/arena.h"

/* Why, in words that may be looked up; "" when nothing is known. */
static const char *advice(int status) {
    struct rlimit limit;
    if (status != -ENOMEM) {
        return "";
    }
    bool limited = getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
    return limited ? " (ulimit -v must be unlimited)" : " (vm.overcommit_memory must not be 2)";
}

int cli_room_check(void) {
    int status = hd_arena_possible();
    if (status == 0) {
        return 0;
    }
    return cli_fail(
        CLI_SYSTEM,
        "%llu GiB of address space for the heap of code under test cannot be reserved: %s%s",
        HD_ARENA_SIZE >> 30, strerror(-status), advice(status));
}
