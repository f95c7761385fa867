/* grid.c - tables: see layout.h.
 *
 * How a width is kept, in this order:
 *   1. columns of long text give way, down to their `least`;
 *   2. columns are left out by their `drop`, the highest first;
 *   3. names are cut, the last column of them first;
 *   4. the lines are longer than the terminal.
 * What is left over then goes back to the long texts, from left to right.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reports/layout.h"
#include "reports/layout_internal.h"
#include "reports/text.h"

#define GAP         2u /* blanks between columns */
#define FOLD_INDENT 4u /* of what goes below a row */
#define NAME_LEAST  8u /* columns of a name that is cut */
#define COLUMNS_MAX 64u

struct measure {
    size_t natural; /* of the widest cell */
    size_t narrow;  /* with long texts given way */
    size_t width;   /* 0: left out */
};

struct layout {
    const struct rp_grid *grid;
    char **cell; /* clean, of one line */
    struct measure column[COLUMNS_MAX];
};

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

/* ---- measuring ------------------------------------------------------------------------------- */

/* The widest piece of a text that cannot be parted. */
static size_t widest_piece(const char *text) {
    size_t widest = 0;
    while (text != NULL && *text != '\0') { /* ends with the text */
        size_t bytes = rp_piece(text);
        widest = larger(widest, rp_piece_columns(text, bytes));
        text += bytes;
    }
    return widest;
}

/* How narrow one cell may become. */
static size_t narrow_cell(const struct rp_column *column, const char *text) {
    size_t whole = rp_columns(text);
    switch (column->wide) {
    case RP_CUT:
        return smaller(whole, column->least);
    case RP_WRAP:
        return smaller(whole, larger(widest_piece(text), column->least));
    case RP_FOLD:
        return rp_piece_columns(text, rp_piece(text));
    default:
        return whole;
    }
}

static void measure(struct layout *layout) {
    const struct rp_grid *grid = layout->grid;
    for (unsigned column = 0; column < grid->columns; column++) {
        const struct rp_column *kind = &grid->column[column];
        struct measure *measure = &layout->column[column];
        measure->natural = measure->narrow = rp_columns(kind->name);
        for (unsigned row = 0; row < grid->rows; row++) {
            const char *text = layout->cell[row * grid->columns + column];
            measure->natural = larger(measure->natural, rp_columns(text));
            measure->narrow = larger(measure->narrow, narrow_cell(kind, text));
        }
        measure->width = measure->narrow;
    }
}

static size_t total(const struct layout *layout) {
    size_t sum = 0;
    for (unsigned column = 0; column < layout->grid->columns; column++) {
        size_t width = layout->column[column].width;
        sum += width > 0 ? width + (sum > 0 ? GAP : 0) : 0;
    }
    return sum;
}

/* ---- fitting --------------------------------------------------------------------------------- */

/* Leaves out the column with the highest `drop`. Returns false when none is left that may go. */
static bool drop_one(struct layout *layout) {
    const struct rp_grid *grid = layout->grid;
    unsigned found = grid->columns;
    for (unsigned column = 0; column < grid->columns; column++) {
        unsigned char drop = grid->column[column].drop;
        bool there = layout->column[column].width > 0 && drop > 0;
        if (there && (found == grid->columns || drop > grid->column[found].drop)) {
            found = column;
        }
    }
    if (found < grid->columns) {
        layout->column[found].width = 0;
    }
    return found < grid->columns;
}

static void cut_names(struct layout *layout) {
    const struct rp_grid *grid = layout->grid;
    for (unsigned column = grid->columns; column > 0 && total(layout) > grid->width; column--) {
        struct measure *measure = &layout->column[column - 1];
        size_t over = total(layout) - grid->width;
        if (grid->column[column - 1].wide == RP_NAME && measure->width > NAME_LEAST) {
            measure->width = larger(NAME_LEAST, measure->width - smaller(measure->width, over));
        }
    }
}

static void give_back(struct layout *layout) {
    const struct rp_grid *grid = layout->grid;
    for (unsigned column = 0; column < grid->columns; column++) {
        struct measure *measure = &layout->column[column];
        size_t used = total(layout);
        size_t left = grid->width > used ? grid->width - used : 0;
        if (measure->width > 0 && measure->width < measure->natural) {
            measure->width += smaller(left, measure->natural - measure->width);
        }
    }
}

static void fit(struct layout *layout) {
    const struct rp_grid *grid = layout->grid;
    if (grid->width == 0) {
        for (unsigned column = 0; column < grid->columns; column++) {
            layout->column[column].width = layout->column[column].natural;
        }
        return;
    }
    while (total(layout) > grid->width && drop_one(layout)) { /* ends with the columns */
    }
    cut_names(layout);
    give_back(layout);
}

/* ---- printing -------------------------------------------------------------------------------- */

static void put_blanks(FILE *stream, size_t count) {
    fprintf(stream, "%*s", (int)count, "");
}

/* A row while it is printed: what is left of each cell. */
struct row {
    const char *rest[COLUMNS_MAX];
    const char *shade;
    size_t owed; /* blanks that nothing has followed yet: lines do not end with them */
};

static void put_cell(FILE *stream, const struct rp_column *column, size_t width, const char *text,
                     size_t bytes, struct row *row) {
    size_t columns = rp_piece_columns(text, bytes);
    size_t pad = width > columns ? width - columns : 0;
    if (bytes > 0) {
        put_blanks(stream, row->owed + (column->right ? pad : 0));
        fprintf(stream, "%s%.*s%s", row->shade != NULL ? row->shade : "", (int)bytes, text,
                row->shade != NULL ? "\033[0m" : "");
        row->owed = 0;
    }
    row->owed += bytes == 0 ? width : column->right ? 0 : pad;
}

/* How much of a cell stands on its row's next line; the rest is kept for the one after it. */
static size_t take_cell(const struct rp_column *column, size_t width, bool below,
                        const char **rest) {
    const char *text = *rest + (below ? strspn(*rest, " ") : 0);
    size_t bytes = strlen(text);
    *rest = text + bytes;
    if (column->wide == RP_WRAP && rp_columns(text) > width) {
        bytes = rp_line_end(text, width);
    } else if (column->wide == RP_FOLD && rp_columns(text) > width) {
        bytes = rp_piece(text);
    }
    *rest = text + bytes;
    return bytes;
}

/* One line of a row. Returns whether cells want another one. */
static bool put_line(FILE *stream, const struct layout *layout, struct row *row, bool below) {
    const struct rp_grid *grid = layout->grid;
    const char *shade = row->shade;
    bool first = true, more = false;
    row->owed = 0;
    for (unsigned column = 0; column < grid->columns; column++) {
        const struct rp_column *kind = &grid->column[column];
        size_t width = layout->column[column].width;
        if (width == 0) {
            continue;
        }
        row->owed += first ? 0 : GAP;
        size_t bytes = take_cell(kind, width, below, &row->rest[column]);
        row->shade = column == grid->shaded ? shade : NULL;
        put_cell(stream, kind, width, row->rest[column] - bytes, bytes, row);
        more |= kind->wide == RP_WRAP && row->rest[column][0] != '\0';
        first = false;
    }
    fputc('\n', stream);
    row->shade = shade;
    return more;
}

static void put_row(FILE *stream, const struct layout *layout, struct row *row) {
    const struct rp_grid *grid = layout->grid;
    bool below = false;
    while (put_line(stream, layout, row, below)) { /* ends: each line takes a piece of a cell */
        below = true;
    }
    const unsigned last = grid->columns - 1;
    const char *folded = row->rest[last];
    if (grid->column[last].wide == RP_FOLD && folded != NULL && folded[0] != '\0') {
        char margin[FOLD_INDENT + 1];
        snprintf(margin, sizeof(margin), "%*s", (int)FOLD_INDENT, "");
        rp_text_fold(stream, grid->width, margin, margin, folded);
    }
}

static void put_heading(FILE *stream, const struct layout *layout) {
    struct row row = {0};
    for (unsigned column = 0; column < layout->grid->columns; column++) {
        row.rest[column] = layout->grid->column[column].name;
    }
    put_row(stream, layout, &row);
}

static void cut_cells(struct layout *layout) {
    const struct rp_grid *grid = layout->grid;
    for (size_t index = 0; index < (size_t)grid->rows * grid->columns; index++) {
        unsigned column = (unsigned)(index % grid->columns);
        enum rp_long wide = grid->column[column].wide;
        if ((wide == RP_CUT || wide == RP_NAME) && layout->column[column].width > 0) {
            rp_cut(layout->cell[index], layout->column[column].width);
        }
    }
}

/* ---- the two functions ----------------------------------------------------------------------- */

static void close_layout(struct layout *layout) {
    const struct rp_grid *grid = layout->grid;
    for (size_t index = 0; layout->cell != NULL && index < (size_t)grid->rows * grid->columns;
         index++) {
        free(layout->cell[index]);
    }
    free(layout->cell);
}

static int open_layout(const struct rp_grid *grid, struct layout *layout) {
    size_t cells = (size_t)grid->rows * grid->columns;
    *layout = (struct layout){.grid = grid, .cell = calloc(cells + 1, sizeof(char *))};
    bool whole = layout->cell != NULL && grid->columns > 0 && grid->columns <= COLUMNS_MAX;
    for (size_t index = 0; index < cells && whole; index++) {
        layout->cell[index] = rp_line(grid->cell[index]);
        whole = layout->cell[index] != NULL;
    }
    if (!whole) {
        close_layout(layout);
        return -ENOMEM;
    }
    measure(layout);
    return 0;
}

unsigned rp_grid_least(const struct rp_grid *grid) {
    struct layout layout;
    if (open_layout(grid, &layout) != 0) {
        return 0;
    }
    size_t least = total(&layout);
    close_layout(&layout);
    return (unsigned)least;
}

int rp_grid_print(FILE *stream, const struct rp_grid *grid) {
    struct layout layout;
    int status = open_layout(grid, &layout);
    if (status != 0) {
        return status;
    }
    fit(&layout);
    cut_cells(&layout);
    put_heading(stream, &layout);
    for (unsigned index = 0; index < grid->rows; index++) {
        struct row row = {.shade = grid->shade != NULL ? grid->shade[index] : NULL};
        for (unsigned column = 0; column < grid->columns; column++) {
            row.rest[column] = layout.cell[index * grid->columns + column];
        }
        put_row(stream, &layout, &row);
    }
    close_layout(&layout);
    return rp_stream_flush(stream);
}
