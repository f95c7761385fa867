/* test_parse.c - numbers as people write them. */
#include <criterion/criterion.h>
#include <errno.h>

#include "cli/parse.h"

static uint64_t seed_of(const char *text) {
    uint64_t seed = 0;
    cr_expect_eq(cli_parse_seed(text, &seed), 0, "%s", text);
    return seed;
}

Test(cli_parse, seeds_are_decimal_or_hexadecimal) {
    cr_expect_eq(seed_of("0"), 0);
    cr_expect_eq(seed_of("010"), 10);
    cr_expect_eq(seed_of("0x5eed"), 0x5eed);
    cr_expect_eq(seed_of("0XFFFFFFFFFFFFFFFF"), UINT64_MAX);
    cr_expect_eq(seed_of("18446744073709551615"), UINT64_MAX);
}

Test(cli_parse, a_refused_number_leaves_the_output_alone) {
    static const char *const texts[] = {"",
                                        "-1",
                                        "+1",
                                        " 1",
                                        "1 ",
                                        "0x",
                                        "1.0",
                                        "1x",
                                        "0x1g",
                                        "18446744073709551616",
                                        "0x10000000000000000"};
    for (size_t index = 0; index < sizeof(texts) / sizeof(texts[0]); index++) {
        uint64_t seed = 42;
        cr_expect_eq(cli_parse_seed(texts[index], &seed), -EINVAL, "%s", texts[index]);
        cr_expect_eq(seed, 42);
    }
}

Test(cli_parse, counts_have_bounds) {
    uint64_t count = 0;
    cr_expect_eq(cli_parse_count("5", 1, 5, &count), 0);
    cr_expect_eq(cli_parse_count("6", 1, 5, &count), -EINVAL);
    cr_expect_eq(cli_parse_count("0", 1, 5, &count), -EINVAL);
    cr_expect_eq(count, 5);
}

static double seconds_of(const char *text) {
    double seconds = -1;
    cli_parse_seconds(text, &seconds);
    return seconds;
}

Test(cli_parse, seconds_may_have_a_unit) {
    cr_expect_eq(seconds_of("10"), 10);
    cr_expect_eq(seconds_of("2.5s"), 2.5);
    cr_expect_eq(seconds_of("5m"), 300);
    cr_expect_eq(seconds_of("1h"), 3600);
    cr_expect_eq(seconds_of("0"), -1);
    cr_expect_eq(seconds_of("1.2.3"), -1);
    cr_expect_eq(seconds_of("."), -1);
    cr_expect_eq(seconds_of("nan"), -1);
    cr_expect_eq(seconds_of("5 m"), -1);
    cr_expect_eq(seconds_of("721h"), -1);
}
