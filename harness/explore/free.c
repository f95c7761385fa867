/* free.c - see free.h. */
#include "harness/explore/free.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/base/assert.h"
#include "harness/base/clock.h"
#include "harness/base/random.h"
#include "harness/explore/rerun.h"
#include "harness/explore/run.h"
#include "harness/intercept/modules.h"
#include "harness/intercept/tsan.h"
#include "harness/sched/task.h"

struct thread {
    const struct hd_subject *subject;
    pthread_barrier_t *start;
    uint32_t index;
};

/* Shared with the child: set by a signal in the parent. */
static volatile sig_atomic_t *stop;

/* The fault that a thread has raised, for the process that ends with it. */
static struct hd_outcome *fault_outcome;

static void fault(enum hd_fault_kind kind, const char *message) {
    static bool taken;
    if (__atomic_exchange_n(&taken, true, __ATOMIC_RELAXED))
        for (;;) /* the first one ends the process */
            pause();
    fault_outcome->fault = true;
    fault_outcome->kind = kind;
    memcpy(fault_outcome->message, message, strnlen(message, HD_MESSAGE_SIZE - 1));
    hd_exit_now(HD_EXIT_CRASHED);
}

static void *run_thread(void *argument) {
    const struct thread *thread = argument;
    pthread_barrier_wait(thread->start);
    thread->subject->ops->task(thread->subject->program, thread->index);
    return NULL;
}

/* One execution: all threads leave the barrier together. Returns 0, or -errno with threads that wait, for a
 * process that ends. */
static int run_one(const struct hd_subject *subject, uint32_t tasks) {
    static pthread_barrier_t start;
    static pthread_t handle[HD_TASKS_MAX];
    static struct thread thread[HD_TASKS_MAX];
    HD_ASSERT(tasks <= HD_TASKS_MAX);
    hd_modules_restore();
    pthread_barrier_init(&start, NULL, tasks);
    subject->ops->setup(subject->program, HD_RUN_FREE);
    for (uint32_t i = 0; i < tasks; i++) {
        thread[i] = (struct thread){.subject = subject, .start = &start, .index = i};
        int error = pthread_create(&handle[i], NULL, run_thread, &thread[i]);
        if (error != 0)
            return -error;
    }
    for (uint32_t i = 0; i < tasks; i++)
        pthread_join(handle[i], NULL);
    subject->ops->finish(subject->program);
    pthread_barrier_destroy(&start);
    return 0;
}

/* The first one is always made. */
static bool budget_left(const struct hd_rerun_request *request, uint64_t done) {
    return done == 0 ||
           (done < request->free_executions && !*stop && hd_clock_ns() < request->free_deadline_ns);
}

int hd_free_run(const struct hd_rerun_request *request, uint64_t *done,
                struct hd_outcome *outcome) {
    const struct hd_subject *subject = request->subject;
    uint64_t fingerprint;
    fault_outcome = outcome;
    hd_fault_outside = fault;
    int error = hd_modules_use(subject->module, subject->modules);
    if (error != 0)
        return error;
    hd_tsan_watch();
    while (budget_left(request, *done) && !outcome->fault) {
        /* every execution is another program: the schedule does not vary by a seed */
        uint32_t tasks = subject->ops->build(subject->program, hd_batch_name(request->seed, *done),
                                             &fingerprint);
        error = run_one(subject, tasks);
        if (error != 0)
            break;
        ++*done;
        outcome->points_seen = *done; /* a sign of life */
        if (hd_tsan_take(outcome->message, sizeof outcome->message, outcome->task)) {
            outcome->fault = true;
            outcome->kind = HD_FAULT_TSAN;
            outcome->captured = 2;
        }
    }
    return error;
}

static int take_fault(const struct hd_campaign_options *options, struct hd_rerun *rerun,
                      const struct hd_rerun_request *request, struct hd_campaign *campaign) {
    campaign->fault = calloc(1, sizeof *campaign->fault);
    if (campaign->fault == NULL)
        return -ENOMEM;
    int error = hd_rerun_record(rerun, request, &campaign->fault[0]);
    if (error != 0)
        return error;
    campaign->faults = 1;
    campaign->fault_executions = 1;
    campaign->first_fault_execution = (int64_t)hd_rerun_executions(rerun);
    if (hd_rerun_outcome(rerun)->kind == HD_FAULT_TSAN)
        campaign->first_fault_execution--;
    campaign->fault[0].execution = (uint64_t)campaign->first_fault_execution;
    return options->found == NULL ? 0 : options->found(options->context, &campaign->fault[0]);
}

void hd_free_interrupt(void) {
    if (stop != NULL)
        *stop = 1;
}

/* A signal that came before there was a place for it counts, too. */
static int open_stop(const volatile sig_atomic_t *interrupted) {
    if (stop == NULL) {
        void *page =
            mmap(NULL, sizeof *stop, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (page == MAP_FAILED)
            return -ENOMEM;
        stop = page;
    }
    if (*interrupted)
        *stop = 1;
    return 0;
}

int hd_free_campaign(const struct hd_campaign_options *options, const struct hd_subject *subject,
                     const volatile sig_atomic_t *interrupted, struct hd_campaign *campaign) {
    struct hd_rerun_request request = {
        .subject = subject,
        .seed = options->seed,
        .stall_ms = options->stall_ms,
        .free_executions = options->executions != 0 ? options->executions : UINT64_MAX,
        .free_deadline_ns = UINT64_MAX};
    *campaign = (struct hd_campaign){.free = true, .first_fault_execution = -1};
    if (!HD_TSAN)
        return -ENOTSUP;
    if (options->executions == 0 && !(options->seconds > 0))
        return -EINVAL;
    uint64_t start = hd_clock_ns();
    if (options->seconds > 0)
        request.free_deadline_ns = start + (uint64_t)(options->seconds * 1e9);
    int error = open_stop(interrupted);
    if (error != 0)
        return error;
    struct hd_rerun *rerun = hd_rerun_new();
    if (rerun == NULL)
        return -ENOMEM;
    error = hd_rerun_run(rerun, &request);
    campaign->executions = hd_rerun_executions(rerun);
    campaign->interrupted = *interrupted != 0;
    if (error == 0 && hd_rerun_outcome(rerun)->fault)
        error = take_fault(options, rerun, &request, campaign);
    campaign->seconds = (double)(hd_clock_ns() - start) * 1e-9;
    hd_rerun_free(rerun);
    return error;
}
