/* flag_print.c - see flag_print.h. */
#include "cli/flag_print.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "cli/version.h"
#include "reports/interval.h"
#include "reports/json.h"
#include "reports/layout.h"
#include "reports/text.h"

#define CELL_SIZE 48u
#define ANY       SN_HARMS

/* Harmed executions whose first sign is `harm`, or any. */
struct harmed {
    uint64_t all;
    uint64_t word[SN_WORDS_OF_FLAG];
};

static struct harmed harmed_by(const struct sn_flag_count *count, uint32_t harm) {
    struct harmed harmed = {0};
    for (uint32_t word = 0; word < SN_WORDS_OF_FLAG; word++) {
        harmed.word[word] = sn_flag_harmed(count, (enum sn_word)word, harm);
        harmed.all += harmed.word[word];
    }
    return harmed;
}

/* Harmed executions that the operations of a pair have shown. */
static struct harmed harmed_in(const struct sn_flag_pair *pair) {
    struct harmed harmed = {0};
    for (uint32_t word = 0; word < SN_WORDS_OF_FLAG; word++) {
        harmed.word[word] = pair->word[word];
        harmed.all += pair->word[word];
    }
    return harmed;
}

static uint64_t detected(const struct harmed *harmed) {
    return harmed->word[SN_WORD_FIRST] + harmed->word[SN_WORD_LATER];
}

/* Harmed, and neither the flag nor anything else ended the process. */
static uint64_t survived(const struct sn_flag_count *count) {
    return sn_flag_harmed(count, SN_WORD_NEVER, ANY) - count->harmed[SN_WORD_NEVER][SN_HARM_DEATH];
}

/* ---- tables ---------------------------------------------------------------------------------- */

/* A table while it is filled. */
struct sheet {
    char (*text)[CELL_SIZE];
    const char **cell;
    unsigned used;
};

static char *next_cell(struct sheet *sheet) {
    sheet->cell[sheet->used] = sheet->text[sheet->used];
    return sheet->text[sheet->used++];
}

static void put_text(struct sheet *sheet, const char *text) {
    snprintf(next_cell(sheet), CELL_SIZE, "%s", text);
}

static void put_count(struct sheet *sheet, uint64_t count) {
    snprintf(next_cell(sheet), CELL_SIZE, "%" PRIu64, count);
}

/* Two cells: "93.1 %" and its interval "91.2 to 94.6"; "-" of nothing. */
static void put_share(struct sheet *sheet, uint64_t part, uint64_t whole) {
    struct rp_interval interval = rp_wilson(part, whole);
    if (whole == 0) {
        put_text(sheet, "-");
        put_text(sheet, "-");
        return;
    }
    snprintf(next_cell(sheet), CELL_SIZE, "%.1f %%", 100 * (double)part / (double)whole);
    snprintf(next_cell(sheet), CELL_SIZE, "%.1f to %.1f", 100 * interval.low, 100 * interval.high);
}

static int open_sheet(struct sheet *sheet, size_t cells) {
    *sheet = (struct sheet){.text = calloc(cells, sizeof(*sheet->text)),
                            .cell = calloc(cells, sizeof(*sheet->cell))};
    return sheet->text != NULL && sheet->cell != NULL ? 0 : -ENOMEM;
}

static int close_sheet(FILE *stream, struct sheet *sheet, const struct rp_column *columns,
                       unsigned count, int status) {
    const struct rp_grid grid = {.column = columns,
                                 .columns = count,
                                 .cell = sheet->cell,
                                 .rows = sheet->used / count,
                                 .width = rp_width(rp_stream_descriptor(stream))};
    if (status == 0)
        status = rp_grid_print(stream, &grid);
    free(sheet->text);
    free(sheet->cell);
    return status;
}

/* Columns that several tables have. The JSON has every figure, too. */
#define SCENARIO_COLUMN                                                                            \
    { .name = "scenario", .wide = RP_NAME }
#define COUNT_COLUMN(what, rank)                                                                   \
    { .name = (what), .right = true, .drop = (rank) }
#define DETECTED_COLUMNS                                                                           \
    {.name = "detected", .right = true}, {                                                         \
        .name = "95 %", .right = true, .drop = 9                                                   \
    }

static int print_fates(FILE *stream, const struct cli_flag_report *report) {
    static const struct rp_column heading[] = {
        SCENARIO_COLUMN,           COUNT_COLUMN("executions", 8), COUNT_COLUMN("untouched", 7),
        COUNT_COLUMN("killed", 0), COUNT_COLUMN("harmed", 0),     COUNT_COLUMN("survived", 6),
        DETECTED_COLUMNS};
    const unsigned columns = sizeof(heading) / sizeof(heading[0]);
    struct sheet sheet;
    int status = open_sheet(&sheet, (size_t)report->rows * columns + 1);
    for (uint32_t index = 0; index < report->rows && status == 0; index++) {
        const struct sn_flag_count *count = &report->row[index].count;
        struct harmed harmed = harmed_by(count, ANY);
        put_text(&sheet, report->row[index].scenario);
        put_count(&sheet, count->executions);
        put_count(&sheet, count->untouched);
        put_count(&sheet, count->killed);
        put_count(&sheet, harmed.all);
        put_count(&sheet, survived(count));
        put_share(&sheet, detected(&harmed), harmed.all);
    }
    return close_sheet(stream, &sheet, heading, columns, status);
}

static int print_signs(FILE *stream, const struct cli_flag_report *report) {
    static const struct rp_column heading[] = {SCENARIO_COLUMN,           {.name = "first sign"},
                                               COUNT_COLUMN("harmed", 0), COUNT_COLUMN("first", 6),
                                               COUNT_COLUMN("later", 7),  COUNT_COLUMN("never", 0),
                                               DETECTED_COLUMNS};
    const unsigned columns = sizeof(heading) / sizeof(heading[0]);
    struct sheet sheet;
    int status = open_sheet(&sheet, (size_t)report->rows * SN_HARMS * columns + 1);
    for (uint32_t index = 0; index < report->rows * SN_HARMS && status == 0; index++) {
        const struct cli_flag_row *row = &report->row[index / SN_HARMS];
        struct harmed harmed = harmed_by(&row->count, index % SN_HARMS);
        if (harmed.all == 0)
            continue;
        put_text(&sheet, row->scenario);
        put_text(&sheet, sn_harm_names[index % SN_HARMS]);
        put_count(&sheet, harmed.all);
        for (uint32_t word = 0; word < SN_WORDS_OF_FLAG; word++)
            put_count(&sheet, harmed.word[word]);
        put_share(&sheet, detected(&harmed), harmed.all);
    }
    return close_sheet(stream, &sheet, heading, columns, status);
}

static int print_pairs(FILE *stream, const struct cli_flag_report *report) {
    static const struct rp_column heading[] = {SCENARIO_COLUMN,           {.name = "operations"},
                                               COUNT_COLUMN("killed", 8), COUNT_COLUMN("harmed", 0),
                                               COUNT_COLUMN("first", 6),  COUNT_COLUMN("later", 7),
                                               COUNT_COLUMN("never", 0),  DETECTED_COLUMNS};
    const unsigned columns = sizeof(heading) / sizeof(heading[0]);
    struct sheet sheet;
    int status = open_sheet(&sheet, (size_t)report->rows * SN_FLAG_PAIRS * columns + 1);
    for (uint32_t index = 0; index < report->rows * SN_FLAG_PAIRS && status == 0; index++) {
        const struct cli_flag_row *row = &report->row[index / SN_FLAG_PAIRS];
        const struct sn_flag_pair *pair = &row->count.pair[index % SN_FLAG_PAIRS];
        struct harmed harmed = harmed_in(pair);
        if (harmed.all + pair->killed == 0)
            continue;
        put_text(&sheet, row->scenario);
        put_text(&sheet, sn_flag_pair_names[index % SN_FLAG_PAIRS]);
        put_count(&sheet, pair->killed);
        put_count(&sheet, harmed.all);
        for (uint32_t word = 0; word < SN_WORDS_OF_FLAG; word++)
            put_count(&sheet, harmed.word[word]);
        put_share(&sheet, detected(&harmed), harmed.all);
    }
    return close_sheet(stream, &sheet, heading, columns, status);
}

int cli_flag_print(FILE *stream, const struct cli_flag_report *report) {
    int status = print_fates(stream, report);
    fputc('\n', stream);
    status = status != 0 ? status : print_pairs(stream, report);
    fputc('\n', stream);
    status = status != 0 ? status : print_signs(stream, report);
    if (report->interrupted)
        fputs("\nINTERRUPTED, the results are partial\n", stream);
    return status;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static json_t *share_object(uint64_t part, uint64_t whole) {
    struct rp_interval interval = rp_wilson(part, whole);
    if (whole == 0)
        return json_null();
    return json_pack("{s:f, s:f, s:f}", "share", (double)part / (double)whole, "low", interval.low,
                     "high", interval.high);
}

static int set_harmed(json_t *object, const struct harmed *harmed) {
    int bad = json_object_set_new(object, "harmed", rp_json_count(harmed->all));
    bad |= json_object_set_new(object, "first", rp_json_count(harmed->word[SN_WORD_FIRST]));
    bad |= json_object_set_new(object, "later", rp_json_count(harmed->word[SN_WORD_LATER]));
    bad |= json_object_set_new(object, "never", rp_json_count(harmed->word[SN_WORD_NEVER]));
    return bad |
           json_object_set_new(object, "detected", share_object(detected(harmed), harmed->all));
}

static json_t *signs_array(const struct sn_flag_count *count) {
    json_t *array = json_array();
    int bad = 0;
    for (uint32_t harm = 0; harm < SN_HARMS; harm++) {
        struct harmed harmed = harmed_by(count, harm);
        json_t *object = json_object();
        bad |= json_object_set_new(object, "sign", json_string(sn_harm_names[harm]));
        bad |= set_harmed(object, &harmed);
        bad |= json_array_append_new(array, object);
    }
    return rp_json_whole(array, bad);
}

static json_t *pairs_array(const struct sn_flag_count *count) {
    json_t *array = json_array();
    int bad = 0;
    for (uint32_t index = 0; index < SN_FLAG_PAIRS; index++) {
        const struct sn_flag_pair *pair = &count->pair[index];
        struct harmed harmed = harmed_in(pair);
        json_t *object = json_object();
        bad |= json_object_set_new(object, "operations", json_string(sn_flag_pair_names[index]));
        bad |= json_object_set_new(object, "killed", rp_json_count(pair->killed));
        bad |= json_object_set_new(object, "survived",
                                   rp_json_count(pair->word[SN_WORD_NEVER] - pair->dead));
        bad |= set_harmed(object, &harmed);
        bad |= json_array_append_new(array, object);
    }
    return rp_json_whole(array, bad);
}

static json_t *row_object(const struct cli_flag_row *row) {
    const struct sn_flag_count *count = &row->count;
    struct harmed harmed = harmed_by(count, ANY);
    json_t *object = json_object();
    int bad = json_object_set_new(object, "scenario", rp_json_text(row->scenario));
    bad |= json_object_set_new(object, "executions", rp_json_count(count->executions));
    bad |= json_object_set_new(object, "untouched", rp_json_count(count->untouched));
    bad |= json_object_set_new(object, "killed", rp_json_count(count->killed));
    bad |= json_object_set_new(object, "survived", rp_json_count(survived(count)));
    bad |= set_harmed(object, &harmed);
    bad |= json_object_set_new(object, "operations", pairs_array(count));
    bad |= json_object_set_new(object, "by", signs_array(count));
    bad |= json_object_set_new(object, "digest", rp_json_hex(count->digest));
    return rp_json_whole(object, bad);
}

int cli_flag_print_json(FILE *stream, const void *context) {
    const struct cli_flag_report *report = context;
    char version[HD_NAME_SIZE], build[HD_NAME_SIZE];
    json_t *object = json_object(), *results = json_array();
    int bad = 0;
    cli_version_fill(version, build);
    for (uint32_t index = 0; index < report->rows; index++)
        bad |= json_array_append_new(results, row_object(&report->row[index]));
    bad |= json_object_set_new(object, "version", json_string(version));
    bad |= json_object_set_new(object, "build", json_string(build));
    bad |= json_object_set_new(object, "map", json_string("gomap"));
    bad |= json_object_set_new(object, "seed", rp_json_hex(report->seed));
    bad |= json_object_set_new(object, "strategy", rp_json_text(report->strategy));
    bad |= json_object_set_new(object, "confidence", rp_json_real(0.95));
    bad |= json_object_set_new(object, "interrupted", json_boolean(report->interrupted));
    bad |= json_object_set_new(object, "results", results);
    return rp_json_dump(stream, rp_json_whole(object, bad));
}
