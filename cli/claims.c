/* claims.c - `heddle claims`: what is said of Go's growing map, and what is so.
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/claims.h"
#include "cli/command.h"
#include "cli/diag.h"
#include "cli/engine.h"
#include "cli/options.h"
#include "cli/out.h"
#include "cli/parse.h"
#include "cli/room.h"
#include "cli/start.h"
#include "cli/status.h"
#include "cli/version.h"
#include "reports/json.h"
#include "reports/layout.h"
#include "scenarios/claims/claims.h"
#include "scenarios/scenario.h"

#define PROGRAMS_DEFAULT 16u
#define PROGRAMS_MAX     1000000u
#define VERSION_MIN      119u
#define VERSION_MAX      123u

static const char documentation[] =
    "Tests popular claims about Go's growing map on the reference map: generated programs are run, "
    "the map is watched, and each claim is told with what was observed. Claims about several tasks "
    "run under schedules that follow from the seed; claims of which no map can say anything are "
    "told with the reason."
    "\v"
    "Examples:\n"
    "  heddle claims\n"
    "  heddle claims --go 121 --claim 1 --claim 15\n"
    "  heddle claims --json - | jq '.claims[] | select(.holds)'\n"
    "\n"
    "Exit status: 0 whatever the answers are; 64 usage; 70 heddle itself failed; 71 the "
    "system refuses processes or memory; 74 cannot write; "
    "130, 143 interrupted, the answers so far written.";

enum { OPTION_SEED = 0x100, OPTION_GO, OPTION_JSON };

static const struct argp_option options[] = {
    {"claim", 'c', "NUMBER", 0, "only this one; may be repeated (default: all)", 0},
    {"programs", 'n', "N", 0, "generated programs a claim (default: 16)", 0},
    {"seed", OPTION_SEED, "N", 0, "of the programs, decimal or 0x... (default: 0x5eed)", 0},
    {"go", OPTION_GO, "VERSION", 0, "which Go's map: 119 to 123 (default: 119)", 0},
    {"json", OPTION_JSON, "FILE|-", 0, "write the answers as one JSON object", 0},
    {0},
};

struct request {
    struct sn_claims_options run;
    uint64_t chosen;  /* a bit for each claim, by its number; 0: all */
    const char *json; /* file, "-" for standard output and no text there, or NULL */
    int status;
};

/* ---- options --------------------------------------------------------------------------------- */

static int choose(struct request *request, const char *text) {
    uint64_t number = 0;
    int status = cli_take_count("--claim", text, 1, SN_CLAIMS, &number);
    request->chosen |= UINT64_C(1) << number;
    return status;
}

static int take_number(struct request *request, int key, const char *text) {
    uint64_t number = 0;
    if (key == OPTION_SEED) {
        return cli_take_seed("--seed", text, &request->run.seed);
    }
    bool go = key == OPTION_GO;
    int status = go ? cli_take_count("--go", text, VERSION_MIN, VERSION_MAX, &number)
                    : cli_take_count("--programs", text, 1, PROGRAMS_MAX, &number);
    *(go ? &request->run.version : &request->run.programs) = (uint32_t)number;
    return status;
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
    struct request *request = state->input;
    switch (key) {
    case OPTION_JSON:
        request->json = text;
        return 0;
    case 'c':
        request->status = choose(request, text);
        return request->status == 0 ? 0 : EINVAL;
    case 'n':
    case OPTION_SEED:
    case OPTION_GO:
        request->status = take_number(request, key, text);
        return request->status == 0 ? 0 : EINVAL;
    case ARGP_KEY_ARG:
        request->status = cli_fail(CLI_USAGE, "unexpected argument '%.100s'", text);
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- printing -------------------------------------------------------------------------------- */

struct answers {
    const struct request *request;
    const struct sn_claim_result *result;
    uint32_t count;
    bool interrupted; /* answers are missing */
};

static const char *verdict(const struct sn_claim_result *result) {
    return result->untestable != NULL ? "-"
           : result->cases == 0       ? "untested"
           : result->holds            ? "true"
                                      : "false";
}

#define MARGIN "              " /* below a claim's number and verdict */

static void print_answer(const struct sn_claim_result *result, uint64_t seed, unsigned width) {
    char text[2 * HD_LINE_SIZE];
    snprintf(text, sizeof(text), "%2" PRIu32 "  %-8s  ", result->number, verdict(result));
    rp_text_fold(stdout, width, text, MARGIN, result->claim);
    if (result->untestable != NULL) {
        snprintf(text, sizeof(text), "not testable here, because %s", result->untestable);
        rp_text_fold(stdout, width, MARGIN, MARGIN, text);
        return;
    }
    rp_text_fold(stdout, width, MARGIN, MARGIN, result->observed);
    if (result->executions > 0) {
        snprintf(text, sizeof(text), "campaign seed 0x%016" PRIx64 ", %" PRIu64 " executions of %s",
                 seed, result->executions, SN_CLAIMS_STRATEGY);
        rp_text_fold(stdout, width, MARGIN, MARGIN, text);
    }
}

static void print_text(const struct answers *answers) {
    const struct sn_claims_options *run = &answers->request->run;
    const unsigned width = rp_width(STDOUT_FILENO);
    char text[HD_LINE_SIZE];
    for (uint32_t index = 0; index < answers->count; index++) {
        print_answer(&answers->result[index], run->seed, width);
    }
    snprintf(text, sizeof(text),
             "gomap of Go %" PRIu32 ".%" PRIu32 ", %" PRIu32 " programs a claim, seed 0x%016" PRIx64
             ": the same options tell the same",
             run->version / 100, run->version % 100, run->programs, run->seed);
    putchar('\n');
    rp_text_fold(stdout, width, "", "    ", text);
    if (answers->interrupted) {
        puts("\nINTERRUPTED, the results are partial");
    }
}

/* What has no meaning for a claim is null. */
static json_t *claim_object(const struct sn_claim_result *result, uint64_t seed) {
    json_t *object = json_object();
    bool tested = result->untestable == NULL, scheduled = result->executions > 0;
    int bad = json_object_set_new(object, "number", rp_json_count(result->number));
    bad |= json_object_set_new(object, "claim", json_string(result->claim));
    bad |= json_object_set_new(object, "untestable",
                               tested ? json_null() : json_string(result->untestable));
    bad |= json_object_set_new(object, "observed",
                               tested ? json_string(result->observed) : json_null());
    bad |= json_object_set_new(object, "cases", rp_json_count(result->cases));
    bad |= json_object_set_new(object, "holds",
                               result->cases == 0 ? json_null() : json_boolean(result->holds));
    bad |= json_object_set_new(object, "seed", scheduled ? rp_json_hex(seed) : json_null());
    bad |= json_object_set_new(object, "executions",
                               scheduled ? rp_json_count(result->executions) : json_null());
    return rp_json_whole(object, bad);
}

static int write_json(FILE *stream, const void *context) {
    const struct answers *answers = context;
    const struct request *request = answers->request;
    char version[HD_NAME_SIZE], build[HD_NAME_SIZE];
    json_t *object = json_object(), *claims = json_array();
    int bad = 0;
    cli_version_fill(version, build);
    for (uint32_t index = 0; index < answers->count; index++) {
        bad |=
            json_array_append_new(claims, claim_object(&answers->result[index], request->run.seed));
    }
    bad |= json_object_set_new(object, "version", json_string(version));
    bad |= json_object_set_new(object, "build", json_string(build));
    bad |= json_object_set_new(object, "map", json_string("gomap"));
    bad |= json_object_set_new(object, "go", rp_json_count(request->run.version));
    bad |= json_object_set_new(object, "programs", rp_json_count(request->run.programs));
    bad |= json_object_set_new(object, "seed", rp_json_hex(request->run.seed));
    bad |= json_object_set_new(object, "strategy", json_string(SN_CLAIMS_STRATEGY));
    bad |= json_object_set_new(object, "interrupted", json_boolean(answers->interrupted));
    bad |= json_object_set_new(object, "claims", claims);
    return rp_json_dump(stream, rp_json_whole(object, bad));
}

/* ---- the command ----------------------------------------------------------------------------- */

static bool stopped(void) {
    return cli_caught_signal() != 0;
}

/* A signal costs the claim that it ends, not those before it. */
static int observe(const struct request *request, struct sn_claim_result *result, uint32_t *count) {
    for (uint32_t number = 1; number <= SN_CLAIMS; number++) {
        if (request->chosen != 0 && (request->chosen >> number & 1) == 0) {
            continue;
        }
        int status = sn_claim_observe(number, &request->run, &result[*count]);
        if (stopped()) {
            return CLI_SIGNAL + cli_caught_signal();
        }
        if (status != 0) {
            char what[HD_NAME_SIZE];
            snprintf(what, sizeof(what), "claim %" PRIu32, number);
            return cli_engine_failed(status, what, "");
        }
        ++*count;
    }
    return 0;
}

static int write_answers(const struct answers *answers) {
    const char *json = answers->request->json;
    int status = json != NULL ? cli_out_write(json, write_json, answers) : 0;
    if (!cli_out_standard(json)) {
        print_text(answers);
    }
    return status;
}

static int tell(const struct request *request) {
    struct sn_claim_result result[SN_CLAIMS] = {0};
    char error[HD_LINE_SIZE] = "";
    uint32_t results = 0;
    cli_start_fixed();
    cli_catch_signals();
    if (sn_paths_init(cli_flavour, error) != 0) {
        return cli_proc_check() != 0 ? CLI_SYSTEM : cli_fail(CLI_INTERNAL, "%s", error);
    }
    int status = cli_room_check();
    status = status != 0 ? status : cli_out_check(&(struct cli_settings){.json = request->json});
    status = status != 0 ? status : observe(request, result, &results);
    if (status == 0 || stopped()) {
        const struct answers answers = {
            .request = request, .result = result, .count = results, .interrupted = status != 0};
        int unwritten = write_answers(&answers);
        status = unwritten != 0 ? unwritten : status;
    }
    return status;
}

int cli_claims(int count, char **arguments) {
    struct request request = {.run = {.seed = CLI_SEED_DEFAULT,
                                      .programs = PROGRAMS_DEFAULT,
                                      .version = VERSION_MIN,
                                      .stopped = stopped}};
    const struct argp parser = {.options = options, .parser = parse_option, .doc = documentation};
    int status = cli_options_parse(&parser, count, arguments, &request, &request.status);
    return status != 0 ? status : tell(&request);
}

int cli_claims_run(const struct cli_settings *settings) {
    const uint64_t most = PROGRAMS_MAX / PROGRAMS_DEFAULT;
    if (settings->budget > most) {
        return cli_fail(CLI_USAGE,
                        "--budget '%" PRIu64 "' is too large: at most %" PRIu64 " of claims",
                        settings->budget, most);
    }
    struct request request = {.run = {.seed = settings->seed,
                                      .programs = PROGRAMS_DEFAULT * (uint32_t)settings->budget,
                                      .version = VERSION_MIN,
                                      .stopped = stopped},
                              .json = settings->json};
    return tell(&request);
}
