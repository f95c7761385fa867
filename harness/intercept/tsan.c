/* tsan.c - the real ThreadSanitizer under our schedule (tsan flavour).
 *
 * A report is made in the middle of an access, inside ThreadSanitizer's own locks: what it says is put
 * down, and the next point, or the end of the task, turns it into a fault. Nothing that the report
 * calls may be intercepted by ThreadSanitizer again: no function of libc.
 *
 * A race counts when both stacks begin in modules under test: the engine's own data is shared by all
 * tasks without synchronisation, and libc's functions called by the engine are looked at too.
 */
#include "harness/intercept/tsan.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "harness/intercept/modules.h"
#include "harness/sched/state.h"

#define ACCESSES     2
#define FIRST_FRAMES 2 /* a function of libc may stand above the module's own frame */

/* atexit_sleep_ms, history_size: the defaults hurt. suppress_equal_*: by default a race is reported once a
 * process, and tasks are re-used. The engine handles signals itself. exitcode:
 * of a process that ThreadSanitizer itself ends. */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void) {
    _Static_assert(HD_EXIT_TSAN == 66, "as in the text below");
    return "atexit_sleep_ms=0:history_size=7:suppress_equal_stacks=0:suppress_equal_addresses=0:"
           "report_thread_leaks=0:report_signal_unsafe=0:report_destroy_locked=0:"
           "report_mutex_bugs=0:detect_deadlocks=0:handle_segv=0:handle_abort=0:handle_sigbus=0:"
           "handle_sigill=0:handle_sigfpe=0:exitcode=66:symbolize=0";
}

int __tsan_get_report_data(void *report, const char **description, int *count, int *stack_count,
                           int *mop_count, int *loc_count, int *mutex_count, int *thread_count,
                           int *unique_tid_count, void **sleep_trace, unsigned long trace_size);
int __tsan_get_report_mop(void *report, unsigned long index, int *tid, void **address, int *size,
                          int *write, int *atomic, void **trace, unsigned long trace_size);
void AnnotateIgnoreReadsBegin(char *file, int line);
void AnnotateIgnoreReadsEnd(char *file, int line);
void AnnotateIgnoreWritesBegin(char *file, int line);
void AnnotateIgnoreWritesEnd(char *file, int line);
void __tsan_on_report(void *report);

static bool watching;

static struct {
    bool claimed; /* by the report that is put down; accessed atomically */
    bool due;
    struct {
        uint32_t task;
        int size;
        int write;
        int atomic;
        uint32_t frames;
        uint64_t pc[HD_STACK_FRAMES_MAX];
    } access[ACCESSES];
} race;

static bool begins_in_module(void *const *trace) {
    for (int frame = 0; frame < FIRST_FRAMES && trace[frame] != NULL; frame++)
        if (hd_modules_own((uint64_t)trace[frame] - 1))
            return true;
    return false;
}

void __tsan_on_report(void *report) {
    const char *description;
    int count, stacks, accesses = 0, places, mutexes, threads, tids;
    void *sleep[1];
    if ((!hd_running && !watching) || __atomic_load_n(&race.claimed, __ATOMIC_RELAXED))
        return;
    __tsan_get_report_data(report, &description, &count, &stacks, &accesses, &places, &mutexes,
                           &threads, &tids, sleep, 1);
    if (accesses < ACCESSES)
        return;
    for (unsigned long i = 0; i < ACCESSES; i++) {
        void *address;
        int tid;
        void *trace[HD_STACK_FRAMES_MAX + 1];
        for (int frame = 0; frame <= HD_STACK_FRAMES_MAX; frame++)
            *(void *volatile *)&trace[frame] = NULL; /* not memset: it is intercepted */
        __tsan_get_report_mop(report, i, &tid, &address, &race.access[i].size,
                              &race.access[i].write, &race.access[i].atomic, trace,
                              HD_STACK_FRAMES_MAX);
        if (!begins_in_module(trace))
            return;
        /* The host is 0, then threads are numbered as they were made: in controlled runs as they were
         * parked, so as the tasks; in free runs through all executions, which only tells them apart. */
        race.access[i].task = (uint32_t)tid - 1;
        race.access[i].frames = 0;
        for (int frame = 0; frame < HD_STACK_FRAMES_MAX && trace[frame] != NULL; frame++)
            if (hd_modules_own((uint64_t)trace[frame] - 1))
                race.access[i].pc[race.access[i].frames++] = (uint64_t)trace[frame] - 1;
    }
    race.claimed = race.due = true;
    if (hd_running)
        hd_ask_soon();
}

static void describe(uint32_t i, char *text, size_t size) {
    snprintf(text, size, "%s%s of %d bytes", race.access[i].atomic ? "atomic " : "",
             race.access[i].write ? "write" : "read", race.access[i].size);
}

bool hd_tsan_take(char *message, size_t size, struct hd_raw_task task[ACCESSES]) {
    char what[ACCESSES][HD_NAME_SIZE];
    if (!race.due)
        return false;
    race.due = race.claimed = false;
    for (uint32_t i = 0; i < ACCESSES; i++) {
        describe(i, what[i], sizeof what[i]);
        task[i] = (struct hd_raw_task){
            .task = race.access[i].task, .frames = race.access[i].frames, .core = true};
        memcpy(task[i].pc, race.access[i].pc, sizeof task[i].pc);
        snprintf(task[i].state, sizeof task[i].state, "%s %s",
                 i == 0 ? "running:" : "before:", what[i]);
        snprintf(task[i].part, sizeof task[i].part, "%s", what[i]);
    }
    snprintf(message, size, "data race: %s, after an unordered %s", what[0], what[1]);
    return true;
}

void hd_tsan_check(void) {
    char message[HD_MESSAGE_SIZE];
    struct hd_raw_task task[ACCESSES];
    if (!race.due)
        return;
    hd_tsan_ignore_begin();
    if (hd_tsan_take(message, sizeof message, task))
        hd_fault_of(HD_FAULT_TSAN, message, task, ACCESSES);
}

void hd_tsan_watch(void) {
    watching = true;
}

void hd_tsan_ignore_begin(void) {
    AnnotateIgnoreReadsBegin(NULL, 0);
    AnnotateIgnoreWritesBegin(NULL, 0);
}

void hd_tsan_ignore_end(void) {
    AnnotateIgnoreWritesEnd(NULL, 0);
    AnnotateIgnoreReadsEnd(NULL, 0);
}
