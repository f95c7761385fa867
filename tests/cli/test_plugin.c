/* test_plugin.c - a map of one's own: which files are refused, and that whatever a map does is its fault
 * and not ours. Each map is odd_map.c with one thing changed.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/cli/support.h"

#define ODD "/tests/cli/odd_map.c"
/* Compiles in the scratch directory: definition, file. */
#define BUILD                                                                                      \
    HEDDLE_TEST_CC " \"-I$SOURCE\" $($H doctor --flags --compiler=" HEDDLE_TEST_CC                 \
                   ") '-D%s' -o %s \"$SOURCE\"" ODD

static void set_up(void) {
    scratch_begin();
}

TestSuite(plugin, .init = set_up, .fini = scratch_end, .timeout = 120);

/* No pointers: parameters are copied to another process. */
struct odd {
    char define[64];
    char text[64];
};

static void build(const char *define, const char *file) {
    const struct child *ended = sh(REAL, BUILD, define, file);
    cr_assert_eq(ended->status, 0, "%s", ended->errors);
}

/* ---- refused when it is loaded --------------------------------------------------------------- */

ParameterizedTestParameters(plugin, an_odd_table_is_refused_in_one_line) {
    static struct odd odds[] = {
        {"TABLE=other", "odd.so: exports no 'heddle_map'"},
        {"ABI=7", "odd.so: made for version 7 of map.h"},
        {"PUT=NULL", "odd.so: slot 'put' of 'heddle_map' is empty"},
        {"STRINGS=&no_strings", "odd.so: slot 'strings->get' of"},
        {"INSPECTOR=&no_inspector", "odd.so: slot 'inspector->parts' of"},
        {"KIND=9", "odd.so: kind 9 is none of"},
        {"NAME=\"\"", "odd.so: the map's name is empty"},
        {"NAME=\"a/b\"", "odd.so: the map's name is not made of"},
        {"NAME=\"1234567890123456789012345678901234\"", "name has more than 32 characters"},
        {"NAME=\"gomap\"", "odd.so: is called 'gomap', as a built-in map is"},
        {"NAME=(char *)1", "odd.so: crashes when it is loaded (SIGSEGV)"},
    };
    return cr_make_param_array(struct odd, odds, sizeof(odds) / sizeof(odds[0]));
}

ParameterizedTest(struct odd *odd, plugin, an_odd_table_is_refused_in_one_line) {
    build(odd->define, "odd.so");
    refused(REAL, 65, odd->text, "run -s concurrent-writes -m ./odd.so -n 16");
}

ParameterizedTestParameters(plugin, what_runs_when_it_is_loaded_does_not_take_us_down) {
    static struct odd odds[] = {
        {"AT_LOAD=nowhere()", "odd.so: undefined symbol: nowhere"},
        {"AT_LOAD=abort()", "odd.so: crashes when it is loaded (SIGABRT)"},
        {"AT_UNLOAD=abort()", "odd.so: crashes when it is loaded (SIGABRT)"},
        {"AT_LOAD=*(volatile int *)8 = 1", "crashes when it is loaded (SIGSEGV)"},
        {"AT_LOAD=exit(0)", "ends the process (status 0) when it is loaded"},
        {"AT_LOAD=_exit(3)", "ends the process (status 3) when it is loaded"},
        {"AT_LOAD=for (;;)", "does not come to an end when it is loaded"},
        {"AT_LOAD=start_thread()", "starts a thread when it is loaded"},
        {"AT_LOAD=fork()", "starts a process when it is loaded"},
    };
    return cr_make_param_array(struct odd, odds, sizeof(odds) / sizeof(odds[0]));
}

ParameterizedTest(struct odd *odd, plugin, what_runs_when_it_is_loaded_does_not_take_us_down) {
    build(odd->define, "odd.so");
    refused(REAL, 65, odd->text, "run -s concurrent-writes -m ./odd.so -n 16");
    refused(REAL, 65, odd->text, "replay -s concurrent-writes -m odd.so -x random --seed 1");
}

/* Offsets 4 and 18 of an ELF file: its class and its machine. */
ParameterizedTestParameters(plugin, a_file_of_another_kind_is_refused_in_one_line) {
    static struct odd odds[] = {
        {"rm x.so", "x.so: no such file"},
        {"rm x.so; mkdir x.so", "x.so: is a directory"},
        {"rm x.so; mkfifo x.so", "x.so: is no file"},
        {": >x.so", "x.so: is empty"},
        {"echo int x >x.so", "x.so: is not an ELF file"},
        {"head -c 9000 x.so >y; mv y x.so", "x.so: is cut short"},
        {"head -c 40 x.so >y; mv y x.so", "x.so: is not an ELF file"},
        {"printf '\\1' | dd of=x.so bs=1 seek=4 conv=notrunc", "x.so: is a 32-bit file"},
        {"printf '\\3' | dd of=x.so bs=1 seek=18 conv=notrunc", "made for another processor"},
        {"printf '\\1' | dd of=x.so bs=1 seek=16 conv=notrunc", "is an object file"},
        {"cp /bin/true x.so", "x.so: "},
    };
    return cr_make_param_array(struct odd, odds, sizeof(odds) / sizeof(odds[0]));
}

ParameterizedTest(struct odd *odd, plugin, a_file_of_another_kind_is_refused_in_one_line) {
    build("NAME=\"odd\"", "x.so");
    cr_assert_eq(sh(REAL, "%s", odd->define)->status, 0);
    refused(REAL, 65, odd->text, "run -s concurrent-writes -m ./x.so -n 16");
}

/* Root may read what nobody may. So a small heddle with the map is copied to where anybody may go, wherever
 * the tree lies, and run there by a user who is not root, after `prepare`. */
static const struct child *ordinary_user(const char *prepare) {
    build("NAME=\"odd\"", "odd.so");
    return sh(REAL,
              "P=$(mktemp -d /tmp/heddle-test-XXXXXX) && trap 'rm -rf \"$P\"' EXIT && "
              "mkdir -p \"$P\"/lib/heddle/controlled/ \"$P\"/share/heddle && "
              "cp \"$BUILD\"/heddle odd.so \"$P\" && "
              "cp -r \"$BUILD\"/lib/heddle/controlled/maps \"$P\"/lib/heddle/controlled && "
              "cp -r \"$BUILD\"/share/heddle/scenarios \"$P\"/share/heddle && "
              "chmod -R a+rX \"$P\" && cd \"$P\" && %s && as= && "
              "if [ $(id -u) = 0 ]; then as='setpriv --reuid=65534 --clear-groups'; fi && "
              "$as ./heddle run -s churn -m ./odd.so -n 16",
              prepare);
}

Test(plugin, a_file_that_may_not_be_read_is_refused) {
    const struct child *ended = ordinary_user("chmod 000 odd.so");
    cr_expect_eq(ended->status, 65, "%s", ended->errors);
    cr_expect_str_eq(ended->errors, "heddle: ./odd.so: Permission denied\n");
}

ParameterizedTestParameters(plugin, a_folder_that_may_not_be_entered_is_told) {
    static struct odd odds[] = {
        {"chmod 600 lib/heddle", "lib/heddle/controlled: Permission denied\n"},
        {"chmod 600 lib/heddle/controlled", "lib/heddle/controlled: Permission denied\n"},
        {"chmod 600 share", "share/heddle/scenarios: Permission denied\n"},
    };
    return cr_make_param_array(struct odd, odds, sizeof(odds) / sizeof(odds[0]));
}

ParameterizedTest(struct odd *odd, plugin, a_folder_that_may_not_be_entered_is_told) {
    const struct child *ended = ordinary_user(odd->define);
    cr_expect_eq(ended->status, 70, "%d: %s", ended->status, ended->errors);
    cr_expect_eq(count_lines(ended->errors), 1, "%s", ended->errors);
    cr_expect_not_null(strstr(ended->errors, odd->text), "%s", ended->errors);
}

Test(plugin, two_files_of_one_name_are_refused) {
    build("NAME=\"odd\"", "a.so");
    build("NAME=\"odd\"", "b.so");
    refused(REAL, 65, "b.so: is called 'odd', as ./a.so is",
            "run -s churn -m ./a.so -m ./b.so -n 16");
}

Test(plugin, one_that_brings_a_sanitizers_runtime_is_refused) {
    const struct child *ended =
        sh(REAL,
           "printf 'int tsan;' >t.c && cc -shared -fPIC -Wl,-soname=libtsan.so.2 -o "
           "libtsan.so.2 t.c && " BUILD " -L. -Wl,--no-as-needed -l:libtsan.so.2",
           "NAME=\"odd\"", "odd.so");
    cr_assert_eq(ended->status, 0, "%s", ended->errors);
    refused(REAL, 65, "odd.so: brings a sanitizer's own runtime",
            "run -s concurrent-writes -m ./odd.so -n 16");
}

Test(plugin, one_of_the_tsan_flavour_is_refused_by_the_default_one) {
    const struct child *ended =
        sh(REAL, HEDDLE_TEST_CC " \"-I$SOURCE\""
                                " $($H doctor --flags --flavour=tsan --compiler=" HEDDLE_TEST_CC
                                ") -o odd.so \"$SOURCE\"" ODD);
    cr_assert_eq(ended->status, 0, "%s", ended->errors);
    refused(REAL, 65, "odd.so: built for --flavour tsan",
            "run -s concurrent-writes -m ./odd.so -n 16");
}

Test(plugin, what_a_constructor_prints_is_not_among_the_results) {
    build("AT_LOAD=puts(\"noise\")", "odd.so");
    const struct child *ended =
        sh(REAL, "exec $H run -q --json - -s readers-only -m ./odd.so -n 64");
    cr_expect_eq(ended->status, 0, "%s", ended->errors);
    cr_expect_eq(ended->output[0], '{', "%s", ended->output);
    cr_expect_null(strstr(ended->output, "noise"));
    cr_expect_not_null(strstr(ended->errors, "noise"));
}

/* ---- while it runs --------------------------------------------------------------------------- */

ParameterizedTestParameters(plugin, what_it_does_in_an_operation_is_its_fault) {
    static struct odd odds[] = {
        {"IN_PUT=exit(0)", "FAULT crash: exit(0) called"},
        {"IN_PUT=fork()", "FAULT misuse: fork() is not modelled"},
        {"IN_PUT=recurse(0)", "FAULT crash: stack overflow of task 0"},
        {"IN_PUT=abort()", "FAULT crash: SIGABRT"},
        {"IN_PUT=syscall(SYS_exit_group, 0)", "FAULT crash: the process ended with status 0"},
    };
    return cr_make_param_array(struct odd, odds, sizeof(odds) / sizeof(odds[0]));
}

ParameterizedTest(struct odd *odd, plugin, what_it_does_in_an_operation_is_its_fault) {
    build(odd->define, "odd.so");
    const struct child *ended = sh(REAL, "exec $H run -q -s churn -m ./odd.so -n 8");
    cr_expect_eq(ended->status, 1, "%d: %s", ended->status, ended->errors);
    cr_expect_not_null(strstr(ended->output, odd->text), "%s", ended->output);
}

Test(plugin, one_that_prints_a_lot_or_closes_files_disturbs_nothing) {
    build("IN_PUT=for (int i = 0; i < 1000; i++) printf(\"noise %d\\n\", i)", "odd.so");
    const struct child *ended = sh(REAL, "exec $H run -s canary -m ./odd.so -n 16 2>&1");
    cr_expect(ended->status <= 1, "%d: %s", ended->status, ended->output);
    cr_expect_null(strstr(ended->output, "noise"));
    build("IN_PUT=for (int i = 0; i < 64; i++) close(i)", "odd.so");
    ended = sh(REAL, "exec $H run -q -s canary -m ./odd.so -n 16");
    cr_expect(ended->status <= 1, "%d: %s", ended->status, ended->errors);
}

/* ---- flags ----------------------------------------------------------------------------------- */

Test(plugin, flags_are_those_of_the_compiler_that_is_named_or_of_CC) {
    const struct child *ended =
        sh(REAL, "printf '#!/bin/sh\\necho \"#define __GNUC__ 4\"; echo \"#define __clang__ 1\"' "
                 ">like-clang && printf '#!/bin/sh\\necho \"#define __GNUC__ 12\"' >like-gcc && "
                 "chmod +x like-*; $H doctor --flags=compile --compiler=./like-clang; "
                 "CC=./like-gcc $H doctor --flags=compile; CC='./like-gcc -m64' $H doctor -f");
    cr_expect_eq(count_lines(ended->output), 3, "%s%s", ended->output, ended->errors);
    cr_expect_not_null(strstr(ended->output, "-mllvm -tsan-instrument-read-before-write=1"));
    cr_expect_not_null(strstr(ended->output, "--param=tsan-instrument-func-entry-exit=0"));
    cr_expect_not_null(strstr(ended->output, "share/heddle/link\n"));
    refused(REAL, 64, "'false' is no C compiler", "doctor --flags --compiler=false");
    refused(REAL, 64,
            "--flavour wants controlled, tsan or native, not 'nat'; did you mean 'native'?",
            "doctor -f --flavour=nat");
}

Test(plugin, flags_of_the_native_flavour_have_no_instrumentation) {
    const struct child *ended = sh(REAL, "exec $H doctor --flags --flavour=native");
    cr_expect_eq(ended->status, 0);
    cr_expect_not_null(strstr(ended->output, "-shared"));
    cr_expect_null(strstr(ended->output, "sanitize"));
    cr_expect_null(strstr(ended->output, "wrap"));
}
