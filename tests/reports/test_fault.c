/* test_fault.c - one fault on one screen. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "reports/fault.h"
#include "reports/github.h"
#include "tests/reports/support.h"

static const struct rp_place place = {.scenario = "growth-window", .map = "gomap"};

static int print_plain(FILE *stream, const void *record) {
    const struct rp_fault_options options = {0};
    return rp_fault_print(stream, &place, record, &options);
}

static int print_replayed(FILE *stream, const void *record) {
    const struct rp_fault_options options = {.replayed = true, .color = true};
    return rp_fault_print(stream, &place, record, &options);
}

static int print_github(FILE *stream, const void *report) {
    return rp_github_errors(stream, report);
}

Test(reports_fault, shows_what_where_how_and_who) {
    struct hd_fault_record record = sample_fault();
    char *text = printed(print_plain, &record);
    check_golden("fault.txt", text);
    free(text);
    hd_fault_record_clear(&record);
}

Test(reports_fault, a_replay_has_no_index_and_may_have_colour) {
    struct hd_fault_record record = sample_fault();
    char *text = printed(print_replayed, &record);
    cr_expect_null(strstr(text, "execution"));
    cr_expect_not_null(strstr(text, "\033[1;31mfatal error"));
    free(text);
    hd_fault_record_clear(&record);
}

/* Invariant S: at most 60 lines. */
Test(reports_fault, fits_a_screen_whatever_the_record_holds) {
    struct hd_fault_record record = sample_fault();
    free(record.state);
    record.state = malloc(20001);
    for (int index = 0; index < 20000; index++) {
        record.state[index] = index % 10 == 9 ? '\n' : 'x';
    }
    record.state[20000] = '\0';
    record.tasks = HD_FAULT_TASKS_MAX;
    for (uint32_t task = 0; task < record.tasks; task++) {
        record.task[task].frames = HD_STACK_FRAMES_MAX;
    }
    char *text = printed(print_plain, &record);
    size_t lines = 0;
    for (const char *letter = text; *letter != '\0'; letter++) {
        lines += *letter == '\n' ? 1 : 0;
    }
    cr_expect_leq(lines, 60);
    cr_expect_not_null(strstr(text, "... 4 more tasks"));
    free(text);
    hd_fault_record_clear(&record);
}

Test(reports_fault, hostile_text_cannot_reach_the_terminal) {
    struct hd_fault_record record = sample_fault();
    snprintf(record.message, sizeof(record.message), "x\033[2J\r\ny");
    snprintf(record.task[0].operation, sizeof(record.task[0].operation), "put(\a)");
    free(record.state);
    record.state = strdup("a\033]0;b\007c\n");
    char *text = printed(print_plain, &record);
    for (const char *letter = text; *letter != '\0'; letter++) {
        cr_expect((unsigned char)*letter >= ' ' || *letter == '\n', "byte %d", *letter);
    }
    free(text);
    hd_fault_record_clear(&record);
}

Test(reports_github, annotates_only_what_is_not_as_expected) {
    struct hd_report report = sample_report();
    char *text = printed(print_github, &report);
    cr_expect_str_eq(text, "::error title=readers-only rwmutex::VACUOUS, expected ok\n");
    free(text);
    report.row[0].as_expected = false;
    text = printed(print_github, &report);
    cr_expect_eq(strncmp(text,
                         "::error file=mapimpl/gomap/assign.c,line=118,title=growth-window gomap::"
                         "fatal error: concurrent map writes%0Aheddle replay",
                         strlen("::error file=mapimpl/gomap/assign.c,line=118,title=growth-window "
                                "gomap::fatal error: concurrent map writes%0Aheddle replay")),
                 0);
    free(text);
    hd_report_clear(&report);
}
