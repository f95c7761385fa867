/* main.c - heddle-native: what `heddle bench` starts. No engine is linked: nothing stands between the maps
 * and the threads of the system.
 */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bench/bench.h"
#include "cli/diag.h"
#include "cli/start.h"
#include "cli/status.h"
#include "harness/explore/campaign.h"

const char cli_flavour[] = "native";

/* start.c would ask a running campaign to end. Here is none. */
void hd_campaign_interrupt(void) {
}

/* Says that `path` cannot be written before minutes of measuring have passed. */
static int check_json(const char *path) {
    FILE *stream = path == NULL || strcmp(path, "-") == 0 ? NULL : fopen(path, "ae");
    if (stream != NULL) {
        fclose(stream);
    } else if (path != NULL && strcmp(path, "-") != 0) {
        return cli_fail(CLI_CANNOT_WRITE, "%s: %m", path);
    }
    return 0;
}

static int print(const struct cli_bench_options *options, const struct cli_bench_result *result) {
    bool only_json = options->json != NULL && strcmp(options->json, "-") == 0;
    int error = only_json ? 0 : cli_bench_print_table(result);
    if (error != 0) {
        return cli_output_failed(error);
    }
    error = options->json != NULL ? cli_bench_print_json(result, options->json) : 0;
    if (error != 0) {
        return cli_fail(CLI_CANNOT_WRITE, "%s: %s", options->json, strerror(-error));
    }
    return CLI_AS_EXPECTED;
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
    status = status == 0 ? check_json(options.json) : status;
    status = status == 0 ? cli_bench_run(&options, &result) : status;
    status = status == 0 ? print(&options, &result) : status;
    free(result.row);
    return status;
}
