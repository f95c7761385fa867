/* test_mutants.c - every map that is broken on purpose is found, by the checker that its patch names.
 *
 * One campaign seed here; tests/mutants/run.sh alone takes twenty.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cli/support.h"

#define MUTANTS_MIN 30 /* so many are promised */

#define PATCHES "\"$SOURCE\"/mapimpl/mutants/*.patch"
#define RUN     "\"$SOURCE\"/tests/mutants/run.sh --build \"$BUILD\""

static void set_up(void) {
    scratch_begin();
}

TestSuite(mutants, .init = set_up, .fini = scratch_end, .timeout = 600);

static const struct child *run(const char *command) {
    return sh(REAL, "%s", command);
}

/* Of each there is a mutant that it is the first to tell of. */
static void every_invariant_is_first(const char *output) {
    for (int letter = 1; letter <= 10; letter++) {
        char name[8];
        bool first = false;
        snprintf(name, sizeof(name), " V%d ", letter);
        for (const char *at = output; !first && (at = strstr(at, name)) != NULL; at++) {
            const char *end = strchr(at, '\n');
            first = end != NULL && strncmp(end - strlen("in 1"), "in 1", strlen("in 1")) == 0;
        }
        cr_expect(first, "V%d is never the first: %s", letter, output);
    }
}

Test(mutants, each_is_found_and_no_correct_map_is) {
    const struct child *ended = run(RUN " --seeds 1");
    cr_expect_eq(ended->status, 0, "%s%s", ended->output, ended->errors);
    cr_expect_null(strstr(ended->output, "in  0 of 1 seeds"), "%s", ended->output);
    every_invariant_is_first(ended->output);
}

Test(mutants, are_as_many_as_promised_and_all_are_listed) {
    cr_expect_geq(atoi(run("ls " PATCHES " | wc -l")->output), MUTANTS_MIN);
    const struct child *ended =
        run("\"$H\" list | awk '$2 == \"mutant\" && $1 !~ /^canary/ { print $1 }' >listed; "
            "for p in " PATCHES "; do basename \"$p\" .patch; done | LC_ALL=C sort | cmp - listed");
    cr_expect_eq(ended->status, 0, "%s%s", ended->output, ended->errors);
}

/* Figures are not compared: they belong to a compiler. */
Test(mutants, the_page_says_of_each_what_its_patch_says) {
    const struct child *ended =
        run(RUN " --seeds 0 --table | grep '^| `' | cut -d'|' -f1-5 >patches; "
                "sed '1,/^## All of them/d' \"$SOURCE\"/docs/MUTANTS.md | grep '^| `' | "
                "cut -d'|' -f1-5 | diff - patches && wc -l <patches");
    cr_expect_eq(ended->status, 0, "%s%s", ended->output, ended->errors);
    cr_expect_geq(atoi(ended->output), MUTANTS_MIN);
}

/* A lock is taken out of a map: its mutants that change the place are told, and refused as maps. */
Test(mutants, one_whose_patch_does_not_fit_is_told) {
    const struct child *ended = sh(
        REAL, "mkdir -p root/mapimpl && cp -r \"$SOURCE\"/mapimpl/mutex root/mapimpl && "
              "sed -i '/pthread_mutex_lock/d' root/mapimpl/mutex/mutex.c && "
              "P=\"$SOURCE/mapimpl/mutants/mutex-trylock-ignored.patch\" && cmake -DPATCH=\"$P\" "
              "-DPROGRAM=patch -DMAP=mutex -DTREE=\"$PWD/tree\" -DROOT=\"$PWD/root\" "
              "-DSOURCES=\"$PWD/root/mapimpl/mutex/mutex.c\" "
              "-P \"$SOURCE/mapimpl/mutants/derive.cmake\" && cat tree/misfit && "
              "cc -shared -fPIC -g \"-I$SOURCE\" -o x.so tree/mapimpl/mutex/mutex.c "
              "-Wl,--unresolved-symbols=ignore-all; $H run -s churn -m ./x.so");
    cr_expect_eq(ended->status, 65, "%s%s", ended->output, ended->errors);
    cr_expect_not_null(strstr(ended->output, "mutant mutex-trylock-ignored: the patch"), "%s",
                       ended->output);
    cr_expect_not_null(strstr(ended->errors, "mutex-trylock-ignored.patch does not fit mutex any"),
                       "%s", ended->errors);
}

/* The script is no rubber stamp: a mutant in a scenario that cannot break it is reported as missed. */
Test(mutants, one_that_is_not_found_is_reported) {
    const struct child *ended =
        run("cp -r \"$SOURCE\"/tests/mutants . && mkdir -p tests mapimpl && mv mutants tests "
            "&& cp -r \"$SOURCE\"/mapimpl/mutants mapimpl && "
            "sed -i 's/^Scenario: .*/Scenario: readers-only/' "
            "mapimpl/mutants/rwmutex-delete-shared.patch && "
            "tests/mutants/run.sh --build \"$BUILD\" --seeds 1 rwmutex-delete-shared");
    cr_expect_eq(ended->status, 1, "%s%s", ended->output, ended->errors);
    cr_expect_not_null(strstr(ended->output, "in  0 of 1 seeds"), "%s", ended->output);
    cr_expect_not_null(strstr(ended->output, "1 passed, 1 failed"), "%s", ended->output);
}
