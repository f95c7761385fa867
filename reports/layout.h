/* layout.h - text in so many columns: paragraphs and tables that fit a terminal.
 *
 * A width of 0 means that lines are as long as they need to be: so it is wherever output does not go to a
 * terminal, and the bytes then depend on nothing around the process (see rp_width). Words are never
 * sliced: a paragraph is broken at its blanks, though not beside a slash or before a percent sign.
 */
#ifndef HEDDLE_REPORTS_LAYOUT_H
#define HEDDLE_REPORTS_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Columns for output on a descriptor: COLUMNS where the environment has a number of 1 to 9999 there, else
 * those of the terminal, else 0. */
unsigned rp_width(int descriptor);
/* Columns of the terminal behind a descriptor; 0 when it is none, or does not tell. */
unsigned rp_terminal_width(int descriptor);

/* Columns that clean text (rp_text_clean) takes on a terminal: none for combining characters, two for wide
 * ones. */
size_t rp_columns(const char *text);
/* Cuts clean text in its place so that it takes `columns` at most, "..." included; behind a word where
 * that leaves more than half of it. Returns whether it did. */
bool rp_cut(char *text, size_t columns);

/* Prints a paragraph: `first` and the words of `text`, made clean, on lines of at most `width` columns, of
 * which all but the first begin with `rest`. A longer word has a line of its own. */
void rp_text_fold(FILE *stream, unsigned width, const char *first, const char *rest,
                  const char *text);

/* What becomes of a column whose cells are wider than their place. */
enum rp_long {
    RP_KEEP, /* the place grows */
    RP_NAME, /* cut, when nothing else helps */
    RP_CUT,  /* cut behind a word; two columns of text at least are worth having: see `least` */
    RP_FOLD, /* the first word stays, the others go below the row; the last column only */
    RP_WRAP, /* several lines in its place */
};

struct rp_column {
    const char *name;
    bool right;         /* aligned */
    enum rp_long wide;  /* what to do where it does not fit */
    unsigned least;     /* RP_CUT, RP_WRAP: not narrower than this, if its cells are wider */
    unsigned char drop; /* left out where the table does not fit: the highest first; 0: never */
};

/* `cell` holds rows * columns texts, row by row; `shade`, if it is not NULL, an escape sequence for each
 * row's cell in column `shaded`, or NULL. */
struct rp_grid {
    const struct rp_column *column;
    unsigned columns;
    const char *const *cell;
    unsigned rows;
    const char *const *shade;
    unsigned shaded;
    unsigned width; /* 0: as wide as it needs to be, nothing left out */
};

/* Returns 0 or -errno. */
int rp_grid_print(FILE *stream, const struct rp_grid *grid);
/* The narrowest width in which nothing is left out and no name is cut; 0 without memory. */
unsigned rp_grid_least(const struct rp_grid *grid);

#endif
