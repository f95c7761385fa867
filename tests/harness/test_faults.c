/* test_faults.c - what makes two faults the same one. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/harness/support.h"

TestSuite(faults, .timeout = 120);

static void run(const char *subject, const struct hd_campaign_options *options,
                struct hd_campaign *campaign) {
    struct bench bench;
    bench_open(&bench, "state", subject);
    bench_campaign(&bench, options, campaign);
}

Test(faults, a_fault_that_comes_with_other_results_is_not_confirmed) {
    struct hd_campaign campaign;
    struct hd_campaign_options options = bench_options("random", 64);
    options.confirm = 10;
    run("other_results", &options, &campaign);
    cr_assert_geq(campaign.faults, 1);
    cr_expect(campaign.fault[0].confirmed < campaign.fault[0].replays, "%u of %u",
              campaign.fault[0].confirmed, campaign.fault[0].replays);
}

Test(faults, numbers_make_no_other_fault) {
    struct hd_campaign campaign;
    uint64_t signature = 0;
    char message[HD_MESSAGE_SIZE] = "";
    bool other = false;
    struct hd_campaign_options options = bench_options("random", 8);
    for (options.seed = 1; options.seed <= 16; options.seed++) {
        run("numbers_fault", &options, &campaign);
        cr_assert_eq(campaign.faults, 1);
        if (options.seed == 1) {
            signature = campaign.fault[0].signature;
            snprintf(message, sizeof message, "%s", campaign.fault[0].message);
        }
        other |= strcmp(message, campaign.fault[0].message) != 0;
        cr_expect_eq(campaign.fault[0].signature, signature, "%s", campaign.fault[0].message);
    }
    cr_expect(other, "all sixteen name the same task");
}

/* ---- what had been freed ------------------------------------------------------------------------ */

static struct hd_fault_record first_of_captures(const char *subject) {
    struct bench bench;
    struct hd_campaign campaign;
    struct hd_campaign_options options = bench_options("random", 50);
    bench_open(&bench, "captures", subject);
    bench_campaign(&bench, &options, &campaign);
    cr_assert_eq(campaign.faults, 1, "%s: %u", subject, campaign.faults);
    return campaign.fault[0];
}

Test(faults, who_freed_what_a_crash_has_used_is_told) {
    struct hd_fault_record fault = first_of_captures("captures_freed");
    cr_assert_eq(fault.kind, HD_FAULT_CRASH);
    cr_expect_str_eq(fault.task[0].note, "used block 0.0, which task 2 freed in operation of 2");
}

Test(faults, who_freed_what_a_wrong_result_was_read_from_is_told) {
    struct hd_fault_record fault = first_of_captures("captures_freed_and_read");
    cr_assert_eq(fault.kind, HD_FAULT_LINEARIZABILITY);
    cr_expect_str_eq(fault.task[0].note, "used block 0.0, which task 2 freed in operation of 2");
}

Test(faults, who_freed_what_is_freed_again_is_told) {
    struct hd_fault_record fault = first_of_captures("captures_freed_twice");
    cr_assert_eq(fault.kind, HD_FAULT_DOUBLE_FREE);
    cr_expect_str_eq(fault.task[0].note, "used block 0.0, which task 2 freed in operation of 2");
}

Test(faults, what_is_in_use_was_not_freed) {
    cr_expect_str_empty(first_of_captures("captures_not_freed").task[0].note);
}

/* ---- where it was ------------------------------------------------------------------------------- */

Test(faults, a_crash_outside_of_the_modules_tells_the_call_that_led_there) {
    struct hd_fault_record nowhere = first_of_captures("captures_calls_nowhere");
    struct hd_fault_record libc = first_of_captures("captures_crashes_in_libc");
    cr_expect_str_eq(nowhere.task[0].frame[0].function, "call_nowhere");
    cr_expect_str_eq(libc.task[0].frame[0].function, "read_number");
}

Test(faults, the_main_task_has_a_stack_too) {
    struct hd_fault_record end = first_of_captures("captures_crashes_at_the_end");
    cr_expect_eq(end.task[0].task, 0);
    cr_expect_str_eq(end.task[0].frame[0].function, "read_number");
}

/* ---- one fault, whoever comes into it ------------------------------------------------------------- */

/* The one distinct fault of a subject, of which executions by many seeds and schedules have many. */
static struct hd_fault_record only_fault(const char *subject, enum hd_fault_kind kind) {
    struct bench bench;
    struct hd_campaign campaign;
    struct hd_campaign_options options = bench_options("random", 400);
    options.confirm = 1;
    bench_open(&bench, "stuck", subject);
    bench.program.points_max = 2000;
    bench_campaign(&bench, &options, &campaign);
    cr_assert_eq(campaign.faults, 1, "%s: %u distinct faults", subject, campaign.faults);
    cr_assert_eq(campaign.fault[0].kind, kind, "%s: %s", subject, campaign.fault[0].message);
    cr_expect_gt(campaign.fault[0].count, 10, "%s", subject);
    cr_expect_eq(campaign.fault[0].confirmed, 1, "%s", subject);
    return campaign.fault[0];
}

Test(faults, two_of_six_tasks_in_all_pairs_make_one_deadlock) {
    only_fault("stuck_upgrades", HD_FAULT_DEADLOCK);
    only_fault("stuck_by_order", HD_FAULT_DEADLOCK);
}

Test(faults, who_comes_by_makes_no_other_deadlock) {
    struct hd_fault_record alone = only_fault("stuck_upgrades", HD_FAULT_DEADLOCK);
    struct hd_fault_record crowd = only_fault("stuck_in_a_crowd", HD_FAULT_DEADLOCK);
    cr_expect_eq(alone.task[0].frame[0].line, crowd.task[0].frame[0].line);
}

Test(faults, deadlocks_at_two_places_stay_two) {
    struct hd_fault_record here = only_fault("stuck_upgrades", HD_FAULT_DEADLOCK);
    struct hd_fault_record there = only_fault("stuck_upgrades_elsewhere", HD_FAULT_DEADLOCK);
    cr_expect_neq(here.signature, there.signature);
}

Test(faults, a_lock_left_locked_is_told_by_where_it_was_taken) {
    struct hd_fault_record fault = only_fault("stuck_left", HD_FAULT_DEADLOCK);
    cr_expect_eq(fault.task[0].task, 1);
    cr_expect_str_eq(fault.task[0].state, "took a lock here and left it locked");
    cr_expect_str_eq(fault.task[0].frame[0].function, "leave_locked");
}

Test(faults, a_lock_left_locked_is_one_fault_however_it_is_asked_for) {
    struct hd_fault_record fault = only_fault("stuck_left_by_a_writer", HD_FAULT_DEADLOCK);
    cr_expect_str_eq(fault.task[0].frame[0].function, "leave_write_locked");
}

Test(faults, those_that_nobody_wakes_make_one_deadlock) {
    only_fault("stuck_unwoken", HD_FAULT_DEADLOCK);
}

Test(faults, an_unlock_too_many_is_one_fault_whoever_holds_the_lock) {
    only_fault("stuck_unlocked_twice", HD_FAULT_MISUSE);
}

Test(faults, an_endless_loop_is_one_fault_wherever_it_is_interrupted) {
    only_fault("stuck_in_a_loop", HD_FAULT_LIVELOCK);
}
