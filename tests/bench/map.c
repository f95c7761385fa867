/* map.c - `make bench-map`: gomap against Go's own map, one table from one run.
 *
 *   heddle-bench-map [--rounds N] [--only WORD] [GO-SIDE]
 *
 * All sides share one core and take turns, round by round: what the machine does besides, it does to all.
 * A ratio is the median over the rounds of ours / Go's of the same round, and only ratios mean anything on
 * a shared machine. Without GO-SIDE (the program built from tests/bench/go) ours stands alone.
 *
 * "go" runs without its collector, against ours without releasing maps; "go, gc" with it, against ours
 * with releasing them.
 */
#include <inttypes.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/map.h"

#define ROUNDS_MAX     99u
#define ROUNDS_DEFAULT 7u
#define RATIO_MAX      1.05 /* a row above it is marked */

static const char *const operation_name[BENCH_OPERATION_COUNT] = {
    "get hit", "get miss", "update", "insert", "insert presized", "delete", "iterate",
};

enum figure {
    OURS,
    GO,
    RATIO,
    OURS_MEMORY,
    GO_COLLECTED,
    RATIO_COLLECTED,
    FIGURES,
};

struct figures {
    double value[FIGURES][ROUNDS_MAX];
};

struct bench {
    unsigned rounds;
    const char *only; /* NULL: all rows */
    struct bench_go *go, *go_collected;
    double log_sum; /* of the ratios */
    unsigned rows;
    unsigned above;
};

/* ---- the middle of some figures */

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

struct spread {
    double low, median, high; /* quartiles */
};

static struct spread spread_of(const double value[], unsigned count) {
    double sorted[ROUNDS_MAX];
    memcpy(sorted, value, count * sizeof *value);
    qsort(sorted, count, sizeof *sorted, ascending);
    return (struct spread){sorted[count / 4], sorted[count / 2], sorted[count - 1 - count / 4]};
}

/* ---- one row */

static void same_check(const struct bench_row *row, uint64_t ours, uint64_t theirs) {
    if (ours != theirs) {
        fprintf(stderr, "bench-map: %s of %u: the sides did not do the same work\n",
                operation_name[row->operation], row->count);
        exit(70);
    }
}

static void measure(const struct bench *bench, const struct bench_row *row, struct figures *all,
                    unsigned round) {
    struct bench_result ours = bench_ours(row);
    all->value[OURS][round] = ours.ns;
    all->value[OURS_MEMORY][round] = ours.ns_memory;
    if (bench->go == NULL) {
        return;
    }
    struct bench_result go = bench_go(bench->go, row);
    struct bench_result collected = bench_go(bench->go_collected, row);
    same_check(row, ours.check, go.check);
    same_check(row, ours.check, collected.check);
    all->value[GO][round] = go.ns;
    all->value[RATIO][round] = ours.ns / go.ns;
    all->value[GO_COLLECTED][round] = collected.ns;
    all->value[RATIO_COLLECTED][round] = ours.ns_memory / collected.ns;
}

/* "median (quartile-quartile)", in a column. */
static void print_spread(struct spread s, int digits) {
    char text[64];
    snprintf(text, sizeof text, "%.*f (%.*f-%.*f)", digits, s.median, digits, s.low, digits,
             s.high);
    printf("  %-20s", text);
}

static void print_row(struct bench *bench, const struct bench_row *row, const struct figures *all) {
    struct spread s[FIGURES];
    for (unsigned i = 0; i < FIGURES; i++) {
        s[i] = spread_of(all->value[i], bench->rounds);
    }
    printf("%-6s  %7u  %-15s", row->strings ? "string" : "number", row->count,
           operation_name[row->operation]);
    print_spread(s[OURS], 1);
    if (bench->go != NULL) {
        bool above = s[RATIO].median > RATIO_MAX;
        print_spread(s[GO], 1);
        print_spread(s[RATIO], 2);
        printf("%s  %8.1f  %7.1f  %5.2f", above ? "!" : " ", s[OURS_MEMORY].median,
               s[GO_COLLECTED].median, s[RATIO_COLLECTED].median);
        bench->log_sum += log(s[RATIO].median);
        bench->above += above;
    }
    bench->rows++;
    putchar('\n');
    fflush(stdout);
}

static void print_head(const struct bench *bench) {
    printf("ns an operation, median of %u rounds (quartiles)\n", bench->rounds);
    printf("%-6s  %7s  %-15s  %-20s", "keys", "count", "operation", "ours");
    if (bench->go != NULL) {
        printf("  %-20s  %-20s   %8s  %7s  %5s", "go", "ours / go", "released", "go, gc", "ratio");
    }
    putchar('\n');
}

static void print_foot(const struct bench *bench) {
    if (bench->go != NULL && bench->rows > 0) {
        printf("%u rows, %u above %.2f (!); geometric mean of ours / go: %.2f\n", bench->rows,
               bench->above, RATIO_MAX, exp(bench->log_sum / bench->rows));
    }
}

/* ---- all rows */

static bool wanted(const struct bench *bench, const struct bench_row *row) {
    char name[64];
    snprintf(name, sizeof name, "%s %u %s", row->strings ? "string" : "number", row->count,
             operation_name[row->operation]);
    return bench->only == NULL || strstr(name, bench->only) != NULL;
}

static void run_row(struct bench *bench, const struct bench_row *row) {
    static struct figures all;
    if (!wanted(bench, row)) {
        return;
    }
    measure(bench, row, &all, 0); /* to warm up; overwritten */
    for (unsigned round = 0; round < bench->rounds; round++) {
        measure(bench, row, &all, round);
    }
    print_row(bench, row, &all);
}

static void run_all(struct bench *bench) {
    static const uint32_t counts[] = {1000, 100000, 1000000};
    for (unsigned strings = 0; strings < 2; strings++) {
        for (unsigned i = 0; i < sizeof counts / sizeof counts[0]; i++) {
            for (int operation = 0; operation < BENCH_OPERATION_COUNT; operation++) {
                run_row(bench, &(struct bench_row){(enum bench_operation)operation, strings != 0,
                                                   counts[i]});
            }
        }
    }
}

/* ---- the program */

/* To the last processor that is allowed; children inherit it. */
static void pin(void) {
    cpu_set_t allowed;
    cpu_set_t one;
    CPU_ZERO(&one);
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
        size_t cpu = CPU_SETSIZE - 1;
        while (cpu > 0 && !CPU_ISSET(cpu, &allowed)) {
            cpu--;
        }
        CPU_SET(cpu, &one);
        sched_setaffinity(0, sizeof one, &one);
    }
}

static int usage(void) {
    fputs("usage: heddle-bench-map [--rounds 1-99] [--only WORD] [GO-SIDE]\n", stderr);
    return 64;
}

int main(int count, char **arguments) {
    struct bench bench = {.rounds = ROUNDS_DEFAULT};
    const char *go = NULL;
    for (int i = 1; i < count; i++) {
        if (strcmp(arguments[i], "--rounds") == 0 && i + 1 < count) {
            bench.rounds = (unsigned)strtoul(arguments[++i], NULL, 10);
        } else if (strcmp(arguments[i], "--only") == 0 && i + 1 < count) {
            bench.only = arguments[++i];
        } else if (arguments[i][0] != '-' && go == NULL) {
            go = arguments[i];
        } else {
            return usage();
        }
    }
    if (bench.rounds < 1 || bench.rounds > ROUNDS_MAX) {
        return usage();
    }
    pin();
    signal(SIGPIPE, SIG_IGN);
    if (go != NULL) {
        bench.go = bench_go_start(go, "off");
        bench.go_collected = bench_go_start(go, "100");
    }
    print_head(&bench);
    run_all(&bench);
    print_foot(&bench);
    bench_go_stop(bench.go);
    bench_go_stop(bench.go_collected);
    return 0;
}
