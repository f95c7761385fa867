/* text.h - text that came from code under test, made fit for terminals, JSON and XML; checked
 * output.
 */
#ifndef HEDDLE_REPORTS_TEXT_H
#define HEDDLE_REPORTS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "harness/result/record.h"
#include "reports/stream.h"

/* A copy in valid UTF-8: bytes that are not part of a valid sequence become U+FFFD. NULL counts as
 * "". Returns NULL without memory; the caller frees. */
char *rp_text_utf8(const char *text);
/* As rp_text_utf8, and besides without ANSI escape sequences, and with every control character but
 * line feed and tab (and the noncharacters that XML forbids) replaced by U+FFFD. */
char *rp_text_clean(const char *text);
/* Prints such a copy with its line feeds and tabs as spaces; "?" without memory. */
void rp_text_print(FILE *stream, const char *text);

/* "fatal error: concurrent map writes" as Go prints it, or "invariant: V2: ...". */
void rp_fault_headline(const struct hd_fault_record *record, char text[HD_LINE_SIZE]);
/* Share of the points that lay in the growth window: "34 %", "<1 %", or "-" when none did. */
void rp_window_share(const struct hd_row *row, char text[HD_LINE_SIZE]);
/* Distinct schedules: "184756", or "~184756" where it is an estimate. */
void rp_distinct(const struct hd_row *row, char text[HD_LINE_SIZE]);
/* "fault fatal: concurrent map writes", "ok", ...; in capitals up to the first space when the row
 * is not as expected. */
void rp_verdict(const struct hd_row *row, char text[HD_LINE_SIZE]);

/* Whether colours belong on this descriptor: a terminal, unless NO_COLOR is set or TERM is "dumb";
 * CLICOLOR_FORCE (other than "0") asks for them anyway. NO_COLOR wins. */
bool rp_color_wanted(int descriptor);

#endif
