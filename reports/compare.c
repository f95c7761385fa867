/* compare.c - the figures of table.c turned on their side: one column a map.
 */
#include "reports/compare.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reports/layout.h"
#include "reports/text.h"

static void number(char text[HD_LINE_SIZE], uint64_t value) {
    snprintf(text, HD_LINE_SIZE, "%" PRIu64, value);
}

static void average(char text[HD_LINE_SIZE], const struct hd_row *row, uint64_t sum) {
    snprintf(text, HD_LINE_SIZE, "-");
    if (row->executions > 0) {
        snprintf(text, HD_LINE_SIZE, "%.1f", (double)sum / (double)row->executions);
    }
}

static void seen(char text[HD_LINE_SIZE], const struct hd_window_seen *operations) {
    snprintf(text, HD_LINE_SIZE, "-");
    if (operations->moved + operations->unmoved > 0) {
        snprintf(text, HD_LINE_SIZE, "%" PRIu64 " / %" PRIu64, operations->unmoved,
                 operations->moved);
    }
}

static void expected(const struct hd_row *row, char text[HD_LINE_SIZE]) {
    snprintf(text, HD_LINE_SIZE, "%s", row->expected[0] != '\0' ? row->expected : "-");
}

static void executions(const struct hd_row *row, char text[HD_LINE_SIZE]) {
    number(text, row->executions);
}

static void points(const struct hd_row *row, char text[HD_LINE_SIZE]) {
    average(text, row, row->points);
}

static void switches(const struct hd_row *row, char text[HD_LINE_SIZE]) {
    average(text, row, row->switches);
}

static void waited(const struct hd_row *row, char text[HD_LINE_SIZE]) {
    average(text, row, row->waited_points);
}

static void waited_max(const struct hd_row *row, char text[HD_LINE_SIZE]) {
    number(text, row->waited_max);
}

static void gets_seen(const struct hd_row *row, char text[HD_LINE_SIZE]) {
    seen(text, &row->window_get);
}

static void puts_seen(const struct hd_row *row, char text[HD_LINE_SIZE]) {
    seen(text, &row->window_put);
}

static void deletes_seen(const struct hd_row *row, char text[HD_LINE_SIZE]) {
    seen(text, &row->window_delete);
}

static void faults(const struct hd_row *row, char text[HD_LINE_SIZE]) {
    number(text, row->fault_executions);
}

static void first_fault(const struct hd_row *row, char text[HD_LINE_SIZE]) {
    snprintf(text, HD_LINE_SIZE, "-");
    if (row->first_fault_execution >= 0) {
        number(text, (uint64_t)row->first_fault_execution);
    }
}

/* What the executions that were judged as a whole say: one that is not linearizable decides. */
static void linearizable(const struct hd_row *row, char text[HD_LINE_SIZE]) {
    for (uint32_t index = 0; index < row->faults; index++) {
        if (row->fault[index].kind == HD_FAULT_LINEARIZABILITY) {
            snprintf(text, HD_LINE_SIZE, "no");
            return;
        }
    }
    if (row->histories == row->histories_unknown) {
        snprintf(text, HD_LINE_SIZE, "not judged");
        return;
    }
    snprintf(text, HD_LINE_SIZE, "yes, in %" PRIu64, row->histories - row->histories_unknown);
}

static void digest(const struct hd_row *row, char text[HD_LINE_SIZE]) {
    snprintf(text, HD_LINE_SIZE, "0x%016" PRIx64, row->digest);
}

/* "21.3 / 40.1 / -", in millions. */
static void rates(const double rate[HD_NATIVE_RATES], char text[HD_LINE_SIZE]) {
    size_t used = 0;
    for (uint32_t index = 0; index < HD_NATIVE_RATES; index++) {
        const char *between = index > 0 ? " / " : "";
        used +=
            (size_t)(rate[index] > 0 ? snprintf(text + used, HD_LINE_SIZE - used, "%s%.1f", between,
                                                rate[index] * 1e-6)
                                     : snprintf(text + used, HD_LINE_SIZE - used, "%s-", between));
    }
}

static void lookups(const struct hd_row *row, char text[HD_LINE_SIZE]) {
    rates(row->native.lookups, text);
}

static void mixed(const struct hd_row *row, char text[HD_LINE_SIZE]) {
    rates(row->native.mixed, text);
}

static void latency(const struct hd_latency *latency, char text[HD_LINE_SIZE]) {
    snprintf(text, HD_LINE_SIZE, "-");
    if (latency->max > 0) {
        snprintf(text, HD_LINE_SIZE, "%" PRIu64 " / %" PRIu64 " / %" PRIu64 " / %" PRIu64,
                 latency->p50, latency->p99, latency->p999, latency->max);
    }
}

static void calm(const struct hd_row *row, char text[HD_LINE_SIZE]) {
    latency(&row->native.calm, text);
}

static void growing(const struct hd_row *row, char text[HD_LINE_SIZE]) {
    latency(&row->native.growing, text);
}

static void memory(const struct hd_row *row, char text[HD_LINE_SIZE]) {
    snprintf(text, HD_LINE_SIZE, "-");
    if (row->native.bytes_per_entry > 0) {
        snprintf(text, HD_LINE_SIZE, "%.0f", row->native.bytes_per_entry);
    }
}

/* The last ones are left out when nothing was measured. */
static const struct figure {
    const char *name;
    void (*text)(const struct hd_row *row, char text[HD_LINE_SIZE]);
    bool native;
} figures[] = {
    {"verdict", rp_verdict, false},
    {"expected", expected, false},
    {"faulty executions", faults, false},
    {"first fault in", first_fault, false},
    {"linearizable", linearizable, false},
    {"executions", executions, false},
    {"distinct schedules", rp_distinct, false},
    {"points an execution", points, false},
    {"switches an execution", switches, false},
    {"waiting, in points", waited, false},
    {"longest wait, in points", waited_max, false},
    {"share in the growth window", rp_window_share, false},
    {"  get: key in old / new bucket", gets_seen, false},
    {"  put", puts_seen, false},
    {"  delete", deletes_seen, false},
    {"campaign digest", digest, false},

    {"real threads, 1/2/4: M lookups/s", lookups, true},
    {"  with 1 % writes", mixed, true},
    {"put, ns: p50 / p99 / p99.9 / max", calm, true},
    {"  in the growth window", growing, true},
    {"bytes an entry", memory, true},
};
#define FIGURES (sizeof figures / sizeof figures[0])

static uint32_t figures_of(const struct hd_row *row, uint32_t maps) {
    uint32_t count = 0;
    bool measured = false;
    for (uint32_t map = 0; map < maps; map++) {
        measured |= row[map].native.measured;
    }
    while (count < FIGURES && (measured || !figures[count].native)) {
        count++;
    }
    return count;
}

#define LABEL_LEAST 24u /* columns of the figures' names */
#define MAP_LEAST   18u /* columns of a map: a digest fits */

/* Room for the largest grid of a report. */
struct room {
    struct rp_column *column;
    const char **cell;
    char (*text)[HD_LINE_SIZE];
};

/* The grid of some maps: a line a figure, a column a map behind the figures' names. */
static struct rp_grid make_grid(const struct room *room, const struct hd_row *row, uint32_t maps,
                                uint32_t lines, unsigned width) {
    const unsigned columns = maps + 1;
    room->column[0] = (struct rp_column){.name = "", .wide = RP_WRAP, .least = LABEL_LEAST};
    for (uint32_t map = 0; map < maps; map++) {
        room->column[map + 1] =
            (struct rp_column){.name = row[map].map, .wide = RP_WRAP, .least = MAP_LEAST};
    }
    for (uint32_t figure = 0; figure < lines; figure++) {
        room->cell[figure * columns] = figures[figure].name;
        for (uint32_t map = 0; map < maps; map++) {
            char *place = room->text[figure * maps + map];
            figures[figure].text(&row[map], place);
            room->cell[figure * columns + map + 1] = place;
        }
    }
    return (struct rp_grid){.column = room->column,
                            .columns = columns,
                            .cell = room->cell,
                            .rows = lines,
                            .width = width};
}

/* Prints the rows of one scenario: side by side as many as fit, one at least, and the others below. */
static int side_by_side(FILE *stream, const struct hd_row *row, uint32_t maps, unsigned width,
                        const struct room *room) {
    const uint32_t lines = figures_of(row, maps);
    int status = 0;
    fprintf(stream, "%s (strategy %s)\n", row->scenario, row->strategy);
    for (uint32_t first = 0; first < maps && status == 0;) {
        uint32_t count = maps - first;
        struct rp_grid grid = make_grid(room, row + first, count, lines, width);
        while (width > 0 && count > 1 && rp_grid_least(&grid) > width) {
            grid = make_grid(room, row + first, --count, lines, width);
        }
        status = rp_grid_print(stream, &grid);
        first += count;
        fputc('\n', stream);
    }
    return status;
}

static uint32_t same_scenario(const struct hd_report *report, uint32_t first) {
    uint32_t end = first + 1;
    while (end < report->rows &&
           strcmp(report->row[end].scenario, report->row[first].scenario) == 0) {
        end++;
    }
    return end - first;
}

int rp_compare_print(FILE *stream, const struct hd_report *report,
                     const struct rp_table_options *options) {
    const size_t columns = (size_t)report->rows + 1;
    const struct room room = {.column = calloc(columns, sizeof(*room.column)),
                              .cell = calloc(FIGURES * columns, sizeof(*room.cell)),
                              .text = calloc(FIGURES * columns, sizeof(*room.text))};
    int status = room.column != NULL && room.cell != NULL && room.text != NULL ? 0 : -ENOMEM;
    for (uint32_t first = 0; first < report->rows && status == 0;) {
        uint32_t maps = same_scenario(report, first);
        status = side_by_side(stream, &report->row[first], maps, options->width, &room);
        first += maps;
    }
    free(room.column);
    free(room.cell);
    free(room.text);
    return status != 0 ? status : rp_table_footer(stream, report, options);
}
