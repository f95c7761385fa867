/* trace_internal.h - what a trace keeps, and the printing of a map's state. Internal to trace*.c.
 */
#ifndef HEDDLE_MAPIMPL_GOMAP_TRACE_INTERNAL_H
#define HEDDLE_MAPIMPL_GOMAP_TRACE_INTERNAL_H

#include <stdio.h>

#include "mapimpl/gomap/layout.h"

#define TRACE_LINE_MAX      4096u
#define TRACE_ENTRIES_MAX   (1u << 22) /* of a map, and of a hint that is not taken for 0 */
#define TRACE_RANGE_MAX     (1u << 24) /* keys of one putrange, delrange, getrange */
#define TRACE_ITERATORS_MAX 4096u
#define TRACE_ID_SIZE       64u

/* An iteration as a Go loop does it: the pair is copied when the iterator comes to it. */
struct trace_walk {
    struct gomap_iter iter;
    bool done; /* and there is no pair */
    uint64_t key;
    uint64_t value;
};

struct trace_iterator {
    char id[TRACE_ID_SIZE];
    struct trace_walk walk;
};

#define TRACE_TEXT_MAX    48u /* bytes of a key in a map of texts */
#define TRACE_LARGE_WORDS 17u /* of a key or value that is too large for a bucket */

struct trace;
struct trace_text;

/* A key of any kind. */
union trace_key {
    uint64_t u64;
    uint32_t u32;
    struct map_string text;
    uint64_t wide[2];
    uint64_t large[TRACE_LARGE_WORDS];
};

/* What `impl` chooses between: the address of a value, or NULL as gomap.h has it. */
struct trace_steps {
    const uint64_t *(*access)(const struct gomap *map, const union trace_key *key);
    uint64_t *(*assign)(struct gomap *map, const union trace_key *key);
    void (*delete)(struct gomap *map, const union trace_key *key);
};

/* A kind of keys. */
struct trace_kind {
    const char *name;
    const struct gomap_type *type; /* of the maps */
    uint64_t mask;                 /* the bits of a number that name a key */
    uint64_t (*number)(const void *key);
    /* Makes the key that `number` names, for a put or to be looked up until the next one is made. False
     * without memory, which a put alone needs. */
    bool (*make)(struct trace *trace, uint64_t number, bool put, union trace_key *key);
    struct trace_steps fast; /* those of the type */
    struct trace_steps generic;
};

/* The first one is the default. Ends with a NULL name. */
extern const struct trace_kind trace_kind[];

struct trace {
    FILE *out;
    char *error;
    size_t error_size;
    uint64_t line; /* 1-based */
    char text[TRACE_LINE_MAX + 1];

    struct gomap *map; /* NULL before the first `new` */
    struct gomap_random random;
    enum gomap_hash_mode hash_mode;
    const struct trace_kind *kind;      /* of the map's keys */
    const struct trace_kind *kind_next; /* of the next map's */
    struct trace_text *texts;           /* keys of the map, the last one put first */
    struct map_string text_last;        /* that one */
    char text_asked[TRACE_TEXT_MAX];
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

/* Puts "N: ", the line, and the message into the trace's error. Returns -EINVAL. */
int trace_fail(struct trace *trace, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Releases the map and ends its iterators. */
void trace_drop(struct trace *trace);
/* Makes the next map, where there is none. Returns 0, -EINVAL or -ENOMEM with the error told. */
int trace_make(struct trace *trace, uint64_t hint);

/* The map's operations on the key that a number names, by the chosen steps. trace_get: the value, or NULL.
 * trace_put: 0, or -EINVAL or -ENOMEM with the error told. */
const uint64_t *trace_get(struct trace *trace, uint64_t number);
int trace_put(struct trace *trace, uint64_t number, uint64_t value);
void trace_del(struct trace *trace, uint64_t number);

/* Fields of the map's state, from ,"count" to "draws":n, without braces. */
void trace_print_state(const struct trace *trace);
/* Fields of an iterator, from ,"start" to "check":n. */
void trace_print_iterator(const struct trace *trace, const struct gomap_iter *iter);
/* The field ,"chains":[...] with a line for each bucket. */
void trace_print_chains(const struct trace *trace);
/* FNV-1a over header and buckets. */
uint64_t trace_digest(const struct trace *trace);

#endif
