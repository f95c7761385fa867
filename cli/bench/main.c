/* main.c - heddle-native: what `heddle bench` starts. No engine is linked: nothing stands between the maps
 * and the threads of the system.
 */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bench/bench.h"
#include "cli/out.h"
#include "cli/start.h"
#include "cli/status.h"
#include "harness/explore/campaign.h"

const char cli_flavour[] = "native";

/* start.c would ask a running campaign to end. Here is none. */
void hd_campaign_interrupt(void) {
}

/* One failure does not keep the other from being written. */
static int print(const struct cli_bench_options *options, const struct cli_bench_result *result) {
    const char *json = options->json;
    int written = 0;
    if (!cli_out_standard(json)) {
        written = cli_bench_print_table(result);
    }
    int status = written != 0 ? cli_output_failed(written) : CLI_AS_EXPECTED;
    int unwritten = json != NULL ? cli_out_write(json, cli_bench_print_json, result) : 0;
    return unwritten != 0 ? unwritten : status;
}

/* `heddle-native bench ...` and `heddle-native ...` are the same. */
int main(int count, char **arguments) {
    static struct cli_bench_options options;
    static char title[] = "heddle bench";
    struct cli_bench_result result = {0};
    cli_start(arguments);
    argp_err_exit_status = CLI_USAGE;
    if (count > 1 && strcmp(arguments[1], "bench") == 0) {
        arguments++;
        count--;
    }
    arguments[0] = title;
    int status = cli_bench_options_parse(count, arguments, &options);
    status = status == 0 ? cli_out_check(&(struct cli_settings){.json = options.json}) : status;
    status = status == 0 ? cli_bench_run(&options, &result) : status;
    status = status == 0 ? print(&options, &result) : status;
    free(result.row);
    return status;
}
