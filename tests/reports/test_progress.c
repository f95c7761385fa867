/* test_progress.c - how far a run is. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "reports/progress.h"
#include "tests/reports/support.h"

/* Thirty seconds of updates, a hundred a second. */
static int run(FILE *stream, const void *context) {
    struct rp_progress progress = *(const struct rp_progress *)context;
    progress.stream = stream;
    progress.rows = 2;
    for (int row = 0; row < 2; row++) {
        rp_progress_row(&progress, "growth-window", "gomap", 100000);
        for (int update = 1; update <= 1500; update++) {
            rp_progress_update(&progress, (uint64_t)update * 10, 1, update * 0.01);
        }
    }
    rp_progress_wipe(&progress);
    return 0;
}

static size_t count(const char *text, char letter) {
    size_t found = 0;
    for (; *text != '\0'; text++) {
        found += *text == letter ? 1 : 0;
    }
    return found;
}

Test(reports_progress, is_a_line_every_ten_seconds_without_a_terminal) {
    const struct rp_progress progress = {0};
    char *text = printed(run, &progress);
    cr_expect_eq(count(text, '\n'), 3, "%s", text);
    cr_expect_eq(count(text, '\r') + count(text, '\033'), 0);
    cr_expect_eq(strncmp(text, "[1/2] growth-window gomap: 10000 of 100000 executions", 53), 0);
    free(text);
}

/* Ten a second for thirty seconds, and the wipe; rounding may cost some. */
Test(reports_progress, is_redrawn_at_most_ten_times_a_second_on_a_terminal) {
    const struct rp_progress progress = {.live = true};
    char *text = printed(run, &progress);
    cr_expect_leq(count(text, '\r'), 301);
    cr_expect_geq(count(text, '\r'), 270);
    cr_expect_eq(count(text, '\n'), 0);
    free(text);
}

Test(reports_progress, can_be_silent) {
    const struct rp_progress progress = {.silent = true};
    char *text = printed(run, &progress);
    cr_expect_str_eq(text, "");
    free(text);
}

Test(reports_progress, ci_is_no_terminal) {
    setenv("CI", "true", 1);
    setenv("TERM", "xterm", 1);
    cr_expect_not(rp_progress_live(2));
}
