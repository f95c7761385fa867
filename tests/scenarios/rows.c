/* rows.c - see rows.h. */
#include "tests/scenarios/rows.h"

#include <criterion/criterion.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define MODULES HEDDLE_BUILD_DIR "/lib/heddle/controlled/subjects/"

void row_run(const char *scenario_name, const char *map_name, uint64_t executions, uint64_t seed,
             struct row *row) {
    char error[HD_LINE_SIZE] = "", path[PATH_MAX];
    struct sn_scenario *scenario = NULL;
    struct sn_map *map = NULL;
    struct sn_program *program = NULL;
    struct hd_subject subject;
    struct hd_campaign_options options = {.seed = seed,
                                          .strategy = "default",
                                          .executions = executions,
                                          .jobs = 1,
                                          .kind = HD_RUN_WATCHED,
                                          .confirm = 1};
    const char *folder = strchr(map_name, '/') != NULL ? "" : MODULES;
    snprintf(path, sizeof(path), "%s%s%s", folder, map_name, folder[0] != '\0' ? ".so" : "");
    memset(row, 0, sizeof(*row));
    cr_assert_eq(sn_paths_init("controlled", error), 0, "%s", error);
    cr_assert_eq(sn_scenario_open(scenario_name, &scenario, error), 0, "%s", error);
    cr_assert_eq(sn_map_open(path, &map, error), 0, "%s", error);
    cr_assert_eq(sn_program_open(scenario, map, &program, &subject, error), 0, "%s", error);
    cr_assert_eq(hd_campaign_run(&options, &subject, &row->campaign), 0);
    sn_judge(scenario, map, &row->campaign, &row->judged);
    sn_program_close(program);
    sn_map_close(map);
    sn_scenario_close(scenario);
}

void row_clear(struct row *row) {
    hd_campaign_clear(&row->campaign);
}
