/* types.c - see types.h.
 */
#include "tests/mapimpl/types.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/mapimpl/support.h"

unsigned types_hashes;
unsigned types_asked;

/* ---- descriptors */

static uint64_t mixed(uint64_t word, uint64_t seed) {
    return test_random(word ^ (seed * 77), 0);
}

static bool hash_bytes(const void *key, size_t size, uint64_t seed, uint64_t *hash) {
    const unsigned char *byte = key;
    *hash = mixed(size, seed);
    for (size_t i = 0; i < size; i++) {
        *hash = mixed(*hash ^ byte[i], seed);
    }
    types_hashes++;
    return true;
}

#define BYTES_OF(size)                                                                             \
    static bool hash_##size(const struct gomap *map, const void *key, uint64_t seed,               \
                            uint64_t *hash) {                                                      \
        (void)map;                                                                                 \
        return hash_bytes(key, size, seed, hash);                                                  \
    }                                                                                              \
    static bool equal_##size(const void *a, const void *b) {                                       \
        return memcmp(a, b, size) == 0;                                                            \
    }
BYTES_OF(3)
BYTES_OF(8)
BYTES_OF(128)
BYTES_OF(136)

static bool hash_real(const struct gomap *map, double real, uint64_t seed, uint64_t *hash) {
    uint64_t word = 0;
    if (real != real) {
        *hash = map != NULL ? gomap_draw64(map) : 0;
        return true;
    }
    if (real != 0) {
        memcpy(&word, &real, sizeof word);
    }
    *hash = mixed(word, seed);
    return true;
}

static bool hash_float(const struct gomap *map, const void *key, uint64_t seed, uint64_t *hash) {
    types_hashes++;
    return hash_real(map, *(const double *)key, seed, hash);
}

static bool equal_float(const void *a, const void *b) {
    return *(const double *)a == *(const double *)b;
}

static bool hash_face(const struct gomap *map, const void *key, uint64_t seed, uint64_t *hash) {
    const struct face *face = key;
    types_hashes++;
    if (face->kind == FACE_REAL) {
        return hash_real(map, face->real, seed, hash);
    }
    *hash = face->kind == FACE_NIL ? seed : mixed(face->number, seed);
    return face->kind != FACE_SLICE;
}

static bool equal_face(const void *a, const void *b) {
    const struct face *x = a;
    const struct face *y = b;
    return x->kind == y->kind &&
           (x->kind == FACE_NIL ||
            (x->kind == FACE_REAL ? x->real == y->real : x->number == y->number));
}

static bool hashable_face(const void *key) {
    types_asked++;
    return ((const struct face *)key)->kind != FACE_SLICE;
}

const struct gomap_type type_float = {.key_size = 8,
                                      .elem_size = 8,
                                      .maybe_irreflexive = true,
                                      .key_update = true,
                                      .hash = hash_float,
                                      .equal = equal_float};
const struct gomap_type type_face = {.key_size = 16,
                                     .elem_size = 8,
                                     .key_pointers = true,
                                     .maybe_irreflexive = true,
                                     .key_update = true,
                                     .hash_panics = true,
                                     .hash = hash_face,
                                     .equal = equal_face,
                                     .hashable = hashable_face};
const struct gomap_type type_large = {
    .key_size = 136, .elem_size = 200, .hash = hash_136, .equal = equal_136};
const struct gomap_type type_key_box = {
    .key_size = 136, .elem_size = 8, .hash = hash_136, .equal = equal_136};
const struct gomap_type type_elem_box = {
    .key_size = 8, .elem_size = 200, .hash = hash_8, .equal = equal_8};
const struct gomap_type type_edge = {
    .key_size = 128, .elem_size = 128, .hash = hash_128, .equal = equal_128};
const struct gomap_type type_tiny = {
    .key_size = 3, .elem_size = 1, .hash = hash_3, .equal = equal_3};
const struct gomap_type type_set = {
    .key_size = 8, .elem_size = 0, .hash = hash_8, .equal = equal_8};

/* ---- kinds */

enum { NUMBERS, GENERIC, NARROW, TEXTS, OWN };

static const struct {
    const char *label;
    int family;
    const struct gomap_type *type;
} kinds[] = {
    {"fast64", NUMBERS, NULL},           {"generic64", GENERIC, NULL},
    {"fast32", NARROW, &gomap_type_32},  {"string", TEXTS, NULL},
    {"float", OWN, &type_float},         {"interface", OWN, &type_face},
    {"large", OWN, &type_large},         {"large key", OWN, &type_key_box},
    {"large elem", OWN, &type_elem_box}, {"128 bytes", OWN, &type_edge},
    {"tiny", OWN, &type_tiny},           {"set", OWN, &type_set},
};
#define KINDS (sizeof kinds / sizeof kinds[0])
_Static_assert(KINDS <= KINDS_MAX, "kinds_all");

unsigned kinds_all(struct kind kind[KINDS_MAX]) {
    for (unsigned i = 0; i < KINDS; i++) {
        strncpy(kind[i].label, kinds[i].label, sizeof kind[i].label - 1);
        kind[i].index = i;
    }
    return KINDS;
}

struct gomap *kind_new(const struct kind *kind, struct gomap_config config) {
    struct gomap *map = NULL;
    config.type = kinds[kind->index].type;
    config.keys = kinds[kind->index].family == TEXTS ? MAP_KEYS_STRING : MAP_KEYS_NUMBER;
    cr_assert_eq(gomap_new(&config, &map), 0);
    return map;
}

struct map_string kind_text(uint64_t key) {
    static char text[KINDS_KEYS][64];
    static const char filler[] = "................................";
    char *place = text[key];
    if (key % 2 == 0 && key != 0) {
        snprintf(place, sizeof text[0], "%04u", (unsigned)key);
    } else if (key != 0) {
        snprintf(place, sizeof text[0], "head%s%08u tail", filler, (unsigned)key);
    }
    return (struct map_string){place, strlen(place)};
}

/* Makes the key of a number in key[]. */
static const void *own_key(const struct gomap_type *type, uint64_t number, void *key) {
    memset(key, 0, KINDS_KEY_SIZE);
    if (type == &type_float) {
        double real = (double)number / 8;
        memcpy(key, &real, sizeof real);
    } else if (type == &type_face) {
        struct face face = {.kind = number % 2 == 0 ? FACE_NUMBER : FACE_REAL};
        if (face.kind == FACE_REAL) {
            face.real = (double)number;
        } else {
            face.number = number;
        }
        memcpy(key, &face, sizeof face);
    } else {
        size_t size = type->key_size < sizeof number ? type->key_size : sizeof number;
        memcpy((char *)key + type->key_size - size, &number, size); /* little end first */
    }
    return key;
}

static uint64_t own_number(const struct gomap_type *type, const void *key) {
    uint64_t number = 0;
    if (type == &type_float) {
        return (uint64_t)(*(const double *)key * 8);
    }
    if (type == &type_face) {
        const struct face *face = key;
        return face->kind == FACE_REAL ? (uint64_t)face->real : face->number;
    }
    size_t size = type->key_size < sizeof number ? type->key_size : sizeof number;
    memcpy(&number, (const char *)key + type->key_size - size, size);
    return number;
}

static size_t value_size(const struct gomap_type *type) {
    return type == NULL || type->elem_size > sizeof(uint64_t) ? sizeof(uint64_t) : type->elem_size;
}

uint64_t kind_value_cut(const struct kind *kind, uint64_t value) {
    size_t size = value_size(kinds[kind->index].type);
    return size == sizeof value ? value : value & ((UINT64_C(1) << (8 * size)) - 1);
}

bool kind_get(const struct kind *kind, const struct gomap *map, uint64_t key, uint64_t *value) {
    const struct gomap_type *type = kinds[kind->index].type;
    struct map_string text = kind_text(key);
    const void *elem = NULL;
    char own[KINDS_KEY_SIZE];
    switch (kinds[kind->index].family) {
    case NUMBERS:
        elem = gomap_access(map, key);
        break;
    case GENERIC:
        elem = gomap_access_generic(map, key);
        break;
    case NARROW:
        elem = gomap_access_32(map, (uint32_t)key);
        break;
    case TEXTS:
        elem = gomap_access_string(map, &text);
        break;
    default:
        cr_assert_geq(gomap_access_any(type, map, own_key(type, key, own), &elem), 0);
        break;
    }
    if (elem != NULL) {
        *value = 0;
        memcpy(value, elem, value_size(type));
    }
    return elem != NULL;
}

int kind_put(const struct kind *kind, struct gomap *map, uint64_t key, uint64_t value) {
    const struct gomap_type *type = kinds[kind->index].type;
    struct map_string text = kind_text(key);
    void *elem = NULL;
    char own[KINDS_KEY_SIZE];
    int error = 0;
    switch (kinds[kind->index].family) {
    case NUMBERS:
        elem = gomap_assign(map, key);
        break;
    case GENERIC:
        elem = gomap_assign_generic(map, key);
        break;
    case NARROW:
        elem = gomap_assign_32(map, (uint32_t)key);
        break;
    case TEXTS:
        elem = gomap_assign_string(map, &text);
        break;
    default:
        error = gomap_assign_any(type, map, own_key(type, key, own), &elem);
        break;
    }
    if (elem != NULL) {
        memcpy(elem, &value, value_size(type));
    }
    return error;
}

bool kind_remove(const struct kind *kind, struct gomap *map, uint64_t key) {
    const struct gomap_type *type = kinds[kind->index].type;
    struct map_string text = kind_text(key);
    char own[KINDS_KEY_SIZE];
    switch (kinds[kind->index].family) {
    case NUMBERS:
        return gomap_delete(map, key);
    case GENERIC:
        return gomap_delete_generic(map, key);
    case NARROW:
        return gomap_delete_32(map, (uint32_t)key);
    case TEXTS:
        return gomap_delete_string(map, &text);
    default:
        return gomap_delete_any(type, map, own_key(type, key, own)) == 1;
    }
}

uint64_t kind_iter_key(const struct kind *kind, const struct gomap_iter *iter) {
    const struct gomap_type *type = kinds[kind->index].type;
    switch (kinds[kind->index].family) {
    case NUMBERS:
    case GENERIC:
        return *iter->key;
    case NARROW:
        return *(const uint32_t *)iter->any_key;
    case TEXTS:
        for (uint64_t key = 0; key < KINDS_KEYS; key++) {
            if (kind_text(key).data == iter->text->data) {
                return key;
            }
        }
        cr_assert_fail("a text that nobody put");
    default:
        return own_number(type, iter->any_key);
    }
}

uint64_t kind_iter_value(const struct kind *kind, const struct gomap_iter *iter) {
    uint64_t value = 0;
    memcpy(&value, iter->any_elem, value_size(kinds[kind->index].type));
    return value;
}
