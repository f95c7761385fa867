/* fake_harness.c - see fake_harness.h. */
#include "tests/scenarios/fake_harness.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/intercept/trial.h"
#include "harness/sched/task.h"

static const struct map_ops *module_map;
static jmp_buf host;
static struct fake_fault fault;
static uint32_t self;
static uint64_t points;
static bool fair = true;
static const struct hd_subject *running;

void fake_map(const struct map_ops *ops) {
    module_map = ops;
}

void fake_task(uint32_t task) {
    self = task;
}

void fake_fair(bool is) {
    fair = is;
}

const char *fake_file(const char *text, size_t size) {
    static char path[64];
    static int file = -1;
    if (file >= 0)
        close(file);
    file = memfd_create("scenario", 0);
    if (file < 0 || write(file, text, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    return path;
}

void fake_point(bool written) {
    running->ops->at_point(running->program, written);
}

struct fake_fault fake_run(const struct hd_subject *subject, uint64_t batch_seed,
                           enum hd_run_kind kind, uint64_t counters[HD_COUNTERS_MAX]) {
    uint64_t fingerprint;
    const struct hd_program_ops *ops = subject->ops;
    uint32_t tasks = ops->build(subject->program, batch_seed, &fingerprint);
    fault = (struct fake_fault){0};
    self = 0;
    points = 0;
    running = subject;
    if (setjmp(host) == 0) {
        ops->setup(subject->program, kind);
        for (uint32_t task = 0; task < tasks; task++) {
            self = task + 1;
            points += 10;
            if (kind == HD_RUN_FULL)
                ops->at_point(subject->program, true);
            ops->task(subject->program, task);
        }
        self = 0;
        ops->finish(subject->program);
    }
    ops->ended(subject->program, fault.any, counters);
    return fault;
}

/* ---- the harness ----------------------------------------------------------------------------- */

uint32_t hd_task_self(void) {
    return self;
}

uint64_t hd_points_now(void) {
    return points++;
}

bool hd_schedule_fair(void) {
    return fair;
}

bool hd_wait_for(const struct hd_pending *pending, const void *pc) {
    (void)pc;
    if (!pending->ready(pending, self))
        abort(); /* tasks run in the order of their phases */
    return true;
}

void hd_changed(const void *object) {
    (void)object;
}

void hd_order_release(const void *object) {
    (void)object;
}

void hd_order_acquire(const void *object) {
    (void)object;
}

uint64_t *hd_tally(void) {
    static uint64_t tally[HD_COUNTERS_MAX];
    return tally;
}

void hd_watch_blocks(uint64_t least, void (*given)(void *context, uint64_t size), void *context) {
    (void)least;
    (void)given;
    (void)context;
}

void hd_quiet_begin(void) {
}

void hd_quiet_end(void) {
}

void hd_broken(uint64_t what, const char *message) {
    (void)what;
    (void)message;
}

void hd_result(uint64_t value) {
    (void)value;
}

_Noreturn void hd_fault(enum hd_fault_kind kind, const char *format, ...) {
    va_list list;
    va_start(list, format);
    vsnprintf(fault.message, sizeof(fault.message), format, list);
    va_end(list);
    fault.any = true;
    fault.kind = kind;
    longjmp(host, 1);
}

int hd_module_open(const char *path, struct hd_module **module, char *error, size_t size) {
    if (strstr(path, "missing") != NULL) {
        snprintf(error, size, "%s: no such file", path);
        return -ENOENT;
    }
    *module = (struct hd_module *)(uintptr_t)&module_map;
    return 0;
}

void hd_module_close(struct hd_module *module) {
    (void)module;
}

void *hd_module_symbol(const struct hd_module *module, const char *name) {
    (void)module;
    return strcmp(name, "heddle_map") == 0 ? (void *)(uintptr_t)module_map : NULL;
}

size_t hd_module_symbol_size(const struct hd_module *module, const char *name) {
    return hd_module_symbol(module, name) != NULL ? sizeof(struct map_ops) : 0;
}

int hd_trial_run(const struct hd_trial *trial, char *error, size_t size) {
    int status = trial->attempt(trial->context, error, size);
    if (status == 0)
        trial->undo(trial->context);
    return status;
}

int hd_campaign_run(const struct hd_campaign_options *options, const struct hd_subject *subject,
                    struct hd_campaign *campaign) {
    (void)options;
    (void)subject;
    (void)campaign;
    return -ENOSYS;
}

void hd_campaign_clear(struct hd_campaign *campaign) {
    (void)campaign;
}
