/* test_nearest.c - what a mistyped name may have been, and what nobody can have meant. */
#include <criterion/criterion.h>
#include <string.h>

#include "harness/base/nearest.h"

static const char *const names[] = {"gomap",   "mutex", "rwmutex", "oncefrozen",
                                    "sharded", "run",   "list",    "growth-window"};
#define COUNT (sizeof(names) / sizeof(names[0]))

static void expect(const char *typed, const char *meant) {
    const char *nearest = hd_nearest(typed, names, COUNT);
    cr_expect_str_eq(nearest != NULL ? nearest : "nothing", meant, "%s", typed);
}

Test(nearest, a_letter_more_or_less_or_changed_or_two_exchanged_is_one_mistake) {
    expect("gmap", "gomap");
    expect("gommap", "gomap");
    expect("gonap", "gomap");
    expect("mutxe", "mutex");
    expect("rn", "run");
    expect("lst", "list");
    expect("lsit", "list");
}

Test(nearest, a_third_of_the_letters_may_be_wrong_and_three_at_most) {
    expect("shrded", "sharded");
    expect("sharedd", "sharded");
    expect("oncfrzn", "nothing");
    expect("onefrozenn", "oncefrozen");
    expect("growth-widnwo", "growth-window");
    expect("grwth-wndw-x", "nothing");
}

Test(nearest, case_does_not_matter) {
    expect("GOMAP", "gomap");
    expect("Growth-Window", "growth-window");
}

Test(nearest, the_beginning_of_a_name_is_near_when_it_says_something) {
    expect("growth", "growth-window");
    expect("once", "oncefrozen");
    expect("gr", "nothing");
}

Test(nearest, nonsense_is_near_to_nothing) {
    static const char *const typed[] = {"", "x", "-", "frob", "nothing", "tun-it-all", "zzz"};
    char text[HD_NEAREST_SIZE];
    char endless[500];
    for (size_t index = 0; index < sizeof(typed) / sizeof(typed[0]); index++) {
        expect(typed[index], "nothing");
        hd_nearest_text(typed[index], names, COUNT, text);
        cr_expect_str_empty(text);
    }
    memset(endless, 'g', sizeof(endless) - 1);
    endless[sizeof(endless) - 1] = '\0';
    expect(endless, "nothing");
    cr_expect_null(hd_nearest("gomap", NULL, 0));
}

Test(nearest, a_known_name_is_no_mistake) {
    expect("run", "nothing");
}

Test(nearest, the_text_ends_an_error) {
    char text[HD_NEAREST_SIZE];
    hd_nearest_text("mutxe", names, COUNT, text);
    cr_expect_str_eq(text, "; did you mean 'mutex'?");
}
