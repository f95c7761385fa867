/* test_docs.c - the pages keep their promises: every command runs and ends as stated, every link leads
 * somewhere, and the manual page knows every option.
 *
 * Each page is one shell session in an empty directory, with the build in PATH and `cc` standing for
 * the compiler that built it. Figures and digests in the pages are not compared: they belong to a build.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/docs/document.h"
#include "tests/docs/session.h"
#include "tests/scratch.h"

#define PAGES_MAX 32u
#define PATH_SIZE 512u

/* No pointers: parameters are copied to another process. */
struct page {
    char path[PATH_SIZE];
};

static struct page pages[PAGES_MAX];

static size_t find_pages(void) {
    glob_t found = {0};
    size_t count = 0;
    glob(HEDDLE_SOURCE_DIR "/README.md", 0, NULL, &found);
    glob(HEDDLE_SOURCE_DIR "/docs/*.md", GLOB_APPEND, NULL, &found);
    for (; count < found.gl_pathc && count < PAGES_MAX; count++)
        snprintf(pages[count].path, sizeof(pages[count].path), "%s", found.gl_pathv[count]);
    globfree(&found);
    return count;
}

static struct criterion_test_params page_parameters(void) {
    return cr_make_param_array(struct page, pages, find_pages());
}

static void open_page(const char *path, struct document *document) {
    cr_assert(document_open(path, document), "%s cannot be read", path);
    cr_assert_str_empty(document->wrong, "%s, %s: in a sh fence a line is \"$ COMMAND\"", path,
                        document->wrong);
}

/* ---- commands -------------------------------------------------------------------------------- */

static const char prologue[] =
    "mkdir .bin && for name in cc clang; do ln -s \"$(command -v " HEDDLE_TEST_CC
    ")\" .bin/$name; done\nPATH=$PWD/.bin:$BUILD:$PATH; unset CC\n";

/* The files of all pages: one page may use those of another, but for the README, which is pasted by whoever
 * has not seen them. */
static void write_files(const char *path, const char *directory) {
    struct document document;
    bool alone = strstr(path, "README.md") != NULL;
    size_t count = find_pages();
    for (size_t index = 0; index < count; index++) {
        if (alone && strcmp(pages[index].path, path) != 0)
            continue;
        cr_assert(document_open(pages[index].path, &document));
        cr_assert_geq(document_files(&document, directory), 0);
        document_close(&document);
    }
}

ParameterizedTestParameters(docs, every_command_ends_as_stated) {
    return page_parameters();
}

ParameterizedTest(struct page *page, docs, every_command_ends_as_stated) {
    struct document document;
    open_page(page->path, &document);
    scratch_begin();
    write_files(page->path, ".");
    session_check(page->path, &document, ".", prologue);
    scratch_end();
    document_close(&document);
}

/* "# not run" is for what needs another machine, hours or a person: the build, the clone, gdb. */
ParameterizedTestParameters(docs, hardly_a_command_is_exempt) {
    return page_parameters();
}

ParameterizedTest(struct page *page, docs, hardly_a_command_is_exempt) {
    struct document document;
    open_page(page->path, &document);
    for (unsigned index = 0; index < document.commands; index++) {
        const char *text = document.command[index].text;
        bool may = strncmp(text, "make ", 5) == 0 || strncmp(text, "git clone ", 10) == 0 ||
                   strstr(text, "ci/") != NULL || strstr(text, " --gdb") != NULL;
        cr_expect(may || !document.command[index].exempt, "%s:%u: could be run: %s", page->path,
                  document.command[index].line, text);
    }
    document_close(&document);
}

/* ---- links ----------------------------------------------------------------------------------- */

static bool check_link(void *context, const char *target) {
    const char *from = context;
    char path[2 * PATH_SIZE];
    const char *anchor = strchr(target, '#');
    size_t length = anchor != NULL ? (size_t)(anchor - target) : strlen(target);
    size_t folder = (size_t)(strrchr(from, '/') - from);
    if (length == 0)
        snprintf(path, sizeof(path), "%s", from);
    else
        snprintf(path, sizeof(path), "%.*s/%.*s", (int)folder, from, (int)length, target);
    cr_expect_eq(access(path, R_OK), 0, "%s: no such file: %s", from, target);
    struct document document;
    if (anchor != NULL && document_open(path, &document)) {
        cr_expect(document_anchor(&document, anchor + 1), "%s: no such heading: %s", from, target);
        document_close(&document);
    }
    return true;
}

ParameterizedTestParameters(docs, every_link_leads_somewhere) {
    return page_parameters();
}

ParameterizedTest(struct page *page, docs, every_link_leads_somewhere) {
    struct document document;
    open_page(page->path, &document);
    document_links(&document, check_link, page->path);
    document_close(&document);
}

/* ---- the manual page ------------------------------------------------------------------------- */

/* Calls `option` with each "--name" at the start of a line of help. */
static unsigned each_option(const char *help, void (*option)(const char *name, const char *help)) {
    char command[PATH_SIZE], line[DOCUMENT_LINE_SIZE];
    unsigned options = 0;
    setenv("BUILD", HEDDLE_BUILD_DIR, 1);
    snprintf(command, sizeof(command), "\"$BUILD\"/heddle %s --help", help);
    FILE *stream = popen(command, "r");
    cr_assert_not_null(stream);
    while (fgets(line, sizeof(line), stream) != NULL) { /* ends with the help */
        const char *at = line + strspn(line, " ");
        if (at[0] == '-' && at[1] != '-' && strncmp(at + 2, ", ", 2) == 0)
            at += 4;
        if (strncmp(at, "--", 2) != 0)
            continue;
        size_t length = 2 + strspn(at + 2, "abcdefghijklmnopqrstuvwxyz-");
        char name[DOCUMENT_LINE_SIZE];
        snprintf(name, sizeof(name), "%.*s", (int)length, at);
        option(name, help);
        options++;
    }
    cr_expect_eq(pclose(stream), 0, "heddle %s --help", help);
    return options;
}

static struct document manual;

/* "--name" and behind it nothing that belongs to a name. */
static bool manual_has(const char *name) {
    size_t length = strlen(name);
    for (const char *at = strstr(manual.text, name); at != NULL; at = strstr(at + 1, name)) {
        if (!isalpha((unsigned char)at[length]) && at[length] != '-')
            return true;
    }
    return false;
}

/* Every program built on argp has --usage. */
static void expect_in_manual(const char *name, const char *help) {
    cr_expect(strcmp(name, "--usage") == 0 || manual_has(name),
              "docs/man/heddle.1.scd does not mention %s of `heddle %s --help`", name, help);
}

Test(docs, the_manual_knows_every_option) {
    static const char *const helps[] = {"",       "list",     "run",           "compare",
                                        "replay", "scenario", "check-history", "claims",
                                        "flag",   "doctor",   "bench",         "map-trace"};
    unsigned options = 0;
    cr_assert(document_open(HEDDLE_SOURCE_DIR "/docs/man/heddle.1.scd", &manual));
    for (size_t index = 0; index < sizeof(helps) / sizeof(helps[0]); index++)
        options += each_option(helps[index], expect_in_manual);
    cr_expect_gt(options, 40); /* else the help has another form than is read here */
    document_close(&manual);
}

/* ---- the reader of pages itself -------------------------------------------------------------- */

Test(docs, a_page_is_read_as_its_conventions_say) {
    static const char path[] = "page.md";
    static const char text[] =
        "# A Title\n\n```sh\n$ one\n$ two # exit 1; 65 there\n$ make # not run\n"
        "```\n```text\n$ no command\n```\n[x](y.md#a-title)\n";
    struct document document;
    scratch_begin();
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    cr_assert_geq(fputs(text, file), 0);
    cr_assert_eq(fclose(file), 0);
    cr_assert(document_open(path, &document));
    scratch_end();
    cr_assert_eq(document.commands, 3);
    cr_expect_str_empty(document.wrong);
    cr_expect(session_allows(&document.command[0], 0) && !session_allows(&document.command[0], 1));
    cr_expect(session_allows(&document.command[1], 1) && session_allows(&document.command[1], 65));
    cr_expect(!session_allows(&document.command[1], 0) && !document.command[1].exempt);
    cr_expect(document.command[2].exempt);
    cr_expect_eq(document.command[2].line, 6);
    cr_expect(document_anchor(&document, "a-title") && !document_anchor(&document, "title"));
    document_close(&document);
}
