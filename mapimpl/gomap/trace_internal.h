/* trace_internal.h - what a trace keeps, and the printing of a map's state. Internal to trace*.c.
 */
#ifndef HEDDLE_MAPIMPL_GOMAP_TRACE_INTERNAL_H
#define HEDDLE_MAPIMPL_GOMAP_TRACE_INTERNAL_H

#include <stdio.h>

#include "mapimpl/gomap/layout.h"

#define TRACE_ITERATORS_MAX 64u
#define TRACE_ID_SIZE       32u

struct trace_iterator {
    char id[TRACE_ID_SIZE];
    struct gomap_iter iter;
};

struct trace {
    FILE *out;
    char *error;
    size_t error_size;
    uint64_t line; /* 1-based */

    struct gomap *map; /* NULL before the first `new` */
    struct gomap_random random;
    enum gomap_hash_mode hash_mode;
    bool generic;
    bool quiet;
    bool reseed_roll;
    bool pinned;   /* `new` was given a seed */
    uint32_t seed; /* that one, or what it became */

    struct trace_iterator iterator[TRACE_ITERATORS_MAX];
    unsigned iterators;
};

#define TRACE_WORDS_MAX 8u

/* One line of a script, cut into words. */
struct trace_words {
    unsigned count; /* the operation's name included */
    char *word[TRACE_WORDS_MAX];
};

struct trace_operation {
    const char *name;
    unsigned arguments_min;
    unsigned arguments_max;
    bool needs_map;
    /* Returns 0 or what trace_fail returned, or -ENOMEM after it. */
    int (*run)(struct trace *trace, const struct trace_words *words);
};

/* Ends with a NULL name. */
extern const struct trace_operation trace_operation[];

/* Puts "line N: " and the message into the trace's error. Returns -EINVAL. */
int trace_fail(struct trace *trace, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Releases the map and ends its iterators. */
void trace_drop(struct trace *trace);

/* Fields of the map's state, from ,"count" to "draws":n, without braces. */
void trace_print_state(const struct trace *trace);
/* Fields of an iterator, from ,"start" to "check":n. */
void trace_print_iterator(const struct trace *trace, const struct gomap_iter *iter);
/* The field ,"chains":[...] with a line for each bucket. */
void trace_print_chains(const struct trace *trace);
/* FNV-1a over header and buckets. */
uint64_t trace_digest(const struct gomap *map);

#endif
