/* surroundings.c - what code under test may change of the process around it: file mode mask, working
 * directory, locale, environment, open files. Each is put back before the next execution.
 */
#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/assert.h"
#include "harness/intercept/real.h"
#include "harness/intercept/reset.h"

static struct {
    bool changed; /* anything of this, in this execution */
    bool masked;
    mode_t mask;
    int directory;    /* descriptor of the one before, plus 1; 0: not left */
    char *locale;     /* before; NULL: not changed */
    char **variables; /* environ before, a copy; NULL: not changed */
    char **in_use;    /* what environ points to by our doing */
} before;

/* ---- mask and directory --------------------------------------------------------------------------- */

mode_t umask(mode_t mask) {
    mode_t old = REAL_NEXT(umask)(mask);
    if (hd_running && !before.masked) {
        before.masked = before.changed = true;
        before.mask = old;
    }
    return old;
}

static void leave_directory(void) {
    if (!hd_running || before.directory != 0)
        return;
    before.directory = REAL(open)(".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0) + 1;
    before.changed = true;
}

int chdir(const char *path) {
    leave_directory();
    return REAL_NEXT(chdir)(path);
}

int fchdir(int descriptor) {
    leave_directory();
    return REAL_NEXT(fchdir)(descriptor);
}

static void return_to_directory(void) {
    if (before.directory == 0)
        return;
    HD_ASSERT(REAL_NEXT(fchdir)(before.directory - 1) == 0);
    REAL(close)(before.directory - 1);
    before.directory = 0;
}

/* ---- locale --------------------------------------------------------------------------------------- */

char *setlocale(int category, const char *locale) {
    if (hd_running && locale != NULL && before.locale == NULL) {
        before.locale = strdup(REAL(setlocale)(LC_ALL, NULL));
        before.changed = true;
    }
    return REAL(setlocale)(category, locale);
}

/* ---- environment ---------------------------------------------------------------------------------- */

static void keep_variables(void) {
    size_t count = 0;
    if (!hd_running || before.variables != NULL)
        return;
    while (environ != NULL && environ[count] != NULL)
        count++;
    before.variables = calloc(count + 1, sizeof *environ);
    if (before.variables != NULL && count > 0)
        memcpy(before.variables, environ, count * sizeof *environ);
    before.changed = true;
}

static void restore_variables(void) {
    if (before.variables == NULL)
        return;
    free(before.in_use);
    environ = before.in_use = before.variables;
    before.variables = NULL;
}

int setenv(const char *name, const char *value, int overwrite) {
    keep_variables();
    return REAL_NEXT(setenv)(name, value, overwrite);
}

int unsetenv(const char *name) {
    keep_variables();
    return REAL_NEXT(unsetenv)(name);
}

int putenv(char *text) {
    keep_variables();
    return REAL_NEXT(putenv)(text);
}

int clearenv(void) {
    keep_variables();
    return REAL_NEXT(clearenv)();
}

void hd_surroundings_reset(void) {
    hd_files_reset();
    if (!before.changed)
        return;
    if (before.masked)
        REAL_NEXT(umask)(before.mask);
    return_to_directory();
    if (before.locale != NULL)
        REAL(setlocale)(LC_ALL, before.locale);
    free(before.locale);
    before.locale = NULL;
    restore_variables();
    before.masked = before.changed = false;
}
