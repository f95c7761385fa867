/* test_promises.c - a map is judged by what it promises: who keeps a promise is clean, who breaks it is
 * found, and nothing is said of who did not promise.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

#include "tests/scenarios/rows.h"

#define SEED 0x70726f6du

/* Where a promise can be broken, and the beginning of what is then found. `told`: the broken map is as
 * broken for one who was promised nothing. */
struct promise {
    char name[24];
    char scenario[32];
    char fault[64];
    uint32_t executions;
    bool told;
};

static struct promise promises[] = {
    {"once", "churn", "iterate returned a key twice (V9)", 4000, false},
    {"present", "churn", "iterate showed an entry that was gone by then (V9)", 1000, false},
    {"moment", "churn", "iterate showed what the map held at no moment of it (V9)", 3000, false},
    {"length", "length-during-write",
     "length returned a number that was the map's at no moment of it", 6000, false},
    {"estimate", "churn", "at the end length is ", 300, true},
    {"put-refuses", "collision-flood", "at the end key ", 300, true},
    {"delete-refuses", "concurrent-writes", "at the end key ", 600, true},
    {"forgets", "hundred-writers", "", 200, true},
    {"copies", "hundred-writers-strings", "", 100, false},
};
#define PROMISES (sizeof(promises) / sizeof(promises[0]))

ParameterizedTestParameters(promises, who_keeps_one_is_clean) {
    return cr_make_param_array(struct promise, promises, PROMISES);
}

ParameterizedTest(struct promise *promise, promises, who_keeps_one_is_clean, .timeout = 120) {
    struct row row;
    row_run(promise->scenario, promise->name, promise->executions, SEED, &row);
    cr_expect_eq(row.judged.verdict, HD_VERDICT_OK, "%s: %s%s", promise->name,
                 row.judged.verdict_reason,
                 row.campaign.faults > 0 ? row.campaign.fault[0].message : "");
    row_clear(&row);
}

ParameterizedTestParameters(promises, who_breaks_one_is_found) {
    return cr_make_param_array(struct promise, promises, PROMISES);
}

ParameterizedTest(struct promise *promise, promises, who_breaks_one_is_found, .timeout = 120) {
    struct row row;
    char broken[48];
    snprintf(broken, sizeof(broken), "%s-broken", promise->name);
    row_run(promise->scenario, broken, promise->executions, SEED, &row);
    cr_assert_eq(row.judged.verdict, HD_VERDICT_FAULT, "%s", broken);
    const struct hd_fault_record *fault = &row.campaign.fault[0];
    cr_expect_eq(strncmp(fault->message, promise->fault, strlen(promise->fault)), 0, "%s: %s",
                 broken, fault->message);
    cr_expect_eq(fault->confirmed, 1, "%s", broken);
    row_clear(&row);
}

ParameterizedTestParameters(promises, who_promised_nothing_is_not_blamed) {
    return cr_make_param_array(struct promise, promises, PROMISES);
}

ParameterizedTest(struct promise *promise, promises, who_promised_nothing_is_not_blamed,
                  .timeout = 120) {
    struct row row;
    char unpromised[48];
    snprintf(unpromised, sizeof(unpromised), "%s-unpromised", promise->name);
    row_run(promise->scenario, unpromised, promise->executions, SEED, &row);
    cr_expect_eq(row.judged.verdict, promise->told ? HD_VERDICT_FAULT : HD_VERDICT_OK, "%s: %s",
                 unpromised, row.campaign.faults > 0 ? row.campaign.fault[0].message : "");
    row_clear(&row);
}
