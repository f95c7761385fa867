/* measure.c - see measure.h.
 *
 * Threads wait at a gate, run until they are told to stop (or have put all their keys), and count in
 * memory of their own. What a look at the clock costs is measured first and taken off each latency.
 */
#include "cli/bench/measure.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TIMED_MASK 15u /* one operation of 16 */
#define STOP_MASK  63u /* one look at `stop` in 64 operations */

/* How the map tells of its growth. */
struct growth {
    _Atomic uint32_t running;
    _Atomic uint32_t started;
};

struct trial {
    const struct cli_task *task;
    void *map;
    uint64_t clock_cost;
    struct growth growth;
    alignas(64) _Atomic bool open;
    alignas(64) _Atomic bool stop;
};

struct runner {
    alignas(64) struct trial *trial;
    pthread_t thread;
    uint32_t number;
    uint32_t *stream;
    uint64_t operations;
    uint64_t cpu;   /* nanoseconds of the processor */
    uint64_t wrong; /* lookups that failed, writes that were refused */
    struct cli_histogram latency;
    struct cli_histogram inside;
};

static uint64_t nanoseconds(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static uint64_t now(void) {
    return nanoseconds(CLOCK_MONOTONIC);
}

/* The least of many: what a pair of looks costs when nothing comes between. */
static uint64_t clock_cost(void) {
    uint64_t least = UINT64_MAX;
    for (int look = 0; look < 1000; look++) {
        uint64_t before = now();
        uint64_t cost = now() - before;
        least = cost < least ? cost : least;
    }
    return least;
}

static uint64_t since(const struct trial *trial, uint64_t before) {
    uint64_t passed = now() - before;
    return passed > trial->clock_cost ? passed - trial->clock_cost : 0;
}

/* ---- reads and overwrites -------------------------------------------------------------------- */

static inline void operate(struct runner *r, const struct map_ops *ops, void *map, uint32_t draw) {
    uint64_t key = cli_workload_key(draw & ~CLI_STREAM_WRITE);
    uint64_t value;
    if (draw & CLI_STREAM_WRITE) {
        r->wrong += ops->put(map, key, r->operations) != 0;
    } else {
        r->wrong += !ops->get(map, key, &value);
    }
}

static void mix(struct runner *r) {
    struct trial *trial = r->trial;
    const struct map_ops *ops = trial->task->ops;
    uint64_t n = 0;
    do {
        uint32_t draw = r->stream[n & (CLI_STREAM_LENGTH - 1)];
        if ((n & TIMED_MASK) != 0) {
            operate(r, ops, trial->map, draw);
        } else {
            uint64_t before = now();
            operate(r, ops, trial->map, draw);
            cli_histogram_count(&r->latency, since(trial, before));
        }
        n++;
    } while ((n & STOP_MASK) != 0 || !atomic_load_explicit(&trial->stop, memory_order_relaxed));
    r->operations = n;
}

/* ---- fill ------------------------------------------------------------------------------------ */

static void on_event(void *context, const struct map_event *event) {
    struct growth *growth = context;
    if (event->kind == MAP_GROWTH_START) {
        atomic_fetch_add(&growth->started, 1);
        atomic_fetch_add(&growth->running, 1);
    } else if (event->kind == MAP_GROWTH_END) {
        atomic_fetch_sub(&growth->running, 1);
    }
}

static void on_fatal(void *context, const char *message) {
    map_host_standalone.fatal(context, message);
}

/* An operation was inside when a table grew as it began, or began to grow before it ended. */
static void fill_one(struct runner *r, uint64_t number, bool write) {
    struct trial *trial = r->trial;
    const struct map_ops *ops = trial->task->ops;
    bool inside = atomic_load_explicit(&trial->growth.running, memory_order_relaxed) != 0;
    uint32_t started = atomic_load_explicit(&trial->growth.started, memory_order_relaxed);
    uint64_t key = cli_workload_key(number);
    uint64_t value;
    uint64_t before = now();
    bool well = write ? ops->put(trial->map, key, number) == 0 : ops->get(trial->map, key, &value);
    uint64_t passed = since(trial, before);
    inside |= atomic_load_explicit(&trial->growth.started, memory_order_relaxed) != started;
    cli_histogram_count(inside ? &r->inside : &r->latency, passed);
    r->wrong += !well;
    r->operations++;
}

static void fill(struct runner *r) {
    const struct cli_task *task = r->trial->task;
    for (uint64_t n = r->number; n < task->workload->keys; n += task->threads) {
        fill_one(r, n, true);
        fill_one(r, n, false);
    }
}

/* ---- threads --------------------------------------------------------------------------------- */

static void *run(void *argument) {
    struct runner *r = argument;
    while (!atomic_load_explicit(&r->trial->open, memory_order_acquire)) {
        sched_yield();
    }
    uint64_t before = nanoseconds(CLOCK_THREAD_CPUTIME_ID);
    if (r->trial->task->reads == CLI_FILL) {
        fill(r);
    } else {
        mix(r);
    }
    r->cpu = nanoseconds(CLOCK_THREAD_CPUTIME_ID) - before;
    return NULL;
}

static void sleep_for(double seconds) {
    struct timespec left = {.tv_sec = (time_t)seconds};
    left.tv_nsec = (long)((seconds - (double)left.tv_sec) * 1e9);
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}

/* Runs all threads once. Returns 0 or -EAGAIN, with no thread left. */
static int run_all(struct trial *trial, struct runner *runner, double *seconds) {
    const struct cli_task *task = trial->task;
    uint32_t started = 0;
    while (started < task->threads &&
           pthread_create(&runner[started].thread, NULL, run, &runner[started]) == 0) {
        started++;
    }
    bool complete = started == task->threads;
    atomic_store(&trial->stop, !complete);
    uint64_t before = now();
    atomic_store(&trial->open, true);
    if (complete && task->reads != CLI_FILL) {
        sleep_for(task->seconds);
        atomic_store(&trial->stop, true);
    }
    *seconds = (double)(now() - before) * 1e-9;
    for (uint32_t index = 0; index < started; index++) {
        pthread_join(runner[index].thread, NULL);
    }
    if (task->reads == CLI_FILL) {
        *seconds = (double)(now() - before) * 1e-9;
    }
    return complete ? 0 : -EAGAIN;
}

/* ---- the map --------------------------------------------------------------------------------- */

static uint64_t heap_bytes(void) {
    struct mallinfo2 heap = mallinfo2();
    return heap.uordblks + heap.hblkhd;
}

static bool count_visit(void *context, uint64_t key, uint64_t value) {
    (void)key;
    (void)value;
    ++*(uint64_t *)context;
    return true;
}

/* Every key once, then a walk: it makes syncmap promote and oncefrozen freeze, and warms the caches. */
static int prefill(const struct trial *trial) {
    const struct cli_task *task = trial->task;
    for (uint64_t n = 0; n < task->workload->keys; n++) {
        int error = task->ops->put(trial->map, cli_workload_key(n), n);
        if (error != 0) {
            return error;
        }
    }
    uint64_t visits = 0;
    task->ops->iterate(trial->map, count_visit, &visits);
    return visits == task->workload->keys ? 0 : -EILSEQ;
}

static int collect(const struct runner *runner, uint32_t threads, double seconds,
                   struct cli_sample *sample) {
    uint64_t operations = 0;
    uint64_t wrong = 0;
    uint64_t cpu = 0;
    for (uint32_t index = 0; index < threads; index++) {
        operations += runner[index].operations;
        wrong += runner[index].wrong;
        cpu += runner[index].cpu;
        cli_histogram_add(&sample->latency, &runner[index].latency);
        cli_histogram_add(&sample->growth, &runner[index].inside);
    }
    sample->rate = (double)operations / seconds;
    sample->cpu = (double)cpu / (double)operations;
    return wrong == 0 ? 0 : -EILSEQ;
}

static int run_trial(struct trial *trial, struct runner *runner, uint32_t *streams,
                     struct cli_sample *sample) {
    const struct cli_task *task = trial->task;
    for (uint32_t index = 0; index < task->threads; index++) {
        runner[index].trial = trial;
        runner[index].number = index;
        runner[index].stream = streams + (uint64_t)index * CLI_STREAM_LENGTH;
        if (task->reads != CLI_FILL) {
            cli_workload_stream(task->workload, index, 100 - task->reads, runner[index].stream);
        }
    }
    double seconds = 0;
    int error = run_all(trial, runner, &seconds);
    return error != 0 ? error : collect(runner, task->threads, seconds, sample);
}

int cli_measure(const struct cli_task *task, struct cli_sample *sample) {
    struct trial trial = {.task = task, .clock_cost = clock_cost()};
    const struct map_host host = {.context = &trial.growth, .event = on_event, .fatal = on_fatal};
    const struct map_options options = {.seed = task->seed};
    bool filling = task->reads == CLI_FILL;
    size_t size = task->threads * sizeof(struct runner);
    struct runner *runner = aligned_alloc(64, size);
    uint32_t *streams = malloc((size_t)task->threads * CLI_STREAM_LENGTH * sizeof(*streams));
    int error = runner == NULL || streams == NULL ? -ENOMEM : 0;
    uint64_t before = heap_bytes();
    if (error == 0) {
        memset(runner, 0, size);
        error = task->ops->create(&options, filling ? &host : &map_host_standalone, &trial.map);
    }
    if (error == 0) {
        error = filling ? 0 : prefill(&trial);
        sample->bytes =
            filling ? 0 : (double)(heap_bytes() - before) / (double)task->workload->keys;
        error = error != 0 ? error : run_trial(&trial, runner, streams, sample);
        task->ops->destroy(trial.map);
    }
    free(streams);
    free(runner);
    return error;
}
