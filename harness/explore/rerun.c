/* rerun.c - see rerun.h. */
#include "harness/explore/rerun.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "harness/base/assert.h"
#include "harness/base/clock.h"
#include "harness/explore/bisect.h"
#include "harness/explore/free.h"
#include "harness/explore/replay.h"
#include "harness/explore/report.h"
#include "harness/explore/stall.h"
#include "harness/explore/symbol.h"
#include "harness/intercept/tsan.h"
#include "harness/sched/crash.h"
#include "harness/sched/point.h"
#include "harness/sched/same.h"
#include "harness/sched/schedule.h"
#include "harness/strategy/replay.h"

#define RUNS_MAX      (4ull << 20)
#define POLL_NS       200000u
#define KILL_AFTER_NS 1000000000u
#define SLOW_NS       60000000000u /* no campaign waits longer for an execution that it runs again */
#define REPORT_MAX    (64u << 10)

struct hd_rerun {
    struct hd_outcome outcome;
    struct hd_recording recording;
    struct hd_strategy strategy;   /* its name: what ran */
    struct hd_replay_state follow; /* how far a schedule was followed, also into a crash */
    uint32_t pilots_crashed;
    uint32_t studies_crashed;
    uint32_t killed; /* children, from outside */
    uint32_t in_study;
    uint32_t in_pilot;
    uint64_t executions;              /* completed on real threads */
    uint32_t finished;                /* the child came to its own end */
    int error;                        /* -errno: the system refused what it needed */
    bool recorded;                    /* the recording goes on to the end of the run */
    bool stalled;                     /* it made no progress */
    int report;                       /* ThreadSanitizer's text goes here; -1 in other flavours */
    char report_text[REPORT_MAX + 1]; /* cleaned */
    const struct hd_subject *subject;
    struct hd_frame frame[HD_FAULT_TASKS_MAX][HD_STACK_FRAMES_MAX];
    struct hd_frame *frames; /* of the trace; mapped when first asked for */
    struct hd_bisection bisection;
    struct hd_frame bisected[2][HD_STACK_FRAMES_MAX]; /* of its first and last event */
};

static void *share(size_t size) {
    void *at =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return at == MAP_FAILED ? NULL : at;
}

struct hd_rerun *hd_rerun_new(void) {
    struct hd_rerun *rerun = share(sizeof *rerun);
    if (rerun == NULL)
        return NULL;
    rerun->report = HD_TSAN ? memfd_create("report", MFD_CLOEXEC) : -1;
    rerun->recording.run = share(RUNS_MAX * sizeof(struct hd_run));
    rerun->recording.event = share(HD_TRACE_MAX * sizeof(struct hd_raw_event));
    rerun->recording.runs_max = RUNS_MAX;
    if (rerun->recording.run == NULL || rerun->recording.event == NULL) {
        hd_rerun_free(rerun);
        return NULL;
    }
    return rerun;
}

void hd_rerun_free(struct hd_rerun *rerun) {
    if (rerun == NULL)
        return;
    if (rerun->recording.run != NULL)
        munmap(rerun->recording.run, RUNS_MAX * sizeof(struct hd_run));
    if (rerun->recording.event != NULL)
        munmap(rerun->recording.event, HD_TRACE_MAX * sizeof(struct hd_raw_event));
    if (rerun->frames != NULL)
        munmap(rerun->frames, HD_TRACE_MAX * sizeof(struct hd_frame));
    if (rerun->report >= 0)
        close(rerun->report);
    munmap(rerun, sizeof *rerun);
}

/* Returns 0 or -errno. */
static int prepare(struct hd_rerun *rerun, const struct hd_rerun_request *request,
                   struct hd_prepared *prepared) {
    const char *strategy = request->strategy != NULL ? request->strategy : "random";
    char line[256];
    int error = hd_execution_open(request->subject);
    rerun->in_study = 1;
    if (error == 0)
        hd_study(request->subject, hd_batch_of(request->seed), rerun->studies_crashed > 0,
                 &rerun->outcome);
    rerun->in_study = 0;
    rerun->in_pilot = 1;
    if (error == 0)
        error = hd_prepare(request->subject, strategy, request->seed, rerun->pilots_crashed,
                           &rerun->outcome, prepared, line);
    rerun->in_pilot = 0;
    return error;
}

/* In the child. */
static void run_here(struct hd_rerun *rerun, const struct hd_rerun_request *request) {
    const struct hd_subject *subject = request->subject;
    struct hd_prepared prepared;
    if (request->free_executions > 0) {
        rerun->error = hd_free_run(request, &rerun->executions, &rerun->outcome);
        return;
    }
    rerun->error = prepare(rerun, request, &prepared);
    if (rerun->error != 0)
        return;
    rerun->strategy = prepared.strategy;
    prepared.execution.recording = &rerun->recording;
    if (request->run != NULL) {
        prepared.execution.strategy = &hd_strategy_replay;
        prepared.execution.strategy_state = &rerun->follow;
        prepared.execution.recorded = true;
    }
    if (request->broken != NULL) {
        hd_bisect(subject, &prepared.execution, request->broken, &rerun->outcome,
                  &rerun->bisection);
    } else if (prepared.strategy.twice) {
        hd_run_twice(subject, &prepared.execution, &rerun->outcome);
    } else {
        hd_execution_run(subject, &prepared.execution, &rerun->outcome);
    }
    hd_prepared_close(&prepared);
}

/* Waits for the child. One that makes no progress is asked to say where it is, then killed; one that goes
 * on when we are interrupted, or for long in a campaign, is killed. Returns 0 with its status, -EINTR for
 * the latter, or -errno. */
static int wait_for(pid_t child, struct hd_rerun *rerun, const struct hd_rerun_request *request,
                    int *status) {
    struct hd_stall stall;
    uint64_t now = hd_clock_ns(), interrupted_ns = 0, end = now + SLOW_NS;
    bool many = request->free_executions > 0 || request->broken != NULL, cut = false;
    bool patient = many || request->interrupted == NULL;
    pid_t ended;
    hd_stall_begin(&stall, child, request->stall_ms, now);
    while ((ended = hd_stall_wait(&stall, status)) == 0) { /* ends: a silent child is killed */
        uint64_t away = hd_clock_away(&now);               /* it was stopped, too */
        uint64_t count[HD_STALL_COUNTS] = {rerun->outcome.points_seen, rerun->outcome.position};
        end += away;
        if (request->interrupted != NULL && *request->interrupted && interrupted_ns == 0)
            interrupted_ns = now;
        if ((interrupted_ns != 0 && now - interrupted_ns > KILL_AFTER_NS) ||
            (!patient && now > end)) {
            kill(child, SIGKILL);
            cut = true;
        } else {
            hd_stall_look(&stall, count, now, away);
        }
        hd_clock_rest(POLL_NS);
    }
    bool crashed = ended > 0 && WIFEXITED(*status) && WEXITSTATUS(*status) == HD_EXIT_CRASHED;
    rerun->stalled = crashed ? rerun->outcome.stalled : stall.asked;
    return ended < 0 ? -errno : cut ? -EINTR : 0;
}

/* What stands in the outcome is of an earlier execution of that process. */
void hd_outcome_died(struct hd_outcome *outcome, int status) {
    bool tallied = outcome->tallied;
    uint64_t tally[HD_COUNTERS_MAX];
    memcpy(tally, outcome->tally, sizeof tally);
    *outcome = (struct hd_outcome){.fault = true, .kind = HD_FAULT_CRASH, .tallied = tallied};
    memcpy(outcome->tally, tally, sizeof tally);
    if (WIFSIGNALED(status))
        snprintf(outcome->message, sizeof outcome->message, "the process was killed by signal %d",
                 WTERMSIG(status));
    else
        snprintf(outcome->message, sizeof outcome->message, "the process ended with status %d",
                 WEXITSTATUS(status));
    outcome->key = XXH3_64bits(outcome->message, strlen(outcome->message));
}

/* Returns 0, -errno, or 1 when it should be run again: its pilot has crashed and is left out, or it
 * was killed from outside for the first time. */
static int run_child(struct hd_rerun *rerun, const struct hd_rerun_request *request) {
    hd_recording_clear(&rerun->recording);                      /* of a child that was killed */
    if (rerun->report >= 0 && ftruncate(rerun->report, 0) == 0) /* of a pilot that has crashed */
        lseek(rerun->report, 0, SEEK_SET);
    pid_t child = hd_fork_worker(request->keep_output);
    if (child < 0)
        return -errno;
    if (child == 0) {
        if (rerun->report >= 0)
            dup2(rerun->report, STDERR_FILENO);
        run_here(rerun, request);
        rerun->finished = 1;
        fflush(NULL);
        hd_exit_now(0);
    }
    int status;
    int error = wait_for(child, rerun, request, &status);
    if (error == 0)
        error = rerun->error;
    if (error != 0)
        return error;
    if (WIFEXITED(status) && WEXITSTATUS(status) == HD_EXIT_INTERNAL)
        return -ENOTRECOVERABLE;
    if (HD_TSAN && WIFEXITED(status) && WEXITSTATUS(status) == HD_EXIT_TSAN)
        return -ELIBBAD;
    bool crashed = WIFEXITED(status) && WEXITSTATUS(status) == HD_EXIT_CRASHED;
    if (!rerun->stalled && hd_ended_from_outside(status))
        return rerun->killed++ == 0 ? 1 : -EOWNERDEAD;
    if (rerun->in_study && rerun->studies_crashed++ == 0)
        return 1;
    if (rerun->in_pilot && rerun->pilots_crashed < 2) {
        rerun->pilots_crashed++;
        return 1;
    }
    rerun->recorded = crashed || rerun->finished;
    if (!rerun->recorded)
        hd_outcome_died(&rerun->outcome, status);
    return 0;
}

int hd_rerun_run(struct hd_rerun *rerun, const struct hd_rerun_request *request) {
    HD_ASSERT(request->trace_max <= HD_TRACE_MAX);
    rerun->recording.events_max = request->trace_max;
    rerun->pilots_crashed = rerun->studies_crashed = rerun->killed = 0;
    rerun->executions = 0;
    rerun->in_study = rerun->in_pilot = rerun->finished = 0;
    rerun->recorded = false;
    rerun->error = 0;
    rerun->follow = (struct hd_replay_state){.run = request->run, .runs = request->runs};
    memset(&rerun->outcome, 0, sizeof rerun->outcome);
    if (request->in_process) {
        hd_recording_clear(&rerun->recording);
        run_here(rerun, request);
        rerun->recorded = rerun->error == 0;
        return rerun->error;
    }
    int result;
    do { /* at most two pilots crash */
        result = run_child(rerun, request);
    } while (result > 0);
    return result;
}

bool hd_rerun_stalled(const struct hd_rerun *rerun) {
    return rerun->stalled;
}

uint64_t hd_rerun_executions(const struct hd_rerun *rerun) {
    return rerun->executions;
}

const struct hd_outcome *hd_rerun_outcome(const struct hd_rerun *rerun) {
    return &rerun->outcome;
}

bool hd_rerun_diverged(const struct hd_rerun *rerun, uint64_t *point) {
    *point = rerun->follow.diverged_at + 1;
    return rerun->follow.diverged;
}

const struct hd_recording *hd_rerun_recording(const struct hd_rerun *rerun) {
    return &rerun->recording;
}

char *hd_rerun_schedule(const struct hd_rerun *rerun, const struct hd_rerun_request *request) {
    const struct hd_recording *recording = &rerun->recording;
    char build[HD_NAME_SIZE];
    bool cut = recording->cut && recording->runs == recording->runs_max;
    if (!rerun->recorded || cut)
        return NULL;
    hd_build_identity(request->subject, build);
    return hd_schedule_encode(recording->run, recording->runs, build);
}

bool hd_rerun_trace_cut(const struct hd_rerun *rerun) {
    const struct hd_recording *recording = &rerun->recording;
    return recording->cut && recording->events_max > 0 &&
           recording->events == recording->events_max;
}

/* Reads what ThreadSanitizer printed. */
static void clean_report(struct hd_rerun *rerun) {
    char *text = calloc(1, REPORT_MAX + 1);
    if (text != NULL && pread(rerun->report, text, REPORT_MAX, 0) > 0)
        hd_report_clean(rerun->subject, text, rerun->report_text, sizeof rerun->report_text);
    free(text);
}

static void resolve_stacks(struct hd_rerun *rerun) {
    if (rerun->report >= 0 && rerun->outcome.kind == HD_FAULT_TSAN)
        clean_report(rerun);
    for (uint32_t i = 0; i < rerun->outcome.captured; i++)
        for (uint32_t k = 0; k < rerun->outcome.task[i].frames; k++)
            hd_symbol_resolve(rerun->outcome.task[i].pc[k], &rerun->frame[i][k]);
}

static void resolve_trace(struct hd_rerun *rerun) {
    for (uint64_t i = 0; i < rerun->recording.events; i++)
        hd_symbol_resolve(rerun->recording.event[i].pc, &rerun->frames[i]);
}

/* Symbols are looked up in a child: what the look-up allocates ends with it. */
static void in_child(struct hd_rerun *rerun, void (*resolve)(struct hd_rerun *rerun)) {
    int status;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        resolve(rerun);
        hd_exit_now(0);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue; /* until the child has ended */
}

/* Where an endless loop is interrupted is chance: its line does not count. */
static uint64_t core_signature(enum hd_fault_kind kind, const struct hd_raw_task *raw,
                               const struct hd_frame *frame) {
    XXH3_state_t state;
    XXH3_64bits_reset(&state);
    XXH3_64bits_update(&state, raw->part, strlen(raw->part) + 1);
    for (uint32_t i = hd_fault_first_frame(kind, raw->frames); i < raw->frames; i++) {
        XXH3_64bits_update(&state, frame[i].function, strlen(frame[i].function) + 1);
        if (kind != HD_FAULT_LIVELOCK)
            XXH3_64bits_update(&state, &frame[i].line, sizeof frame[i].line);
    }
    return XXH3_64bits_digest(&state);
}

/* Of kind, message, and what the core is at, by functions and lines: see same.h. */
static uint64_t signature(const struct hd_rerun *rerun) {
    const struct hd_outcome *outcome = &rerun->outcome;
    const char *kind = hd_fault_kind_name(outcome->kind);
    char words[HD_MESSAGE_SIZE];
    uint64_t core = 0, seen[HD_FAULT_TASKS_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < outcome->captured; i++)
        if (outcome->task[i].core)
            core += hd_fault_once(
                seen, &count, core_signature(outcome->kind, &outcome->task[i], rerun->frame[i]));
    hd_fault_words(outcome->kind, outcome->message, words);
    XXH3_state_t state;
    XXH3_64bits_reset(&state);
    XXH3_64bits_update(&state, kind, strlen(kind) + 1);
    XXH3_64bits_update(&state, words, strlen(words) + 1);
    XXH3_64bits_update(&state, &core, sizeof core);
    return XXH3_64bits_digest(&state);
}

static void copy_task(const struct hd_raw_task *raw, const struct hd_frame *frame,
                      struct hd_fault_task *task) {
    task->task = raw->task;
    task->point = raw->point;
    memcpy(task->state, raw->state, sizeof task->state);
    memcpy(task->operation, raw->operation, sizeof task->operation);
    memcpy(task->note, raw->note, sizeof task->note);
    task->frames = raw->frames;
    memcpy(task->frame, frame, raw->frames * sizeof *frame);
}

int hd_rerun_record(struct hd_rerun *rerun, const struct hd_rerun_request *request,
                    struct hd_fault_record *record) {
    const struct hd_outcome *outcome = &rerun->outcome;
    memset(rerun->frame, 0, sizeof rerun->frame);
    rerun->report_text[0] = '\0';
    rerun->subject = request->subject;
    in_child(rerun, resolve_stacks);
    *record = (struct hd_fault_record){.kind = outcome->kind,
                                       .seed = request->seed,
                                       .execution = hd_index_of(request->seed),
                                       .count = 1,
                                       .point = outcome->fault_point,
                                       .digest = outcome->digest,
                                       .tasks = outcome->captured};
    memcpy(record->message, outcome->message, sizeof record->message);
    snprintf(record->strategy, sizeof record->strategy, "%s%.50s",
             rerun->strategy.twice ? "twice:" : "", rerun->strategy.name);
    for (uint32_t i = 0; i < outcome->captured; i++)
        copy_task(&outcome->task[i], rerun->frame[i], &record->task[i]);
    if (outcome->fault)
        record->signature = signature(rerun);
    record->schedule = hd_rerun_schedule(rerun, request);
    record->state = strdup(outcome->state);
    record->report = rerun->report_text[0] != '\0' ? strdup(rerun->report_text) : NULL;
    return record->state == NULL ? -ENOMEM : 0;
}

static void resolve_bisected(struct hd_rerun *rerun) {
    const struct hd_probe_event *event[2] = {&rerun->bisection.first, &rerun->bisection.last};
    for (uint32_t i = 0; i < 2; i++)
        for (uint32_t k = 0; k < event[i]->frames; k++)
            hd_symbol_resolve(event[i]->pc[k], &rerun->bisected[i][k]);
}

static void copy_event(const struct hd_probe_event *raw, const struct hd_frame *frame,
                       struct hd_fault_event *event) {
    event->point = raw->moment;
    event->task = raw->task;
    snprintf(event->kind, sizeof event->kind, "%s", hd_what_name(raw->kind));
    memcpy(event->operation, raw->operation, sizeof event->operation);
    event->frames = raw->frames;
    memcpy(event->frame, frame, raw->frames * sizeof *frame);
}

/* Returns 0 or -ENOMEM. */
static int copy_found(const struct hd_rerun *rerun, struct hd_first_bad *found) {
    const struct hd_bisection *bisection = &rerun->bisection;
    copy_event(&bisection->first, rerun->bisected[0], &found->first);
    copy_event(&bisection->last, rerun->bisected[1], &found->last);
    found->before = strdup(bisection->before);
    found->after = strdup(bisection->after);
    return found->before == NULL || found->after == NULL ? -ENOMEM : 0;
}

static int tell_found(const struct hd_rerun *rerun, enum hd_fault_kind kind,
                      struct hd_first_bad *found) {
    const struct hd_bisection *bisection = &rerun->bisection;
    unsigned long long broken = bisection->broken;
    found->told = true;
    found->executions = bisection->executions;
    switch (bisection->result) {
    case HD_BISECT_FOUND:
        return copy_found(rerun, found);
    case HD_BISECT_UNSEEN: /* a result alone may be wrong */
        found->told = kind == HD_FAULT_INVARIANT;
        snprintf(found->note, sizeof found->note, "the state where it was seen does not show it");
        break;
    case HD_BISECT_FROM_START:
        snprintf(found->note, sizeof found->note,
                 broken <= 1 ? "it was broken when the tasks started"
                             : "nothing can be judged before point %llu",
                 broken);
        break;
    case HD_BISECT_NONE:
        snprintf(found->note, sizeof found->note, "the search for it did not come to an end");
        break;
    }
    return 0;
}

int hd_rerun_first_bad(struct hd_rerun *rerun, const struct hd_rerun_request *request,
                       struct hd_fault_record *record) {
    struct hd_raw_broken broken = rerun->outcome.broken;
    struct hd_rerun_request search = *request;
    if (HD_TSAN || request->in_process || !rerun->outcome.fault || broken.what == 0 ||
        rerun->strategy.twice)
        return 0;
    search.broken = &broken;
    search.trace_max = 0;
    search.keep_output = false;
    memset(&rerun->bisection, 0, sizeof rerun->bisection);
    memset(rerun->bisected, 0, sizeof rerun->bisected);
    int error = hd_rerun_run(rerun, &search);
    if (error != 0)
        return error;
    in_child(rerun, resolve_bisected);
    memcpy(record->first_bad.message, broken.message, sizeof broken.message);
    record->first_bad.seen = broken.moment - 1;
    return tell_found(rerun, record->kind, &record->first_bad);
}

const struct hd_frame *hd_rerun_frames(struct hd_rerun *rerun) {
    if (rerun->frames == NULL)
        rerun->frames = share(HD_TRACE_MAX * sizeof(struct hd_frame));
    if (rerun->frames != NULL)
        in_child(rerun, resolve_trace);
    return rerun->frames;
}
