/* record.c - names of the kinds and verdicts, and the life of the records.
 *
 * Invariant R: a record owns exactly the heap blocks that its header calls owned; copying a record
 * by assignment moves them, so that afterwards only one of the two may be cleared.
 */
#include "harness/result/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[HD_FAULT_KINDS] = {
    [HD_FAULT_FATAL] = "fatal",
    [HD_FAULT_INVARIANT] = "invariant",
    [HD_FAULT_LINEARIZABILITY] = "linearizability",
    [HD_FAULT_RACE] = "race",
    [HD_FAULT_DEADLOCK] = "deadlock",
    [HD_FAULT_LIVELOCK] = "livelock",
    [HD_FAULT_CRASH] = "crash",
    [HD_FAULT_ASSERT] = "assert",
    [HD_FAULT_USE_AFTER_FREE] = "use-after-free",
    [HD_FAULT_DOUBLE_FREE] = "double-free",
    [HD_FAULT_LEAK] = "leak",
    [HD_FAULT_MISUSE] = "misuse",
    [HD_FAULT_TSAN] = "tsan",
};
_Static_assert(HD_FAULT_TSAN + 1 == HD_FAULT_KINDS, "every kind has a name");

static const char *const verdict_names[] = {
    [HD_VERDICT_OK] = "ok",
    [HD_VERDICT_FAULT] = "fault",
    [HD_VERDICT_UNKNOWN] = "unknown",
    [HD_VERDICT_VACUOUS] = "vacuous",
};

const char *hd_fault_kind_name(enum hd_fault_kind kind) {
    unsigned value = (unsigned)kind;
    return value < HD_FAULT_KINDS ? kind_names[value] : NULL;
}

enum hd_fault_kind hd_fault_kind_from_name(const char *name) {
    for (unsigned value = 1; name != NULL && value < HD_FAULT_KINDS; value++) {
        if (strcmp(kind_names[value], name) == 0) {
            return (enum hd_fault_kind)value;
        }
    }
    return (enum hd_fault_kind)0;
}

const char *hd_verdict_name(enum hd_verdict verdict) {
    unsigned value = (unsigned)verdict;
    return value <= HD_VERDICT_VACUOUS ? verdict_names[value] : NULL;
}

int hd_report_add(struct hd_report *report, const struct hd_row *row) {
    if (report->rows == UINT32_MAX) {
        return -ENOMEM;
    }
    size_t count = (size_t)report->rows + 1;
    struct hd_row *grown = reallocarray(report->row, count, sizeof(*grown));
    if (grown == NULL) {
        return -ENOMEM;
    }
    report->row = grown;
    report->row[report->rows++] = *row;
    return 0;
}

void hd_fault_record_clear(struct hd_fault_record *record) {
    free(record->schedule);
    free(record->state);
    free(record->report);
    free(record->first_bad.before);
    free(record->first_bad.after);
    record->first_bad.before = NULL;
    record->first_bad.after = NULL;
    record->schedule = NULL;
    record->state = NULL;
    record->report = NULL;
}

void hd_row_clear(struct hd_row *row) {
    for (uint32_t index = 0; index < row->faults; index++) {
        hd_fault_record_clear(&row->fault[index]);
    }
    free(row->fault);
    row->fault = NULL;
    row->faults = 0;
}

void hd_report_clear(struct hd_report *report) {
    for (uint32_t index = 0; index < report->rows; index++) {
        hd_row_clear(&report->row[index]);
    }
    free(report->row);
    report->row = NULL;
    report->rows = 0;
}
