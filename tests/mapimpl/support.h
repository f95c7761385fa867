/* support.h - a host for tests: it remembers events and catches fatal errors; a small generator.
 */
#ifndef HEDDLE_TESTS_MAPIMPL_SUPPORT_H
#define HEDDLE_TESTS_MAPIMPL_SUPPORT_H

#include <criterion/parameterized.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#include "mapimpl/map.h"

#define EVENTS_MAX 4096u

struct test_host {
    struct map_host host; /* give the map &t->host */
    jmp_buf caught;       /* set it before an operation that may be fatal */
    const char *message;  /* of the last fatal error, or NULL */
    struct map_event event[EVENTS_MAX];
    uint32_t events;
    /* Called at each event, or NULL. */
    void (*at_event)(void *context, const struct map_event *event);
    void *context;
};

void test_host_init(struct test_host *t);

/* Runs STATEMENT; evaluates to the message of its fatal error or NULL. */
#define FATAL_OF(t, statement)                                                                     \
    ((t)->message = NULL,                                                                          \
     setjmp((t)->caught) == 0 ? ((void)(statement), (t)->message) : (t)->message)

/* ---- maps of both kinds of keys: a key is a number, and the string is made of it
 * ----------------------------------------------------------------------------------------------- */

/* No pointers: a parameter of parameterised tests. */
struct test_subject {
    char name[24];
    uint32_t index; /* in map_native() */
    enum map_keys keys;
};

/* Every built-in map, once for each kind of keys that it has, for which `takes` says so (NULL: all). */
struct criterion_test_params test_subjects(bool (*takes)(const struct map_ops *ops));
const struct map_ops *test_ops(const struct test_subject *subject);

/* The bytes of a key's string: none, eight, sixteen or 56 of them, also zeros; and back. */
#define TEST_TEXT_MAX 56u
struct map_string test_text(uint64_t key, char text[TEST_TEXT_MAX]);
uint64_t test_key(const struct map_string *text);

/* A map as create makes it from the options, with the subject's keys. Fails the test without one. */
void *test_made(const struct test_subject *subject, struct map_options options);
bool test_get(const struct test_subject *subject, void *map, uint64_t key, uint64_t *value);
int test_put(const struct test_subject *subject, void *map, uint64_t key, uint64_t value);
int test_del(const struct test_subject *subject, void *map, uint64_t key);
uint64_t test_iterate(const struct test_subject *subject, void *map,
                      bool (*visit)(void *context, uint64_t key, uint64_t value), void *context);

/* splitmix64: the n-th number of a stream that starts at `seed`. */
uint64_t test_random(uint64_t seed, uint64_t n);

#endif
