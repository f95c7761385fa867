/* check_history.c - `heddle check-history`: is this recorded history linearizable?
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/diag.h"
#include "cli/engine.h"
#include "cli/history/print.h"
#include "cli/history/read.h"
#include "cli/options.h"
#include "cli/out.h"
#include "cli/parse.h"
#include "cli/start.h"
#include "cli/status.h"
#include "harness/result/record.h"

#define STEPS_DEFAULT  100000000ull
#define STEPS_MAX      1000000000000ull
#define MEMORY_DEFAULT 256u /* MiB */
#define MEMORY_MAX     16384u

enum { OPTION_STEPS = 0x100, OPTION_TIME, OPTION_MEMORY, OPTION_JSON };

static const struct argp_option options[] = {
    {"json", OPTION_JSON, "FILE|-", 0, "write the answer as one JSON object", 0},
    {"steps", OPTION_STEPS, "N", 0, "give up after so many steps (default: 100000000)", 0},
    {"time", OPTION_TIME, "SECONDS", 0, "give up after so long, too", 0},
    {"memory", OPTION_MEMORY, "MIB", 0, "remember so much of what was tried (default: 256)", 0},
    {0},
};

static const char documentation[] =
    "Says whether a recorded history of calls on a map could have come from a map that does one "
    "thing "
    "at a time. FILE (or -, or nothing: standard input) holds a JSON object a line, in order of "
    "time:\n"
    "  {\"process\": 0, \"type\": \"invoke\", \"f\": \"put\", \"key\": 1, \"value\": 5}\n"
    "  {\"process\": 0, \"type\": \"ok\", \"f\": \"put\", \"key\": 1, \"value\": 5}\n"
    "  {\"process\": 1, \"type\": \"invoke\", \"f\": \"get\", \"key\": 1}\n"
    "  {\"process\": 1, \"type\": \"ok\", \"f\": \"get\", \"key\": 1, \"value\": 5}"
    "\v"
    "type is invoke, ok, fail (it did not happen) or info (it may have); f is put, get, delete, "
    "clear, "
    "length or iterate.\n"
    "\n"
    "Examples:\n"
    "  heddle check-history history.jsonl\n"
    "  heddle check-history --json - --time 10 <history.jsonl\n"
    "\n"
    "Exit status: 0 linearizable; 1 not; 3 no answer within the budget, or nothing to check; 64 "
    "usage; 65 malformed.";

struct request {
    const char *name; /* "-": standard input; NULL: that, too */
    uint64_t steps;
    uint64_t memory; /* MiB */
    double seconds;  /* 0: no bound */
    const char *json;
    int status;
};

static int take_file(struct request *request, const char *text) {
    if (request->name != NULL) {
        return cli_fail(CLI_USAGE, "unexpected argument '%.100s'", text);
    }
    request->name = text;
    return 0;
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
    struct request *request = state->input;
    switch (key) {
    case OPTION_JSON:
        request->json = text;
        return 0;
    case OPTION_STEPS:
        request->status = cli_take_count("--steps", text, 1, STEPS_MAX, &request->steps);
        break;
    case OPTION_MEMORY:
        request->status = cli_take_count("--memory", text, 1, MEMORY_MAX, &request->memory);
        break;
    case OPTION_TIME:
        request->status = cli_take_seconds("--time", text, &request->seconds);
        break;
    case ARGP_KEY_ARG:
        request->status = take_file(request, text);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return request->status == 0 ? 0 : EINVAL;
}

/* ---- where the answer goes ------------------------------------------------------------------- */

static bool is_history(const char *json, const char *name) {
    struct stat file, history;
    int failed = strcmp(name, "-") == 0 ? fstat(STDIN_FILENO, &history) : stat(name, &history);
    return failed == 0 && stat(json, &file) == 0 && S_ISREG(file.st_mode) &&
           file.st_dev == history.st_dev && file.st_ino == history.st_ino;
}

/* `--json FILE` must never be the history, whoever meant a word without a value by it. */
static int check_json(const struct request *request) {
    const char *json = request->json;
    if (json == NULL || cli_out_standard(json)) {
        return 0;
    }
    if (request->name == NULL) {
        return cli_fail(CLI_USAGE, "--json '%.100s' needs the history's FILE, or -, besides", json);
    }
    if (is_history(json, request->name)) {
        return cli_fail(CLI_USAGE, "--json '%.100s' is the history itself", json);
    }
    return cli_out_check(&(struct cli_settings){.json = json});
}

/* ---- reading --------------------------------------------------------------------------------- */

static FILE *open_file(const char *name) {
    FILE *stream = fopen(name, "r");
    struct stat about;
    if (stream != NULL && fstat(fileno(stream), &about) == 0 && S_ISDIR(about.st_mode)) {
        fclose(stream);
        errno = EISDIR;
        return NULL;
    }
    return stream;
}

/* Returns 0 or an exit status after one line. */
static int read_history(const char *name, const char *shown, struct cli_history *read) {
    char error[HD_LINE_SIZE];
    FILE *stream = name != NULL ? open_file(name) : stdin;
    if (stream == NULL) {
        return cli_fail(cli_input_status(-errno), "%s: %s", shown, strerror(errno));
    }
    int status = cli_history_read(stream, read, error);
    if (stream != stdin) {
        fclose(stream);
    }
    if (status == 0) {
        return 0;
    }
    return cli_fail(cli_input_status(status), "%s:%s%s", shown,
                    error[0] >= '0' && error[0] <= '9' ? "" : " ", error);
}

/* ---- checking -------------------------------------------------------------------------------- */

static bool time_is_up(void *context) {
    return cli_now() >= *(const double *)context;
}

static int check(const struct request *request, const struct hd_history *history,
                 struct hd_check_result *result) {
    struct hd_checker *checker = hd_checker_new(history->calls, (size_t)request->memory << 20);
    double end = cli_now() + request->seconds;
    struct hd_check_budget budget = {.steps_max = request->steps, .context = &end};
    if (checker == NULL) {
        return cli_fail(CLI_SYSTEM, "out of memory");
    }
    budget.stop = request->seconds > 0 ? time_is_up : NULL;
    hd_check_map(checker, history, &budget, result);
    hd_checker_free(checker);
    return 0;
}

static int status_of(const struct cli_history_report *report) {
    if (report->read->history.events == 0 || report->result->verdict == HD_CHECK_UNKNOWN) {
        return CLI_NO_ANSWER;
    }
    return report->result->verdict == HD_CHECK_ILLEGAL ? CLI_FAULT : CLI_AS_EXPECTED;
}

static int write_json(FILE *stream, const void *report) {
    return cli_history_print_json(stream, report);
}

static int check_and_print(const struct request *request, const struct cli_history_report *report,
                           struct hd_check_result *result) {
    int status = check(request, &report->read->history, result);
    if (status != 0) {
        return status;
    }
    if (request->json != NULL) {
        status = cli_out_write(request->json, write_json, report);
    }
    int written = 0;
    if (!cli_out_standard(request->json)) {
        written = cli_history_print(stdout, report);
    }
    return written != 0 ? cli_output_failed(written) : status != 0 ? status : status_of(report);
}

int cli_check_history(int count, char **arguments) {
    struct request request = {.steps = STEPS_DEFAULT, .memory = MEMORY_DEFAULT};
    const struct argp parser = {
        .options = options, .parser = parse_option, .args_doc = "[FILE|-]", .doc = documentation};
    int status = cli_options_parse(&parser, count, arguments, &request, &request.status);
    status = status != 0 ? status : check_json(&request);
    if (status != 0) {
        return status;
    }
    if (request.name != NULL && strcmp(request.name, "-") == 0) {
        request.name = NULL;
    }
    struct cli_history read = {0};
    struct hd_check_result result = {0};
    const struct cli_history_report report = {.name = request.name != NULL ? request.name
                                                                           : "standard input",
                                              .read = &read,
                                              .result = &result};
    status = read_history(request.name, report.name, &read);
    if (status == 0) {
        status = check_and_print(&request, &report, &result);
    }
    cli_history_clear(&read);
    return status;
}
