/* test_example.c - a stranger follows the README of examples/map from an empty directory: with one
 * compiler from the build tree, with the other from an installed heddle.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

#include "tests/cli/support.h"
#include "tests/docs/session.h"

#define EXAMPLE HEDDLE_SOURCE_DIR "/examples/map"
#define ROOTED  "/opt/heddle" /* the prefix, below DESTDIR */

static void set_up(void) {
    scratch_begin();
}

TestSuite(example, .init = set_up, .fini = scratch_end, .timeout = 300);

struct stranger {
    char compiler[16];
    bool installed;
};

static void install(void) {
    const struct child *ended =
        sh(REAL, "DESTDIR=$PWD/root cmake --install \"$BUILD\" --prefix " ROOTED);
    cr_assert_eq(ended->status, 0, "%s", ended->errors);
}

ParameterizedTestParameters(example, its_readme_finds_the_planted_fault) {
    static struct stranger strangers[] = {{"clang", false}, {"gcc", true}};
    return cr_make_param_array(struct stranger, strangers, 2);
}

ParameterizedTest(struct stranger *stranger, example, its_readme_finds_the_planted_fault) {
    char prologue[256];
    struct document document;
    const char *home = "\"$SOURCE\"/examples/map";
    if (stranger->installed) {
        install();
        home = "root" ROOTED "/share/heddle/examples/map";
    }
    cr_assert_eq(sh(REAL, "cp -r %s own", home)->status, 0);
    snprintf(prologue, sizeof(prologue), "export CC=%s PATH=%s:$PATH", stranger->compiler,
             stranger->installed ? "${PWD%/own}/root" ROOTED "/bin" : "$BUILD");
    cr_assert(document_open(EXAMPLE "/README.md", &document));
    cr_assert_gt(document.commands, 6);
    session_check(EXAMPLE "/README.md", &document, "own", prologue);
    document_close(&document);
}

/* The trace shows one task reading the count between another one's read and its write. */
Test(example, the_trace_shows_both_tasks_at_the_one_count) {
    const struct child *ended =
        sh(REAL, "cp -r \"$SOURCE\"/examples/map/* . && make -s broken.so && "
                 "heddle run -q -m broken.so -s concurrent-writes --until-fault -o out; "
                 "heddle replay out/faults/* --trace | grep 'heap 0:0+8/8' | "
                 "awk '{ print $2, $3 }' | sort -u | wc -l");
    cr_expect_not_null(strstr(ended->output, "FAULT linearizability: at the end length is"));
    cr_expect_not_null(strstr(ended->output, "\n2\n"), "%s%s", ended->output, ended->errors);
}

Test(example, pkg_config_has_the_flags_of_the_doctor) {
    if (strchr(HEDDLE_BUILD_DIR, ' ') != NULL) {
        scratch_end();
        cr_skip_test("pkg-config's variables and the doctor write a blank in two ways");
    }
    install();
    const struct child *ended = sh(
        REAL,
        "P=$PWD/root" ROOTED "; export PKG_CONFIG_PATH=$P/share/pkgconfig && "
        "for f in controlled tsan native; do for c in clang gcc; do v=${f}_$c; "
        "$P/bin/heddle doctor -f --flavour=$f --compiler=$c >doctor && "
        "test $f = native && v=native; pkg-config --variable=$v heddle | "
        "sed 's,/share/pkgconfig/[.][.]/[.][.],,g' >pc && diff pc doctor && echo same; done; done");
    cr_expect_str_eq(ended->output, "same\nsame\nsame\nsame\nsame\nsame\n", "%s%s", ended->output,
                     ended->errors);
}

/* Blanks and all that a shell takes for more than itself. */
Test(example, flags_of_a_heddle_in_an_odd_path_build_a_map) {
    const struct child *ended = sh(
        REAL,
        "D=\"$PWD/it's \\$an \\\"odd\\\" (path) #1 & *ü\"; DESTDIR=$D cmake --install "
        "\"$BUILD\" --prefix /opt >/dev/null && cp \"$D\"/opt/share/heddle/examples/map/*.c . && "
        "for c in clang gcc; do $c $(\"$D\"/opt/bin/heddle doctor -f --compiler=$c) -o x.so "
        "stripes.c && \"$D\"/opt/bin/heddle run -q -s churn -m ./x.so -n 64 || exit 1; done; "
        "mkdir -p \"$PWD/it?s ?an ?odd? (path) #1 & *ü/opt/include\" && "
        "exec \"$D\"/opt/bin/heddle doctor -f >none");
    cr_expect_eq(ended->status, 71, "%s%s", ended->output, ended->errors);
    cr_expect_eq(count_lines(ended->errors), 1, "%s", ended->errors);
    cr_expect_not_null(strstr(ended->errors, "no flag can name this path"), "%s", ended->errors);
}

/* Left out of the flags: the instrumentation, and the list of redirected calls. */
Test(example, one_built_without_the_flags_is_vacuous_and_told_how_to_build_it) {
    const struct child *ended =
        sh(REAL, "cc -shared -fPIC -g -O2 \"-I$BUILD/include\" -o plain.so "
                 "\"$SOURCE\"/examples/map/broken.c && exec $H run -s concurrent-writes -m "
                 "./plain.so -n 512");
    cr_expect_eq(ended->status, 3, "%s", ended->errors);
    cr_expect_not_null(strstr(ended->output, "passed no points: build it with `cc $(heddle doctor "
                                             "--flags)`"));
    cr_expect_not_null(strstr(ended->errors, "note: ./plain.so was linked without"));
}
