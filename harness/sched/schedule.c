/* schedule.c - see schedule.h. Base64url: RFC 4648; LEB128 as in DWARF. */
#include "harness/sched/schedule.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "harness/sched/program.h"
#include "harness/strategy/strategy.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char version[] = "hd1.";

#define BUILD_DIGITS 16
#define CHECK_DIGITS 8
#define VARINT_MAX   10 /* bytes of a 64-bit LEB128 number */

static size_t put_varint(unsigned char *out, uint64_t value) {
    size_t length = 0;
    for (; value >= 0x80; value >>= 7)
        out[length++] = (unsigned char)(value | 0x80);
    out[length++] = (unsigned char)value;
    return length;
}

static char *put_base64(char *out, const unsigned char *bytes, size_t size) {
    for (size_t at = 0; at < size; at += 3) {
        uint32_t group = (uint32_t)bytes[at] << 16;
        group |= at + 1 < size ? (uint32_t)bytes[at + 1] << 8 : 0;
        group |= at + 2 < size ? bytes[at + 2] : 0;
        size_t digits = size - at >= 3 ? 4 : size - at + 1;
        for (size_t i = 0; i < digits; i++)
            *out++ = alphabet[group >> (18 - 6 * i) & 63];
    }
    return out;
}

static uint32_t check_of(const char *text, size_t length) {
    return (uint32_t)XXH3_64bits(text, length);
}

char *hd_schedule_encode(const struct hd_run *run, uint64_t runs, const char *build) {
    unsigned char *bytes = malloc((runs + HD_PHASES) * 2 * VARINT_MAX);
    if (bytes == NULL)
        return NULL;
    size_t size = 0;
    uint32_t phase = HD_PHASE_CONCURRENT;
    for (uint64_t i = 0; i < runs; i++) {
        if (run[i].phase != phase)
            size += put_varint(bytes + size, HD_TASKS_MAX + run[i].phase);
        phase = run[i].phase;
        size += put_varint(bytes + size, run[i].task);
        size += put_varint(bytes + size, run[i].points);
    }
    char *text =
        malloc(sizeof version + BUILD_DIGITS + 1 + (size + 2) / 3 * 4 + 1 + CHECK_DIGITS + 1);
    if (text != NULL) {
        int length = sprintf(text, "%s%.*s.", version, BUILD_DIGITS, build);
        char *end = put_base64(text + length, bytes, size);
        sprintf(end, ".%08" PRIx32, check_of(text, (size_t)(end - text)));
    }
    free(bytes);
    return text;
}

static int refuse(char *error, const char *reason) {
    snprintf(error, HD_LINE_SIZE, "schedule: %s", reason);
    return -EINVAL;
}

/* Decodes one base64url text in place of `bytes`. Returns the number of bytes, or -1. */
static long get_base64(const char *text, size_t length, unsigned char *bytes) {
    uint32_t group = 0;
    int bits = 0;
    long size = 0;
    for (size_t i = 0; i < length; i++) {
        const char *digit = text[i] != '\0' ? strchr(alphabet, text[i]) : NULL;
        if (digit == NULL)
            return -1;
        group = group << 6 | (uint32_t)(digit - alphabet);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes[size++] = (unsigned char)(group >> bits);
        }
    }
    return size;
}

static bool get_varint(const unsigned char **at, const unsigned char *end, uint64_t *value) {
    *value = 0;
    for (unsigned shift = 0; shift < 64 && *at < end; shift += 7) {
        unsigned char byte = *(*at)++;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

/* Reads one run, and a mark before it. The part of the one before is in *phase. */
static bool get_run(const unsigned char **at, const unsigned char *end, bool first, uint32_t *phase,
                    struct hd_run *run) {
    uint64_t task, points;
    if (!get_varint(at, end, &task))
        return false;
    if (task >= HD_TASKS_MAX) {
        uint64_t marked = task - HD_TASKS_MAX;
        if (marked >= HD_PHASES || (!first && marked <= *phase) || !get_varint(at, end, &task))
            return false;
        *phase = (uint32_t)marked;
    }
    if (task >= HD_TASKS_MAX || !get_varint(at, end, &points))
        return false;
    *run = (struct hd_run){.task = (uint32_t)task, .points = points, .phase = *phase};
    return true;
}

static int read_runs(const unsigned char *bytes, long size, struct hd_run **out, uint64_t *count,
                     char *error) {
    struct hd_run *run = malloc(((size_t)size / 2 + 1) * sizeof *run); /* two bytes or more each */
    const unsigned char *at = bytes, *end = bytes + size;
    uint64_t runs = 0;
    uint32_t phase = HD_PHASE_CONCURRENT;
    if (run == NULL)
        return -ENOMEM;
    for (; at < end; runs++) { /* each run takes up bytes */
        if (!get_run(&at, end, runs == 0, &phase, &run[runs])) {
            free(run);
            return refuse(error, "the list of runs is damaged");
        }
    }
    *out = run;
    *count = runs;
    return 0;
}

int hd_schedule_decode(const char *text, struct hd_run **run, uint64_t *runs, char *build,
                       char *error) {
    size_t head = sizeof version - 1 + BUILD_DIGITS + 1;
    size_t length = strlen(text);
    if (strncmp(text, version, sizeof version - 1) != 0)
        return refuse(error, "does not begin with 'hd1.'");
    if (length < head + 1 + CHECK_DIGITS || text[length - CHECK_DIGITS - 1] != '.')
        return refuse(error, "is cut short");
    size_t body = length - CHECK_DIGITS - 1;
    char check[CHECK_DIGITS + 1];
    snprintf(check, sizeof check, "%08" PRIx32, check_of(text, body));
    if (strcmp(text + body + 1, check) != 0)
        return refuse(error, "its check sum does not match: cut short or changed");
    memcpy(build, text + sizeof version - 1, BUILD_DIGITS);
    build[BUILD_DIGITS] = '\0';
    unsigned char *bytes = malloc(length + 1);
    if (bytes == NULL)
        return -ENOMEM;
    long size = get_base64(text + head, body - head, bytes);
    int result = size < 0 ? refuse(error, "has characters that are not base64url")
                          : read_runs(bytes, size, run, runs, error);
    free(bytes);
    return result;
}
