/* bench.c - `heddle bench`: the executable that measures is another one.
 */
#include "cli/command.h"
#include "cli/start.h"

int cli_bench(int count, char **arguments) {
    (void)count;
    (void)arguments;
    return cli_start_flavour("native");
}
