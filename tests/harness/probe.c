/* probe.c - runs executions of a subject and prints their digests: what tests start as a fresh process.
 *
 *     probe [--fixed] MODULE SUBJECT STRATEGY KIND FIRST LAST
 *
 * A line has the execution's index, digest, whether it ended in a fault, its points, and what the
 * subject's check returned (-1: it was not reached).
 * KIND is bare, watched or full. Executions run from FIRST to LAST, downwards when LAST is the smaller.
 * --fixed switches the randomisation of addresses off, where the kernel allows it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <unistd.h>

#include "tests/harness/support.h"

#define EVENTS 24

static void fix_addresses(char **arguments) {
    int before = personality(0xffffffff);
    if (before == -1 || (before & ADDR_NO_RANDOMIZE) != 0 ||
        personality((unsigned long)before | ADDR_NO_RANDOMIZE) == -1)
        return;
    execv("/proc/self/exe", arguments);
}

static enum hd_run_kind kind_of(const char *name) {
    return strcmp(name, "full") == 0      ? HD_RUN_FULL
           : strcmp(name, "watched") == 0 ? HD_RUN_WATCHED
                                          : HD_RUN_BARE;
}

int main(int count, char **arguments) {
    struct bench bench;
    if (count > 1 && strcmp(arguments[1], "--fixed") == 0) {
        fix_addresses(arguments);
        arguments++;
        count--;
    }
    if (count != 7)
        return 64;
    bench_open(&bench, arguments[1], arguments[2]);
    long at = atol(arguments[5]), last = atol(arguments[6]);
    long step = last < at ? -1 : 1;
    for (;; at += step) { /* ends at `last` */
        const struct hd_outcome *outcome = bench_run(&bench, arguments[3], bench_seed((uint64_t)at),
                                                     kind_of(arguments[4]), EVENTS);
        printf("%ld %016" PRIx64 " %d %" PRIu64 " %ld\n", at, outcome->digest, (int)outcome->fault,
               outcome->points, bench.result);
        if (at == last)
            return 0;
    }
}
