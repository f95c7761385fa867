/* types.h - maps of every kind behind one door: keys are numbers below KINDS_KEYS, values 64-bit.
 */
#ifndef HEDDLE_TESTS_MAPIMPL_TYPES_H
#define HEDDLE_TESTS_MAPIMPL_TYPES_H

#include "mapimpl/gomap/gomap.h"

#define KINDS_KEYS     4096u
#define KINDS_KEY_SIZE 256u /* bytes that any key fits into */

/* Descriptors of types of one's own. */
extern const struct gomap_type type_float;    /* double -> u64: NaN, and two zeros */
extern const struct gomap_type type_face;     /* struct face -> u64 */
extern const struct gomap_type type_large;    /* 136-byte keys, 200-byte elements: both in boxes */
extern const struct gomap_type type_key_box;  /* 136-byte keys -> u64 */
extern const struct gomap_type type_elem_box; /* u64 -> 200 bytes */
extern const struct gomap_type type_edge;     /* 128-byte keys and elements: still in the bucket */
extern const struct gomap_type type_tiny;     /* 3-byte keys -> 1 byte */
extern const struct gomap_type type_set;      /* u64 -> nothing */

/* A Go interface: what it holds, and its value. */
struct face {
    uint64_t kind; /* FACE_* */
    union {
        uint64_t number;
        double real;
    };
};
enum { FACE_NIL = 0, FACE_NUMBER, FACE_REAL, FACE_SLICE };

/* How often a type of one's own was asked for a hash, and whether a key has one. */
extern unsigned types_hashes;
extern unsigned types_asked;

struct kind {
    char label[16];
    uint32_t index;
};

/* Every kind of map: fills kind[] and returns how many. */
#define KINDS_MAX 16u
unsigned kinds_all(struct kind kind[KINDS_MAX]);

/* A map of that kind; the rest of `config` is the caller's. */
struct gomap *kind_new(const struct kind *kind, struct gomap_config config);
/* The operations, by the number of a key. Values are cut to the size of the kind's elements. */
bool kind_get(const struct kind *kind, const struct gomap *map, uint64_t key, uint64_t *value);
int kind_put(const struct kind *kind, struct gomap *map, uint64_t key, uint64_t value);
bool kind_remove(const struct kind *kind, struct gomap *map, uint64_t key);
uint64_t kind_value_cut(const struct kind *kind, uint64_t value);
/* The pair that an iterator is at. */
uint64_t kind_iter_key(const struct kind *kind, const struct gomap_iter *iter);
uint64_t kind_iter_value(const struct kind *kind, const struct gomap_iter *iter);

/* The text of a number, the same bytes at each call. Some are long and differ in their middle only. */
struct map_string kind_text(uint64_t key);

#endif
