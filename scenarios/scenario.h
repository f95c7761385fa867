/* scenario.h - scenarios as data, maps by name, and the program the two make for the harness.
 *
 * A scenario is a YAML file: one question, a prefill, tasks with their operations, and for each map
 * what is expected and why. Here a file becomes a `struct sn_scenario`, a map's shared object a
 * `struct sn_map`, and the pair an `hd_subject` that campaigns and replays can run. After a
 * campaign sn_judge says what it means: verdict, expectation, coverage.
 *
 * Errors: functions return 0 or -errno and put one line into `error` (HD_LINE_SIZE bytes):
 * "FILE:LINE:COLUMN: reason" for a scenario file, "FILE: reason" for a plug-in.
 */
#ifndef HEDDLE_SCENARIOS_SCENARIO_H
#define HEDDLE_SCENARIOS_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/explore/campaign.h"
#include "harness/intercept/module.h"
#include "harness/sched/program.h"
#include "mapimpl/map.h"

struct sn_scenario;
struct sn_map;
struct sn_program;

/* Where built-in scenario files and map modules are found: from the directory of the executable, as
 * in the build tree (<exe>/lib/heddle, <exe>/share/heddle) or as installed (<exe>/../lib/heddle,
 * ...). `flavour` is "controlled" or "tsan". Must be called first. */
int sn_paths_init(const char *flavour, char *error);

/* ---- maps ------------------------------------------------------------------------------------ */

/* Names of the built-in maps in the order of `heddle list`, and how many. Static. */
const char *const *sn_map_names(uint32_t *count);
/* Opens a built-in map by name or a plug-in by path (a name with a '/' or ending in ".so"). Returns
 * -errno for a file that cannot be loaded, whose code does not let the process live when it is (a child
 * tries first), or whose `heddle_map` is missing, of another MAP_ABI_VERSION or incomplete; -ENOENT for an
 * unknown name (`error` then lists the known ones). */
int sn_map_open(const char *name_or_path, struct sn_map **map, char *error);
void sn_map_close(struct sn_map *map);
/* Whether it is a plug-in with the name of a built-in map. */
bool sn_map_name_taken(const struct sn_map *map);
const struct map_ops *sn_map_ops(const struct sn_map *map);
struct hd_module *sn_map_module(const struct sn_map *map);
/* How the map is written on a replay line: its name, or the path as given. */
const char *sn_map_spelling(const struct sn_map *map);

/* ---- scenarios ------------------------------------------------------------------------------- */

const char *const *sn_scenario_names(uint32_t *count);
/* Reads a built-in scenario by name or a file by path (a name with a '/' or ending in ".yaml").
 * -ENOENT for an unknown name, -EINVAL for a malformed file, -errno of reading it. */
int sn_scenario_open(const char *name_or_path, struct sn_scenario **scenario, char *error);
void sn_scenario_close(struct sn_scenario *scenario);
const char *sn_scenario_name(const struct sn_scenario *scenario);
const char *sn_scenario_spelling(const struct sn_scenario *scenario); /* name, or path as given */
const char *sn_scenario_path(const struct sn_scenario *scenario); /* of the file that was read */
const char *sn_scenario_question(const struct sn_scenario *scenario);
const char *sn_scenario_cost(const struct sn_scenario *scenario);
const char *const *sn_scenario_tags(const struct sn_scenario *scenario, uint32_t *count);
/* Maps that the file has an expectation for, in its order: what `heddle run` runs without --map. */
const char *const *sn_scenario_maps(const struct sn_scenario *scenario, uint32_t *count);
/* What is expected of number `index` of them, in HD_MESSAGE_SIZE bytes: "ok", "fault fatal: ...". */
void sn_scenario_expected(const struct sn_scenario *scenario, uint32_t index, char *text);
/* Whether number `index` of them is built in. If not, `error` says so with the place of the name in the
 * file: it may be a plug-in's. */
bool sn_scenario_map_built_in(const struct sn_scenario *scenario, uint32_t index, char *error);
/* Whether it is part of a run that names neither scenarios nor tags: it has none of the tags
 * nightly, claims and flag. */
bool sn_scenario_usual(const struct sn_scenario *scenario);
uint64_t sn_scenario_executions(const struct sn_scenario *scenario);  /* default budget a row */
const char *sn_scenario_strategy(const struct sn_scenario *scenario); /* default: "default" */

/* ---- the pair -------------------------------------------------------------------------------- */

/* Whether the map has what the scenario needs; if not, `error` says what is missing. */
bool sn_program_fits(const struct sn_scenario *scenario, const struct sn_map *map, char *error);
/* Whether a run of the pair could be ok where the scenario says nothing of the map: not when a task writes
 * in the middle of its own iteration, nor when it bounds how long an operation may take. `error` then says
 * so. */
bool sn_program_answers(const struct sn_scenario *scenario, const struct sn_map *map, char *error);
/* Makes the program of a scenario on a map; both must outlive it. `subject` borrows from *program.
 * -ENOTSUP when the two do not fit, or -ENOMEM. */
int sn_program_open(const struct sn_scenario *scenario, const struct sn_map *map,
                    struct sn_program **program, struct hd_subject *subject, char *error);
void sn_program_close(struct sn_program *program);

/* Fills verdict, verdict_reason, expected, expected_reason, as_expected, coverage and window_points
 * of `row` from what the campaign saw. The scenario's coverage demands (share of points in the
 * growth window, operations on moved and unmoved buckets) and points that the map's own code
 * contributed decide between ok and vacuous. A map without an expectation in the file is expected
 * to be ok when it is MAP_SAFE, to fault when it is a mutant; a plain map then has no expectation
 * and is as expected. */
void sn_judge(const struct sn_scenario *scenario, const struct sn_map *map,
              const struct hd_campaign *campaign, struct hd_row *row);

/* The canary: a planted lost update that must be found within `executions` by `strategy`. Returns 0
 * when it was, -ENOENT when it was not (every ok of this run is then vacuous), or another
 * -errno. */
int sn_canary(const char *strategy, uint64_t seed, uint32_t jobs, char *error);

#endif
