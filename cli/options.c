/* options.c - see options.h.
 *
 * getopt's own lines name the command otherwise than all others and guess nothing, so the words are
 * read twice: once by getopt_long, for mistakes in the options themselves; then by argp, which meets
 * none of them any more.
 */
#include "cli/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/diag.h"
#include "cli/status.h"
#include "harness/base/nearest.h"

#define OPTIONS_MAX 64u
#define WORDS_MAX   8u

enum { OPTION_USAGE = 0x1000 };

static const struct argp_option help_options[] = {
    {"help", 'h', NULL, 0, "this text", -1},
    {"usage", OPTION_USAGE, NULL, 0, "the options in short", -1},
    {0},
};

static error_t parse_help(int key, char *text, struct argp_state *state) {
    (void)text;
    switch (key) {
    case 'h':
        argp_state_help(state, state->out_stream, ARGP_HELP_STD_HELP);
        return 0;
    case OPTION_USAGE:
        argp_state_help(state, state->out_stream, ARGP_HELP_USAGE | ARGP_HELP_EXIT_OK);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp help_parser = {.options = help_options, .parser = parse_help};

/* ---- getopt's tables ------------------------------------------------------------------------- */

struct tables {
    struct option option[OPTIONS_MAX + 1];
    const char *value[OPTIONS_MAX]; /* what each takes: "N" */
    const char *name[OPTIONS_MAX];  /* of those that are shown */
    size_t options;
    size_t names;
    char letters[2 * OPTIONS_MAX + 2];
    size_t used;
};

static void add_option(struct tables *tables, const struct argp_option *option) {
    int argument = option->arg == NULL                          ? no_argument
                   : (option->flags & OPTION_ARG_OPTIONAL) != 0 ? optional_argument
                                                                : required_argument;
    if (option->key > ' ' && option->key < 0x7f) {
        tables->letters[tables->used++] = (char)option->key;
        for (int colons = argument; colons > 0; colons--)
            tables->letters[tables->used++] = ':';
    }
    if (option->name == NULL)
        return;
    size_t index = tables->options++;
    tables->option[index] = (struct option){option->name, argument, NULL, option->key};
    tables->value[index] = option->arg;
    if ((option->flags & OPTION_HIDDEN) == 0)
        tables->name[tables->names++] = option->name;
}

static void add_options(struct tables *tables, const struct argp_option *option) {
    for (; option->name != NULL || option->key != 0 || option->doc != NULL; option++) {
        if ((option->name != NULL || option->key != 0) && tables->options < OPTIONS_MAX)
            add_option(tables, option);
    }
}

static void make_tables(const struct argp *parser, struct tables *tables) {
    *tables = (struct tables){.letters = ":", .used = 1};
    if (parser->options != NULL)
        add_options(tables, parser->options);
    add_options(tables, help_options);
}

/* ---- mistakes -------------------------------------------------------------------------------- */

/* How many options a name is the beginning of. */
static size_t begun_by(const struct tables *tables, const char *name, size_t length) {
    size_t found = 0;
    for (size_t index = 0; index < tables->options; index++)
        found += strncmp(tables->option[index].name, name, length) == 0 ? 1 : 0;
    return found;
}

/* `word` is what stands behind the dashes: "seed=5". */
static int refuse_long(const struct tables *tables, const char *word, const char *command) {
    size_t length = strcspn(word, "=");
    char name[64];
    snprintf(name, sizeof(name), "%.*s", (int)(length < 60 ? length : 60), word);
    size_t begun = begun_by(tables, word, length);
    if (begun > 1)
        return cli_fail(CLI_USAGE, "option '--%s' is not clear: several begin so; see %s --help",
                        name, command);
    if (begun == 1)
        return cli_fail(CLI_USAGE, "option '--%s' takes no value", name);
    const char *nearest = hd_nearest(name, tables->name, tables->names);
    if (nearest != NULL)
        return cli_fail(CLI_USAGE, "unknown option '--%s'; did you mean '--%s'?", name, nearest);
    return cli_fail(CLI_USAGE, "unknown option '--%s'; see %s --help", name, command);
}

static int refuse_empty(const struct tables *tables, int key) {
    for (size_t index = 0; index < tables->options; index++) {
        if (tables->option[index].val == key)
            return cli_fail(CLI_USAGE, "option '--%s' requires an argument: %s",
                            tables->option[index].name, tables->value[index]);
    }
    return cli_fail(CLI_USAGE, "option '-%c' requires an argument", key);
}

/* Returns 0 or CLI_USAGE after one line. What comes behind -h does not matter. */
static int look_through(const struct tables *tables, int count, char **words, const char *command) {
    int key = 0;
    opterr = 0;
    optind = 0;
    while (key != -1 && key != 'h' && key != OPTION_USAGE) { /* ends with the words */
        optopt = 0;
        key = getopt_long(count, words, tables->letters, tables->option, NULL);
        const char *word = words[optind - 1];
        if (key == ':')
            return refuse_empty(tables, optopt);
        if (key == '?' && strncmp(word, "--", 2) == 0)
            return refuse_long(tables, word + 2, command);
        if (key == '?')
            return cli_fail(CLI_USAGE, "unknown option '-%c'; see %s --help", optopt, command);
    }
    return 0;
}

/* getopt sorts the words. */
static int check(const struct argp *parser, int count, char **arguments) {
    struct tables tables;
    char **words = calloc((size_t)count + 1, sizeof(*words));
    if (words == NULL)
        return cli_fail(CLI_INTERNAL, "out of memory");
    memcpy(words, arguments, (size_t)count * sizeof(*words));
    make_tables(parser, &tables);
    int status = look_through(&tables, count, words, arguments[0]);
    free(words);
    return status;
}

/* ---- listing --------------------------------------------------------------------------------- */

/* "--seed<TAB>N<TAB>what it is": a line an option. */
static void list(const struct argp_option *option) {
    for (; option->name != NULL || option->key != 0 || option->doc != NULL; option++) {
        if (option->name != NULL && (option->flags & OPTION_HIDDEN) == 0)
            printf("--%s\t%s\t%s\n", option->name, option->arg != NULL ? option->arg : "",
                   option->doc);
    }
}

static void list_all(const struct argp *parser) {
    if (parser->options != NULL)
        list(parser->options);
    list(help_options);
    exit(CLI_AS_EXPECTED);
}

/* ---- the rest -------------------------------------------------------------------------------- */

int cli_options_parse(const struct argp *parser, int count, char **arguments, void *input,
                      const int *status) {
    const struct argp_child children[] = {{&help_parser, 0, "", -1}, {0}};
    struct argp whole = *parser;
    whole.children = children;
    if (getenv(CLI_OPTIONS_LISTED) != NULL)
        list_all(parser);
    int refused = check(parser, count, arguments);
    if (refused != 0)
        return refused;
    error_t error = argp_parse(&whole, count, arguments, ARGP_NO_HELP, NULL, input);
    if (error != 0)
        return *status != 0 ? *status : cli_fail(CLI_USAGE, "%s", strerror(error));
    return 0;
}

/* Cuts a copy of "one|two" into its words. Returns how many. */
static size_t cut_words(char *copy, const char *word[WORDS_MAX]) {
    size_t count = 0;
    for (char *rest = copy; rest != NULL && count < WORDS_MAX;)
        word[count++] = strsep(&rest, "|");
    return count;
}

/* "controlled, tsan or native" */
static void name_words(const char *const *word, size_t count, char *text, size_t size) {
    size_t used = 0;
    for (size_t index = 0; index < count && used < size; index++) {
        const char *between = index == 0 ? "" : index + 1 < count ? ", " : " or ";
        used += (size_t)snprintf(text + used, size - used, "%s%s", between, word[index]);
    }
}

int cli_options_word(const char *what, const char *words, const char *text) {
    char copy[128], known[160], guess[HD_NEAREST_SIZE];
    const char *word[WORDS_MAX];
    snprintf(copy, sizeof(copy), "%s", words);
    size_t count = cut_words(copy, word);
    for (size_t index = 0; index < count; index++) {
        if (strcmp(word[index], text) == 0)
            return (int)index;
    }
    name_words(word, count, known, sizeof(known));
    hd_nearest_text(text, word, count, guess);
    cli_fail(CLI_USAGE, "%s wants %s, not '%.60s'%s", what, known, text, guess);
    return -1;
}
