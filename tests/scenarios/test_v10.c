/* test_v10.c - V10: operations of tasks as a history, and what is told of an illegal one. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "scenarios/check/v10.h"

static struct sn_v10 v10;
static struct sn_finding finding;
static char note[HD_MESSAGE_SIZE];
static const uint64_t name[] = {70, 80};
static const struct sn_candidate absent = {.present = false};
static const struct sn_candidate five = {.present = true, .value = 5};

static void set_up(void) {
    cr_assert_eq(sn_v10_open(&v10, 32), 0);
    sn_v10_reset(&v10, 2);
    sn_v10_follow(&v10, 0, &five);
    sn_v10_follow(&v10, 0, &five);
}

static void tear_down(void) {
    sn_v10_close(&v10);
}

TestSuite(v10, .init = set_up, .fini = tear_down);

static void begin(uint32_t task, enum sn_operation_kind kind, uint32_t key, uint64_t value) {
    struct sn_flight flight = {.kind = kind, .key = key, .value = value};
    sn_v10_begin(&v10, task, &flight);
}

static void end(uint32_t task, int64_t status, uint64_t value, bool tells) {
    struct sn_result result = {.status = status, .value = value};
    sn_v10_end(&v10, task, &result, tells, false);
}

static void get(uint32_t task, uint64_t value) {
    begin(task, SN_GET, 0, 0);
    end(task, 1, value, true);
}

static void expect_ok(void) {
    cr_expect_eq(sn_v10(&v10, name, &finding, note), HD_CHECK_OK, "%s", finding.message);
}

static void expect_illegal(const char *message, const char *remark) {
    cr_expect_eq(sn_v10(&v10, name, &finding, note), HD_CHECK_ILLEGAL);
    cr_expect_str_eq(finding.message, message);
    cr_expect_str_eq(note, remark);
}

Test(v10, a_value_does_not_come_back) {
    begin(0, SN_PUT, 0, 6);
    get(1, 5);
    get(1, 6);
    expect_ok();
    get(2, 5);
    expect_illegal("V10: no order of the operations explains get(70)", "by task 3: it returned 5");
    char text[512], cut[32];
    static const char whole[] = "main     put(70, 5) begins\n"
                                "main     put(70, 5) succeeded\n"
                                "task 1   put(70, 6) begins\n"
                                "task 2   get(70) begins\n"
                                "task 2   get(70) returned 5\n"
                                "task 2   get(70) begins\n"
                                "task 2   get(70) returned 6\n"
                                "task 3   get(70) begins\n"
                                "task 3   get(70) returned 5\n";
    cr_expect_eq(sn_v10_render(&v10, name, text, sizeof(text)), sizeof(whole) - 1);
    cr_expect_str_eq(text, whole);
    cr_expect_eq(sn_v10_render(&v10, name, cut, sizeof(cut)), sizeof(cut) - 1);
    cr_expect_eq(strncmp(cut, whole, sizeof(cut) - 1), 0);
}

static void expect_render(const char *whole) {
    char text[2048];
    cr_expect_eq(sn_v10_render(&v10, name, text, sizeof(text)), strlen(whole));
    cr_expect_str_eq(text, whole, "%s", text);
}

Test(v10, the_calls_of_a_key_that_another_check_found_wrong_are_told) {
    sn_v10_follow(&v10, 1, &absent);
    begin(0, SN_PUT, 0, 6);
    begin(1, SN_PUT, 1, 7);
    end(1, 0, 0, true);
    end(0, 0, 0, true);
    sn_v10_read(&v10, 0, false, 0);
    expect_render("");
    sn_v10_tell_key(&v10, 0);
    expect_render("main     put(70, 5) begins\n"
                  "main     put(70, 5) succeeded\n"
                  "task 1   put(70, 6) begins\n"
                  "task 1   put(70, 6) succeeded\n"
                  "main     get(70) begins\n"
                  "main     get(70) found nothing\n");
}

Test(v10, of_many_calls_the_last_ones_are_told) {
    for (uint32_t i = 0; i < 10; i++)
        get(0, 5);
    sn_v10_tell_key(&v10, 0);
    char text[2048];
    sn_v10_render(&v10, name, text, sizeof(text));
    cr_expect_eq(strncmp(text, "... 6 earlier\ntask 1   get(70) begins\n", 38), 0, "%s", text);
}

Test(v10, the_writes_that_overlapped_are_told_for_a_wrong_number_of_entries) {
    sn_v10_follow(&v10, 1, &absent);
    begin(0, SN_PUT, 0, 6);
    end(0, 0, 0, true);
    begin(0, SN_PUT, 0, 8);
    begin(1, SN_DELETE, 1, 0);
    begin(2, SN_GET, 0, 0);
    end(1, 0, 0, true);
    end(0, 0, 0, true);
    end(2, 1, 8, true);
    sn_v10_tell_writes(&v10);
    expect_render("writes that overlapped another one:\n"
                  "task 1   put(70, 8) begins\n"
                  "task 2   delete(80) begins\n"
                  "task 2   delete(80) found nothing\n"
                  "task 1   put(70, 8) succeeded\n");
}

Test(v10, all_writes_are_told_where_none_overlapped) {
    begin(0, SN_PUT, 0, 6);
    end(0, 0, 0, true);
    get(1, 6);
    sn_v10_tell_writes(&v10);
    expect_render("no write overlapped another one; all:\n"
                  "task 1   put(70, 6) begins\n"
                  "task 1   put(70, 6) succeeded\n");
}

Test(v10, the_contents_at_the_end_are_part_of_it) {
    begin(0, SN_DELETE, 0, 0);
    end(0, 1, 0, true);
    sn_v10_read(&v10, 1, true, 9);
    sn_v10_read(&v10, 0, false, 0);
    expect_ok();
    sn_v10_read(&v10, 0, true, 5);
    expect_illegal("V10: no order of the operations explains get(70) at the end", "it returned 5");
}

Test(v10, a_delete_that_does_not_tell_removed_or_found_nothing) {
    for (uint32_t task = 0; task < 2; task++) {
        begin(task, SN_DELETE, 0, 0);
        end(task, 1, 0, false);
    }
    expect_ok();
    begin(0, SN_DELETE, 0, 0);
    end(0, 1, 0, true);
    expect_illegal("V10: no order of the operations explains delete(70)",
                   "by task 1: it succeeded");
}

Test(v10, a_refused_write_did_not_happen) {
    begin(0, SN_PUT, 0, 6);
    end(0, -EROFS, 0, true);
    get(0, 5);
    expect_ok();
    get(1, 6);
    expect_illegal("V10: no order of the operations explains get(70)", "by task 2: it returned 6");
}

Test(v10, a_clear_deletes_and_lengths_are_judged_elsewhere) {
    sn_v10_follow(&v10, 1, &absent);
    begin(0, SN_LENGTH, SN_NO_KEY, 0);
    begin(1, SN_CLEAR, SN_NO_KEY, 0);
    end(0, 0, 77, true);
    get(2, 5);
    end(1, 0, 0, true);
    expect_ok();
    begin(0, SN_GET, 0, 0);
    end(0, 0, 0, true);
    expect_ok();
    get(2, 5);
    expect_illegal("V10: no order of the operations explains get(70)", "by task 3: it returned 5");
}

/* 4,000 operations of three tasks on two keys, one after the other; then a value that comes back. */
Test(v10, thousands_of_operations_are_judged) {
    tear_down();
    cr_assert_eq(sn_v10_open(&v10, 4000), 0);
    sn_v10_reset(&v10, 2);
    sn_v10_follow(&v10, 0, &absent);
    sn_v10_follow(&v10, 1, &absent);
    for (uint32_t round = 0; round < 1000; round++) {
        begin(0, SN_PUT, 0, 10 + round);
        begin(1, SN_PUT, 1, 10 + round);
        begin(2, SN_PUT, 0, 5000 + round);
        for (uint32_t task = 0; task < 3; task++)
            end(task, 0, 0, true);
        get(1, round % 2 == 0 ? 10 + round : 5000 + round);
    }
    expect_ok();
    get(1, 10);
    expect_illegal("V10: no order of the operations explains get(70)", "by task 2: it returned 10");
}

/* Of a cache that may forget, a read that finds nothing is no evidence. */
Test(v10, what_may_be_forgotten_is_missed_without_a_reason) {
    struct sn_result missed = {.status = 0};
    begin(0, SN_GET, 0, 0);
    sn_v10_end(&v10, 0, &missed, true, true);
    begin(0, SN_DELETE, 0, 0);
    sn_v10_end(&v10, 0, &missed, true, true);
    get(1, 6);
    expect_illegal("V10: no order of the operations explains get(70)", "by task 2: it returned 6");
    sn_v10_reset(&v10, 2);
    sn_v10_follow(&v10, 0, &five);
    begin(0, SN_GET, 0, 0);
    sn_v10_end(&v10, 0, &missed, true, true);
    expect_ok();
    begin(0, SN_GET, 0, 0);
    sn_v10_end(&v10, 0, &missed, true, false);
    expect_illegal("V10: no order of the operations explains get(70)",
                   "by task 1: it found nothing");
}
