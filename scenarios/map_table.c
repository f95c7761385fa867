/* map_table.c - whether what a file exports as heddle_map is a map's table.
 *
 * A table with an empty slot, or of another shape, would crash the harness and not the map.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "scenarios/scenario_internal.h"

#define WITHOUT_PROMISES 2u /* the version of map.h whose table ends before them */

#define SLOT(table, member)                                                                        \
    { #member, (table)->member != NULL }

struct slot {
    const char *name;
    bool filled;
};

static int refuse(const char *path, char *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static int refuse(const char *path, char *error, const char *format, ...) {
    va_list list;
    int used = snprintf(error, HD_LINE_SIZE, "%.300s: ", path);
    va_start(list, format);
    vsnprintf(error + used, (size_t)(HD_LINE_SIZE - used), format, list);
    va_end(list);
    return -ENOEXEC;
}

/* ---- slots ----------------------------------------------------------------------------------- */

static int check_slots(const char *path, const char *prefix, const struct slot *slot, size_t count,
                       char *error) {
    for (size_t index = 0; index < count; index++)
        if (!slot[index].filled)
            return refuse(path, error, "slot '%s%s' of 'heddle_map' is empty", prefix,
                          slot[index].name);
    return 0;
}

static int check_operations(const char *path, const struct map_ops *ops, char *error) {
    const struct slot slots[] = {SLOT(ops, name),    SLOT(ops, summary), SLOT(ops, guarantee),
                                 SLOT(ops, create),  SLOT(ops, destroy), SLOT(ops, get),
                                 SLOT(ops, put),     SLOT(ops, del),     SLOT(ops, length),
                                 SLOT(ops, iterate), SLOT(ops, clear),   SLOT(ops, freeze)};
    return check_slots(path, "", slots, sizeof(slots) / sizeof(slots[0]), error);
}

static int check_strings(const char *path, const struct map_string_ops *ops, char *error) {
    if (ops == NULL)
        return 0;
    const struct slot slots[] = {SLOT(ops, get), SLOT(ops, put), SLOT(ops, del),
                                 SLOT(ops, iterate)};
    return check_slots(path, "strings->", slots, sizeof(slots) / sizeof(slots[0]), error);
}

static int check_inspector(const char *path, const struct map_ops *ops, char *error) {
    const struct map_inspector *look = ops->inspector;
    if (look == NULL)
        return 0;
    const struct slot slots[] = {SLOT(look, parts), SLOT(look, part_of), SLOT(look, view),
                                 SLOT(look, hash),  SLOT(look, walk),    SLOT(look, find)};
    const struct slot strings[] = {SLOT(look, part_of_string), SLOT(look, hash_string),
                                   SLOT(look, find_string)};
    int status = check_slots(path, "inspector->", slots, sizeof(slots) / sizeof(slots[0]), error);
    if (status == 0 && ops->strings != NULL)
        status =
            check_slots(path, "inspector->", strings, sizeof(strings) / sizeof(strings[0]), error);
    return status;
}

/* ---- values ---------------------------------------------------------------------------------- */

/* A name is a word of tables, of lines to paste, and of file names. */
static int check_name(const char *path, const char *name, char *error) {
    size_t length = strnlen(name, SN_MAP_NAME_MAX + 1);
    if (length == 0)
        return refuse(path, error, "the map's name is empty");
    if (length > SN_MAP_NAME_MAX)
        return refuse(path, error, "the map's name has more than %u characters", SN_MAP_NAME_MAX);
    for (size_t index = 0; index < length; index++)
        if (!isalnum((unsigned char)name[index]) &&
            (index == 0 || strchr("-_.+", name[index]) == NULL))
            return refuse(path, error,
                          "the map's name is not made of letters, digits, '-', '_', '.' and '+'");
    return 0;
}

static int check_promises(const char *path, const struct map_promises *promises, char *error) {
    if (promises->length_exact && promises->length_estimate)
        return refuse(path, error, "promises a length that is exact and an estimate");
    return 0;
}

static int check_values(const char *path, const struct map_ops *ops, char *error) {
    if (ops->kind != MAP_PLAIN && ops->kind != MAP_SAFE && ops->kind != MAP_MUTANT)
        return refuse(path, error, "kind %d is none of MAP_PLAIN, MAP_SAFE and MAP_MUTANT",
                      (int)ops->kind);
    return check_name(path, ops->name, error);
}

size_t sn_map_table_size(uint32_t version) {
    if (version == MAP_ABI_VERSION)
        return sizeof(struct map_ops);
    return version == WITHOUT_PROMISES ? offsetof(struct map_ops, promises) : 0;
}

int sn_map_table_check(const char *path, const struct map_ops *ops, size_t size, char *error) {
    if (ops == NULL)
        return refuse(path, error, "exports no 'heddle_map'");
    if (size < sizeof(ops->abi_version))
        return refuse(path, error, "its 'heddle_map' is no struct map_ops");
    size_t expected = sn_map_table_size(ops->abi_version);
    if (expected == 0)
        return refuse(path, error, "made for version %u of map.h, this is version %u",
                      ops->abi_version, MAP_ABI_VERSION);
    if (size < expected)
        return refuse(path, error, "its 'heddle_map' has %zu bytes, struct map_ops has %zu", size,
                      expected);
    int status = check_operations(path, ops, error);
    if (status == 0)
        status = check_strings(path, ops->strings, error);
    if (status == 0)
        status = check_inspector(path, ops, error);
    if (status == 0 && ops->abi_version == MAP_ABI_VERSION)
        status = check_promises(path, &ops->promises, error);
    return status == 0 ? check_values(path, ops, error) : status;
}
