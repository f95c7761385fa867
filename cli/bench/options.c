/* options.c - the options of `heddle bench`.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bench/bench.h"
#include "cli/diag.h"
#include "cli/options.h"
#include "cli/parse.h"
#include "cli/status.h"
#include "harness/base/nearest.h"
#include "mapimpl/native.h"

static const char documentation[] =
    "Measures maps on real threads, without instrumentation: operations a second, latencies inside "
    "and "
    "outside of growth, bytes an entry. Where Go is installed, its maps stand in the same table."
    "\v"
    "A mix of 99/1 is 99 lookups and one overwriting of a key that is there; `fill` puts every key "
    "into an "
    "empty map and looks at it again.\n\n"
    "Examples:\n"
    "  heddle bench\n"
    "  heddle bench --map rwmutex --map sharded --threads 2 --mix 50/50\n"
    "  heddle bench --keys 1000000 --distribution zipf --json bench.json\n";

#define DISTRIBUTIONS "uniform|zipf"

enum { OPTION_JSON = 0x100 };

static const struct argp_option options_table[] = {
    {"map", 'm', "NAME", 0,
     "a built-in map, no mutant; go-sync.RWMutex or go-sync.Map; without it all of them", 0},
    {"threads", 't', "N,...", 0, "how many threads; 1,2,4", 0},
    {"mix", 'x', "R/W,...", 0, "reads and writes of a hundred, or fill; 100/0,99/1,50/50,fill", 0},
    {"keys", 'k', "N", 0, "how many keys; 100000", 0},
    {"distribution", 'd', DISTRIBUTIONS, 0, "how keys are drawn; uniform", 0},
    {"seconds", 's', "TIME", 0, "how long each row is measured, all rounds together; 1", 0},
    {"rounds", 'r', "N", 0, "into how many rounds that time is cut; 5", 0},
    {"json", OPTION_JSON, "FILE|-", 0, "write the measurements as one JSON object", 0},
    {"quiet", 'q', NULL, 0, "no progress", 0},
    {0},
};

struct parsing {
    struct cli_bench_options *options;
    int status;
};

/* ---- maps ------------------------------------------------------------------------------------ */

static bool freezes(const struct map_ops *ops) {
    void *map;
    if (ops->create(&(struct map_options){.seed = 1}, &map_host_standalone, &map) != 0) {
        return false;
    }
    bool result = ops->freeze(map) == 0;
    ops->destroy(map);
    return result;
}

static void add_map(struct cli_bench_options *options, const char *name,
                    const struct map_ops *ops) {
    struct cli_bench_map map = {.name = name, .ops = ops, .freezes = ops != NULL && freezes(ops)};
    options->map[options->maps++] = map;
}

static void add_all(struct cli_bench_options *options) {
    uint32_t count;
    const struct map_ops *const *ops = map_native(&count);
    for (uint32_t index = 0; index < count && options->maps < CLI_BENCH_LIST_MAX; index++) {
        if (ops[index]->kind != MAP_MUTANT) {
            add_map(options, ops[index]->name, ops[index]);
        }
    }
    add_map(options, CLI_BENCH_GO_RWMUTEX, NULL);
    add_map(options, CLI_BENCH_GO_SYNCMAP, NULL);
}

/* `measured`: all that could have been given. */
static int refuse_map(const struct cli_bench_options *measured, const char *name) {
    const char *names[CLI_BENCH_LIST_MAX];
    for (uint32_t index = 0; index < measured->maps; index++) {
        names[index] = measured->map[index].name;
    }
    char guess[HD_NEAREST_SIZE];
    hd_nearest_text(name, names, measured->maps, guess);
    if (guess[0] != '\0') {
        return cli_fail(CLI_USAGE, "unknown map '%.60s'%s", name, guess);
    }
    return cli_fail(CLI_USAGE,
                    "no map '%.60s' is measured: only built-in maps of heddle list are, no mutant "
                    "and no plug-in",
                    name);
}

static int take_map(struct cli_bench_options *options, const char *name) {
    static struct cli_bench_options all;
    if (all.maps == 0) {
        add_all(&all);
    }
    if (options->maps == CLI_BENCH_LIST_MAX) {
        return cli_fail(CLI_USAGE, "too many maps");
    }
    for (uint32_t index = 0; index < all.maps; index++) {
        if (strcmp(name, all.map[index].name) == 0) {
            options->map[options->maps++] = all.map[index];
            return 0;
        }
    }
    return refuse_map(&all, name);
}

/* ---- lists ----------------------------------------------------------------------------------- */

static int take_threads(struct cli_bench_options *options, const char *text) {
    uint64_t threads = 0;
    int status = cli_take_count("--threads", text, 1, CLI_THREADS_MAX, &threads);
    options->threads[options->threads_count++] = (uint32_t)threads;
    return status;
}

static int take_mix(struct cli_bench_options *options, char *text) {
    uint64_t reads = 0;
    uint64_t writes = 0;
    char *slash = strchr(text, '/');
    bool fill = strcmp(text, "fill") == 0;
    bool well = fill;
    if (slash != NULL) {
        *slash = '\0';
        well = cli_parse_count(text, 0, 100, &reads) == 0 &&
               cli_parse_count(slash + 1, 0, 100, &writes) == 0 && reads + writes == 100;
        *slash = '/';
    }
    if (!well) {
        return cli_fail(CLI_USAGE,
                        "--mix wants fill, or two shares of a hundred as 99/1, not '%.60s'", text);
    }
    options->reads[options->mixes++] = fill ? CLI_FILL : (uint32_t)reads;
    return 0;
}

/* Each word of a list; `text` is changed. A list that is given again begins anew. */
static int take_list(struct cli_bench_options *options, int key, char *text) {
    char *rest = text;
    uint32_t *count = key == 't' ? &options->threads_count : &options->mixes;
    *count = 0;
    for (char *word = strsep(&rest, ","); word != NULL; word = strsep(&rest, ",")) {
        if (*count == CLI_BENCH_LIST_MAX) {
            return cli_fail(CLI_USAGE, "too many values of one option");
        }
        int status = key == 't' ? take_threads(options, word) : take_mix(options, word);
        if (status != 0) {
            return status;
        }
    }
    return 0;
}

/* ---- the rest -------------------------------------------------------------------------------- */

static int take_distribution(struct cli_bench_options *options, const char *text) {
    int word = cli_options_word("--distribution", DISTRIBUTIONS, text);
    options->zipf = word == 1;
    return word < 0 ? CLI_USAGE : 0;
}

static int take_number(struct cli_bench_options *options, int key, const char *text) {
    return key == 'k' ? cli_take_count("--keys", text, 1, CLI_KEYS_MAX, &options->keys)
           : key == 'r'
               ? cli_take_count("--rounds", text, 1, CLI_BENCH_ROUNDS_MAX, &options->rounds)
               : cli_take_seconds("--seconds", text, &options->seconds);
}

static int take(struct cli_bench_options *options, int key, char *text) {
    switch (key) {
    case 'm':
        return take_map(options, text);
    case 't':
    case 'x':
        return take_list(options, key, text);
    case 'd':
        return take_distribution(options, text);
    case 'k':
    case 'r':
    case 's':
        return take_number(options, key, text);
    case OPTION_JSON:
        options->json = text;
        return 0;
    case 'q':
        options->quiet = true;
        return 0;
    case ARGP_KEY_ARG:
        return cli_fail(CLI_USAGE, "unexpected argument '%.100s'", text);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
    struct parsing *parsing = state->input;
    int status = take(parsing->options, key, text);
    if (status == ARGP_ERR_UNKNOWN) {
        return ARGP_ERR_UNKNOWN;
    }
    parsing->status = status;
    return status == 0 ? 0 : EINVAL;
}

int cli_bench_options_parse(int count, char **arguments, struct cli_bench_options *options) {
    static const struct argp argp = {options_table, parse_option, "",  documentation,
                                     NULL,          NULL,         NULL};
    struct parsing parsing = {.options = options};
    *options = (struct cli_bench_options){
        .threads = {1, 2, 4},
        .threads_count = 3,
        .reads = {100, 99, 50, CLI_FILL},
        .mixes = 4,
        .keys = 100000,
        .rounds = 5,
        .seconds = 1,
    };
    int status = cli_options_parse(&argp, count, arguments, &parsing, &parsing.status);
    if (status != 0) {
        return status;
    }
    if (options->maps == 0) {
        add_all(options);
    }
    return 0;
}
