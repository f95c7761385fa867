/* map_trace.c - `heddle map-trace`: a script of map operations in, the map's whole state out.
 *
 * The map is the uninstrumented one of mapimpl, in this process: no task, no schedule.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/diag.h"
#include "cli/options.h"
#include "cli/start.h"
#include "cli/status.h"
#include "harness/result/record.h"
#include "mapimpl/gomap/trace.h"
#include "reports/text.h"

#define MAP_NAME "gomap"

static const char documentation[] =
    "Reads a script of map operations from standard input, one a line, runs it, and prints the "
    "map's "
    "state after each as a JSON object. The bytes are those of the traces of Go's own runtime "
    "under "
    "tests/golden."
    "\v"
    "Operations (numbers are decimal or 0x, # starts a comment):\n"
    "  new HINT [SEED]         a new map; what follows is about it\n"
    "  put K V, get K, del K, clear\n"
    "  putrange, getrange, delrange FIRST N [STEP]\n"
    "  iter [B O]              a whole iteration, from bucket B and offset O or from where the map "
    "draws\n"
    "  it.new ID [B O]         an iterator, at its first pair\n"
    "  it.next ID [N]          its pair, and a step; N times, 0 to the end\n"
    "  stat, dump, digest      the state; with every bucket; with a digest of all\n"
    "Settings, which print nothing:\n"
    "  hash mix|ident|const    of maps made from here on\n"
    "  keys KIND               likewise; what a number names: u64 itself,\n"
    "                          u32 its low half, string a text that begins with\n"
    "                          its bytes, wide 16 bytes, large 136 (and as large\n"
    "                          a value), float the number with its bits\n"
    "  rng STATE               of the stream behind the map's draws\n"
    "  reseed keep|roll        what a pinned SEED becomes when the map draws a new one\n"
    "  impl fast64|generic     Go's own steps for the kind, or those for any\n"
    "  quiet on|off            no lines but those of stat, dump and digest\n"
    "\n"
    "Examples:\n"
    "  printf 'new 0\\nputrange 1 9\\ndump\\n' | heddle map-trace\n";

static const struct argp_option options[] = {
    {"map", 'm', "NAME", 0, "which map; there is one, " MAP_NAME ", and it is the default", 0},
    {0},
};

struct request {
    int status;
};

static error_t parse_option(int key, char *text, struct argp_state *state) {
    struct request *request = state->input;
    switch (key) {
    case 'm':
        if (strcmp(text, MAP_NAME) == 0) {
            return 0;
        }
        request->status = cli_fail(CLI_USAGE, "map '%.60s' has no trace; " MAP_NAME " has", text);
        return EINVAL;
    case ARGP_KEY_ARG:
        request->status = cli_fail(
            CLI_USAGE, "unexpected argument '%.100s': the script comes on standard input", text);
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int cli_map_trace(int count, char **arguments) {
    struct request request = {0};
    const struct argp parser = {.options = options, .parser = parse_option, .doc = documentation};
    int status = cli_options_parse(&parser, count, arguments, &request, &request.status);
    if (status != 0) {
        return status;
    }
    char error[HD_LINE_SIZE] = "";
    int result = map_trace_run(stdin, stdout, error, sizeof(error));
    int written = rp_stream_flush(stdout);
    if (written != 0) {
        return cli_output_failed(written);
    }
    if (result == 0) {
        return CLI_AS_EXPECTED;
    }
    return cli_fail(result == -ENOMEM ? CLI_SYSTEM : CLI_BAD_INPUT, "standard input:%s", error);
}
