/* canary.c - a planted lost update that must be found: otherwise no clean verdict means
 * anything. */
#include <errno.h>
#include <stdio.h>

#include "scenarios/scenario_internal.h"

/* About one execution in 150 of the default strategy shows it: the odds of missing it are 1e-23. */
#define CANARY_EXECUTIONS (32 * HD_BATCH)

static int run_canary(const struct hd_subject *subject, const char *strategy, uint64_t seed,
                      uint32_t jobs, char *error) {
    struct hd_campaign_options options = {.seed = seed,
                                          .strategy = strategy,
                                          .executions = CANARY_EXECUTIONS,
                                          .jobs = jobs,
                                          .until_fault = true,
                                          .kind = HD_RUN_WATCHED};
    struct hd_campaign campaign = {0};
    int status = hd_campaign_run(&options, subject, &campaign);
    if (status != 0) {
        snprintf(error, HD_LINE_SIZE, "canary: the campaign failed with %d", status);
    } else if (campaign.fault_executions == 0) {
        status = -ENOENT;
        snprintf(error, HD_LINE_SIZE,
                 "canary: the planted lost update was not found in %llu executions of %s",
                 (unsigned long long)campaign.executions, strategy);
    }
    hd_campaign_clear(&campaign);
    return status;
}

int sn_canary(const char *strategy, uint64_t seed, uint32_t jobs, char *error) {
    struct sn_scenario *scenario = NULL;
    struct sn_map *map = NULL;
    struct sn_program *program = NULL;
    struct hd_subject subject;
    int status = sn_scenario_open("canary", &scenario, error);
    if (status == 0)
        status = sn_map_open("canary", &map, error);
    if (status == 0)
        status = sn_program_open(scenario, map, &program, &subject, error);
    if (status == 0)
        status = run_canary(&subject, strategy, seed, jobs, error);
    sn_program_close(program);
    sn_map_close(map);
    sn_scenario_close(scenario);
    return status;
}
