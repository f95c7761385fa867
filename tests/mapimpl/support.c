/* support.c - see support.h.
 */
#include "tests/mapimpl/support.h"

#include <stdio.h>
#include <stdlib.h>

/* Lets a test ask for more memory than there is. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "allocator_may_return_null=1";
}

static void on_event(void *context, const struct map_event *event) {
    struct test_host *t = context;
    if (t->events < EVENTS_MAX) {
        t->event[t->events++] = *event;
    }
    if (t->at_event != NULL) {
        t->at_event(t->context, event);
    }
}

static void on_fatal(void *context, const char *message) {
    struct test_host *t = context;
    t->message = message;
    longjmp(t->caught, 1);
}

void test_host_init(struct test_host *t) {
    t->host = (struct map_host){.context = t, .event = on_event, .fatal = on_fatal};
    t->message = NULL;
    t->events = 0;
    t->at_event = NULL;
    t->context = NULL;
}

uint64_t test_random(uint64_t seed, uint64_t n) {
    uint64_t x = seed + (n + 1) * UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}
