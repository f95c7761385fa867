/* test_bench.c - `heddle bench`: its arguments, the shape of what it prints, its figures. Nothing is
 * asserted about how fast anything is.
 */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bench/bench.h"
#include "mapimpl/native.h"
#include "tests/cli/support.h"

/* AddressSanitizer's heap does not tell how large it is. */
#if defined(__SANITIZE_ADDRESS__)
#define HEAP_UNSEEN true
#elif defined(__has_feature)
#define HEAP_UNSEEN __has_feature(address_sanitizer)
#else
#define HEAP_UNSEEN false
#endif

#define SHORT "-q --seconds 0.01 --rounds 2 --keys 500 "

/* ---- histogram ------------------------------------------------------------------------------- */

Test(histogram, every_value_lies_in_its_cell) {
    for (uint32_t index = 0; index < CLI_HISTOGRAM_CELLS; index++) {
        cr_assert_eq(cli_histogram_index(cli_histogram_top(index)), index);
        if (index + 1 < CLI_HISTOGRAM_CELLS) {
            cr_assert_eq(cli_histogram_index(cli_histogram_top(index) + 1), index + 1);
        }
    }
    cr_assert_eq(cli_histogram_top(CLI_HISTOGRAM_CELLS - 1), UINT64_MAX);
}

static int by_size(const void *a, const void *b) {
    const uint64_t *one = a;
    const uint64_t *other = b;
    return (*one > *other) - (*one < *other);
}

/* Against the sorted values themselves: never less, and at most 1/64 more. */
Test(histogram, quantiles_are_those_of_the_sorted_values) {
    enum { VALUES = 5000 };
    static struct cli_histogram histogram, half;
    static uint64_t value[VALUES];
    uint64_t state = 1;
    for (unsigned n = 0; n < VALUES; n++) {
        state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
        value[n] = state >> 33 >> state % 30;
        cli_histogram_count(n % 2 ? &histogram : &half, value[n]);
    }
    cli_histogram_add(&histogram, &half);
    qsort(value, VALUES, sizeof(value[0]), by_size);
    for (unsigned n = 1; n <= VALUES; n++) {
        uint64_t seen = cli_histogram_quantile(&histogram, (n - 0.5) / (double)VALUES);
        cr_assert_geq(seen, value[n - 1]);
        cr_assert_leq(seen, value[n - 1] + value[n - 1] / 64);
    }
    cr_assert_eq(histogram.total, VALUES);
    cr_assert_eq(histogram.most, value[VALUES - 1]);
}

/* ---- workload -------------------------------------------------------------------------------- */

/* Of 131072 draws a tenth writes: 13107, sigma 109; the bound is six sigma. */
Test(workload, one_draw_in_ten_writes_and_every_key_exists) {
    static uint32_t stream[CLI_STREAM_LENGTH];
    struct cli_workload workload;
    uint64_t writes = 0;
    cr_assert_eq(cli_workload_init(&workload, 100, false), 0);
    cli_workload_stream(&workload, 0, 10, stream);
    for (uint32_t at = 0; at < CLI_STREAM_LENGTH; at++) {
        writes += (stream[at] & CLI_STREAM_WRITE) != 0;
        cr_assert_lt(stream[at] & ~CLI_STREAM_WRITE, 100);
    }
    cr_assert_geq(writes, 13107 - 654);
    cr_assert_leq(writes, 13107 + 654);
    cli_workload_free(&workload);
}

/* The weights of 100 keys sum to 5.29457 at exponent 0.99: the first is drawn with 0.188873, the hundredth
 * with 0.00197774. Of 131072: 24756 (sigma 142) and 259 (sigma 16.1); bounds are six sigma. */
Test(workload, zipf_draws_each_rank_by_its_weight) {
    static uint32_t stream[CLI_STREAM_LENGTH];
    struct cli_workload workload;
    double drawn[100] = {0};
    cr_assert_eq(cli_workload_init(&workload, 100, true), 0);
    cli_workload_stream(&workload, 0, 0, stream);
    for (uint32_t at = 0; at < CLI_STREAM_LENGTH; at++) {
        drawn[stream[at]]++;
    }
    cr_assert(drawn[0] >= 24756 - 852 && drawn[0] <= 24756 + 852, "%f", drawn[0]);
    cr_assert(drawn[99] >= 259 - 96 && drawn[99] <= 259 + 96, "%f", drawn[99]);
    cli_workload_free(&workload);
}

/* ---- figures --------------------------------------------------------------------------------- */

Test(rounds, medians_ends_and_ratios) {
    static struct cli_bench_row row[2];
    static const struct cli_bench_map map[2] = {{.name = "one"}, {.name = "two"}};
    const double odd[] = {5, 1, 3};
    const double even[] = {4, 1, 3, 2};
    cr_assert_eq(cli_bench_median(odd, 3), 3);
    cr_assert_eq(cli_bench_median(even, 4), 2.5);
    cr_assert_eq(cli_bench_least(even, 4), 1);
    cr_assert_eq(cli_bench_most(even, 4), 4);
    row[0] = (struct cli_bench_row){.map = &map[0], .threads = 2, .rounds = 1, .rate = {30}};
    row[1] = (struct cli_bench_row){.map = &map[1], .threads = 2, .rounds = 1, .rate = {10}};
    struct cli_bench_result result = {.row = row, .rows = 2};
    cr_assert_eq(cli_bench_ratio(&result, &row[0], "two"), 3);
    row[1].threads = 1;
    cr_assert_eq(cli_bench_ratio(&result, &row[0], "two"), 0, "another number of threads");
}

/* ---- the command ----------------------------------------------------------------------------- */

static void set_up(void) {
    scratch_begin();
}

TestSuite(bench, .init = set_up, .fini = scratch_end);

Test(bench, refuses_what_it_does_not_know) {
    refused(REAL, 64, "did you mean 'rwmutex'", "bench --map rwmutx");
    refused(REAL, 64, "no map 'gomap-flag-untested' is measured: only built-in maps",
            "bench --map gomap-flag-untested");
    refused(REAL, 64, "no map './my.so' is measured", "bench --map ./my.so");
    refused(REAL, 64, "--threads wants a number from 1 to 64, not '0'", "bench --threads 1,0");
    refused(REAL, 64, "--threads wants a number from 1 to 64, not '99'", "bench --threads 99");
    refused(REAL, 64, "as 99/1, not '90/20'", "bench --mix 90/20");
    refused(REAL, 64, "--mix wants fill, or two shares of a hundred as 99/1, not 'half'",
            "bench --mix 50/50,half");
    refused(REAL, 64, "--keys wants a number from 1 to ", "bench --keys 0");
    refused(REAL, 64, "--rounds wants a number from 1 to 100, not '101'", "bench --rounds 101");
    refused(REAL, 64, "--seconds wants seconds, or a number", "bench --seconds soon");
    refused(REAL, 64, "--distribution wants uniform or zipf, not 'flat'",
            "bench --distribution flat");
    refused(REAL, 64, "not 'zpif'; did you mean 'zipf'?", "bench -d zpif");
    refused(REAL, 64, "unknown option '--theards'; did you mean '--threads'?", "bench --theards 1");
    refused(REAL, 64, "unexpected argument 'x'", "bench x");
    refused(REAL, 64, "no map takes", "bench --map gomap --threads 2 --mix 50/50");
    refused(REAL, 74, "/nowhere/x", "bench --json /nowhere/x");
    refused(REAL, 64, "option '--json' requires an argument", "bench --json");
    refused(REAL, 64, "unknown option '-j'", "bench -j -");
}

static void check_latency(const json_t *latency) {
    json_int_t last = 0;
    static const char *const names[] = {"p50", "p99", "p99.9", "max"};
    for (int index = 0; index < 4; index++) {
        const json_t *value = json_object_get(latency, names[index]);
        cr_assert(json_is_integer(value), "%s", names[index]);
        cr_assert_geq(json_integer_value(value), last);
        last = json_integer_value(value);
    }
    cr_assert_gt(json_integer_value(json_object_get(latency, "count")), 0);
}

static void check_row(const json_t *row, unsigned rounds) {
    cr_assert_gt(json_number_value(json_object_get(row, "rate")), 0);
    cr_assert_gt(json_number_value(json_object_get(row, "cpu_ns")), 0);
    cr_assert_eq(json_array_size(json_object_get(row, "rates")), rounds);
    check_latency(json_object_get(row, "latency_ns"));
    if (json_object_get(row, "growth_ns") != NULL) {
        check_latency(json_object_get(row, "growth_ns"));
    }
}

static const json_t *row_of(const json_t *rows, const char *map, json_int_t threads,
                            const char *mix) {
    size_t at;
    const json_t *row;
    json_array_foreach(rows, at, row) {
        if (strcmp(json_string_value(json_object_get(row, "map")), map) == 0 &&
            strcmp(json_string_value(json_object_get(row, "mix")), mix) == 0 &&
            json_integer_value(json_object_get(row, "threads")) == threads) {
            return row;
        }
    }
    return NULL;
}

static json_t *bench_json(const char *arguments) {
    const struct child *ended = sh(REAL, "$H bench " SHORT "--json - %s", arguments);
    cr_assert_eq(ended->status, 0, "%s", ended->errors);
    json_t *object = json_loads(ended->output, 0, NULL);
    cr_assert_not_null(object);
    return object;
}

/* Every mix and number of threads, but what a plain or a frozen map does not take. */
Test(bench, measures_every_map) {
    uint32_t count;
    const struct map_ops *const *ops = map_native(&count);
    char arguments[512] = "--threads 1,2 --mix 100/0,50/50,fill";
    for (uint32_t index = 0; index < count; index++) {
        if (ops[index]->kind != MAP_MUTANT) {
            strcat(strcat(arguments, " --map "), ops[index]->name);
        }
    }
    json_t *object = bench_json(arguments);
    const json_t *rows = json_object_get(object, "rows");
    size_t at;
    const json_t *row;
    json_array_foreach(rows, at, row) {
        check_row(row, 2);
    }
    for (uint32_t index = 0; index < count; index++) {
        const char *name = ops[index]->name;
        bool safe = ops[index]->kind == MAP_SAFE;
        bool writes = safe && ops[index] != &oncefrozen_map;
        bool inspected = safe && ops[index]->inspector != NULL;
        cr_expect_eq(row_of(rows, name, 2, "100/0") != NULL, ops[index]->kind != MAP_MUTANT);
        cr_expect_eq(row_of(rows, name, 2, "50/50") != NULL, writes, "%s", name);
        row = row_of(rows, name, 2, "fill");
        cr_expect_eq(row != NULL, writes, "%s", name);
        cr_expect(!writes || (json_object_get(row, "growth_ns") != NULL) == inspected, "%s", name);
        row = row_of(rows, name, 1, "100/0");
        cr_expect(row == NULL || HEAP_UNSEEN ||
                  json_number_value(json_object_get(row, "bytes_per_entry")) > 16);
    }
    json_decref(object);
}

Test(bench, json_says_what_was_asked) {
    json_t *object = bench_json("--map mutex --threads 1 --mix 99/1 --distribution zipf");
    cr_assert_eq(json_integer_value(json_object_get(object, "schema")), 1);
    cr_assert_eq(json_integer_value(json_object_get(object, "keys")), 500);
    cr_assert_eq(json_integer_value(json_object_get(object, "rounds")), 2);
    cr_assert_str_eq(json_string_value(json_object_get(object, "distribution")), "zipf");
    cr_assert_eq(json_array_size(json_object_get(object, "rows")), 1);
    cr_assert(json_is_null(json_object_get(
        row_of(json_object_get(object, "rows"), "mutex", 1, "99/1"), "of_go_rwmutex")));
    json_decref(object);
}

Test(bench, a_full_disk_is_told_in_one_line_and_costs_nothing_else) {
    const struct child *ended =
        sh(REAL, "exec $H bench " SHORT "-m mutex -t 1 -x 50/50 --json - >/dev/full");
    cr_expect_eq(ended->status, 74);
    cr_expect_str_eq(ended->errors, "heddle: standard output: No space left on device\n");
    ended = sh(REAL, "yes | head -n 2000 >old.json; cp old.json same.json; (ulimit -f 1; "
                     "$H bench " SHORT "-m mutex -t 1,2,4 -x 50/50 --json old.json | tail -n 1); "
                     "cmp old.json same.json");
    cr_expect_eq(ended->status, 0, "%s", ended->errors);
    cr_expect_str_eq(ended->errors, "heddle: old.json: File too large\n");
}

Test(bench, prints_one_line_a_row_and_a_json_file_besides) {
    const struct child *ended =
        sh(REAL, "$H bench " SHORT "-m mutex -m rwmutex -t 1,2 -x 50/50 --json out.json && "
                 "grep -c '\"threads\": ' out.json >&2");
    cr_assert_eq(ended->status, 0);
    cr_assert_eq(count_lines(ended->output), 5, "%s", ended->output);
    cr_assert_str_eq(ended->errors, "4\n");
}

Test(bench, goes_on_without_go_and_says_so) {
    const struct child *ended = sh(REAL, "mkdir empty; PATH=empty \"$BUILD\"/heddle bench " SHORT
                                         "-m mutex -m go-sync.Map -t 1 -x 50/50");
    cr_assert_eq(ended->status, 0);
    cr_assert_eq(count_lines(ended->output), 2, "%s", ended->output);
    cr_assert_not_null(strstr(ended->errors, "no Go here"));
}

/* `go build` is what `build` says; all else succeeds. TMPDIR is `tmp`, which is then listed. */
static const struct child *with_go(const char *build) {
    return sh(REAL,
              "mkdir bin tmp; printf '#!/bin/sh\\n[ $1 = version ] && exit\\n%%s\\n' '%s' >bin/go; "
              "chmod +x bin/go; PATH=$PWD/bin:$PATH; TMPDIR=${TMPDIR_SEEN:-$PWD/tmp}; "
              "export PATH TMPDIR; env --default-signal=INT $H bench " SHORT
              "-m go-sync.Map -t 1 -x 50/50; echo $?; ls tmp",
              build);
}

Test(bench, without_a_place_for_the_program_of_go_nothing_is_said_of_go) {
    setenv("TMPDIR_SEEN", "/nowhere", 1);
    const struct child *ended = with_go("exit 0");
    cr_expect_not_null(strstr(ended->errors, "heddle: /nowhere/heddle-bench-"), "%s",
                       ended->errors);
    cr_expect_eq(count_lines(ended->errors), 1, "%s", ended->errors);
    cr_expect_str_eq(ended->output, "74\n");
}

Test(bench, an_interrupted_build_of_the_program_of_go_leaves_nothing) {
    cr_expect_str_eq(with_go("kill -INT $PPID; echo half >$3; exit 1")->output, "130\n");
}

Test(bench, a_failed_build_of_the_program_of_go_leaves_nothing) {
    const struct child *ended = with_go("exit 1");
    cr_expect_not_null(strstr(ended->errors, "go build failed"), "%s", ended->errors);
    cr_expect_str_eq(ended->output, "70\n");
}

/* Skipped, loudly, where Go is not installed. */
Test(bench, measures_the_maps_of_go_in_the_same_table) {
    if (system("go version >/dev/null 2>&1") != 0) {
        scratch_end();
        cr_skip("go is not installed");
    }
    json_t *object = bench_json("-m rwmutex -m go-sync.RWMutex -m go-sync.Map -t 2 -x 50/50,fill");
    const json_t *rows = json_object_get(object, "rows");
    static const char *const mixes[] = {"50/50", "fill"};
    for (int mix = 0; mix < 2; mix++) {
        check_row(row_of(rows, "go-sync.Map", 2, mixes[mix]), 2);
        check_row(row_of(rows, "go-sync.RWMutex", 2, mixes[mix]), 2);
        const json_t *ours = row_of(rows, "rwmutex", 2, mixes[mix]);
        cr_assert_gt(json_number_value(json_object_get(ours, "of_go_rwmutex")), 0);
        cr_assert_gt(json_number_value(json_object_get(ours, "of_go_syncmap")), 0);
    }
    json_decref(object);
}
