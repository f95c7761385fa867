/* map.c - maps by name, and where built-in files are found. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/assert.h"
#include "scenarios/scenario_internal.h"

struct sn_map {
    struct hd_module *module;
    const struct map_ops *ops;
    char *spelling;
};

/* In the order of `heddle list`; the maps broken on purpose come last. */
static const char *const names[] = {"gomap",   "mutex",   "rwmutex", "oncefrozen",
                                    "sharded", "syncmap", "seqlock", "canary"};
#define NAMES_COUNT   (sizeof(names) / sizeof(names[0]))
#define MUTANTS_FIRST 7u

static char modules_path[PATH_MAX];
static char scenarios_path[PATH_MAX];

/* ---- paths ----------------------------------------------------------------------------------- */

/* "<base>/<tail>" when that exists. */
static bool take_path(char path[PATH_MAX], const char *base, const char *tail) {
    char candidate[PATH_MAX];
    int length = snprintf(candidate, sizeof(candidate), "%s/%s", base, tail);
    if (length < 0 || (size_t)length >= sizeof(candidate) || access(candidate, R_OK | X_OK) != 0)
        return false;
    memcpy(path, candidate, (size_t)length + 1);
    return true;
}

int sn_paths_init(const char *flavour, char *error) {
    char self[PATH_MAX], tail[128], path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (length < 0) {
        int status = -errno;
        snprintf(error, HD_LINE_SIZE, "/proc/self/exe: %s", strerror(-status));
        return status;
    }
    self[length] = '\0';
    *strrchr(self, '/') = '\0';
    static const char *const up[] = {"", "../"};
    for (int step = 0; step < 2; step++) {
        snprintf(tail, sizeof(tail), "%slib/heddle/%s", up[step], flavour);
        if (!take_path(path, self, tail))
            continue;
        snprintf(tail, sizeof(tail), "%sshare/heddle/scenarios", up[step]);
        if (!take_path(scenarios_path, self, tail))
            continue;
        memcpy(modules_path, path, sizeof(path));
        return 0;
    }
    snprintf(error, HD_LINE_SIZE,
             "%.300s: no lib/heddle/%s with share/heddle/scenarios here "
             "or one folder up",
             self, flavour);
    return -ENOENT;
}

const char *sn_path_scenarios(void) {
    return scenarios_path;
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
    char list[256];
    sn_words_text(SN_WORDS(names), list, sizeof(list));
    snprintf(error, HD_LINE_SIZE,
             "unknown map '%.60s' (known: %s; a plug-in is given with its path or .so)", name,
             list);
    return -ENOENT;
}

static int keep_path(const char *text, char path[PATH_MAX], int length, char *error) {
    if (length >= 0 && length < PATH_MAX)
        return 0;
    path[0] = '\0';
    snprintf(error, HD_LINE_SIZE, "%.200s: %s", text, strerror(ENAMETOOLONG));
    return -ENAMETOOLONG;
}

/* Where the file of a map is: a bare "x.so" is one in the working directory. */
static int map_path(const char *text, char path[PATH_MAX], char *error) {
    if (is_path(text)) {
        const char *base = strchr(text, '/') == NULL ? "./" : "";
        return keep_path(text, path, snprintf(path, PATH_MAX, "%s%s", base, text), error);
    }
    size_t index = 0;
    while (index < NAMES_COUNT && strcmp(names[index], text) != 0)
        index++;
    if (index == NAMES_COUNT)
        return unknown_name(text, error);
    const char *kind = index < MUTANTS_FIRST ? "maps" : "mutants";
    int length = snprintf(path, PATH_MAX, "%s/%s/%s.so", modules_path, kind, text);
    return keep_path(text, path, length, error);
}

/* A table with an empty slot would crash the harness and not the map. */
static bool strings_complete(const struct map_string_ops *ops) {
    return ops == NULL ||
           (ops->get != NULL && ops->put != NULL && ops->del != NULL && ops->iterate != NULL);
}

static bool table_complete(const struct map_ops *ops) {
    return strings_complete(ops->strings) && ops->name != NULL && ops->summary != NULL &&
           ops->create != NULL && ops->destroy != NULL && ops->get != NULL && ops->put != NULL &&
           ops->del != NULL && ops->length != NULL && ops->iterate != NULL && ops->clear != NULL &&
           ops->freeze != NULL && ops->kind >= MAP_PLAIN && ops->kind <= MAP_MUTANT;
}

static int check_table(const char *path, const struct map_ops *ops, char *error) {
    if (ops == NULL)
        snprintf(error, HD_LINE_SIZE, "%.300s: exports no 'heddle_map'", path);
    else if (ops->abi_version != MAP_ABI_VERSION)
        snprintf(error, HD_LINE_SIZE, "%.300s: made for version %u of map.h, this is version %u",
                 path, ops->abi_version, MAP_ABI_VERSION);
    else if (!table_complete(ops))
        snprintf(error, HD_LINE_SIZE, "%.300s: a slot of 'heddle_map' is empty or of no known kind",
                 path);
    else
        return 0;
    return -ENOEXEC;
}

int sn_map_open(const char *name_or_path, struct sn_map **map, char *error) {
    char path[PATH_MAX];
    int status = map_path(name_or_path, path, error);
    if (status != 0)
        return status;
    struct sn_map opened = {0};
    status = hd_module_open(path, &opened.module, error, HD_LINE_SIZE);
    if (status != 0)
        return status;
    opened.ops = hd_module_symbol(opened.module, "heddle_map");
    status = check_table(path, opened.ops, error);
    if (status != 0)
        goto fail;
    opened.spelling = strdup(name_or_path);
    struct sn_map *result = opened.spelling != NULL ? malloc(sizeof(*result)) : NULL;
    if (result == NULL) {
        snprintf(error, HD_LINE_SIZE, "%.300s: %s", path, strerror(ENOMEM));
        status = -ENOMEM;
        goto fail;
    }
    *result = opened;
    *map = result;
    return 0;
fail:
    free(opened.spelling);
    hd_module_close(opened.module);
    return status;
}

void sn_map_close(struct sn_map *map) {
    if (map == NULL)
        return;
    hd_module_close(map->module);
    free(map->spelling);
    free(map);
}

const struct map_ops *sn_map_ops(const struct sn_map *map) {
    return map->ops;
}

struct hd_module *sn_map_module(const struct sn_map *map) {
    return map->module;
}

const char *sn_map_spelling(const struct sn_map *map) {
    return map->spelling;
}
