/* trace_keys.c - the kinds of keys that a script may ask for: how a number names a key, and back.
 *
 * Each kind has the steps that Go compiles for its type and the generic ones, which do the same map; `impl`
 * chooses. The texts that a map was given stay until it goes, as Go's collector would keep those in use.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mapimpl/gomap/cell.h"
#include "mapimpl/gomap/trace_internal.h"

#define WIDE_SIZE  (2 * sizeof(uint64_t))
#define LARGE_SIZE (TRACE_LARGE_WORDS * sizeof(uint64_t))
_Static_assert(LARGE_SIZE > GOMAP_SLOT_MAX, "it goes into a box");

/* ---- texts
 *
 * A text begins with the eight bytes of its number, the lowest first. The number's low bits say how it goes
 * on: not at all, and without the zero bytes at its end (0 is the empty text); or with more of its last
 * byte, up to a length around the limit of 32 bytes at which a map of one bucket treats texts in another
 * way. So numbers that differ in bits 32 to 55 alone are texts of one length, unlike in their middle. */

struct trace_text {
    struct trace_text *next;
    char bytes[TRACE_TEXT_MAX];
};

static size_t text_length(uint64_t number) {
    switch (number % 4) {
    case 1:
        return 31;
    case 2:
        return 32;
    case 3:
        return 33 + number / 4 % 16;
    default:
        return (size_t)(number == 0 ? 0 : 8 - __builtin_clzll(number) / 8);
    }
}

static struct map_string text_write(char bytes[TRACE_TEXT_MAX], uint64_t number) {
    for (unsigned i = 0; i < TRACE_TEXT_MAX; i++) {
        bytes[i] = (char)(number >> (i < 8 ? 8 * i : 56));
    }
    return (struct map_string){.data = bytes, .length = text_length(number)};
}

/* Of a removed text the map forgets the pointer and may keep the length. */
static uint64_t text_number(const void *key) {
    const struct map_string *text = key;
    uint64_t number = 0;
    for (unsigned i = 0; text->data != NULL && i < text->length && i < 8; i++) {
        number |= (uint64_t)(unsigned char)text->data[i] << (8 * i);
    }
    return number;
}

/* While the same number is named, it is the same bytes at the same place; else only what a put names is
 * kept. */
static bool text_make(struct trace *t, uint64_t number, bool put, union trace_key *key) {
    bool last = t->texts != NULL && text_number(&t->text_last) == number;
    if (last) {
        key->text = t->text_last;
        return true;
    }
    if (!put) {
        key->text = text_write(t->text_asked, number);
        return true;
    }
    struct trace_text *text = malloc(sizeof *text);
    if (text == NULL) {
        return false;
    }
    text->next = t->texts;
    t->texts = text;
    t->text_last = text_write(text->bytes, number);
    key->text = t->text_last;
    return true;
}

static bool text_hash(const struct gomap *map, const void *key, uint64_t seed, uint64_t *hash) {
    *hash = gomap_hash_text(map, *(const struct map_string *)key, seed);
    return true;
}

static bool text_equal(const void *a, const void *b) {
    return gomap_text_equal(*(const struct map_string *)a, *(const struct map_string *)b);
}

static const uint64_t *text_access(const struct gomap *map, const union trace_key *key) {
    return gomap_access_string(map, &key->text);
}

static uint64_t *text_assign(struct gomap *map, const union trace_key *key) {
    return gomap_assign_string(map, &key->text);
}

static void text_delete(struct gomap *map, const union trace_key *key) {
    gomap_delete_string(map, &key->text);
}

/* ---- 64-bit numbers */

static uint64_t u64_number(const void *key) {
    return *(const uint64_t *)key;
}

static bool u64_make(struct trace *t, uint64_t number, bool put, union trace_key *key) {
    (void)t;
    (void)put;
    key->u64 = number;
    return true;
}

static const uint64_t *u64_access(const struct gomap *map, const union trace_key *key) {
    return gomap_access(map, key->u64);
}

static uint64_t *u64_assign(struct gomap *map, const union trace_key *key) {
    return gomap_assign(map, key->u64);
}

static void u64_delete(struct gomap *map, const union trace_key *key) {
    gomap_delete(map, key->u64);
}

static const uint64_t *u64_generic_access(const struct gomap *map, const union trace_key *key) {
    return gomap_access_generic(map, key->u64);
}

static uint64_t *u64_generic_assign(struct gomap *map, const union trace_key *key) {
    return gomap_assign_generic(map, key->u64);
}

static void u64_generic_delete(struct gomap *map, const union trace_key *key) {
    gomap_delete_generic(map, key->u64);
}

/* ---- 32-bit numbers */

static uint64_t u32_number(const void *key) {
    return *(const uint32_t *)key;
}

static bool u32_make(struct trace *t, uint64_t number, bool put, union trace_key *key) {
    (void)t;
    (void)put;
    key->u32 = (uint32_t)number;
    return true;
}

static bool u32_equal(const void *a, const void *b) {
    return u32_number(a) == u32_number(b);
}

static const uint64_t *u32_access(const struct gomap *map, const union trace_key *key) {
    return gomap_access_32(map, key->u32);
}

static uint64_t *u32_assign(struct gomap *map, const union trace_key *key) {
    return gomap_assign_32(map, key->u32);
}

static void u32_delete(struct gomap *map, const union trace_key *key) {
    gomap_delete_32(map, key->u32);
}

/* ---- two words: the high half of the number, and the low one */

static uint64_t wide_number(const void *key) {
    const uint64_t *half = key;
    return half[0] << 32 | half[1];
}

static bool wide_make(struct trace *t, uint64_t number, bool put, union trace_key *key) {
    (void)t;
    (void)put;
    key->wide[0] = number >> 32;
    key->wide[1] = (uint32_t)number;
    return true;
}

static bool wide_equal(const void *a, const void *b) {
    return memcmp(a, b, WIDE_SIZE) == 0;
}

/* ---- keys and values larger than a slot may be: the number is the last word of the key */

static uint64_t large_number(const void *key) {
    return ((const uint64_t *)key)[TRACE_LARGE_WORDS - 1];
}

static bool large_make(struct trace *t, uint64_t number, bool put, union trace_key *key) {
    (void)t;
    (void)put;
    *key = (union trace_key){.large = {0}};
    key->large[TRACE_LARGE_WORDS - 1] = number;
    return true;
}

static bool large_equal(const void *a, const void *b) {
    return memcmp(a, b, LARGE_SIZE) == 0;
}

/* ---- floating-point numbers: those of the number's bits. Zeros are equal, and have one hash; what is
 * not a number differs from itself, and has the hash of another number each time */

static bool float_equal(const void *a, const void *b) {
    return *(const double *)a == *(const double *)b;
}

static bool float_hash(const struct gomap *map, const void *key, uint64_t seed, uint64_t *hash) {
    uint64_t number = float_equal(key, &(double){0}) ? 0 : u64_number(key);
    *hash = gomap_hash_special(map, float_equal(key, key) ? number : gomap_draw64(map), seed);
    return true;
}

/* ---- descriptors for the generic steps */

#define HASH_BY_NUMBER(kind)                                                                       \
    static bool kind##_hash(const struct gomap *map, const void *key, uint64_t seed,               \
                            uint64_t *hash) {                                                      \
        *hash = gomap_hash_special(map, kind##_number(key), seed);                                 \
        return true;                                                                               \
    }
HASH_BY_NUMBER(u32)
HASH_BY_NUMBER(wide)
HASH_BY_NUMBER(large)

static const struct gomap_type u32_generic = {
    .key_size = sizeof(uint32_t), GOMAP_ELEMS_64, .hash = u32_hash, .equal = u32_equal};
static const struct gomap_type text_generic = {.key_size = sizeof(struct map_string),
                                               GOMAP_ELEMS_64,
                                               .key_pointers = true,
                                               .key_update = true,
                                               .hash = text_hash,
                                               .equal = text_equal};
static const struct gomap_type wide_type = {
    .key_size = WIDE_SIZE, GOMAP_ELEMS_64, .hash = wide_hash, .equal = wide_equal};
static const struct gomap_type large_type = {
    .key_size = LARGE_SIZE, .elem_size = LARGE_SIZE, .hash = large_hash, .equal = large_equal};

static const struct gomap_type float_type = {.key_size = sizeof(double),
                                             GOMAP_ELEMS_64,
                                             .maybe_irreflexive = true,
                                             .key_update = true,
                                             .hash = float_hash,
                                             .equal = float_equal};

#define STEPS_BY_TYPE(kind, type)                                                                  \
    static const uint64_t *kind##_access(const struct gomap *map, const union trace_key *key) {    \
        const void *elem = NULL;                                                                   \
        gomap_access_any(&(type), map, key, &elem);                                                \
        return elem;                                                                               \
    }                                                                                              \
    static uint64_t *kind##_assign(struct gomap *map, const union trace_key *key) {                \
        void *elem = NULL;                                                                         \
        gomap_assign_any(&(type), map, key, &elem);                                                \
        return elem;                                                                               \
    }                                                                                              \
    static void kind##_delete(struct gomap *map, const union trace_key *key) {                     \
        gomap_delete_any(&(type), map, key);                                                       \
    }
STEPS_BY_TYPE(u32_generic, u32_generic)
STEPS_BY_TYPE(text_generic, text_generic)
STEPS_BY_TYPE(wide, wide_type)
STEPS_BY_TYPE(large, large_type)
STEPS_BY_TYPE(float, float_type)

#define STEPS(kind)                                                                                \
    { kind##_access, kind##_assign, kind##_delete }

const struct trace_kind trace_kind[] = {
    {.name = "u64",
     .type = &gomap_fast64,
     .mask = UINT64_MAX,
     .number = u64_number,
     .make = u64_make,
     .fast = STEPS(u64),
     .generic = STEPS(u64_generic)},
    {.name = "u32",
     .type = &gomap_fast32,
     .mask = UINT32_MAX,
     .number = u32_number,
     .make = u32_make,
     .fast = STEPS(u32),
     .generic = STEPS(u32_generic)},
    {.name = "string",
     .type = &gomap_fast_string,
     .mask = UINT64_MAX,
     .number = text_number,
     .make = text_make,
     .fast = STEPS(text),
     .generic = STEPS(text_generic)},
    {.name = "wide",
     .type = &wide_type,
     .mask = UINT64_MAX,
     .number = wide_number,
     .make = wide_make,
     .fast = STEPS(wide),
     .generic = STEPS(wide)},
    {.name = "large",
     .type = &large_type,
     .mask = UINT64_MAX,
     .number = large_number,
     .make = large_make,
     .fast = STEPS(large),
     .generic = STEPS(large)},
    {.name = "float",
     .type = &float_type,
     .mask = UINT64_MAX,
     .number = u64_number,
     .make = u64_make,
     .fast = STEPS(float),
     .generic = STEPS(float)},
    {.name = NULL},
};

/* ---- maps of the chosen kind */

/* A dump reads the boxes that moved cells still point to, as an iterator may. */
int trace_make(struct trace *t, uint64_t hint) {
    t->kind = t->kind_next;
    if (hint > TRACE_ENTRIES_MAX &&
        hint <= GOMAP_ADDRESSES_MAX / gomap_bucket_size(t->kind->type)) {
        return trace_fail(t, "a map has at most %u entries here", TRACE_ENTRIES_MAX);
    }
    struct gomap_config config = {
        .hint = hint, .random = &t->random, .hash_mode = t->hash_mode, .type = t->kind->type};
    int error = gomap_new(&config, &t->map);
    if (error == 0 && t->map->boxes != NULL) {
        gomap_iterator_begins(t->map);
    }
    if (error != 0) {
        trace_fail(t, "out of memory");
    }
    return error;
}

static void texts_free(struct trace *t) {
    while (t->texts != NULL) { /* ends: each is freed */
        struct trace_text *text = t->texts;
        t->texts = text->next;
        free(text);
    }
}

void trace_drop(struct trace *t) {
    for (unsigned i = 0; i < t->iterators; i++) {
        gomap_iter_end(&t->iterator[i].walk.iter);
    }
    t->iterators = 0;
    if (t->map != NULL && t->map->boxes != NULL) {
        gomap_iterator_ends(t->map);
    }
    gomap_free(t->map);
    t->map = NULL;
    texts_free(t);
}

/* ---- their operations */

static const struct trace_steps *steps_of(const struct trace *t) {
    return t->generic ? &t->kind->generic : &t->kind->fast;
}

const uint64_t *trace_get(struct trace *t, uint64_t number) {
    union trace_key key;
    t->kind->make(t, number, false, &key);
    return steps_of(t)->access(t->map, &key);
}

int trace_put(struct trace *t, uint64_t number, uint64_t value) {
    union trace_key key;
    if (gomap_length(t->map) >= TRACE_ENTRIES_MAX) {
        return trace_fail(t, "a map has at most %u entries here", TRACE_ENTRIES_MAX);
    }
    bool made = t->kind->make(t, number, true, &key);
    uint64_t *place = made ? steps_of(t)->assign(t->map, &key) : NULL;
    if (place == NULL) {
        trace_fail(t, "out of memory");
        return -ENOMEM;
    }
    *place = value;
    return 0;
}

void trace_del(struct trace *t, uint64_t number) {
    union trace_key key;
    t->kind->make(t, number, false, &key);
    steps_of(t)->delete (t->map, &key);
}
