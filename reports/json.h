/* json.h - what one run found, as one JSON object.
 */
#ifndef HEDDLE_REPORTS_JSON_H
#define HEDDLE_REPORTS_JSON_H

#include <jansson.h>
#include <stdio.h>

#include "harness/result/record.h"

/* Writes the object that `heddle run --json` prints, and a line feed. Fields and meanings are
 * described in docs/FORMATS.md and change only with HD_SCHEMA_VERSION. Returns 0 or -errno. */
int rp_json_report(FILE *stream, const struct hd_report *report);

/* ---- pieces that the other writers of JSON share; NULL without memory ---- */

/* A string in valid UTF-8, whatever `text` holds. */
json_t *rp_json_text(const char *text);
/* "0x" and 16 hexadecimal digits. */
json_t *rp_json_hex(uint64_t value);
/* An integer; what does not fit a signed 64-bit one is held at its end. */
json_t *rp_json_count(uint64_t value);
/* A number, to a thousandth; an integer from 100,000 on: the same text from every version of jansson. */
json_t *rp_json_real(double value);
/* Returns `object` when `bad` is 0; else releases it and returns NULL. `bad` collects by |= what
 * json_object_set_new returned, which is not 0 also when object or value is NULL. */
json_t *rp_json_whole(json_t *object, int bad);
/* Dumps indented, flushes; takes over `object`, which may be NULL (-ENOMEM then). */
int rp_json_dump(FILE *stream, json_t *object);

#endif
