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
