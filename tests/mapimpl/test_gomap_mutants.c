/* test_gomap_mutants.c - is every deviation of mapimpl/gomap/mutant.h noticed, and by what?
 *
 * Each runs, in processes of its own, every golden script and a run of random operations with gomap_check
 * after each. The code that judges (trace, checker) is the same as in every other program; only the steps
 * of the map are compiled with the wrong expressions beside the right ones. The table of what noticed what
 * is docs/GOMAP-MUTANTS.md, which must be up to date: the test leaves the true one in the build directory.
 */
#include <criterion/criterion.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mapimpl/gomap/check.h"
#include "mapimpl/gomap/layout.h"
#include "mapimpl/gomap/trace.h"

#define GOLDEN      HEDDLE_SOURCE_DIR "/tests/golden/go1.19/"
#define TABLE       HEDDLE_SOURCE_DIR "/docs/GOMAP-MUTANTS.md"
#define TABLE_TRUE  HEDDLE_BUILD_DIR "/GOMAP-MUTANTS.md"
#define SECONDS_MAX 20u
#define TRACES_MAX  32u

enum gomap_mutant gomap_mutant;

#define NAME(name, what) #name,
#define WHAT(name, what) what,
static const char *const mutant_name[] = {"NONE", GOMAP_MUTANTS_EACH(NAME)};
static const char *const mutant_what[] = {"", GOMAP_MUTANTS_EACH(WHAT)};

/* What one child found, in memory that it shares with its parent. */
struct finding {
    char letter[8]; /* of the broken invariant, or what else the run noticed */
};

/* ---- children */

/* Runs `body` in a process of its own; returns whether it ended well: no crash, no endless loop. */
static bool in_child(bool (*body)(void *argument), void *argument) {
    fflush(NULL);
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        alarm(SECONDS_MAX);
        fclose(stderr);
        _exit(body(argument) ? 0 : 1);
    }
    int status = 0;
    cr_assert_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* ---- golden traces */

static bool same_files(FILE *a, const char *printed, size_t size) {
    size_t at = 0;
    int byte;
    while ((byte = fgetc(a)) != EOF) {
        if (at == size || (unsigned char)printed[at++] != byte) {
            return false;
        }
    }
    return at == size;
}

static bool trace_agrees(void *argument) {
    const char *script = argument;
    char path[512];
    char error[200];
    char *printed = NULL;
    size_t size = 0;
    const char *base = strrchr(script, '/') + 1;
    snprintf(path, sizeof path, GOLDEN "traces/%.*s.jsonl", (int)strcspn(base, "."), base);
    FILE *in = fopen(script, "r");
    FILE *golden = fopen(path, "r");
    FILE *out = open_memstream(&printed, &size);
    if (in == NULL || golden == NULL || out == NULL ||
        map_trace_run(in, out, error, sizeof error) != 0 || fclose(out) != 0) {
        return false;
    }
    return same_files(golden, printed, size);
}

/* ---- random operations, checked */

struct bench {
    struct finding *finding;
    struct map_host host;
    struct gomap *map;
    bool present[300];
    uint64_t draws;
};

static uint64_t draw(struct bench *b, uint64_t below) {
    return gomap_splitmix(77 + 1000003 * b->draws++) % below;
}

static bool notice(struct bench *b, const char *what) {
    snprintf(b->finding->letter, sizeof b->finding->letter, "%.*s", (int)strcspn(what, ":"), what);
    return false;
}

static bool whole(struct bench *b) {
    char message[200];
    return gomap_check(b->map, message, sizeof message) || notice(b, message);
}

/* A whole iteration, with a write in its middle now and then. */
static bool iteration_agrees(struct bench *b, bool generic) {
    unsigned seen[300] = {0};
    struct gomap_iter iter;
    for (gomap_iter_init(&iter, b->map); iter.key != NULL; gomap_iter_next(&iter)) {
        if (*iter.key >= 300 || *iter.value != 3 * *iter.key) {
            return notice(b, "iter");
        }
        seen[*iter.key]++;
        if (draw(b, 10) == 0) {
            uint64_t *place =
                generic ? gomap_assign_generic(b->map, *iter.key) : gomap_assign(b->map, *iter.key);
            *place = 3 * *iter.key;
        }
    }
    gomap_iter_end(&iter);
    for (unsigned key = 0; key < 300; key++) {
        if (seen[key] != b->present[key]) {
            return notice(b, "iter");
        }
    }
    return true;
}

static bool operate(struct bench *b, unsigned n) {
    bool generic = n / 500 % 2 == 1;
    bool filling = n / 1000 % 2 == 0;
    uint64_t key = draw(b, 300);
    uint64_t kind = draw(b, 100);
    if (kind < (filling ? 70u : 20u)) {
        uint64_t *place = generic ? gomap_assign_generic(b->map, key) : gomap_assign(b->map, key);
        *place = 3 * key;
        b->present[key] = true;
    } else if (kind < 90) {
        bool removed = generic ? gomap_delete_generic(b->map, key) : gomap_delete(b->map, key);
        if (removed != b->present[key]) {
            return notice(b, "lost");
        }
        b->present[key] = false;
    } else if (kind < 97) {
        const uint64_t *found =
            generic ? gomap_access_generic(b->map, key) : gomap_access(b->map, key);
        if ((found != NULL) != b->present[key]) {
            return notice(b, "lost");
        }
    } else if (kind < 99) {
        return iteration_agrees(b, generic);
    } else if (draw(b, 4) == 0) {
        gomap_clear(b->map);
        memset(b->present, 0, sizeof b->present);
    }
    return true;
}

static bool run_mode(struct bench *b, enum gomap_hash_mode mode) {
    struct gomap_config config = {.seed = 5, .hash_mode = mode, .host = &b->host};
    memset(b->present, 0, sizeof b->present);
    if (gomap_new(&config, &b->map) != 0) {
        return false;
    }
    for (unsigned n = 0; n < 4000; n++) {
        if (!operate(b, n) || !whole(b)) {
            return false;
        }
    }
    return true;
}

static void ignore(void *context, const struct map_event *event) {
    (void)context;
    (void)event;
}

/* In a child. */
static void die(void *context, const char *message) {
    (void)message;
    notice(context, "fatal");
    _exit(1);
}

static bool checks_pass(void *argument) {
    static struct bench b;
    b.finding = argument;
    b.host = (struct map_host){.context = &b, .event = ignore, .fatal = die};
    snprintf(b.finding->letter, sizeof b.finding->letter, "died");
    return run_mode(&b, GOMAP_HASH_MIX) && run_mode(&b, GOMAP_HASH_CONST);
}

/* ---- the table */

static glob_t scripts;

static void find_scripts(void) {
    cr_assert_eq(glob(GOLDEN "scripts/*.txt", 0, NULL, &scripts), 0);
    cr_assert(scripts.gl_pathc >= 21 && scripts.gl_pathc <= TRACES_MAX);
}

/* Prints one line; returns whether anything noticed the mutant. */
static bool judge(FILE *out, unsigned mutant, struct finding *finding) {
    bool noticed = false;
    gomap_mutant = (enum gomap_mutant)mutant;
    fprintf(out, "| %s | %s |", mutant_name[mutant], mutant_what[mutant]);
    for (size_t i = 0; i < scripts.gl_pathc; i++) {
        if (!in_child(trace_agrees, scripts.gl_pathv[i])) {
            const char *base = strrchr(scripts.gl_pathv[i], '/') + 1;
            const char *kind = strstr(base, "generic") != NULL ? "g" : "";
            fprintf(out, " %.2s%s", base, kind);
            noticed = true;
        }
    }
    fprintf(out, " |");
    if (!in_child(checks_pass, finding)) {
        fprintf(out, " %s", finding->letter);
        noticed = true;
    }
    fprintf(out, " |\n");
    return noticed;
}

static char *contents(const char *path) {
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t capacity = 0;
    if (file == NULL || getdelim(&text, &capacity, '\0', file) < 0) {
        return strdup("");
    }
    fclose(file);
    return text;
}

static void write_head(FILE *out) {
    fputs("# Deviations of gomap, and what notices them\n"
          "\n"
          "Each is one expression of `mapimpl/gomap/` turned wrong (`mutant.h`). *Traces* are "
          "those of\n"
          "`tests/golden/go1.19` (`07g` is the generic one) whose bytes then differ, or that do "
          "not end.\n"
          "*Checks* is what a run of random operations meets first: an invariant of `layout.h`, a "
          "key\n"
          "that is `lost` or still there, an `iter`ation that is not exactly once, a `fatal` "
          "error, or a\n"
          "run that `died`. This page is written by `test_gomap_mutants`, which fails when it is "
          "not up\n"
          "to date or when something goes unnoticed.\n"
          "\n"
          "| deviation | the map | traces | checks |\n|---|---|---|---|\n",
          out);
}

Test(gomap_mutants, each_is_noticed_and_the_table_says_by_what, .timeout = 300) {
    struct finding *finding =
        mmap(NULL, sizeof *finding, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(finding, MAP_FAILED);
    find_scripts();
    cr_assert_geq((unsigned)GOMAP_MUTANT_COUNT, 26);
    FILE *out = fopen(TABLE_TRUE, "w");
    cr_assert_not_null(out);
    write_head(out);
    unsigned unnoticed = 0;
    for (unsigned mutant = 1; mutant < GOMAP_MUTANT_COUNT; mutant++) {
        if (!judge(out, mutant, finding)) {
            cr_log_error("%s goes unnoticed", mutant_name[mutant]);
            unnoticed++;
        }
    }
    cr_assert_eq(fclose(out), 0);
    cr_assert_eq(unnoticed, 0);
    char *expected = contents(TABLE);
    char *found = contents(TABLE_TRUE);
    cr_assert_str_eq(expected, found, "docs/GOMAP-MUTANTS.md is not up to date: copy " TABLE_TRUE);
    free(expected);
    free(found);
}

Test(gomap_mutants, none_is_noticed_in_the_right_map, .timeout = 60) {
    struct finding *finding =
        mmap(NULL, sizeof *finding, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    find_scripts();
    gomap_mutant = GOMAP_MUTANT_NONE;
    for (size_t i = 0; i < scripts.gl_pathc; i++) {
        cr_assert(in_child(trace_agrees, scripts.gl_pathv[i]), "%s", scripts.gl_pathv[i]);
    }
    cr_assert(in_child(checks_pass, finding), "%s", finding->letter);
}
