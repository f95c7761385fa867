/* Scenario files: every refusal names file, line, column and reason; what is shipped loads. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scenarios/scenario_internal.h"
#include "tests/scenarios/fake_harness.h"

#define HEAD           "name: x\nquestion: q\ncost: c\n"
#define TASK           "tasks:\n  - {name: a, do: [put(new)]}\n"
#define KEYS           "keys: {new: 2}\n"
#define ONE(operation) "tasks:\n  - {name: a, do: [" operation "]}\n"

struct bad {
    const char *text;
    const char *line;   /* "LINE:COLUMN" expected */
    const char *reason; /* a part of the message */
};

static const struct bad bad_files[] = {
    {"", "1:1", "the file is empty"},
    {"# nothing\n", "1:1", "the file is empty"},
    {"- 1\n", "1:1", "must be a mapping, not a list"},
    {"a: [1,\n", "2:1", "did not find expected"},
    {"a: x\n\tb: y\n", "2:1", "found a tab character that violates indentation"},
    {HEAD KEYS TASK "---\na: 1\n", "7:1", "a second document"},
    {"question: q\ncost: c\n" KEYS TASK, "1:1", "the field 'name' is missing"},
    {HEAD KEYS, "1:1", "the field 'tasks' is missing"},
    {HEAD "colour: red\n" KEYS TASK, "4:1", "no field 'colour' (known: name, question"},
    {HEAD "name: y\n" KEYS TASK, "4:1", "'name' comes a second time (first in line 1)"},
    {"name: Big\nquestion: q\ncost: c\n" KEYS TASK, "1:7", "a name is made of"},
    {"name:\nquestion: q\ncost: c\n" KEYS TASK, "1:6", "name is empty"},
    {"name: [x]\nquestion: q\ncost: c\n" KEYS TASK, "1:7", "name must be a single value"},
    {HEAD "tags: x\n" KEYS TASK, "4:7", "tags must be a list, not a single value"},
    {HEAD "tags: [A B]\n" KEYS TASK, "4:8", "a tag is one word without blanks or commas"},
    {HEAD "tags: [a, 'b,c']\n" KEYS TASK, "4:11", "not 'b,c'"},
    {HEAD "tags: [a, b, a]\n" KEYS TASK, "4:14", "the tag 'a' comes a second time"},
    {HEAD "tags: [a, \xff]\n" KEYS TASK, "4:11", "invalid leading UTF-8 octet"},
    {HEAD "# \xc3\xa4\xc3\xb6 \x01\n" KEYS TASK, "4:6", "control characters are not allowed"},
    {HEAD "executions: -1\n" KEYS TASK, "4:13", "executions must be a count in plain decimal"},
    {HEAD "executions: 010\n" KEYS TASK, "4:13", "not '010'"},
    {HEAD "executions: 0x10\n" KEYS TASK, "4:13", "not '0x10'"},
    {HEAD "executions: 1e3\n" KEYS TASK, "4:13", "not '1e3'"},
    {HEAD "executions: 0\n" KEYS TASK, "4:13", "must be 1 to"},
    {HEAD "executions: 99999999999999999999999999\n" KEYS TASK, "4:13", "plain decimal"},
    {HEAD "executions: 18446744073709551615\n" KEYS TASK, "4:13", "must be 1 to 1099511627776"},
    {HEAD "operation_points_max: 0\n" KEYS TASK, "4:23", "must be 1 to"},
    {HEAD "map: {shards: 3}\n" KEYS TASK, "4:15", "a power of two, not 3"},
    {HEAD "map: {values: huge}\n" KEYS TASK, "4:15", "known: small, large"},
    {HEAD "prefill: {count: 3, threshold: 1}\n" KEYS TASK, "4:32", "takes one of"},
    {HEAD "prefill: {}\n" KEYS TASK, "4:10", "needs one of"},
    {HEAD "prefill: {threshold: 3..2}\n" KEYS TASK, "4:22", "ends before it begins"},
    {HEAD "prefill: {threshold: 9}\n" KEYS TASK, "4:22", "must be 0 to 6"},
    {HEAD "prefill: {count: 1, below: 1}\n" KEYS TASK, "4:28",
     "goes with 'threshold' and 'same_size' only"},
    {HEAD "keys: {new: 1, hot_share: 1.5}\n" TASK, "4:27", "a fraction from 0 to 1"},
    {HEAD "keys: {new: 1, place: normal}\n" TASK, "4:23", "known: any, same-bucket, same-tophash"},
    {HEAD "keys: {new: 1, draw: normal}\n" TASK, "4:22", "known: uniform, zipf"},
    {HEAD "keys: {new: 1, distribution: zipf}\n" TASK, "4:16", "no field 'distribution'"},
    {HEAD "prefill: {same_size: 2, above: 1}\n" KEYS TASK, "4:32", "goes with 'threshold' only"},
    {HEAD "prefill: {count: 2, spare: 1}\n" KEYS TASK, "4:28", "'spare' goes with 'same_size'"},
    {HEAD KEYS TASK "coverage: {seen: [rain]}\n", "7:19",
     "known: growing, growth, same-size, chained"},
    {HEAD "prefill: {count: 1}\ntasks:\n  - {name: a, do: [iterate-put]}\n", "6:20",
     "'iterate-put' needs new keys"},
    {HEAD "prefill: {collide: 0}\n" KEYS TASK, "4:20", "collide must be 1 to 200"},
    {HEAD "strategy: pct:x\n" KEYS TASK, "4:11", "pct"},
    {HEAD "strategy: fair\n" KEYS TASK, "4:11", "fair"},
    {HEAD KEYS TASK "phases: []\n", "6:3", "either 'tasks' or 'phases'"},
    {HEAD KEYS "phases: []\n", "5:9", "phases must have 1 to 8 entries, not 0"},
    {HEAD KEYS "phases:\n  - []\n", "6:5", "a phase must have 1 to 32 entries, not 0"},
    {HEAD KEYS "phases:\n  - - {name: a, count: 0, do: [length]}\n", "6:3",
     "1 to 1023 tasks, this one 0 to 0"},
    {HEAD KEYS "tasks: []\n", "5:8", "tasks must have 1 to 32 entries, not 0"},
    {HEAD KEYS "tasks:\n  - {name: a}\n", "6:5", "either 'mix' (with 'operations') or 'do'"},
    {HEAD KEYS "tasks:\n  - {name: a, mix: {put: 1}}\n", "6:5", "'operations' is missing"},
    {HEAD KEYS "tasks:\n  - {name: a, operations: 1, mix: {swap: 1}}\n", "6:36",
     "mix has no field 'swap' (known: put, get"},
    {HEAD KEYS "tasks:\n  - {name: a, operations: 1, mix: {put: 0}}\n", "6:35", "weight above 0"},
    {HEAD KEYS "tasks:\n  - {name: a, do: [swap(1)]}\n", "6:20", "no operation is called 'swap'"},
    {HEAD KEYS "tasks:\n  - {name: a, do: [put]}\n", "6:23", "'put' needs a key"},
    {HEAD KEYS "tasks:\n  - {name: a, do: [length(1)]}\n", "6:26", "'length' takes no key"},
    {HEAD KEYS "tasks:\n  - {name: a, do: [put(x)]}\n", "6:24", "a key is any, new, old, task"},
    {HEAD KEYS "tasks:\n  - {name: a, do: [put(1]}\n", "6:25", "a ')' is missing behind 'put(1'"},
    {HEAD KEYS "tasks:\n  - {name: a, count: 1024, do: [put(1)]}\n", "6:22", "must be 0 to 1023"},
    {HEAD KEYS "tasks:\n  - {name: a, count: 600, do: [length]}\n"
               "  - {name: b, count: 600, do: [length]}\n",
     "6:3", "1 to 1023 tasks, this one 1200"},
    {HEAD KEYS "tasks:\n  - {name: a, count: 1000, operations: 100, mix: {put: 1}}\n", "6:3",
     "at most 32768 operations"},
    {HEAD TASK, "5:24", "there are no new keys"},
    {HEAD "tasks:\n  - {name: a, operations: 1, mix: {put: 1}}\n", "5:35", "group 'a' needs keys"},
    {HEAD "prefill: {count: 0..3}\n" ONE("get(any)"), "6:24", "there may be no key"},
    {HEAD "prefill: {count: 0..3}\n" KEYS ONE("get(old)"), "7:24", "may be no prefilled key"},
    {HEAD "prefill: {threshold: 0..2, below: 8}\n" KEYS ONE("get(old)"), "7:24",
     "may be no prefilled key"},
    {HEAD KEYS ONE("put(2)"), "6:24", "may be no key 2: only 2 keys are certain"},
    {HEAD "prefill: {count: 2..9}\n" KEYS ONE("put(4)"), "7:24", "may be no key 4: only 4 keys"},
    {HEAD "prefill: {threshold: 1, above: 1}\n" KEYS ONE("delete(16)"), "7:27", "only 16 keys"},
    {HEAD "prefill: {collide: 3}\n" KEYS ONE("put(5)"), "7:24", "only 5 keys"},
    {HEAD "prefill: {same_size: 3}\n" ONE("put(27)"), "6:24", "only 27 keys"},
    {HEAD "map: {hint: 40}\nprefill: {same_size: 3}\n" ONE("put(1)"), "7:24", "only 1 keys"},
    {HEAD KEYS "tasks:\n  - {name: a, count: 1..3, do: [put(task)]}\n", "6:37",
     "there are 3 tasks, but only 2 new keys"},
    {HEAD KEYS "phases:\n  - - {name: a, count: 2, do: [length]}\n"
               "  - - {name: b, do: [length, get(task)]}\n",
     "7:34", "there are 3 tasks, but only 2 new keys"},
    {HEAD "prefill: {count: 4}\n" ONE("put(task)"), "6:24", "1 tasks, but only 0 new keys"},
    {HEAD "prefill: {count: 4}\nkeys: {new_share: 0.5}\n" TASK, "5:19", "no new keys"},
    {HEAD "keys: {new: 4, new_share: 0.5}\n" TASK, "4:27", "may be no prefilled key"},
    {HEAD KEYS TASK "expect: {m: {verdict: maybe, reason: r}}\n", "7:23", "known: ok, fault"},
    {HEAD KEYS TASK "expect: {m: {verdict: fault, reason: r}}\n", "7:13", "'kind' is missing"},
    {HEAD KEYS TASK "expect: {m: {verdict: ok, kind: fatal, reason: r}}\n", "7:33",
     "'kind' goes with 'verdict: fault' only"},
    {HEAD KEYS TASK "expect: {m: {verdict: fault, kind: bang, reason: r}}\n", "7:36",
     "known: fatal, invariant"},
    {HEAD KEYS TASK "expect: {m: {verdict: ok}}\n", "7:13", "'reason' is missing"},
    {HEAD KEYS TASK "coverage: {window_ops: [clear]}\n", "7:25", "known: put, get, delete"},
};

Test(scenario_file, every_refusal_has_its_place_and_reason) {
    for (size_t index = 0; index < sizeof(bad_files) / sizeof(bad_files[0]); index++) {
        const struct bad *bad = &bad_files[index];
        char error[HD_LINE_SIZE] = "", start[320];
        struct sn_scenario scenario = {0};
        const char *path = fake_file(bad->text, strlen(bad->text));
        snprintf(start, sizeof(start), "%s:%s: ", path, bad->line);
        int status = sn_load(path, &scenario, error);
        cr_expect_eq(status, -EINVAL, "%s gave %d", bad->text, status);
        cr_expect(strncmp(error, start, strlen(start)) == 0, "wanted %s got: %s", start, error);
        cr_expect_not_null(strstr(error, bad->reason), "wanted '%s' got: %s", bad->reason, error);
        cr_expect_null(strchr(error, '\n'));
        cr_expect_null(scenario.name, "a refused file leaves the scenario untouched");
    }
}

Test(scenario_file, what_cannot_be_read_names_the_file) {
    char error[HD_LINE_SIZE];
    struct sn_scenario scenario = {0};
    cr_expect_eq(sn_load("no/such.yaml", &scenario, error), -ENOENT);
    cr_expect_str_eq(error, "no/such.yaml: No such file or directory");
    cr_expect_eq(sn_load("/tmp", &scenario, error), -EISDIR);
    cr_expect_str_eq(error, "/tmp: Is a directory");
    cr_expect_neq(sn_load("/dev/null", &scenario, error), 0);
}

Test(scenario_file, binary_and_enormous_files_are_refused_in_one_line) {
    char error[HD_LINE_SIZE];
    struct sn_scenario scenario = {0};
    static char zeros[SN_FILE_SIZE_MAX + 10];
    cr_expect_eq(sn_load(fake_file("b: 1\na: \0\1\2\377", 12), &scenario, error), -EINVAL);
    cr_expect_null(strchr(error, '\n'));
    cr_expect_not_null(strstr(error, ":2:4: control characters"), "%s", error);
    memset(zeros, 'a', sizeof(zeros));
    cr_expect_eq(sn_load(fake_file(zeros, sizeof(zeros)), &scenario, error), -EFBIG);
    cr_expect_not_null(strstr(error, ": has more than 1048576 bytes"), "%s", error);
    memset(zeros, '[', 1000000);
    cr_expect_neq(sn_load(fake_file(zeros, 1000000), &scenario, error), 0);
}

/* The writer comes late: the reader waits for it. */
Test(scenario_file, a_pipe_is_read_to_its_end) {
    static const char text[] = HEAD KEYS TASK;
    char path[64], error[HD_LINE_SIZE] = "";
    struct sn_scenario scenario = {0};
    int end[2];
    cr_assert_eq(pipe(end), 0);
    pid_t child = fork();
    if (child == 0) {
        usleep(50000);
        _exit(write(end[1], text, sizeof(text) - 1) == sizeof(text) - 1 ? 0 : 1);
    }
    close(end[1]);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", end[0]);
    cr_expect_eq(sn_load(path, &scenario, error), 0, "%s", error);
    sn_scenario_clear(&scenario);
    waitpid(child, NULL, 0);
    close(end[0]);
}

/* Each prefix of a good file either loads or is refused with a place: nothing crashes half way. */
Test(scenario_file, every_prefix_of_a_good_file_is_answered) {
    char text[4096], error[HD_LINE_SIZE];
    FILE *file = fopen(HEDDLE_SOURCE_DIR "/scenarios/growth-window.yaml", "rb");
    cr_assert_not_null(file);
    size_t size = fread(text, 1, sizeof(text), file);
    fclose(file);
    for (size_t cut = 0; cut < size; cut++) {
        struct sn_scenario scenario = {0};
        int status = sn_load(fake_file(text, cut), &scenario, error);
        cr_expect(status == 0 || status == -EINVAL);
        cr_expect(status == 0 || strncmp(error, "/proc/self/fd/", 14) == 0);
        sn_scenario_clear(&scenario);
    }
}

Test(scenario_file, all_that_is_shipped_loads_under_its_own_name) {
    uint32_t count;
    const char *const *names = sn_scenario_names(&count);
    cr_expect_geq(count, 11);
    for (uint32_t index = 0; index < count; index++) {
        char path[256], error[HD_LINE_SIZE];
        struct sn_scenario *scenario = NULL;
        snprintf(path, sizeof(path), "%s/scenarios/%s.yaml", HEDDLE_SOURCE_DIR, names[index]);
        cr_assert_eq(sn_scenario_open(path, &scenario, error), 0, "%s", error);
        cr_expect_str_eq(sn_scenario_name(scenario), names[index]);
        cr_expect_str_eq(sn_scenario_spelling(scenario), path);
        uint32_t maps, tags;
        cr_expect_not_null(sn_scenario_maps(scenario, &maps));
        cr_expect_geq(maps, 1);
        sn_scenario_tags(scenario, &tags);
        cr_expect_geq(tags, 1);
        sn_scenario_close(scenario);
    }
}

Test(scenario_file, values_come_through_as_written) {
    static const char text[] = HEAD
        "tags: [one, two]\nmap: {hint: 3..5, shards: 4, values: large}\n"
        "prefill: {threshold: 2, above: 0..1}\n"
        "keys: {new: 7, new_share: 0.25, hot_share: 1, place: same-bucket, draw: zipf}\n"
        "tasks:\n  - {name: a, count: 2..3, operations: 4, mix: {put: 2, get: 1}}\n"
        "  - {name: b, do: [put(task), get(3), iterate], repeat: 2}\n"
        "strategy: random\nexecutions: 12\npoints_max: 500\noperation_points_max: 77\n"
        "coverage: {window_share: 0.2, window_ops: [put, delete]}\n"
        "expect:\n  m: {verdict: fault, kind: fatal, message: boom, also: [crash], reason: r}\n"
        "  n: {verdict: ok, coverage: none, reason: s}\n";
    char error[HD_LINE_SIZE];
    struct sn_scenario s = {0};
    cr_assert_eq(sn_load(fake_file(text, sizeof(text) - 1), &s, error), 0, "%s", error);
    cr_expect(s.tags == 2 && strcmp(s.tag[1], "two") == 0);
    cr_expect(s.hint.low == 3 && s.hint.high == 5 && s.shards == 4 && s.large);
    cr_expect(s.prefill.kind == SN_PREFILL_THRESHOLD && s.prefill.above.high == 1);
    cr_expect(s.keys.fresh == 7 && s.keys.new_share == 250000 && s.keys.hot_share == SN_MILLION);
    cr_expect(s.keys.place == SN_PLACE_SAME_BUCKET && s.keys.zipf && s.keys.new_share_set);
    cr_expect_eq(s.phases, 1);
    cr_expect(s.groups == 2 && s.group[0].weight[SN_PUT] == 2 && s.group[1].steps == 6);
    cr_expect(s.group[1].step[3].choice == SN_KEY_TASK && s.group[1].step[4].number == 3);
    cr_expect(s.executions == 12 && s.points_max == 500 && strcmp(s.strategy, "random") == 0);
    cr_expect_eq(s.operation_points_max, 77);
    cr_expect(s.demands.window_share == 200000 && s.demands.window_op[SN_DELETE]);
    cr_expect(s.expects == 2 && s.expect[0].also[HD_FAULT_CRASH] && s.expect[1].exempt);
    cr_expect_str_eq(s.expect[0].message, "boom");
    sn_scenario_clear(&s);
}

Test(scenario_file, phases_are_numbered_in_their_order) {
    static const char text[] = HEAD KEYS "phases:\n"
                                         "  - - {name: a, count: 2, do: [put(task)]}\n"
                                         "    - {name: b, do: [length]}\n"
                                         "  - - {name: c, do: [get(0)]}\n";
    char error[HD_LINE_SIZE];
    struct sn_scenario s = {0};
    cr_assert_eq(sn_load(fake_file(text, sizeof(text) - 1), &s, error), 0, "%s", error);
    cr_expect(s.phases == 2 && s.groups == 3);
    cr_expect(s.group[0].phase == 0 && s.group[1].phase == 0 && s.group[2].phase == 1);
    sn_scenario_clear(&s);
}

/* The last key that there certainly is, of each kind. */
Test(scenario_file, a_key_that_every_program_has_may_be_named) {
    static const char *const texts[] = {
        HEAD KEYS ONE("put(1)"),
        HEAD "prefill: {count: 2..9}\n" KEYS ONE("put(3)"),
        HEAD "prefill: {threshold: 0, above: 1}\n" ONE("get(8)"),
        HEAD "prefill: {threshold: 2, below: 26}\n" KEYS ONE("get(1)"),
        HEAD "prefill: {same_size: 3}\n" KEYS ONE("get(28)"),
        HEAD "prefill: {collide: 3}\n" ONE("get(2)"),
        HEAD KEYS "tasks:\n  - {name: a, count: 2, do: [put(task)]}\n"
                  "  - {name: b, count: 9, do: [get(new)]}\n",
        HEAD "keys: {new: 4, new_share: 1}\n" TASK,
        HEAD "prefill: {count: 1}\nkeys: {new_share: 0}\n" ONE("put(any)"),
    };
    for (size_t index = 0; index < sizeof(texts) / sizeof(texts[0]); index++) {
        char error[HD_LINE_SIZE] = "";
        struct sn_scenario scenario = {0};
        int status = sn_load(fake_file(texts[index], strlen(texts[index])), &scenario, error);
        cr_expect_eq(status, 0, "%s: %s", texts[index], error);
        sn_scenario_clear(&scenario);
    }
}

Test(scenario_file, a_map_that_is_not_built_in_is_told_with_its_place) {
    static const char text[] = HEAD KEYS TASK
        "expect:\n  mutex: {verdict: ok, reason: r}\n  mutxe: {verdict: ok, reason: r}\n"
        "  mutex-flag-dropped: {verdict: ok, reason: r}\n";
    char error[HD_LINE_SIZE] = "", start[320];
    struct sn_scenario *scenario = NULL;
    const char *path = fake_file(text, sizeof(text) - 1);
    cr_assert_eq(sn_scenario_open(path, &scenario, error), 0, "%s", error);
    cr_expect(sn_scenario_map_built_in(scenario, 0, error));
    cr_expect(sn_scenario_map_built_in(scenario, 2, error));
    cr_expect_not(sn_scenario_map_built_in(scenario, 1, error));
    snprintf(start, sizeof(start), "%s:9:3: no map is called 'mutxe' (known: gomap, mutex", path);
    cr_expect_eq(strncmp(error, start, strlen(start)), 0, "%s", error);
    cr_expect_not_null(strstr(error, "--map FILE.so); did you mean 'mutex'?"), "%s", error);
    sn_scenario_close(scenario);
}

Test(scenario_names, an_unknown_one_is_told_the_nearest_or_all) {
    char error[HD_LINE_SIZE];
    struct sn_scenario *scenario = NULL;
    struct sn_map *map = NULL;
    cr_expect_eq(sn_scenario_open("nothing", &scenario, error), -ENOENT);
    cr_expect_not_null(strstr(error, "unknown scenario 'nothing' (known: growth-window"));
    cr_expect_eq(sn_scenario_open("growth-widnow", &scenario, error), -ENOENT);
    cr_expect_str_eq(error, "unknown scenario 'growth-widnow'; did you mean 'growth-window'?");
    cr_expect_eq(sn_map_open("nothing", &map, error), -ENOENT);
    cr_expect_not_null(strstr(error, "unknown map 'nothing' (known: gomap, "));
    cr_expect_eq(sn_map_open("gomaps", &map, error), -ENOENT);
    cr_expect_str_eq(error, "unknown map 'gomaps'; did you mean 'gomap'?");
}

Test(map_module, a_table_that_does_not_fit_is_refused) {
    static struct map_ops ops;
    char error[HD_LINE_SIZE];
    struct sn_map *map = NULL;
    fake_map(NULL);
    cr_expect_eq(sn_map_open("./x.so", &map, error), -ENOEXEC);
    cr_expect_str_eq(error, "./x.so: exports no 'heddle_map'");
    ops.abi_version = MAP_ABI_VERSION + 1;
    fake_map(&ops);
    cr_expect_eq(sn_map_open("x.so", &map, error), -ENOEXEC);
    cr_expect_str_eq(error, "./x.so: made for version 4 of map.h, this is version 3");
    ops.abi_version = MAP_ABI_VERSION;
    cr_expect_eq(sn_map_open("./x.so", &map, error), -ENOEXEC);
    cr_expect_not_null(strstr(error, "slot 'name' of 'heddle_map' is empty"));
    cr_expect_eq(sn_map_open("./missing.so", &map, error), -ENOENT);
    cr_expect_null(map);
}
