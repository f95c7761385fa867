/* flags.c - see flags.h. The flags themselves come from cmake/flags.cmake. */
#include "cli/flags.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/diag.h"
#include "cli/start.h"
#include "cli/status.h"
#include "harness/result/record.h"

enum family { CLANG, GCC, FAMILIES };

static const char *const compile_controlled[FAMILIES] = {HEDDLE_FLAGS_CONTROLLED_CLANG,
                                                         HEDDLE_FLAGS_CONTROLLED_GCC};
static const char *const compile_tsan[FAMILIES] = {HEDDLE_FLAGS_TSAN_CLANG, HEDDLE_FLAGS_TSAN_GCC};

/* ---- which compiler -------------------------------------------------------------------------- */

/* Asks a compiler for its predefined macros: clang has __clang__, both have __GNUC__. */
static bool ask(const char *compiler, enum family *family) {
    char command[2 * HD_LINE_SIZE], line[HD_LINE_SIZE];
    bool known = false;
    int used = snprintf(command, sizeof(command), "%s -dM -E -x c /dev/null 2>/dev/null", compiler);
    FILE *stream = used >= 0 && (size_t)used < sizeof(command) ? popen(command, "r") : NULL;
    if (stream == NULL) {
        return false;
    }
    *family = GCC;
    while (fgets(line, sizeof(line), stream) != NULL) { /* ends with the list */
        known |= strncmp(line, "#define __GNUC__ ", 17) == 0;
        if (strncmp(line, "#define __clang__ ", 18) == 0) {
            *family = CLANG;
        }
    }
    return pclose(stream) == 0 && known;
}

/* As make does: $CC, else cc. Without either, flags for the compiler that built heddle. */
static int choose(const char *compiler, enum family *family) {
    const char *wanted = compiler != NULL ? compiler : getenv("CC");
    bool named = wanted != NULL && wanted[0] != '\0';
    if (ask(named ? wanted : "cc", family)) {
        return 0;
    }
    if (named) {
        return cli_fail(CLI_USAGE, "'%.100s' is no C compiler like clang or gcc", wanted);
    }
#ifdef __clang__
    *family = CLANG;
#else
    *family = GCC;
#endif
    return 0;
}

/* ---- flags ----------------------------------------------------------------------------------- */

static int shared_path(const char *name, char *path, size_t size) {
    char resolved[PATH_MAX];
    int used = 0;
    if (cli_share_path(name, path, size) == 0 && realpath(path, resolved) != NULL) {
        used = snprintf(path, size, "%s", resolved);
    }
    if (used > 0 && (size_t)used < size) {
        return 0;
    }
    return cli_proc_check() != 0
               ? CLI_SYSTEM
               : cli_fail(CLI_INTERNAL, "share/heddle/%s is not beside this executable", name);
}

/* What a shell takes for more than itself in the words of `$(heddle doctor --flags)`, or when the line is
 * pasted. */
#define SPECIAL " \t\n*?[]\\'\"$`&;()<>|#~!{}"

static bool plain(const char *path) {
    return strpbrk(path, SPECIAL) == NULL;
}

/* Prints an option with its path. The shell splits the output of `$(...)` at blanks, quoted or not, and
 * then takes each word for a pattern of file names: so a path that is not plain is a word of its own, `?`
 * in place of each special character, which must match that path alone. */
static int print_path(const char *option, const char *path) {
    char pattern[PATH_MAX];
    glob_t found = {0};
    snprintf(pattern, sizeof(pattern), "%s", path);
    for (char *at = pattern; (at = strpbrk(at, SPECIAL)) != NULL; at++) { /* to the end */
        *at = '?';
    }
    bool alone = plain(path) || (glob(pattern, 0, NULL, &found) == 0 && found.gl_pathc == 1);
    globfree(&found);
    if (!alone) {
        return cli_fail(CLI_SYSTEM,
                        "%.300s: no flag can name this path, others are too much like it: "
                        "install heddle where no name holds a blank or a special character",
                        path);
    }
    printf(" %s%s%s", option, plain(path) ? "" : " ", pattern);
    return 0;
}

static int print_compile(const char *flags) {
    char path[2 * HD_LINE_SIZE];
    int status = shared_path("../../include", path, sizeof(path)); /* beside share/ */
    if (status == 0) {
        fputs(flags, stdout);
        status = print_path("-I", path);
    }
    return status;
}

/* The list of redirected calls: the linker reads the file, or is told each of its options. */
static int print_wraps(const char *path) {
    char option[HD_LINE_SIZE];
    if (plain(path)) {
        printf(" -Wl,@%s", path);
        return 0;
    }
    FILE *stream = fopen(path, "re");
    if (stream == NULL) {
        return cli_fail(CLI_INTERNAL, "%.300s: %s", path, strerror(errno));
    }
    while (fscanf(stream, "%511s", option) == 1) { /* ends with the file */
        printf(" -Wl,%s", option);
    }
    fclose(stream);
    return 0;
}

/* For `gcc -shared -fsanitize=thread`, which asks for libtsan, there is an empty one: the callbacks
 * are those of the executable that loads the map. clang asks for nothing. */
static int print_link(bool tsan, enum family family) {
    char wraps[2 * HD_LINE_SIZE], empty[2 * HD_LINE_SIZE];
    const char *name = tsan ? "wrap-tsan.options" : "wrap-controlled.options";
    int status = shared_path(name, wraps, sizeof(wraps));
    if (status == 0 && family == GCC) {
        status = shared_path("link", empty, sizeof(empty));
    }
    if (status == 0) {
        fputs("-shared " HEDDLE_FLAGS_LINK, stdout);
        status = print_wraps(wraps);
    }
    if (status == 0 && family == GCC) {
        status = print_path("-L", empty);
    }
    return status;
}

int cli_flags_print(const struct cli_flags *flags) {
    enum family family;
    bool native = strcmp(flags->flavour, "native") == 0;
    bool tsan = strcmp(flags->flavour, "tsan") == 0;
    int status = choose(flags->compiler, &family);
    if (status == 0 && flags->compile) {
        status = print_compile(native ? HEDDLE_FLAGS_NATIVE
                               : tsan ? compile_tsan[family]
                                      : compile_controlled[family]);
    }
    if (status == 0 && flags->compile && flags->link) {
        putchar(' ');
    }
    if (status == 0 && flags->link && native) {
        fputs("-shared " HEDDLE_FLAGS_LINK, stdout);
    } else if (status == 0 && flags->link) {
        status = print_link(tsan, family);
    }
    if (status == 0) {
        putchar('\n');
    }
    return status;
}
