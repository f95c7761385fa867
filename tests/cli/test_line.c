/* test_line.c - the line that shows a fault again. */
#include <criterion/criterion.h>
#include <string.h>

#include "cli/line.h"
#include "cli/start.h"

const char cli_flavour[] = "tsan";

Test(cli_line, carries_everything_in_the_order_of_the_manual) {
    struct hd_fault_record record = {.strategy = "pct:3", .seed = 0xc0ffee00, .digest = 0x9f};
    cli_line_build("growth-window", "gomap", "b0", &record);
    cr_expect_str_eq(record.replay,
                     "heddle replay --scenario growth-window --map gomap --strategy pct:3 --seed "
                     "0x00000000c0ffee00 --flavour tsan --build b0 --expect 0x000000000000009f");
}

Test(cli_line, is_quoted_for_a_shell) {
    struct hd_fault_record record = {.strategy = "random"};
    cli_line_build("./a b.yaml", "it's;rm.so", "b0", &record);
    cr_expect_not_null(strstr(record.replay, "--scenario './a b.yaml' "));
    cr_expect_not_null(strstr(record.replay, "--map 'it'\\''s;rm.so' "));
}

Test(cli_line, that_does_not_fit_is_left_empty) {
    struct hd_fault_record record = {.strategy = "random"};
    char path[600];
    memset(path, 'x', sizeof(path));
    path[sizeof(path) - 1] = '\0';
    cli_line_build(path, "gomap", "b0", &record);
    cr_expect_str_eq(record.replay, "");
}
