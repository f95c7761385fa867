/* test_layout.c - paragraphs and tables in so many columns. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reports/layout.h"
#include "tests/reports/support.h"

/* ---- widths ---------------------------------------------------------------------------------- */

Test(reports_layout, columns_are_those_of_a_terminal) {
    cr_expect_eq(rp_columns("abc"), 3);
    cr_expect_eq(rp_columns("gr\xc3\xb6\xc3\x9f"
                            "e"),
                 5);
    cr_expect_eq(rp_columns("\xe5\x9c\xb0\xe5\x9b\xb3"), 4, "two wide characters");
    cr_expect_eq(rp_columns("e\xcc\x81"), 1, "a combining one");
}

Test(reports_layout, a_width_is_that_of_columns_or_of_the_terminal) {
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    unsetenv("COLUMNS");
    cr_expect_eq(rp_width(ends[1]), 0, "no terminal");
    setenv("COLUMNS", "93", 1);
    cr_expect_eq(rp_width(ends[1]), 93);
    static const char *const useless[] = {"", "0", "-80", "80x", "wide", "100000"};
    for (size_t index = 0; index < sizeof(useless) / sizeof(useless[0]); index++) {
        setenv("COLUMNS", useless[index], 1);
        cr_expect_eq(rp_width(ends[1]), 0, "%s", useless[index]);
    }
}

static void expect_cut(const char *text, size_t columns, const char *expected) {
    char copy[128];
    snprintf(copy, sizeof(copy), "%s", text);
    cr_expect_eq(rp_cut(copy, columns), strcmp(text, expected) != 0);
    cr_expect_str_eq(copy, expected);
    cr_expect_leq(rp_columns(copy), columns);
}

Test(reports_layout, a_text_is_cut_behind_a_word) {
    expect_cut("one two three", 13, "one two three");
    expect_cut("one two three", 12, "one two...");
    expect_cut("one two three", 10, "one two...");
    expect_cut("incomprehensibilities", 12, "incompreh...");
    expect_cut("a incomprehensibilities", 12, "a incompr...");
    expect_cut("\xe5\x9c\xb0\xe5\x9b\xb3\xe5\x9c\xb0\xe5\x9b\xb3", 6, "\xe5\x9c\xb0...");
    expect_cut("abcdef", 2, "..");
    expect_cut("abcdef", 0, "");
}

/* ---- paragraphs ------------------------------------------------------------------------------ */

struct paragraph {
    unsigned width;
    const char *text;
};

static int fold(FILE *stream, const void *context) {
    const struct paragraph *paragraph = context;
    rp_text_fold(stream, paragraph->width, "ok  ", "    ", paragraph->text);
    return 0;
}

static void expect_folded(unsigned width, const char *text, const char *expected) {
    const struct paragraph paragraph = {width, text};
    char *lines = printed(fold, &paragraph);
    cr_expect_str_eq(lines, expected);
    free(lines);
}

Test(reports_layout, a_paragraph_is_broken_between_words_and_nowhere_else) {
    expect_folded(0, "as long as it needs to be", "ok  as long as it needs to be\n");
    expect_folded(16, "as long as it needs to be", "ok  as long as\n    it needs to\n    be\n");
    expect_folded(10, "a incomprehensible b", "ok  a\n    incomprehensible\n    b\n");
    expect_folded(3, "a b", "ok  a\n    b\n");
    expect_folded(16, "", "ok  \n");
    expect_folded(16, "two\nlines\tand\033[31m red", "ok  two lines\n    and red\n");
}

Test(reports_layout, what_belongs_together_is_not_parted) {
    expect_folded(16, "put, ns: 1 / 2 / 3", "ok  put, ns:\n    1 / 2 / 3\n");
    expect_folded(14, "share of 34 %", "ok  share of\n    34 %\n");
}

/* ---- tables ---------------------------------------------------------------------------------- */

static const struct rp_column columns[] = {
    {.name = "scenario", .wide = RP_NAME},
    {.name = "kind", .drop = 1},
    {.name = "count", .right = true, .drop = 2},
    {.name = "verdict", .wide = RP_FOLD},
};
static const char *const cells[] = {
    "growth-window", "plain", "12",  "fault fatal: concurrent map writes", /**/
    "churn",         "safe",  "345", "ok",
};

static int print(FILE *stream, const void *grid) {
    return rp_grid_print(stream, grid);
}

static void expect_grid(const struct rp_grid *grid, const char *expected) {
    char *text = printed(print, grid);
    cr_expect_str_eq(text, expected);
    free(text);
}

static void expect_table(unsigned width, const char *expected) {
    const struct rp_grid grid = {
        .column = columns, .columns = 4, .cell = cells, .rows = 2, .width = width};
    expect_grid(&grid, expected);
}

Test(reports_layout, a_table_without_a_width_is_as_wide_as_it_needs_to_be) {
    expect_table(0, "scenario       kind   count  verdict\n"
                    "growth-window  plain     12  fault fatal: concurrent map writes\n"
                    "churn          safe     345  ok\n");
}

Test(reports_layout, a_long_text_is_folded_below_its_row_before_anything_is_left_out) {
    expect_table(40, "scenario       kind   count  verdict\n"
                     "growth-window  plain     12  fault\n"
                     "    fatal: concurrent map writes\n"
                     "churn          safe     345  ok\n");
}

Test(reports_layout, columns_are_left_out_by_their_rank_and_then_names_are_cut) {
    expect_table(30, "scenario       kind   verdict\n"
                     "growth-window  plain  fault\n"
                     "    fatal: concurrent map\n"
                     "    writes\n"
                     "churn          safe   ok\n");
    expect_table(22, "scenario       verdict\n"
                     "growth-window  fault\n"
                     "    fatal: concurrent\n"
                     "    map writes\n"
                     "churn          ok\n");
    expect_table(18, "scenario   verdict\n"
                     "growth...  fault\n"
                     "    fatal:\n"
                     "    concurrent map\n"
                     "    writes\n"
                     "churn      ok\n");
}

Test(reports_layout, no_line_is_wider_than_the_terminal_while_there_is_a_way) {
    for (unsigned width = 18; width <= 80; width++) {
        const struct rp_grid grid = {
            .column = columns, .columns = 4, .cell = cells, .rows = 2, .width = width};
        char *text = printed(print, &grid);
        for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1) {
            cr_expect_leq(strcspn(line, "\n"), width, "%u: %s", width, text);
        }
        free(text);
    }
}

Test(reports_layout, a_summary_is_cut_and_a_cell_may_have_several_lines) {
    static const struct rp_column cut[] = {{.name = "map"},
                                           {.name = "summary", .wide = RP_CUT, .least = 12}};
    static const struct rp_column wrap[] = {
        {.name = "", .wide = RP_WRAP, .least = 8},
        {.name = "gomap", .wide = RP_WRAP, .least = 8},
        {.name = "mutex", .wide = RP_WRAP, .least = 8},
    };
    static const char *const summary[] = {"gomap", "a map that has no lock"};
    static const char *const figures[] = {"points a run", "12", "fault fatal: writes",
                                          "digest",       "34", "ok"};
    expect_grid(
        &(struct rp_grid){.column = cut, .columns = 2, .cell = summary, .rows = 1, .width = 22},
        "map    summary\ngomap  a map that...\n");
    const struct rp_grid grid = {
        .column = wrap, .columns = 3, .cell = figures, .rows = 2, .width = 25};
    cr_expect_eq(rp_grid_least(&grid), 8 + 2 + 5 + 2 + 8);
    expect_grid(&grid, "          gomap  mutex\n"
                       "points a  12     fault\n"
                       "run              fatal:\n"
                       "                 writes\n"
                       "digest    34     ok\n");
}

Test(reports_layout, text_of_other_scripts_keeps_the_columns_straight) {
    static const struct rp_column two[] = {{.name = "map"}, {.name = "summary"}};
    static const char *const wide[] = {"\xe5\x9c\xb0\xe5\x9b\xb3", "x", "abcdef", "y"};
    expect_grid(&(struct rp_grid){.column = two, .columns = 2, .cell = wide, .rows = 2},
                "map     summary\n\xe5\x9c\xb0\xe5\x9b\xb3    x\nabcdef  y\n");
}

Test(reports_layout, a_shade_does_not_count_as_columns) {
    static const struct rp_column two[] = {{.name = "verdict"}, {.name = "expected"}};
    static const char *const cell[] = {"ok", "ok"};
    static const char *const shade[] = {"\033[32m"};
    expect_grid(
        &(struct rp_grid){.column = two, .columns = 2, .cell = cell, .rows = 1, .shade = shade},
        "verdict  expected\n\033[32mok\033[0m       ok\n");
}
