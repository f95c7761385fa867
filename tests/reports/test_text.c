/* test_text.c - foreign text made fit for terminals, JSON and XML. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <unistd.h>

#include "reports/text.h"

#define FFFD "\xef\xbf\xbd"

static void cleans_to(const char *text, const char *expected) {
    char *clean = rp_text_clean(text);
    cr_expect_str_eq(clean, expected);
    free(clean);
}

Test(reports_text, escape_sequences_vanish) {
    cleans_to("a\033[1;31mred\033[0m b", "ared b");
    cleans_to("\033]0;title\007x", "x");
    cleans_to("\033]0;title\033\\x", "x");
    cleans_to("\033Mx", "x");
    cleans_to("\033[31", "");
    cleans_to("\033", FFFD);
}

Test(reports_text, control_characters_become_replacements) {
    cleans_to("a\001b\x7f", "a" FFFD "b" FFFD);
    cleans_to("tab\tline\n", "tab\tline\n");
    cleans_to("\xc2\x9b", FFFD);     /* C1 */
    cleans_to("\xef\xbf\xbf", FFFD); /* U+FFFF, which XML forbids */
}

Test(reports_text, invalid_utf8_becomes_replacements) {
    cleans_to("\xff", FFFD);
    cleans_to("\xc0\x80", FFFD FFFD);          /* overlong */
    cleans_to("\xed\xa0\x80", FFFD FFFD FFFD); /* a surrogate */
    cleans_to("\xe2\x82", FFFD FFFD);          /* cut short */
    cleans_to("\xf4\x90\x80\x80", FFFD FFFD FFFD FFFD);
}

Test(reports_text, valid_text_stays) {
    cleans_to("plain \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
              "plain \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
    cleans_to(NULL, "");
}

Test(reports_text, utf8_keeps_control_characters) {
    char *valid = rp_text_utf8("\001\033[1m\xff");
    cr_expect_str_eq(valid, "\001\033[1m" FFFD);
    free(valid);
}

Test(reports_text, a_fatal_headline_is_gos_line) {
    char text[HD_LINE_SIZE];
    struct hd_fault_record record = {.kind = HD_FAULT_FATAL, .message = "concurrent map writes"};
    rp_fault_headline(&record, text);
    cr_expect_str_eq(text, "fatal error: concurrent map writes");
    snprintf(record.message, sizeof(record.message), "fatal error: x");
    rp_fault_headline(&record, text);
    cr_expect_str_eq(text, "fatal error: x");
    record.kind = HD_FAULT_INVARIANT;
    snprintf(record.message, sizeof(record.message), "V2: twice");
    rp_fault_headline(&record, text);
    cr_expect_str_eq(text, "invariant: V2: twice");
}

Test(reports_text, colour_follows_the_environment) {
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    setenv("CLICOLOR_FORCE", "1", 1);
    cr_expect(rp_color_wanted(STDIN_FILENO));
    setenv("CLICOLOR_FORCE", "0", 1);
    int pipes[2];
    cr_assert_eq(pipe(pipes), 0);
    cr_expect_not(rp_color_wanted(pipes[0]), "a pipe is no terminal");
    setenv("CLICOLOR_FORCE", "1", 1);
    setenv("NO_COLOR", "1", 1);
    cr_expect_not(rp_color_wanted(pipes[0]), "NO_COLOR wins");
}
