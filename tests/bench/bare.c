/* bare.c - see bare.h.
 *
 * The program of tests/harness/subjects/increments.c with nothing around it: a countdown at each access, a
 * uniform walk drawn ahead, the switch of stack and thread pointer. No state is put back or filled, nothing
 * has a name, is counted, digested, recorded or checked, and no strategy can be chosen. The accesses are
 * announced by hand, as a compiler would for code linked into the same executable.
 */
#include "tests/bench/bare.h"

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/assert.h"
#include "harness/base/random.h"
#include "harness/task/pool.h"
#include "harness/task/switch.h"

#define TASKS  2
#define ROUNDS 5
#define NEVER  UINT64_MAX

static struct {
    uint64_t countdown;
    uint64_t state; /* of the generator */
    uint32_t current;
    uint32_t live;
    void *stack_pointer[TASKS];
    uint64_t tls[TASKS];
    void *host;
    uint64_t host_tls;
} bare;

static volatile long counter;

static uint64_t draw(void) {
    return hd_mix(bare.state += HD_GOLDEN);
}

/* Each turn stays with probability one half. */
static uint64_t stay(void) {
    return (uint64_t)__builtin_ctzll(draw() | 1ull << 63) + 1;
}

static void go_to(uint32_t next) {
    uint32_t from = bare.current;
    bare.current = next;
    bare.countdown = bare.live == TASKS ? stay() : NEVER;
    hd_switch(&bare.stack_pointer[from], bare.stack_pointer[next], bare.tls[next]);
}

static __attribute__((noinline)) void expired(void) {
    go_to(1 - bare.current);
}

static __attribute__((noinline)) void point(void) {
    if (__builtin_expect(--bare.countdown == 0, 0))
        expired();
}

static void body(void) {
    for (int round = 0; round < ROUNDS; round++) {
        point();
        long value = counter;
        point();
        counter = value + 1;
    }
    if (--bare.live > 0)
        go_to(1 - bare.current);
    hd_switch(&bare.stack_pointer[bare.current], bare.host, bare.host_tls);
    HD_ASSERT(false); /* nobody resumes a task that has ended */
}

static void run_one(void *const top[TASKS]) {
    counter = 0;
    bare.live = TASKS;
    for (uint32_t task = 0; task < TASKS; task++)
        bare.stack_pointer[task] = hd_switch_prepare(top[task], body);
    bare.current = (uint32_t)(draw() >> 63);
    bare.countdown = stay();
    hd_switch(&bare.host, bare.stack_pointer[bare.current], bare.tls[bare.current]);
}

uint32_t bare_run(uint32_t executions, uint64_t seed) {
    void *top[TASKS];
    uint32_t lost = 0;
    HD_ASSERT(hd_pool_open(TASKS) == 0);
    bare.state = seed;
    bare.host_tls = hd_switch_thread_pointer();
    for (uint32_t task = 0; task < TASKS; task++) {
        uint64_t low, high;
        hd_pool_stack(task, &low, &high);
        top[task] = (void *)high;
        bare.tls[task] = hd_pool_tls(task);
    }
    for (uint32_t i = 0; i < executions; i++) {
        run_one(top);
        lost += counter != TASKS * ROUNDS;
    }
    return lost;
}
