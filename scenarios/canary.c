/* canary.c - two planted faults that must be found: otherwise no clean verdict means anything.
 *
 * The first is shown by two executions of three: that anything is found at all. The second needs a
 * preemption behind one of the 160 events, where the other task then passes the same place: that what
 * few schedules show is found. Of 100,000 executions each, 437 of the default strategy showed it, 774 of
 * pct:3, 492 of pct:2 and 61 of random: two change points of pct:3 hit one event of 160 with odds of 2 in
 * 160, less what they cut elsewhere; the walks of random have both tasks at that event with odds of about
 * 1 in 15 and continue as they must with less than 1 in 64. The odds of missing it in 32,768 executions
 * are 1e-8 under random and below 1e-60 under the default.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "scenarios/scenario_internal.h"

static const struct canary {
    const char *scenario;
    const char *fault;
    uint64_t executions;
} canaries[] = {
    {"canary", "lost update", 32 * HD_BATCH},
    {"canary-rare", "rare fault", 128 * HD_BATCH},
};
#define CANARIES (sizeof(canaries) / sizeof(canaries[0]))

static int run_canary(const struct canary *canary, const struct hd_subject *subject,
                      const char *strategy, uint64_t seed, uint32_t jobs, char *error) {
    struct hd_campaign_options options = {.seed = seed,
                                          .strategy = strategy,
                                          .executions = canary->executions,
                                          .jobs = jobs,
                                          .until_fault = true,
                                          .kind = HD_RUN_WATCHED};
    struct hd_campaign campaign = {0};
    int status = hd_campaign_run(&options, subject, &campaign);
    if (status != 0) {
        snprintf(error, HD_LINE_SIZE, "canary: the campaign failed: %s", strerror(-status));
    } else if (campaign.fault_executions == 0) {
        status = -ENOENT;
        snprintf(error, HD_LINE_SIZE,
                 "canary: the planted %s was not found in %llu executions of %s", canary->fault,
                 (unsigned long long)campaign.executions, strategy);
    }
    hd_campaign_clear(&campaign);
    return status;
}

static int try_canary(const struct canary *canary, const char *strategy, uint64_t seed,
                      uint32_t jobs, char *error) {
    struct sn_scenario *scenario = NULL;
    struct sn_map *map = NULL;
    struct sn_program *program = NULL;
    struct hd_subject subject;
    int status = sn_scenario_open(canary->scenario, &scenario, error);
    if (status == 0)
        status = sn_map_open("canary", &map, error);
    if (status == 0)
        status = sn_program_open(scenario, map, &program, &subject, error);
    if (status == 0)
        status = run_canary(canary, &subject, strategy, seed, jobs, error);
    sn_program_close(program);
    sn_map_close(map);
    sn_scenario_close(scenario);
    return status;
}

int sn_canary(const char *strategy, uint64_t seed, uint32_t jobs, char *error) {
    int status = 0;
    for (size_t index = 0; index < CANARIES && status == 0; index++)
        status = try_canary(&canaries[index], strategy, seed, jobs, error);
    return status;
}
