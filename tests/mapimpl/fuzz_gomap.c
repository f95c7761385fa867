/* fuzz_gomap.c - bytes as operations on a map, beside a model, the map checked after each. `make fuzz`
 * gives it to libFuzzer.
 *
 * test_gomap_corpus runs the same function over tests/mapimpl/corpus. The first byte chooses version, hash
 * and variant, the second a hint; then each operation is two bytes, what to do and a key. A deviation from
 * the model and a broken invariant end the process.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapimpl/gomap/check.h"

#define KEYS 256u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PUT = 0, PUT_AGAIN, DELETE, DELETE_AGAIN, GET, ITER, OTHER, OPERATIONS };

struct fuzz {
    struct gomap *map;
    struct gomap_iter iter;
    bool generic;
    bool
        stale; /* an iterator that lived through a clear: versions before 1.21 may return anything */
    uint32_t version;
    uint64_t count;
    uint64_t value[KEYS]; /* 0: absent */
    uint64_t serial;
};

static void expect(bool held, const char *what) {
    if (!held) {
        fprintf(stderr, "fuzz_gomap: %s\n", what);
        abort();
    }
}

static void check(const struct fuzz *f, const struct gomap *map) {
    char message[200];
    expect(gomap_length(map) == f->count, "the length is wrong");
    expect(gomap_check(map, message, sizeof message), message);
}

static void put(struct fuzz *f, uint8_t key) {
    uint64_t *place = f->generic ? gomap_assign_generic(f->map, key) : gomap_assign(f->map, key);
    expect(place != NULL, "no memory");
    f->count += f->value[key] == 0;
    f->value[key] = *place = ++f->serial;
}

static void delete_key(struct fuzz *f, uint8_t key) {
    bool removed = f->generic ? gomap_delete_generic(f->map, key) : gomap_delete(f->map, key);
    expect(removed == (f->value[key] != 0), "a key was lost or came back");
    f->count -= removed;
    f->value[key] = 0;
}

static void get(const struct fuzz *f, const struct gomap *map, uint8_t key) {
    const uint64_t *found = f->generic ? gomap_access_generic(map, key) : gomap_access(map, key);
    expect((found == NULL ? 0 : *found) == f->value[key], "a lookup is wrong");
}

static void iterate(struct fuzz *f) {
    if (f->iter.key != NULL) {
        gomap_iter_next(&f->iter);
    } else {
        gomap_iter_end(&f->iter);
        gomap_iter_init(&f->iter, f->map);
        f->stale = false;
    }
    if (f->iter.key != NULL && !f->stale) {
        expect(*f->iter.key < KEYS && *f->iter.value == f->value[*f->iter.key],
               "an iterator returned what is not there");
    }
}

static void clone(const struct fuzz *f) {
    struct gomap *copy = NULL;
    if (gomap_clone(f->map, &copy) == 0) {
        check(f, copy);
        for (unsigned key = 0; key < KEYS; key++) {
            get(f, copy, (uint8_t)key);
        }
    }
    gomap_free(copy);
}

static void other(struct fuzz *f, uint8_t which) {
    if (which < 200) {
        f->generic = which % 2 == 0;
    } else if (which < 240) {
        clone(f);
    } else {
        gomap_clear(f->map);
        memset(f->value, 0, sizeof f->value);
        f->count = 0;
        f->stale = f->version < 121;
    }
}

static void operate(struct fuzz *f, uint8_t what, uint8_t key) {
    switch (what % OPERATIONS) {
    case PUT:
    case PUT_AGAIN:
        put(f, key);
        break;
    case DELETE:
    case DELETE_AGAIN:
        delete_key(f, key);
        break;
    case GET:
        get(f, f->map, key);
        break;
    case ITER:
        iterate(f);
        break;
    default:
        other(f, key);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) {
        return 0;
    }
    struct fuzz f = {.version = 119 + data[0] % 5u, .generic = data[0] / 128 != 0};
    struct gomap_config config = {.version = f.version,
                                  .hash_mode = (enum gomap_hash_mode)(data[0] / 5 % 3),
                                  .hint = data[1],
                                  .seed = 1};
    expect(gomap_new(&config, &f.map) == 0, "no memory");
    for (size_t at = 2; at + 1 < size; at += 2) {
        operate(&f, data[at], data[at + 1]);
        check(&f, f.map);
    }
    gomap_iter_end(&f.iter);
    gomap_free(f.map);
    return 0;
}
