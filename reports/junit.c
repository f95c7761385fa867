/* junit.c - what one run found, as the XML that CI servers read.
 *
 * libxml2's writer passes control characters on, and then no parser takes the file: every text goes
 * through rp_text_clean first.
 */
#include "reports/junit.h"

#include <errno.h>
#include <inttypes.h>
#include <libxml/xmlwriter.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "reports/text.h"

#define BODY_SIZE 8192
#define MORE_SIZE 40 /* of the line that counts faults without room */
_Static_assert(BODY_SIZE > 6 * HD_LINE_SIZE + MORE_SIZE, "figures and two faults have room");

/* A document being written; `bad` once anything failed. */
struct document {
    xmlTextWriterPtr writer;
    bool bad;
};

static void begin(struct document *document, const char *name) {
    document->bad |= xmlTextWriterStartElement(document->writer, BAD_CAST name) < 0;
}

static void end(struct document *document) {
    document->bad |= xmlTextWriterEndElement(document->writer) < 0;
}

static void attribute(struct document *document, const char *name, const char *text) {
    char *clean = rp_text_clean(text);
    document->bad |= clean == NULL || xmlTextWriterWriteAttribute(document->writer, BAD_CAST name,
                                                                  BAD_CAST clean) < 0;
    free(clean);
}

static void attribute_count(struct document *document, const char *name, uint32_t count) {
    char text[16];
    snprintf(text, sizeof(text), "%" PRIu32, count);
    attribute(document, name, text);
}

static void attribute_seconds(struct document *document, const char *name, double seconds) {
    char text[32];
    snprintf(text, sizeof(text), "%.3f", seconds);
    attribute(document, name, text);
}

static void body(struct document *document, const char *text) {
    char *clean = rp_text_clean(text);
    document->bad |=
        clean == NULL || xmlTextWriterWriteString(document->writer, BAD_CAST clean) < 0;
    free(clean);
}

static bool answered(const struct hd_row *row) {
    return row->verdict == HD_VERDICT_OK || row->verdict == HD_VERDICT_FAULT;
}

/* Counts of a run of rows. */
struct tally {
    uint32_t tests;
    uint32_t failures;
    uint32_t errors;
    double seconds;
};

static struct tally count(const struct hd_row *row, uint32_t rows) {
    struct tally tally = {.tests = rows};
    for (uint32_t index = 0; index < rows; index++) {
        tally.seconds += row[index].seconds;
        tally.errors += answered(&row[index]) ? 0 : 1;
        tally.failures += answered(&row[index]) && !row[index].as_expected ? 1 : 0;
    }
    return tally;
}

static void put_tally(struct document *document, const struct tally *tally) {
    attribute_count(document, "tests", tally->tests);
    attribute_count(document, "failures", tally->failures);
    attribute_count(document, "errors", tally->errors);
    attribute_count(document, "skipped", 0);
    attribute_seconds(document, "time", tally->seconds);
}

/* Its headline and replay line. Returns its length, as snprintf does. */
static int fault_text(const struct hd_fault_record *fault, char *text, size_t size) {
    char headline[HD_LINE_SIZE];
    rp_fault_headline(fault, headline);
    return snprintf(text, size, "%s (execution %" PRIu64 ", %" PRIu64 " times)\n%s\n", headline,
                    fault->execution, fault->count, fault->replay);
}

/* Figures, reasons, and the faults, as far as whole ones have room; and how many have not. */
static void row_text(const struct hd_row *row, char text[BODY_SIZE]) {
    int used = snprintf(text, BODY_SIZE,
                        "strategy %s, seed 0x%016" PRIx64 ", %" PRIu64
                        " executions, digest 0x%016" PRIx64 "\nexpected: %s%s%s\n",
                        row->strategy, row->seed, row->executions, row->digest, row->expected,
                        row->expected_reason[0] != '\0' ? " - " : "", row->expected_reason);
    uint32_t index = 0;
    for (; index < row->faults; index++) {
        int length = fault_text(&row->fault[index], text + used, BODY_SIZE - (size_t)used);
        if (used + length > BODY_SIZE - MORE_SIZE) {
            break;
        }
        used += length;
    }
    text[used] = '\0';
    if (index < row->faults) {
        snprintf(text + used, MORE_SIZE, "%" PRIu32 " more distinct faults\n", row->faults - index);
    }
}

static void put_case(struct document *document, const struct hd_row *row) {
    char text[BODY_SIZE];
    char verdict[HD_LINE_SIZE];
    row_text(row, text);
    rp_verdict(row, verdict);
    begin(document, "testcase");
    attribute(document, "classname", row->scenario);
    attribute(document, "name", row->map);
    attribute_seconds(document, "time", row->seconds);
    if (!answered(row) || !row->as_expected) {
        char message[3 * HD_LINE_SIZE];
        bool reason = row->verdict_reason[0] != '\0';
        snprintf(message, sizeof(message), "%s%s%s; expected %s", verdict, reason ? ": " : "",
                 row->verdict_reason, row->expected[0] != '\0' ? row->expected : "an answer");
        begin(document, answered(row) ? "failure" : "error");
        attribute(document, "message", message);
        attribute(document, "type", hd_verdict_name(row->verdict));
        body(document, text);
        end(document);
    } else {
        begin(document, "system-out");
        body(document, text);
        end(document);
    }
    end(document);
}

static void put_suite(struct document *document, const struct hd_row *row, uint32_t rows,
                      int64_t when) {
    struct tally tally = count(row, rows);
    begin(document, "testsuite");
    attribute(document, "name", row->scenario);
    put_tally(document, &tally);
    time_t date = (time_t)when;
    struct tm parts;
    if (when >= 0 && gmtime_r(&date, &parts) != NULL) {
        char stamp[32];
        strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &parts);
        attribute(document, "timestamp", stamp);
    }
    for (uint32_t index = 0; index < rows; index++) {
        put_case(document, &row[index]);
    }
    end(document);
}

static void put_suites(struct document *document, const struct hd_report *report, int64_t when) {
    struct tally tally = count(report->row, report->rows);
    begin(document, "testsuites");
    attribute(document, "name", "heddle");
    put_tally(document, &tally);
    for (uint32_t first = 0; first < report->rows;) {
        const struct hd_row *row = &report->row[first];
        uint32_t rows = 1;
        while (first + rows < report->rows && strcmp(row[rows].scenario, row->scenario) == 0) {
            rows++;
        }
        put_suite(document, row, rows, when);
        first += rows;
    }
    end(document);
}

int rp_junit_write(FILE *stream, const struct hd_report *report, int64_t when) {
    xmlBufferPtr buffer = xmlBufferCreate();
    struct document document = {.writer = buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL};
    if (document.writer == NULL) {
        xmlBufferFree(buffer);
        return -ENOMEM;
    }
    xmlTextWriterSetIndent(document.writer, 1);
    document.bad = xmlTextWriterStartDocument(document.writer, "1.0", "UTF-8", NULL) < 0;
    put_suites(&document, report, when);
    document.bad |= xmlTextWriterEndDocument(document.writer) < 0;
    xmlFreeTextWriter(document.writer);
    if (!document.bad) {
        fwrite(xmlBufferContent(buffer), 1, (size_t)xmlBufferLength(buffer), stream);
    }
    xmlBufferFree(buffer);
    return document.bad ? -ENOMEM : rp_stream_flush(stream);
}
