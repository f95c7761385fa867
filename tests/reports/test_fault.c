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

static int print_whole(FILE *stream, const void *record) {
    const struct rp_fault_options options = {.whole = true};
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

static void expect_printed(struct hd_fault_record *record, const char *expected) {
    char *text = printed(print_plain, record);
    cr_expect_not_null(strstr(text, expected), "%s", text);
    free(text);
    hd_fault_record_clear(record);
}

Test(reports_fault, shows_the_point_that_broke_it_and_what_it_changed) {
    struct hd_fault_record record = sample_first_bad(31, 31);
    expect_printed(&record, "\n\nfirst bad by point 31: V4: nevacuate passed old bucket 0\n"
                            "  task 5  put(25, 5001)  atomic store  advance  "
                            "mapimpl/gomap/evacuate.c:105\n"
                            "    called by  gomap_put  mapimpl/gomap/gomap.c:129\n"
                            "  - count 52, 0 of 8 moved\n"
                            "  + count 52, 1 of 8 moved\n\n");
}

Test(reports_fault, shows_both_ends_of_a_stretch) {
    struct hd_fault_record record = sample_first_bad(31, 38);
    expect_printed(&record,
                   "\nfirst bad by one of the points 31 to 38: V4: nevacuate passed old bucket 0\n"
                   "  from  task 5  put(25, 5001)  atomic store  advance  "
                   "mapimpl/gomap/evacuate.c:105\n"
                   "  to    task 5  put(25, 5001)  atomic store  advance  "
                   "mapimpl/gomap/evacuate.c:117\n"
                   "  - count 52, 0 of 8 moved\n");
}

Test(reports_fault, says_why_no_first_bad_point_is_known) {
    struct hd_fault_record record = sample_first_bad(31, 31);
    free(record.first_bad.before);
    free(record.first_bad.after);
    record.first_bad.before = record.first_bad.after = NULL;
    snprintf(record.first_bad.note, sizeof(record.first_bad.note), "nothing can be judged");
    expect_printed(&record, "\nfirst bad at a point that is not known: V4: nevacuate passed old "
                            "bucket 0\n  seen after point 40; nothing can be judged\n\n");
}

Test(reports_fault, says_that_two_states_look_alike) {
    struct hd_fault_record record = sample_first_bad(31, 31);
    free(record.first_bad.after);
    record.first_bad.after = strdup(record.first_bad.before);
    expect_printed(&record, "gomap.c:129\n  the two states show no difference\n\n");
}

Test(reports_fault, shows_both_states_whole_when_all_is_wanted) {
    struct hd_fault_record record = sample_first_bad(31, 31);
    char *text = printed(print_whole, &record);
    cr_expect_not_null(strstr(text, "mapimpl/mutex/mutex.c:59\n"
                                    "  before\n    count 52, 0 of 8 moved\n      old[0]  7\n"
                                    "      new[0]  .\n"
                                    "  after\n    count 52, 1 of 8 moved\n      old[0]  7\n"
                                    "      new[0]  .\n"));
    free(text);
    hd_fault_record_clear(&record);
}

/* Invariant S: at most 60 lines. */
Test(reports_fault, fits_a_screen_whatever_the_record_holds) {
    struct hd_fault_record record = sample_first_bad(31, 38);
    free(record.state);
    free(record.first_bad.after);
    record.first_bad.after = strdup("1\n2\n3\n4\n5\n6\n7\n");
    free(record.first_bad.before);
    record.first_bad.before = strdup("a\nb\nc\nd\ne\nf\ng\n");
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
    cr_expect_not_null(strstr(text, "  - ... 3 more\n  + 1\n"));
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
