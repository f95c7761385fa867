/* host.c - the host of a program that wants nothing of its maps.
 */
#include <stdio.h>
#include <stdlib.h>

#include "mapimpl/map.h"

static void ignore(void *context, const struct map_event *event) {
    (void)context;
    (void)event;
}

static void print_and_exit(void *context, const char *message) {
    (void)context;
    fprintf(stderr, "fatal error: %s\n", message);
    exit(2);
}

const struct map_host map_host_standalone = {.event = ignore, .fatal = print_and_exit};
