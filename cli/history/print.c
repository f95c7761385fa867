/* print.c - see print.h.
 */
#include "cli/history/print.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/history/events.h"
#include "reports/json.h"
#include "reports/text.h"

#define SCHEMA 1

const char *cli_history_verdict(const struct cli_history_report *report) {
    if (report->read->history.events == 0) {
        return "vacuous";
    }
    static const char *const names[] = {"ok", "illegal", "unknown"};
    return names[report->result->verdict];
}

/* Why there is no answer. */
static const char *bound_text(enum hd_check_bound bound) {
    switch (bound) {
    case HD_BOUND_STEPS:
        return "the steps have run out";
    case HD_BOUND_MEMORY:
        return "the memory has run out";
    case HD_BOUND_STOP:
        return "the time has run out";
    default:
        return "";
    }
}

static const char *end_name(const struct cli_event *event) {
    if (event->invoke) {
        return "invoke";
    }
    return event->call->end == HD_CALL_FAIL ? "fail" : "ok";
}

/* ---- for people ------------------------------------------------------------------------------ */

/* Prints a key, value or process; control characters come escaped. */
static void print_id(FILE *stream, const struct cli_ids *ids, uint64_t id) {
    char *text = cli_ids_print(ids, id);
    char *clean = rp_text_clean(text);
    fputs(clean != NULL ? clean : "?", stream);
    free(clean);
    free(text);
}

static void print_call(FILE *stream, const struct cli_history *read, const struct hd_call *call) {
    fprintf(stream, "%s(", cli_history_name(call->kind));
    if (call->kind <= HD_CALL_DELETE) {
        print_id(stream, &read->keys, call->key);
    }
    if (call->kind == HD_CALL_PUT) {
        fputs(", ", stream);
        print_id(stream, &read->values, call->value);
    }
    fputc(')', stream);
}

/* The next visit behind call `after` with which an iteration brought the key in question, or NULL. */
static const struct hd_call *next_visit(const struct cli_history_report *report,
                                        const struct hd_call *iteration,
                                        const struct hd_call *after) {
    const struct hd_history *history = &report->read->history;
    uint32_t index = (uint32_t)(iteration - history->call);
    for (const struct hd_call *call = after + 1; call < history->call + history->calls; call++) {
        if (call->kind == HD_CALL_VISIT && call->process == index &&
            call->key == report->result->part) {
            return call;
        }
    }
    return NULL;
}

static void print_visits(FILE *stream, const struct cli_history_report *report,
                         const struct hd_call *iteration) {
    const struct hd_call *visit = next_visit(report, iteration, iteration);
    if (visit == NULL) {
        fputs(" did not bring it", stream);
    }
    for (; visit != NULL; visit = next_visit(report, iteration, visit)) {
        fputs(" brought it with ", stream);
        print_id(stream, &report->read->values, visit->value);
    }
}

static void print_result(FILE *stream, const struct cli_history_report *report,
                         const struct hd_call *call) {
    if (call->end != HD_CALL_OK) {
        return;
    }
    if (call->kind == HD_CALL_ITERATE) {
        print_visits(stream, report, call);
    } else if (call->kind == HD_CALL_LENGTH) {
        fprintf(stream, " = %llu", (unsigned long long)call->value);
    } else if (call->kind == HD_CALL_DELETE && call->presence != HD_UNTOLD) {
        fputs(call->presence == HD_PRESENT ? " found it" : " found nothing", stream);
    } else if (call->kind == HD_CALL_GET && call->presence == HD_ABSENT) {
        fputs(" found nothing", stream);
    } else if (call->kind == HD_CALL_GET) {
        fputs(" = ", stream);
        print_id(stream, &report->read->values, call->value);
    }
}

static void print_event(FILE *stream, const struct cli_history_report *report,
                        const struct cli_event *event) {
    const struct hd_call *call = event->call;
    fprintf(stream, "%6lu  process ", (unsigned long)event->position + 1);
    print_id(stream, &report->read->processes, call->process);
    fprintf(stream, "  %-6s  ", end_name(event));
    print_call(stream, report->read, call);
    if (!event->invoke) {
        print_result(stream, report, call);
    }
    if (event->invoke && call->returned >= report->result->illegal) {
        fputs("  (no return yet: may have happened)", stream);
    }
    fputc('\n', stream);
}

static int print_illegal(FILE *stream, const struct cli_history_report *report) {
    const struct hd_check_result *result = report->result;
    uint32_t count = 0;
    struct cli_event *event = cli_events_select(&report->read->history, result, &count);
    if (event == NULL) {
        return -ENOMEM;
    }
    const struct hd_call *last = event[count - 1].call;
    fputs("NOT LINEARIZABLE: ", stream);
    if (last->kind != HD_CALL_LENGTH) {
        fputs("key ", stream);
        print_id(stream, &report->read->keys, result->part);
        fputs(", ", stream);
    }
    fprintf(stream, "%s:%lu: ", report->name, (unsigned long)result->illegal);
    print_call(stream, report->read, last);
    bool whole = last->kind == HD_CALL_LENGTH || last->kind == HD_CALL_ITERATE;
    if (result->rule != NULL) {
        if (!whole) {
            print_result(stream, report, last);
        }
        fprintf(stream, "%s %s\n", whole ? "" : ":", result->rule);
    } else {
        print_result(stream, report, last);
        fprintf(stream, "%s: no order of the calls explains %s\n",
                last->end == HD_CALL_FAIL ? " failed" : "",
                last->end == HD_CALL_FAIL ? "the rest" : "it");
    }
    if (result->shortest) {
        fprintf(stream, "shortest illegal prefix: %lu of %lu events; of them concern it:\n",
                (unsigned long)result->illegal, (unsigned long)report->read->history.events);
    } else {
        fprintf(stream,
                "illegal prefix: %lu of %lu events, perhaps not the shortest (%s); of them "
                "concern it:\n",
                (unsigned long)result->illegal, (unsigned long)report->read->history.events,
                bound_text(result->bound));
    }
    for (uint32_t index = 0; index < count; index++) {
        print_event(stream, report, &event[index]);
    }
    free(event);
    return rp_stream_flush(stream);
}

int cli_history_print(FILE *stream, const struct cli_history_report *report) {
    const struct hd_check_result *result = report->result;
    const struct hd_history *history = &report->read->history;
    if (history->events == 0) {
        fprintf(stream, "vacuous: %s holds no event\n", report->name);
    } else if (result->verdict == HD_CHECK_ILLEGAL) {
        return print_illegal(stream, report);
    } else if (result->verdict == HD_CHECK_UNKNOWN) {
        fprintf(stream, "unknown: %s after %llu; the first %lu of %lu events are linearizable\n",
                bound_text(result->bound), (unsigned long long)result->steps,
                (unsigned long)result->legal, (unsigned long)history->events);
    } else {
        fprintf(stream, "linearizable: %lu events, %lu keys, %llu steps\n",
                (unsigned long)history->events, (unsigned long)result->parts,
                (unsigned long long)result->steps);
    }
    return rp_stream_flush(stream);
}

/* ---- for scripts ----------------------------------------------------------------------------- */

static int set(json_t *object, const char *name, json_t *value) {
    return json_object_set_new(object, name, value);
}

/* Of an iteration only what it brought of the key in question. */
static json_t *visits_array(const struct cli_history_report *report,
                            const struct hd_call *iteration) {
    json_t *array = json_array();
    int bad = 0;
    const struct hd_call *visit = next_visit(report, iteration, iteration);
    for (; visit != NULL; visit = next_visit(report, iteration, visit)) {
        json_t *pair = json_array();
        bad |= json_array_append_new(pair, cli_ids_value(&report->read->keys, visit->key));
        bad |= json_array_append_new(pair, cli_ids_value(&report->read->values, visit->value));
        bad |= json_array_append_new(array, pair);
    }
    return rp_json_whole(array, bad);
}

/* The result of a call, in the fields of its ok. */
static int set_result(json_t *object, const struct cli_history_report *report,
                      const struct hd_call *call) {
    if (call->kind == HD_CALL_ITERATE) {
        return set(object, "value", visits_array(report, call));
    }
    if (call->kind == HD_CALL_LENGTH) {
        return set(object, "value", rp_json_count(call->value));
    }
    if (call->kind == HD_CALL_DELETE && call->presence != HD_UNTOLD) {
        return set(object, "found", json_boolean(call->presence == HD_PRESENT));
    }
    if (call->kind != HD_CALL_GET) {
        return 0;
    }
    return set(object, "value",
               call->presence == HD_PRESENT ? cli_ids_value(&report->read->values, call->value)
                                            : json_null());
}

static json_t *event_object(const struct cli_history_report *report,
                            const struct cli_event *event) {
    const struct cli_history *read = report->read;
    const struct hd_call *call = event->call;
    json_t *object = json_object();
    int bad = set(object, "line", rp_json_count((uint64_t)event->position + 1));
    bad |= set(object, "process", cli_ids_value(&read->processes, call->process));
    bad |= set(object, "type", json_string(end_name(event)));
    bad |= set(object, "f", json_string(cli_history_name(call->kind)));
    if (call->kind <= HD_CALL_DELETE) {
        bad |= set(object, "key", cli_ids_value(&read->keys, call->key));
    }
    if (call->kind == HD_CALL_PUT) {
        bad |= set(object, "value", cli_ids_value(&read->values, call->value));
    }
    if (!event->invoke && call->end == HD_CALL_OK) {
        bad |= set_result(object, report, call);
    }
    return rp_json_whole(object, bad);
}

static int set_illegal(json_t *object, const struct cli_history_report *report) {
    const struct hd_check_result *result = report->result;
    uint32_t count = 0;
    struct cli_event *event = cli_events_select(&report->read->history, result, &count);
    json_t *prefix = json_array();
    int bad = event == NULL;
    for (uint32_t index = 0; bad == 0 && index < count; index++) {
        bad |= json_array_append_new(prefix, event_object(report, &event[index]));
    }
    bool whole = bad == 0 && event[count - 1].call->kind == HD_CALL_LENGTH;
    bad |=
        set(object, "key", whole ? json_null() : cli_ids_value(&report->read->keys, result->part));
    bad |= set(object, "illegal_prefix", rp_json_count(result->illegal));
    bad |= set(object, "shortest", json_boolean(result->shortest));
    bad |= set(object, "rule", result->rule != NULL ? json_string(result->rule) : json_null());
    bad |= set(object, "prefix", prefix);
    free(event);
    return bad;
}

int cli_history_print_json(FILE *stream, const struct cli_history_report *report) {
    const struct hd_check_result *result = report->result;
    json_t *object = json_object();
    int bad = set(object, "schema", json_integer(SCHEMA));
    bad |= set(object, "verdict", json_string(cli_history_verdict(report)));
    bad |= set(object, "reason", json_string(bound_text(result->bound)));
    bad |= set(object, "events", rp_json_count(report->read->history.events));
    bad |= set(object, "keys", rp_json_count(result->parts));
    bad |= set(object, "steps", rp_json_count(result->steps));
    bad |= set(object, "legal_prefix", rp_json_count(result->legal));
    if (result->verdict == HD_CHECK_ILLEGAL) {
        bad |= set_illegal(object, report);
    }
    return rp_json_dump(stream, rp_json_whole(object, bad));
}
