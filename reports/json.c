/* json.c - what one run found, as one JSON object (jansson keeps the order of insertion).
 *
 * jansson's integers are signed 64-bit: seeds and digests are strings, so that no reader rounds
 * them.
 */
#include "reports/json.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "reports/text.h"

json_t *rp_json_text(const char *text) {
    char *valid = rp_text_utf8(text);
    json_t *string = valid != NULL ? json_string(valid) : NULL;
    free(valid);
    return string;
}

json_t *rp_json_hex(uint64_t value) {
    char text[19];
    snprintf(text, sizeof(text), "0x%016" PRIx64, value);
    return json_string(text);
}

json_t *rp_json_count(uint64_t value) {
    return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

/* Versions of jansson differ in when they write an exponent: no number here is so large or so small. */
json_t *rp_json_real(double value) {
    double kept = nearbyint(value * 1e3) / 1e3;
    bool whole = kept >= 1e5 && kept < 0x1p63;
    return whole ? json_integer((json_int_t)nearbyint(value)) : json_real(kept);
}

int rp_json_dump(FILE *stream, json_t *object) {
    if (object == NULL) {
        return -ENOMEM;
    }
    errno = 0;
    int dumped = json_dumpf(object, stream, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    int cause = errno;
    json_decref(object);
    if (dumped != 0) {
        return cause != 0 ? -cause : -EIO;
    }
    fputc('\n', stream);
    return rp_stream_flush(stream);
}

json_t *rp_json_whole(json_t *object, int bad) {
    if (bad != 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *fault_object(const struct hd_fault_record *fault) {
    const char *kind = hd_fault_kind_name(fault->kind);
    json_t *object = json_object();
    int bad = json_object_set_new(object, "kind", rp_json_text(kind));
    bad |= json_object_set_new(object, "message", rp_json_text(fault->message));
    bad |= json_object_set_new(object, "seed", rp_json_hex(fault->seed));
    bad |= json_object_set_new(object, "execution", rp_json_count(fault->execution));
    bad |= json_object_set_new(object, "count", rp_json_count(fault->count));
    bad |= json_object_set_new(object, "signature", rp_json_hex(fault->signature));
    bad |= json_object_set_new(object, "strategy", rp_json_text(fault->strategy));
    bad |= json_object_set_new(object, "point", rp_json_count(fault->point));
    bad |= json_object_set_new(object, "digest", rp_json_hex(fault->digest));
    bad |= json_object_set_new(object, "confirmed", rp_json_count(fault->confirmed));
    bad |= json_object_set_new(object, "replays", rp_json_count(fault->replays));
    bad |= json_object_set_new(object, "replay", rp_json_text(fault->replay));
    bad |= json_object_set_new(object, "file", rp_json_text(fault->file));
    return rp_json_whole(object, bad);
}

static json_t *faults_array(const struct hd_row *row) {
    json_t *array = json_array();
    int bad = 0;
    for (uint32_t index = 0; index < row->faults; index++) {
        bad |= json_array_append_new(array, fault_object(&row->fault[index]));
    }
    return rp_json_whole(array, bad);
}

static json_t *first_fault(const struct hd_row *row) {
    int64_t first = row->first_fault_execution;
    return first >= 0 ? json_integer(first) : json_null();
}

static json_t *seen_object(const struct hd_window_seen *seen) {
    json_t *object = json_object();
    int bad = json_object_set_new(object, "moved", rp_json_count(seen->moved));
    bad |= json_object_set_new(object, "unmoved", rp_json_count(seen->unmoved));
    return rp_json_whole(object, bad);
}

static json_t *latency_object(const struct hd_latency *latency) {
    json_t *object = json_object();
    int bad = json_object_set_new(object, "p50", rp_json_count(latency->p50));
    bad |= json_object_set_new(object, "p99", rp_json_count(latency->p99));
    bad |= json_object_set_new(object, "p99.9", rp_json_count(latency->p999));
    bad |= json_object_set_new(object, "max", rp_json_count(latency->max));
    return rp_json_whole(object, bad);
}

static json_t *rates_array(const double rate[HD_NATIVE_RATES]) {
    json_t *rates = json_array();
    int bad = 0;
    for (uint32_t index = 0; index < HD_NATIVE_RATES; index++) {
        bad |=
            json_array_append_new(rates, rate[index] > 0 ? rp_json_real(rate[index]) : json_null());
    }
    return rp_json_whole(rates, bad);
}

static json_t *native_object(const struct hd_native *native) {
    if (!native->measured) {
        return json_null();
    }
    json_t *object = json_object();
    int bad = json_object_set_new(object, "lookups", rates_array(native->lookups));
    bad |= json_object_set_new(object, "mixed", rates_array(native->mixed));
    bad |= json_object_set_new(object, "bytes_per_entry", rp_json_real(native->bytes_per_entry));
    bad |= json_object_set_new(object, "latency_ns", latency_object(&native->calm));
    bad |= json_object_set_new(object, "growth_ns", latency_object(&native->growing));
    return rp_json_whole(object, bad);
}

static json_t *window_operations(const struct hd_row *row) {
    json_t *object = json_object();
    int bad = json_object_set_new(object, "put", seen_object(&row->window_put));
    bad |= json_object_set_new(object, "get", seen_object(&row->window_get));
    bad |= json_object_set_new(object, "delete", seen_object(&row->window_delete));
    return rp_json_whole(object, bad);
}

/* What the contract names first, in its order; then what was added to it. */
static json_t *row_object(const struct hd_row *row) {
    const char *verdict = hd_verdict_name(row->verdict);
    json_t *object = json_object();
    int bad = json_object_set_new(object, "scenario", rp_json_text(row->scenario));
    bad |= json_object_set_new(object, "map", rp_json_text(row->map));
    bad |= json_object_set_new(object, "strategy", rp_json_text(row->strategy));
    bad |= json_object_set_new(object, "executions", rp_json_count(row->executions));
    bad |= json_object_set_new(object, "points", rp_json_count(row->points));
    bad |= json_object_set_new(object, "switches", rp_json_count(row->switches));
    bad |= json_object_set_new(object, "window_points", rp_json_count(row->window_points));
    bad |= json_object_set_new(object, "distinct", rp_json_count(row->distinct));
    bad |= json_object_set_new(object, "verdict", rp_json_text(verdict));
    bad |= json_object_set_new(object, "expected", rp_json_text(row->expected));
    bad |= json_object_set_new(object, "as_expected", json_boolean(row->as_expected));
    bad |= json_object_set_new(object, "first_fault_execution", first_fault(row));
    bad |= json_object_set_new(object, "digest", rp_json_hex(row->digest));
    bad |= json_object_set_new(object, "seconds", rp_json_real(row->seconds));
    bad |= json_object_set_new(object, "faults", faults_array(row));
    bad |= json_object_set_new(object, "waited_points", rp_json_count(row->waited_points));
    bad |= json_object_set_new(object, "waited_max", rp_json_count(row->waited_max));
    bad |= json_object_set_new(object, "window_operations", window_operations(row));
    bad |= json_object_set_new(object, "native", native_object(&row->native));
    bad |= json_object_set_new(object, "histories", rp_json_count(row->histories));
    bad |= json_object_set_new(object, "histories_unknown", rp_json_count(row->histories_unknown));
    bad |= json_object_set_new(object, "seed", rp_json_hex(row->seed));
    bad |= json_object_set_new(object, "distinct_estimated", json_boolean(row->distinct_estimated));
    bad |= json_object_set_new(object, "fault_executions", rp_json_count(row->fault_executions));
    bad |= json_object_set_new(object, "verdict_reason", rp_json_text(row->verdict_reason));
    bad |= json_object_set_new(object, "expected_reason", rp_json_text(row->expected_reason));
    bad |= json_object_set_new(object, "coverage", rp_json_text(row->coverage));
    bad |= json_object_set_new(object, "interrupted", json_boolean(row->interrupted));
    return rp_json_whole(object, bad);
}

static json_t *rows_array(const struct hd_report *report) {
    json_t *array = json_array();
    int bad = 0;
    for (uint32_t index = 0; index < report->rows; index++) {
        bad |= json_array_append_new(array, row_object(&report->row[index]));
    }
    return rp_json_whole(array, bad);
}

int rp_json_report(FILE *stream, const struct hd_report *report) {
    json_t *object = json_object();
    int bad = json_object_set_new(object, "schema", json_integer(HD_SCHEMA_VERSION));
    bad |= json_object_set_new(object, "version", rp_json_text(report->version));
    bad |= json_object_set_new(object, "build", rp_json_text(report->build));
    bad |= json_object_set_new(object, "seed", rp_json_hex(report->seed));
    bad |= json_object_set_new(object, "jobs", rp_json_count(report->jobs));
    bad |= json_object_set_new(object, "interrupted", json_boolean(report->interrupted));
    bad |= json_object_set_new(object, "complete", json_boolean(report->complete));
    bad |= json_object_set_new(object, "rows_planned", rp_json_count(report->rows_planned));
    bad |= json_object_set_new(object, "results", rows_array(report));
    return rp_json_dump(stream, rp_json_whole(object, bad));
}
