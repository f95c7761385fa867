/* support.h - a host for tests: it remembers events and catches fatal errors; a small generator.
 */
#ifndef HEDDLE_TESTS_MAPIMPL_SUPPORT_H
#define HEDDLE_TESTS_MAPIMPL_SUPPORT_H

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

/* splitmix64: the n-th number of a stream that starts at `seed`. */
uint64_t test_random(uint64_t seed, uint64_t n);

#endif
