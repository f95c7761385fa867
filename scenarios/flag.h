/* flag.h - how good is the plain map's own detection, the hashWriting flag?
 *
 * A variant of gomap goes on where gomap would end the process, and tells of it. On this variant an
 * execution is watched to its end: the first moment at which gomap would have died of its flag, and the
 * first sign of harm (a wrong result, a broken invariant, a death by anything else), which comes first
 * or alone. Up to the flag's first word the execution is gomap's own, point by point: the variant makes
 * the same accesses. After it the execution shows what would have come without the flag.
 *
 * An execution is one of: untouched; killed, though nothing is ever harmed; harmed, and the flag spoke
 * first, later, or never. Harm is dated by the moment it can be seen, not by the access that does it.
 *
 * The kinds of the two operations: an execution that is not untouched shows it at one moment for the first
 * time, by the flag's word or by a sign of harm, in the operation of one task. Two operations overlap when
 * one is called before the other has returned, and one of them writes. The two kinds are those of this
 * operation and of the last one that overlapped it, a writer before a reader when it writes itself. When
 * no operation shows it (the final contents, a process that is no more) or nothing has overlapped this
 * one, they are those of the last two that overlapped.
 */
#ifndef HEDDLE_SCENARIOS_FLAG_H
#define HEDDLE_SCENARIOS_FLAG_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/sched/program.h"
#include "scenarios/scenario.h"

/* What the first sign of harm is. */
enum sn_harm {
    SN_HARM_GET, /* a wrong result of this kind of operation ... */
    SN_HARM_ITERATE,
    SN_HARM_LENGTH,
    SN_HARM_WRITE, /* ... of a put, delete, clear or freeze */
    SN_HARM_TABLE, /* V1 to V8: the table, when no write is inside it */
    SN_HARM_END,   /* the contents after the last task; or V10, all results together */
    SN_HARM_DEATH, /* a crash, an endless loop, or a fatal error other than the flag's */
};
#define SN_HARMS 7

enum sn_word { SN_WORD_FIRST, SN_WORD_LATER, SN_WORD_NEVER };
#define SN_WORDS_OF_FLAG 3

/* "get", "iterate", ... in the order of the enumeration. */
extern const char *const sn_harm_names[SN_HARMS];

/* Kinds of two operations that overlap, "put/get": the first one writes. */
#define SN_FLAG_PAIRS   16 /* the last: nothing has overlapped yet */
#define SN_FLAG_NOTHING 15

extern const char *const sn_flag_pair_names[SN_FLAG_PAIRS];

struct sn_flag_pair {
    uint64_t killed;
    uint64_t word[SN_WORDS_OF_FLAG]; /* harmed ... */
    uint64_t dead; /* ... of word[SN_WORD_NEVER] those that died of something else */
};

struct sn_flag_count {
    uint64_t executions;
    uint64_t untouched;
    uint64_t killed; /* by the flag, though nothing is ever harmed */
    uint64_t harmed[SN_WORDS_OF_FLAG][SN_HARMS];
    struct sn_flag_pair pair[SN_FLAG_PAIRS]; /* all but the untouched once more */
    uint64_t digest;                         /* of the campaign */
};

struct sn_flag_options {
    uint64_t seed;
    uint64_t executions; /* 0: the scenario's */
    const char *strategy;
    uint32_t jobs;
};

/* The part of a program that watches the flag, while an execution runs. */
struct sn_flag {
    bool running; /* this program watches the flag, and its tasks have started */
    bool spoken;
    bool harmed;
    uint32_t place;            /* in hd_tally: what the execution counts as if it ended now ... */
    uint32_t second;           /* ... and by its kinds of operations */
    uint32_t last;             /* pair of the last overlap */
    uint32_t pair;             /* of the moment that showed it */
    uint8_t met[HD_TASKS_MAX]; /* pair of the last overlap of each task's present operation */
};

/* Runs a scenario on the variant of gomap. Returns 0, or -errno with one line in `error`. */
int sn_flag_run(const struct sn_scenario *scenario, const struct sn_flag_options *options,
                struct sn_flag_count *count, char *error);
/* Harmed executions with this word of the flag; `harm` SN_HARMS: of any kind. */
uint64_t sn_flag_harmed(const struct sn_flag_count *count, enum sn_word word, uint32_t harm);

/* ---- for the program of a scenario ---- */

struct sn_program;
/* Makes the program of sn_program_open watch the flag: its executions then go on to their end. */
void sn_flag_watch(struct hd_subject *subject);
/* An operation of the running task begins. */
void sn_flag_begins(struct sn_program *program);
/* The map has seen that it is misused. */
void sn_flag_speaks(struct sn_program *program);
/* A finding. Returns whether it was taken, so that the execution goes on. */
bool sn_flag_harm(struct sn_program *program, enum hd_fault_kind kind);
/* Reads the sums of a campaign. */
void sn_flag_read(const uint64_t tally[HD_COUNTERS_MAX], struct sn_flag_count *count);

#endif
