/* scratch.c - see scratch.h. */
#include "tests/scratch.h"

#include <criterion/criterion.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[PATH_MAX];

const char *scratch_begin(void) {
    const char *place = getenv("TMPDIR");
    cr_assert_str_empty(directory, "the test has %s already", directory);
    snprintf(directory, sizeof(directory), "%s/heddle-test-XXXXXX",
             place != NULL && place[0] != '\0' ? place : "/tmp");
    cr_assert_not_null(mkdtemp(directory), "%s", directory);
    cr_assert_eq(chdir(directory), 0, "%s", directory);
    setenv("SOURCE", HEDDLE_SOURCE_DIR, 1);
    setenv("BUILD", HEDDLE_BUILD_DIR, 1);
    return directory;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *where) {
    (void)status;
    (void)kind;
    (void)where;
    return remove(path);
}

void scratch_end(void) {
    if (directory[0] == '\0')
        return;
    cr_expect_eq(chdir("/"), 0);
    cr_expect_eq(nftw(directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0, "%s", directory);
    directory[0] = '\0';
}
