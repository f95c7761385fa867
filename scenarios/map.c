/* map.c - maps by name, and where built-in files are found. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/assert.h"
#include "harness/base/nearest.h"
#include "harness/intercept/trial.h"
#include "scenarios/scenario_internal.h"

struct sn_map {
    struct hd_module *module;
    struct map_ops ops; /* a copy, whose promises are all zero where the map's table has none */
    char *spelling;
};

/* In the order of `heddle list`; the maps broken on purpose come last. SN_MUTANTS is their list, from the
 * build. */
#define MAPS "gomap", "mutex", "rwmutex", "gorwmutex", "oncefrozen", "sharded", "syncmap", "seqlock"
static const char *const names[] = {MAPS, "canary", SN_MUTANTS};
#define NAMES_COUNT   (sizeof(names) / sizeof(names[0]))
#define MUTANTS_FIRST (sizeof((const char *const[]){MAPS}) / sizeof(names[0]))

#define TABLE "heddle_map"
/* How long the constructors of a plug-in may take. */
#define TRIAL_NS 10000000000ull

/* In place of the table of a mutant whose patch does not fit: why (mapimpl/mutants/derive.cmake). */
#define REFUSED "heddle_map_refused"

/* An instrument of measuring (flag.h) and no map to choose: it is in no list. */
#define VARIANT "gomap-goes-on"

static char modules_path[PATH_MAX];
static char scenarios_path[PATH_MAX];
static bool flavour_tsan;

/* ---- paths ----------------------------------------------------------------------------------- */

/* "<base>/<tail>" when that is a folder which may be read; what may not is told in `error`. Returns 0 or
 * -errno. */
static int take_path(char path[PATH_MAX], const char *base, const char *tail, char *error) {
    char candidate[PATH_MAX];
    int length = snprintf(candidate, sizeof(candidate), "%s/%s", base, tail);
    if (length < 0 || (size_t)length >= sizeof(candidate))
        return -ENAMETOOLONG;
    if (access(candidate, R_OK | X_OK) != 0) {
        int status = -errno;
        snprintf(error, HD_LINE_SIZE, "%.400s: %s", candidate, strerror(-status));
        return status;
    }
    memcpy(path, candidate, (size_t)length + 1);
    return 0;
}

/* The folders of modules and scenarios, beside the executable or one folder up. */
static int take_paths(const char *self, const char *flavour, char *error) {
    static const char *const up[] = {"", "../"};
    char tail[128], path[PATH_MAX];
    int status = -ENOENT;
    for (int step = 0; step < 2 && status == -ENOENT; step++) {
        snprintf(tail, sizeof(tail), "%slib/heddle/%s", up[step], flavour);
        status = take_path(path, self, tail, error);
        snprintf(tail, sizeof(tail), "%sshare/heddle/scenarios", up[step]);
        if (status == 0)
            status = take_path(scenarios_path, self, tail, error);
    }
    if (status == 0)
        memcpy(modules_path, path, sizeof(path));
    return status;
}

int sn_paths_init(const char *flavour, char *error) {
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (length < 0) {
        int status = -errno;
        snprintf(error, HD_LINE_SIZE, "/proc/self/exe: %s", strerror(-status));
        return status;
    }
    self[length] = '\0';
    *strrchr(self, '/') = '\0';
    flavour_tsan = strcmp(flavour, "tsan") == 0;
    int status = take_paths(self, flavour, error);
    if (status == -ENOENT)
        snprintf(error, HD_LINE_SIZE,
                 "%.300s: no lib/heddle/%s with share/heddle/scenarios here "
                 "or one folder up",
                 self, flavour);
    return status;
}

const char *sn_path_scenarios(void) {
    return scenarios_path;
}

bool sn_path_tsan(void) {
    return flavour_tsan;
}

/* ---- maps ------------------------------------------------------------------------------------ */

const char *const *sn_map_names(uint32_t *count) {
    *count = (uint32_t)NAMES_COUNT;
    return names;
}

static bool is_path(const char *text) {
    size_t length = strlen(text);
    return strchr(text, '/') != NULL || (length >= 3 && strcmp(text + length - 3, ".so") == 0);
}

static int unknown_name(const char *name, char *error) {
    char list[256], guess[HD_NEAREST_SIZE];
    sn_words_text((struct sn_words){names, MUTANTS_FIRST}, list, sizeof(list));
    hd_nearest_text(name, names, NAMES_COUNT, guess);
    if (guess[0] != '\0')
        snprintf(error, HD_LINE_SIZE, "unknown map '%.60s'%s", name, guess);
    else
        snprintf(error, HD_LINE_SIZE,
                 "unknown map '%.60s' (known: %s, and the mutants of `heddle list`; a plug-in is "
                 "given with its path or .so)",
                 name, list);
    return -ENOENT;
}

static int keep_path(const char *text, char path[PATH_MAX], int length, char *error) {
    if (length >= 0 && length < PATH_MAX)
        return 0;
    path[0] = '\0';
    snprintf(error, HD_LINE_SIZE, "%.200s: %s", text, strerror(ENAMETOOLONG));
    return -ENAMETOOLONG;
}

/* The file of the built-in map `name`; "" when there is none. Returns what snprintf does. */
static int built_in_path(const char *name, char path[PATH_MAX]) {
    size_t index = 0;
    path[0] = '\0';
    if (strcmp(name, VARIANT) == 0)
        return snprintf(path, PATH_MAX, "%s/variants/%s.so", modules_path, name);
    while (index < NAMES_COUNT && strcmp(names[index], name) != 0)
        index++;
    const char *kind = index < MUTANTS_FIRST ? "maps" : "mutants";
    return index == NAMES_COUNT ? 0
                                : snprintf(path, PATH_MAX, "%s/%s/%s.so", modules_path, kind, name);
}

bool sn_scenario_map_built_in(const struct sn_scenario *scenario, uint32_t index, char *error) {
    char path[PATH_MAX], list[256], guess[HD_NEAREST_SIZE];
    HD_ASSERT(index < scenario->expects);
    if (built_in_path(scenario->map[index], path) != 0)
        return true;
    sn_words_text((struct sn_words){names, MUTANTS_FIRST}, list, sizeof(list));
    hd_nearest_text(scenario->map[index], names, NAMES_COUNT, guess);
    snprintf(error, HD_LINE_SIZE,
             "%s: no map is called '%.60s' (known: %.120s, the mutants, and plug-ins given with "
             "--map FILE.so)%s",
             scenario->expect[index].place, scenario->map[index], list, guess);
    return false;
}

/* Where the file of a map is: a bare "x.so" is one in the working directory. */
static int map_path(const char *text, char path[PATH_MAX], char *error) {
    if (is_path(text)) {
        const char *base = strchr(text, '/') == NULL ? "./" : "";
        return keep_path(text, path, snprintf(path, PATH_MAX, "%s%s", base, text), error);
    }
    int length = built_in_path(text, path);
    return length == 0 ? unknown_name(text, error) : keep_path(text, path, length, error);
}

static int open_module(const char *path, struct sn_map *map, char *error) {
    snprintf(error, HD_LINE_SIZE, "%.300s: %s", path, strerror(ENOMEM));
    int status = hd_module_open(path, &map->module, error, HD_LINE_SIZE);
    if (status != 0)
        return status;
    const struct map_ops *table = hd_module_symbol(map->module, TABLE);
    const char *refused = hd_module_symbol(map->module, REFUSED);
    if (table == NULL && refused != NULL) {
        snprintf(error, HD_LINE_SIZE, "%.300s: %.200s", path, refused);
        hd_module_close(map->module);
        return -EINVAL;
    }
    status = sn_map_table_check(path, table, hd_module_symbol_size(map->module, TABLE), error);
    if (status != 0)
        hd_module_close(map->module);
    else if (table != NULL) /* as was checked */
        memcpy(&map->ops, table, sn_map_table_size(table->abi_version));
    return status;
}

struct attempt {
    const char *path;
    struct sn_map map;
};

/* In a child: a plug-in's constructors and destructors may do anything, and its table may point
 * anywhere. */
static int try_module(void *context, char *error, size_t size) {
    struct attempt *attempt = context;
    char line[HD_LINE_SIZE] = "";
    int status = open_module(attempt->path, &attempt->map, line);
    snprintf(error, size, "%s", line);
    return status;
}

static void untry_module(void *context) {
    struct attempt *attempt = context;
    hd_module_close(attempt->map.module);
}

static int try_file(const char *path, char *error) {
    struct attempt attempt = {.path = path};
    struct hd_trial trial = {path, TRIAL_NS, try_module, untry_module, &attempt};
    return hd_trial_run(&trial, error, HD_LINE_SIZE);
}

int sn_map_open(const char *name_or_path, struct sn_map **map, char *error) {
    char path[PATH_MAX];
    struct sn_map opened = {0};
    int status = map_path(name_or_path, path, error);
    if (status == 0 && is_path(name_or_path))
        status = try_file(path, error);
    if (status == 0)
        status = open_module(path, &opened, error);
    if (status != 0)
        return status;
    opened.spelling = strdup(name_or_path);
    struct sn_map *result = opened.spelling != NULL ? malloc(sizeof(*result)) : NULL;
    if (result == NULL) {
        snprintf(error, HD_LINE_SIZE, "%.300s: %s", path, strerror(ENOMEM));
        free(opened.spelling);
        hd_module_close(opened.module);
        return -ENOMEM;
    }
    *result = opened;
    *map = result;
    return 0;
}

void sn_map_close(struct sn_map *map) {
    if (map == NULL)
        return;
    hd_module_close(map->module);
    free(map->spelling);
    free(map);
}

bool sn_map_name_taken(const struct sn_map *map) {
    char path[PATH_MAX], error[HD_LINE_SIZE], built_in[PATH_MAX];
    struct stat own, other;
    if (built_in_path(map->ops.name, built_in) == 0 || map_path(map->spelling, path, error) != 0)
        return false;
    return stat(path, &own) != 0 || stat(built_in, &other) != 0 || own.st_dev != other.st_dev ||
           own.st_ino != other.st_ino;
}

const struct map_ops *sn_map_ops(const struct sn_map *map) {
    return &map->ops;
}

struct hd_module *sn_map_module(const struct sn_map *map) {
    return map->module;
}

const char *sn_map_spelling(const struct sn_map *map) {
    return map->spelling;
}
