/* map.h - gomap against Go's own map: what one round is, and who runs it.
 *
 * A round is one operation, done at least BENCH_OPERATIONS times on a map of `count` keys in an order drawn
 * from a fixed seed. Ours run in this process (map_ours.c), Go's in child processes (map_go.c, go/map.go)
 * on the same core; both draw the same keys, orders and values, and both sum up what they read, so that a
 * side that did less would be seen.
 */
#ifndef HEDDLE_TESTS_BENCH_MAP_H
#define HEDDLE_TESTS_BENCH_MAP_H

#include <stdbool.h>
#include <stdint.h>

/* go/map.go has the same. */
#define BENCH_OPERATIONS 400000u /* a round does this many, or `count` */
#define BENCH_ORDERS     65000u  /* small maps are walked in this many / `count` different orders */
#define BENCH_SEED       UINT64_C(0x5eed)
#define BENCH_ABSENT     (UINT64_C(1) << 30) /* index of the first key that no map has */

enum bench_operation {
    BENCH_GET_HIT,
    BENCH_GET_MISS,
    BENCH_UPDATE,
    BENCH_INSERT,         /* into a map made without a hint, which grows */
    BENCH_INSERT_PRESIZE, /* into a map made for `count` keys */
    BENCH_DELETE,         /* all keys */
    BENCH_ITERATE,
    BENCH_OPERATION_COUNT,
};

struct bench_row {
    enum bench_operation operation;
    bool strings; /* of 8 to 24 bytes; else 64-bit numbers */
    uint32_t count;
};

struct bench_result {
    double ns;        /* an operation */
    double ns_memory; /* with what releasing the maps took */
    uint64_t check;   /* sum of what was read */
};

/* map_ours.c. Keys and orders of the last row stay for the next one. */
struct bench_result bench_ours(const struct bench_row *row);

/* map_go.c: a child that runs `program`, with GOGC set to `gogc`. The functions end the program with one
 * line on standard error when the child fails. */
struct bench_go;
struct bench_go *bench_go_start(const char *program, const char *gogc);
struct bench_result bench_go(struct bench_go *go, const struct bench_row *row);
void bench_go_stop(struct bench_go *go); /* NULL is allowed */

#endif
