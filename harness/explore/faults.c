/* faults.c - see faults.h.
 *
 * Executions report a key that is cheap to compute, from raw addresses. The first execution of each key
 * is re-run; when its signature, by function and line, is known already, the two are one fault. When the
 * campaign's time is over, only what is unlike all that is known is still re-run, once.
 */
#include "harness/explore/faults.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/clock.h"
#include "harness/explore/rerun.h"
#include "harness/explore/stall.h"

#define KEYS_MAX    4096u
#define RECORDS_MAX 32u /* that are re-run and kept; more are counted in fault_executions only */

struct hd_faults {
    const struct hd_campaign_options *options;
    uint64_t deadline_ns; /* of the campaign; UINT64_MAX: none */
    const struct hd_subject *subject;
    const volatile sig_atomic_t *interrupted;
    struct hd_rerun *rerun;
    uint32_t keys;
    uint64_t key[KEYS_MAX];
    uint32_t record_of[KEYS_MAX]; /* by key; RECORDS_MAX: not kept */
    uint32_t records;
    struct hd_fault_record *record; /* RECORDS_MAX of them */
};

struct hd_faults *hd_faults_new(const struct hd_campaign_options *options,
                                const struct hd_subject *subject,
                                const volatile sig_atomic_t *interrupted) {
    struct hd_faults *faults = calloc(1, sizeof *faults);
    if (faults == NULL)
        return NULL;
    faults->options = options;
    faults->deadline_ns = UINT64_MAX;
    if (options->seconds > 0)
        faults->deadline_ns = hd_clock_ns() + (uint64_t)(options->seconds * 1e9);
    faults->subject = subject;
    faults->interrupted = interrupted;
    faults->record = calloc(RECORDS_MAX, sizeof *faults->record);
    faults->rerun = hd_rerun_new();
    if (faults->record == NULL || faults->rerun == NULL) {
        hd_faults_free(faults);
        return NULL;
    }
    return faults;
}

void hd_faults_free(struct hd_faults *faults) {
    if (faults == NULL)
        return;
    for (uint32_t i = 0; i < faults->records; i++)
        hd_fault_record_clear(&faults->record[i]);
    free(faults->record);
    hd_rerun_free(faults->rerun);
    free(faults);
}

static uint32_t find_signature(const struct hd_faults *faults, uint64_t signature) {
    for (uint32_t i = 0; i < faults->records; i++)
        if (faults->record[i].signature == signature)
            return i;
    return faults->records;
}

static bool time_is_over(const struct hd_faults *faults) {
    return *faults->interrupted ||
           (faults->deadline_ns != UINT64_MAX && hd_clock_ns() >= faults->deadline_ns);
}

static const char *skip_digits(const char *text) {
    return text + strspn(text, "0123456789");
}

/* Whether two messages are one but for their numbers. */
static bool same_words(const char *left, const char *right) {
    while (*(left = skip_digits(left)) == *(right = skip_digits(right)) && *left != '\0') {
        left++; /* ends at the end of a text or at a difference */
        right++;
    }
    return *left == *right;
}

/* Whether a fault like it, wherever it was raised, has been kept. */
static bool like_one_kept(const struct hd_faults *faults, const struct hd_batch_fault *fault) {
    for (uint32_t i = 0; i < faults->records; i++)
        if (faults->record[i].kind == fault->kind &&
            same_words(faults->record[i].message, fault->message))
            return true;
    return false;
}

/* The same fault again, so many times as there is time for, in fresh processes. To see again that an
 * execution makes no progress takes long, and is done once. */
static int confirm(struct hd_faults *faults, const struct hd_rerun_request *request,
                   struct hd_fault_record *record) {
    const struct hd_outcome *outcome = hd_rerun_outcome(faults->rerun);
    uint32_t most = faults->options->confirm;
    if (hd_rerun_stalled(faults->rerun) && most > 1)
        most = 1;
    for (uint32_t i = 0; i < most && !time_is_over(faults); i++) {
        int error = hd_rerun_run(faults->rerun, request);
        if (error != 0)
            return error;
        record->replays++;
        record->confirmed +=
            outcome->fault && outcome->kind == record->kind && outcome->digest == record->digest;
    }
    return 0;
}

/* `seen`: it was run again to its end, and so may be more often. */
static int keep(struct hd_faults *faults, const struct hd_rerun_request *request,
                const struct hd_batch_fault *fault, bool seen, struct hd_fault_record *record) {
    record->execution = fault->execution;
    record->count = fault->count; /* what is known when it is told */
    bool look = seen && !time_is_over(faults);
    int error = look ? hd_rerun_first_bad(faults->rerun, request, record) : 0;
    if (look && error == 0)
        error = confirm(faults, request, record);
    if (error == -EINTR)
        error = 0;
    if (error == 0 && faults->options->found != NULL)
        error = faults->options->found(faults->options->context, record);
    record->count = 0; /* the caller adds it, and what follows */
    faults->record[faults->records++] = *record;
    return error;
}

/* A fault that does not come again when its execution is run alone stays what the campaign saw, without
 * stacks, and says so. */
static void not_reproduced(const struct hd_batch_fault *fault, bool cut,
                           struct hd_fault_record *record) {
    record->kind = fault->kind;
    snprintf(record->message, sizeof record->message, "%.200s (seen in the campaign, %s)",
             fault->message, cut ? "not run again" : "not alone");
    record->signature = fault->key;
    record->tasks = 0;
}

/* An execution that has made no progress for long is not waited for as long again. */
static uint32_t second_look(const struct hd_faults *faults, const struct hd_batch_fault *fault) {
    uint32_t stall_ms = faults->options->stall_ms != 0 ? faults->options->stall_ms : HD_STALL_MS;
    return fault->stalled ? stall_ms / 4 : stall_ms;
}

static int first_of_key(struct hd_faults *faults, const struct hd_batch_fault *fault,
                        uint32_t *number) {
    struct hd_batch_place place = hd_batch_containing(fault->execution);
    uint64_t name = hd_batch_name(faults->options->seed, place.batch);
    struct hd_rerun_request request = {
        .subject = faults->subject,
        .strategy = faults->options->strategy,
        .seed = hd_execution_seed(name, (uint32_t)(fault->execution - place.first)),
        .stall_ms = second_look(faults, fault),
        .interrupted = faults->interrupted};
    *number = RECORDS_MAX;
    if (faults->records == RECORDS_MAX || (time_is_over(faults) && like_one_kept(faults, fault)))
        return 0;
    struct hd_fault_record record;
    int error = hd_rerun_run(faults->rerun, &request);
    bool cut = error == -EINTR;
    if (error == 0 || cut)
        error = hd_rerun_record(faults->rerun, &request, &record);
    if (error != 0)
        return error;
    if (cut || !hd_rerun_outcome(faults->rerun)->fault)
        not_reproduced(fault, cut, &record);
    *number = find_signature(faults, record.signature);
    if (*number < faults->records) {
        hd_fault_record_clear(&record);
        return 0;
    }
    return keep(faults, &request, fault, !cut, &record);
}

int hd_faults_add(struct hd_faults *faults, const struct hd_batch_fault *fault) {
    uint32_t at = 0;
    int error = 0;
    while (at < faults->keys && faults->key[at] != fault->key)
        at++;
    if (at == faults->keys) {
        if (faults->keys == KEYS_MAX)
            return 0;
        uint32_t number;
        error = first_of_key(faults, fault, &number);
        if (error != 0 && number >= faults->records)
            return error;
        faults->key[faults->keys] = fault->key;
        faults->record_of[faults->keys++] = number;
    }
    if (faults->record_of[at] < faults->records)
        faults->record[faults->record_of[at]].count += fault->count;
    return error;
}

void hd_faults_take(struct hd_faults *faults, struct hd_campaign *campaign) {
    campaign->faults = faults->records;
    campaign->fault = faults->record;
    faults->records = 0;
    faults->record = NULL;
}
