/* odd_map.c - the list of plugin.c in a table that is as the compiler's -D options say: for each way in
 * which a file of unknown origin may be wrong.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define heddle_map list_map
#include "tests/cli/plugin.c"
#undef heddle_map

#ifndef TABLE
#define TABLE heddle_map
#endif
#ifndef ABI
#define ABI MAP_ABI_VERSION
#endif
#ifndef KIND
#define KIND MAP_SAFE
#endif
#ifndef NAME
#define NAME "odd"
#endif
#ifndef PUT
#define PUT odd_put
#endif
#ifndef STRINGS
#define STRINGS NULL
#endif
#ifndef INSPECTOR
#define INSPECTOR NULL
#endif
#ifndef AT_LOAD
#define AT_LOAD
#endif
#ifndef AT_UNLOAD
#define AT_UNLOAD
#endif
#ifndef IN_PUT
#define IN_PUT
#endif

const struct map_inspector no_inspector;
const struct map_string_ops no_strings;

void nowhere(void);
int recurse(volatile int depth);
int recurse(volatile int depth) {
    volatile char frame[1024];
    frame[0] = (char)depth;
    return recurse(depth + 1) + frame[0];
}

void *idle(void *argument);
void *idle(void *argument) {
    pause();
    return argument;
}

void start_thread(void);
void start_thread(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, idle, NULL);
}

__attribute__((constructor)) static void at_load(void) {
    AT_LOAD;
}

__attribute__((destructor)) static void at_unload(void) {
    AT_UNLOAD;
}

int odd_put(void *map, uint64_t key, uint64_t value);
int odd_put(void *map, uint64_t key, uint64_t value) {
    IN_PUT;
    return list_put(map, key, value);
}

MAP_EXPORT extern const struct map_ops TABLE;
const struct map_ops TABLE = {
    .abi_version = ABI,
    .kind = KIND,
    .name = NAME,
    .summary = "not as it should be",
    .guarantee = "none",
    .create = list_create,
    .destroy = list_destroy,
    .get = list_get,
    .put = PUT,
    .del = list_delete,
    .length = list_length,
    .iterate = list_iterate,
    .clear = list_clear,
    .freeze = list_freeze,
    .delete_tells = true,
    .inspector = INSPECTOR,
    .strings = STRINGS,
};
