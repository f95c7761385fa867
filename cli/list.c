/* list.c - `heddle list`: what there is to run.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/diag.h"
#include "cli/options.h"
#include "cli/plan.h"
#include "cli/settings.h"
#include "cli/start.h"
#include "cli/status.h"
#include "cli/tags.h"
#include "harness/strategy/strategy.h"
#include "reports/json.h"
#include "reports/layout.h"
#include "reports/text.h"
#include "scenarios/scenario.h"

#include <unistd.h>

static const char documentation[] = "Lists scenarios, maps and strategies."
                                    "\v"
                                    "Examples:\n"
                                    "  heddle list\n"
                                    "  heddle list --tag growth\n"
                                    "  heddle list --json | jq -r '.maps[].name'\n";

#define SUMMARY_LEAST 40u /* columns: with fewer it says nothing */

enum { OPTION_JSON = 0x100, OPTION_TAG };

static const struct argp_option options[] = {
    {"tag", OPTION_TAG, "TAG", 0, "only scenarios with this tag; may be repeated", 0},
    {"json", OPTION_JSON, NULL, 0, "one JSON object instead of tables", 0},
    {0},
};

struct listing {
    bool json;
    struct cli_names tags; /* empty: any */
    int status;
};

static error_t parse_option(int key, char *text, struct argp_state *state) {
    struct listing *listing = state->input;
    switch (key) {
    case OPTION_JSON:
        listing->json = true;
        return 0;
    case OPTION_TAG:
        if (cli_names_add(&listing->tags, text) == 0)
            return 0;
        listing->status = cli_fail(CLI_USAGE, "--tag '%.100s' is one too many", text);
        return EINVAL;
    case ARGP_KEY_ARG:
        listing->status = cli_fail(CLI_USAGE, "unexpected argument '%.100s'", text);
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- gathering: one JSON object feeds both forms --------------------------------------------- */

static const char *kind_name(enum map_kind kind) {
    return kind == MAP_SAFE ? "safe" : kind == MAP_MUTANT ? "mutant" : "plain";
}

static int add_scenario(json_t *array, const char *name, const struct cli_names *tags_wanted) {
    char error[HD_LINE_SIZE] = "";
    struct sn_scenario *scenario = NULL;
    int status = sn_scenario_open(name, &scenario, error);
    if (status != 0) {
        return cli_open_failed(status, "/", "", error);
    }
    if (!cli_tags_match(scenario, tags_wanted)) {
        sn_scenario_close(scenario);
        return 0;
    }
    uint32_t count = 0;
    const char *const *tags = sn_scenario_tags(scenario, &count);
    json_t *words = json_array();
    int bad = 0;
    for (uint32_t index = 0; index < count; index++) {
        bad |= json_array_append_new(words, rp_json_text(tags[index]));
    }
    json_t *object = json_object();
    bad |= json_object_set_new(object, "name", rp_json_text(sn_scenario_name(scenario)));
    bad |= json_object_set_new(object, "summary", rp_json_text(sn_scenario_question(scenario)));
    bad |= json_object_set_new(object, "tags", words);
    bad |= json_array_append_new(array, object);
    sn_scenario_close(scenario);
    return bad != 0 ? cli_fail(CLI_SYSTEM, "out of memory") : 0;
}

static int add_map(json_t *array, const char *name) {
    char error[HD_LINE_SIZE] = "";
    struct sn_map *map = NULL;
    int status = sn_map_open(name, &map, error);
    if (status != 0) {
        return cli_open_failed(status, "/", "", error);
    }
    const struct map_ops *ops = sn_map_ops(map);
    json_t *object = json_object();
    int bad = json_object_set_new(object, "name", rp_json_text(ops->name));
    bad |= json_object_set_new(object, "summary", rp_json_text(ops->summary));
    bad |= json_object_set_new(object, "kind", rp_json_text(kind_name(ops->kind)));
    bad |= json_array_append_new(array, object);
    sn_map_close(map);
    return bad != 0 ? cli_fail(CLI_SYSTEM, "out of memory") : 0;
}

static int add_strategies(json_t *array) {
    int bad = 0;
    for (uint32_t index = 0; index < hd_strategies_count; index++) {
        json_t *object = json_object();
        bad |= json_object_set_new(object, "name", rp_json_text(hd_strategies[index].name));
        bad |= json_object_set_new(object, "summary", rp_json_text(hd_strategies[index].summary));
        bad |= json_array_append_new(array, object);
    }
    return bad != 0 ? cli_fail(CLI_SYSTEM, "out of memory") : 0;
}

/* Returns 0 with *listed filled, or an exit status after one line. */
static int gather(const struct cli_names *tags, json_t **listed) {
    json_t *object = json_pack("{s:[], s:[], s:[]}", "scenarios", "maps", "strategies");
    if (object == NULL) {
        return cli_fail(CLI_SYSTEM, "out of memory");
    }
    uint32_t count = 0;
    int status = 0;
    const char *const *names = sn_scenario_names(&count);
    for (uint32_t index = 0; index < count && status == 0; index++) {
        status = add_scenario(json_object_get(object, "scenarios"), names[index], tags);
    }
    names = sn_map_names(&count);
    for (uint32_t index = 0; index < count && status == 0; index++) {
        status = add_map(json_object_get(object, "maps"), names[index]);
    }
    if (status == 0) {
        status = add_strategies(json_object_get(object, "strategies"));
    }
    if (status != 0) {
        json_decref(object);
        return status;
    }
    *listed = object;
    return 0;
}

/* ---- printing -------------------------------------------------------------------------------- */

/* A cell of the table: a string, or the words of an array. */
static void put_cell(const json_t *value, char text[HD_LINE_SIZE]) {
    size_t used = 0;
    text[0] = '\0';
    if (json_is_string(value)) {
        snprintf(text, HD_LINE_SIZE, "%s", json_string_value(value));
    }
    for (size_t index = 0; index < json_array_size(value) && used < HD_LINE_SIZE; index++) {
        const char *word = json_string_value(json_array_get(value, index));
        used +=
            (size_t)snprintf(text + used, HD_LINE_SIZE - used, "%s%s", used > 0 ? " " : "", word);
    }
}

/* What a tag or a kind says, the summary says too, more or less: it goes first. */
static int print_table(const json_t *array, const char *title, const char *middle) {
    const struct rp_column columns[] = {
        {.name = title, .wide = RP_NAME},
        {.name = middle, .drop = 1},
        {.name = "summary", .wide = RP_CUT, .least = SUMMARY_LEAST},
    };
    const char *const keys[] = {"name", middle, "summary"};
    size_t rows = json_array_size(array);
    char(*text)[HD_LINE_SIZE] = calloc(rows * 3 + 1, sizeof(*text));
    const char **cell = calloc(rows * 3 + 1, sizeof(*cell));
    const struct rp_grid grid = {.column = columns,
                                 .columns = 3,
                                 .cell = cell,
                                 .rows = (unsigned)rows,
                                 .width = rp_width(STDOUT_FILENO)};
    int status = text != NULL && cell != NULL ? 0 : -ENOMEM;
    for (size_t index = 0; index < rows * 3 && status == 0; index++) {
        put_cell(json_object_get(json_array_get(array, index / 3), keys[index % 3]), text[index]);
        cell[index] = text[index];
    }
    if (status == 0) {
        status = rp_grid_print(stdout, &grid);
    }
    free(cell);
    free(text);
    return status;
}

static int print_tables(const json_t *listed) {
    int status = print_table(json_object_get(listed, "scenarios"), "scenario", "tags");
    fputc('\n', stdout);
    status |= print_table(json_object_get(listed, "maps"), "map", "kind");
    fputc('\n', stdout);
    status |= print_table(json_object_get(listed, "strategies"), "strategy", "");
    return status;
}

int cli_list(int count, char **arguments) {
    struct listing listing = {0};
    const struct argp parser = {.options = options, .parser = parse_option, .doc = documentation};
    int status = cli_options_parse(&parser, count, arguments, &listing, &listing.status);
    if (status != 0) {
        return status;
    }
    char error[HD_LINE_SIZE] = "";
    if (sn_paths_init(cli_flavour, error) != 0) {
        return cli_proc_check() != 0 ? CLI_SYSTEM : cli_fail(CLI_INTERNAL, "%s", error);
    }
    json_t *listed = NULL;
    status = cli_tags_check(&listing.tags);
    if (status == 0) {
        status = gather(&listing.tags, &listed);
    }
    if (status != 0) {
        return status;
    }
    int written = 0;
    if (listing.json) {
        written = rp_json_dump(stdout, json_incref(listed));
    } else {
        written = print_tables(listed);
    }
    json_decref(listed);
    return written == 0 ? 0 : cli_output_failed(written);
}
