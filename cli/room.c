/* room.c - see room.h.
 */
#include "cli/room.h"

#include <errno.h>
#include <string.h>

#include "cli/diag.h"
#include "cli/status.h"
#include "harness/base/arena.h"

int cli_room_check(void) {
    int status = hd_arena_possible();
    if (status == 0) {
        return 0;
    }
    return cli_fail(
        CLI_INTERNAL,
        "%llu GiB of address space for the heap of code under test cannot be reserved: %s%s",
        HD_ARENA_SIZE >> 30, strerror(-status),
        status == -ENOMEM ? " (ulimit -v must be unlimited)" : "");
}
