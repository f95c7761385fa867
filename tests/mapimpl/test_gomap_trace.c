/* test_gomap_trace.c - the golden traces of the real Go 1.19, and what a bad script is answered.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapimpl/gomap/trace.h"

#define GOLDEN HEDDLE_SOURCE_DIR "/tests/golden/go1.19/"

struct golden {
    char name[32];
};

static char *contents(const char *path, size_t *size) {
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file, "%s", path);
    char *text = NULL;
    size_t capacity = 0;
    ssize_t length = getdelim(&text, &capacity, EOF, file);
    cr_assert_gt(length, 0, "%s", path);
    fclose(file);
    *size = (size_t)length;
    return text;
}

/* The line in which two texts differ first, 1-based, or 0. */
static unsigned first_difference(const char *a, const char *b) {
    unsigned line = 1;
    for (; *a == *b; a++, b++) {
        if (*a == '\0') {
            return 0;
        }
        line += *a == '\n';
    }
    return line;
}

ParameterizedTestParameters(gomap_trace, prints_the_bytes_of_the_real_map) {
    static struct golden golden[] = {
        {"01_basic_b0"},
        {"02_growth_b0_b6"},
        {"03_same_size_grow"},
        {"04_delete_emptyrest"},
        {"05_iter_growth"},
        {"06_hints"},
        {"07_random_fast64"},
        {"07_random_generic"},
        {"09_const_hash"},
        {"10_tophash_adjust"},
        {"12_natural_rng"},
        {"13_growth_progress"},
        {"15_sliding_same_size"},
        {"16_same_size_reads"},
        {"17_iterator_latest"},
        {"18_mark_bound"},
        {"19_estimate"},
        {"20_strings"},
        {"21_fast32"},
        {"22_large_keys"},
        {"23_floats"},
        {"24_same_size_emptied"},
        {"25_estimate_below"},
        {"26_same_size_floats"},
        {"27_current_pair"},
    };
    return cr_make_param_array(struct golden, golden, sizeof golden / sizeof golden[0]);
}

ParameterizedTest(struct golden *golden, gomap_trace, prints_the_bytes_of_the_real_map) {
    char path[512];
    char error[200] = "";
    char *printed = NULL;
    size_t printed_size = 0;
    size_t expected_size;
    snprintf(path, sizeof path, GOLDEN "scripts/%s.txt", golden->name);
    FILE *in = fopen(path, "r");
    cr_assert_not_null(in, "%s", path);
    FILE *out = open_memstream(&printed, &printed_size);
    cr_assert_eq(map_trace_run(in, out, error, sizeof error), 0, "%s", error);
    fclose(in);
    fclose(out);
    snprintf(path, sizeof path, GOLDEN "traces/%s.jsonl", golden->name);
    char *expected = contents(path, &expected_size);
    unsigned line = first_difference(printed, expected);
    cr_assert_eq(line, 0, "%s differs from line %u on", golden->name, line);
    cr_assert_eq(printed_size, expected_size);
    free(expected);
    free(printed);
}

static int run_text(const char *script, size_t length, char *printed, size_t size, char *error) {
    FILE *in = fmemopen((void *)(uintptr_t)script, length, "r");
    FILE *out = fmemopen(printed, size, "w");
    cr_assert(in != NULL && out != NULL);
    int result = map_trace_run(in, out, error, 200);
    fclose(in);
    fclose(out);
    return result;
}

struct refusal {
    char script[96];
    char error[96];
};

ParameterizedTestParameters(gomap_trace, bad_line_is_answered_with_its_number_and_reason) {
    static struct refusal refusal[] = {
        {"put 1 2\n", "1: put before the first new"},
        {"new 0\n\n# nothing\nfrob 1\n", "4: 'frob' is no operation"},
        {"new 0\nput 1\n", "2: put takes 2 arguments, not 1"},
        {"new 0\nput 1 2 3\n", "2: put takes 2 arguments, not 3"},
        {"new 0\nput x 2\n", "2: 'x' is not a number from 0 to 2^64 - 1"},
        {"new 0\nput 1 -2\n", "2: '-2' is not a number from 0 to 2^64 - 1"},
        {"new 0\nput 0x 2\n", "2: '0x' is not a number from 0 to 2^64 - 1"},
        {"new 0\nput 18446744073709551616 2",
         "2: '18446744073709551616' is not a number from 0 to 2^64 - 1"},
        {"new 0 0x100000000\n", "1: a hash seed has 32 bits"},
        {"hash md5\n", "1: 'md5' is no argument of hash"},
        {"keys u65\n", "1: 'u65' is no kind of keys"},
        {"new 0\nkeys\n", "2: keys takes 1 argument, not 0"},
        {"quiet perhaps\n", "1: 'perhaps' is no argument of quiet"},
        {"new 0\nit.next a\n", "2: no iterator 'a' in this map"},
        {"new 0\nit.new a\nnew 0\nit.next a\n", "4: no iterator 'a' in this map"},
        {"new 0\niter 3\n", "2: iter: a bucket needs an offset"},
        {"new 0\nit.new a\"b 1 2\n", "2: an iterator's name has up to 63 plain characters"},
        {"get 1 2 3 4 5 6 7 8 9\n", "1: more than 8 words"},
        {"new 549755813888\n", "1: a map has at most 4194304 entries here"},
        {"new 1099511627776\n", "1: a map has at most 4194304 entries here"},
        {"new 4194305\n", "1: a map has at most 4194304 entries here"},
        {"keys large\nnew 4194305\n", "2: a map has at most 4194304 entries here"},
        {"new 0\ngetrange 0 16777217\n", "2: getrange takes at most 16777216 keys"},
        {"new 0\nputrange 0 0xffffffffffffffff\n", "2: putrange takes at most 16777216 keys"},
        {"quiet on\nnew 0\nputrange 0 4194305\n", "3: a map has at most 4194304 entries here"},
    };
    return cr_make_param_array(struct refusal, refusal, sizeof refusal / sizeof refusal[0]);
}

ParameterizedTest(struct refusal *refusal, gomap_trace,
                  bad_line_is_answered_with_its_number_and_reason) {
    char printed[4096];
    char error[200] = "";
    int result = run_text(refusal->script, strlen(refusal->script), printed, sizeof printed, error);
    cr_assert_lt(result, 0);
    cr_assert_str_eq(error, refusal->error);
}

Test(gomap_trace, nul_byte_in_a_line_is_refused) {
    static const char script[] = "new 0\nput\0 1 2\n";
    char printed[4096];
    char error[200] = "";
    cr_assert_eq(run_text(script, sizeof script - 1, printed, sizeof printed, error), -EINVAL);
    cr_assert_str_eq(error, "2: contains a NUL byte");
}

Test(gomap_trace, line_is_read_up_to_a_limit) {
    static char script[4096 + 8];
    char printed[16] = "";
    char error[200] = "";
    memset(script, ' ', sizeof script);
    script[4096] = '\n';
    cr_assert_eq(run_text(script, 4097, printed, sizeof printed, error), 0, "%s", error);
    script[4096] = ' ';
    cr_assert_eq(run_text(script, 4097, printed, sizeof printed, error), -EINVAL);
    cr_assert_str_eq(error, "1: a line of more than 4096 bytes");
}

/* A script without an end, and nobody to read the trace. */
Test(gomap_trace, full_disk_ends_the_trace) {
    char error[200] = "";
    FILE *in = popen("yes 'new 0'", "r");
    FILE *out = fopen("/dev/full", "w");
    cr_assert(in != NULL && out != NULL);
    cr_assert_eq(map_trace_run(in, out, error, sizeof error), 0);
    cr_assert(ferror(out));
    pclose(in);
    fclose(out);
}

/* Not golden: the real Go ends with a nil dereference. */
Test(gomap_trace, iterator_that_outlives_two_growths_misses_forgotten_boxes) {
    static char printed[1 << 16];
    char error[200] = "";
    FILE *in = fopen(HEDDLE_SOURCE_DIR "/tests/mapimpl/iterator-outlives-growths.txt", "r");
    FILE *out = fmemopen(printed, sizeof printed, "w");
    cr_assert(in != NULL && out != NULL);
    cr_assert_eq(map_trace_run(in, out, error, sizeof error), 0, "%s", error);
    fclose(in);
    fclose(out);
    cr_assert_not_null(strstr(printed, "\"kv\":[[115,115],[4,4],"));
}

/* As Go's int does; a number that is as large in 64 bits is the same hint. */
Test(gomap_trace, hint_that_is_negative_counts_as_none) {
    static const char script[] = "new -1\nnew -9223372036854775808 3\nnew 18446744073709551615\n";
    char printed[4096] = "";
    char error[200] = "";
    cr_assert_eq(run_text(script, sizeof script - 1, printed, sizeof printed, error), 0);
    cr_assert_not_null(strstr(printed, "\"hint\":-1,\"count\":0,\"flags\":0,\"B\":0,"));
    cr_assert_not_null(strstr(printed, "\"hint\":-9223372036854775808,\"count\":0,"));
    cr_assert_not_null(strstr(printed, "\"hint\":18446744073709551615,\"count\":0,"));
}

Test(gomap_trace, empty_script_prints_nothing) {
    char printed[16] = "";
    char error[200] = "";
    cr_assert_eq(run_text("#\n", 2, printed, sizeof printed, error), 0);
    cr_assert_str_eq(printed, "");
}

/* `reseed roll`: the next seed is the low half of splitmix64(5); `keep` pins 5 again. */
Test(gomap_trace, pinned_seed_is_kept_or_rolled_when_the_map_draws) {
    static const char script[] = "new 0 5\nput 1 1\nquiet on\ndel 1\nstat\nreseed roll\nput 1 1\n"
                                 "clear\nstat\n";
    char printed[4096] = "";
    char error[200] = "";
    cr_assert_eq(run_text(script, sizeof script - 1, printed, sizeof printed, error), 0);
    char *line = strstr(printed, "{\"line\":5");
    cr_assert_not_null(line);
    cr_assert_not_null(strstr(line, "\"hash0\":5,"));
    line = strstr(printed, "{\"line\":9");
    cr_assert_not_null(line);
    cr_assert_null(strstr(line, "\"hash0\":5,"));
}

/* The end stores no position but that it wrapped: bucket 1 is empty and was walked last. */
Test(gomap_trace, iterator_that_ended_stands_behind_its_last_pair) {
    static const char script[] = "hash ident\nnew 9 0\nput 0 0\nit.new a 0 0\nit.next a 0\n";
    char printed[4096] = "";
    char error[200] = "";
    cr_assert_eq(run_text(script, sizeof script - 1, printed, sizeof printed, error), 0);
    cr_assert_not_null(strstr(printed, "\"kv\":[[0,0]],\"done\":1,\"start\":0,\"off\":0,\"itB\":1,"
                                       "\"bucket\":1,\"i\":1,\"wrapped\":1,\"check\":-1"));
}
