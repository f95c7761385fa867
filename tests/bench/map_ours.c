/* map_ours.c - our side of the comparison of maps: the same rounds as go/map.go, on gomap.
 *
 * The two kinds of key share one text; `strings` is a constant wherever it is asked.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "mapimpl/gomap/gomap.h"
#include "tests/bench/map.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define TEXT_MAX      24u
#define HUGE_PAGE     ((size_t)2 << 20)

/* One kind of key, `count` of them. */
struct side {
    struct map_string *text, *absent_text; /* these two, or the next two */
    uint64_t *number, *absent_number;
    char *bytes; /* of the texts */
    uint32_t *orders;
    uint32_t orders_length;
    uint32_t count;
    uint32_t passes;
    struct gomap *map; /* holds all keys between rounds */
};

static struct side sides[2];

/* ---- keys and orders */

static uint64_t splitmix(uint64_t x) {
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* Zeroed. Go's heap lies in huge pages where the kernel has them, so ours does: walking over the keys must
 * cost the same. */
static void *memory(uint64_t count, size_t size) {
    size_t bytes = (count * size + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    void *made = aligned_alloc(HUGE_PAGE, bytes);
    if (made == NULL) {
        fputs("bench-map: out of memory\n", stderr);
        exit(70);
    }
    madvise(made, bytes, MADV_HUGEPAGE);
    return memset(made, 0, bytes);
}

static uint64_t number_of(uint64_t index) {
    return splitmix(BENCH_SEED + index);
}

static struct map_string text_of(uint64_t index, char *bytes) {
    char text[TEXT_MAX + 1];
    uint64_t number = number_of(index);
    snprintf(text, sizeof text, "%08x%016llx", (unsigned)((uint32_t)index * 0x9e3779b1u),
             (unsigned long long)number);
    memcpy(bytes, text, TEXT_MAX);
    return (struct map_string){bytes, 8 + number % 17};
}

static void make_keys(struct side *side, bool strings) {
    uint64_t count = side->count;
    if (!strings) {
        side->number = memory(count, sizeof *side->number);
        side->absent_number = memory(count, sizeof *side->absent_number);
    } else {
        side->text = memory(count, sizeof *side->text);
        side->absent_text = memory(count, sizeof *side->absent_text);
        side->bytes = memory(2 * count, TEXT_MAX);
    }
    for (uint64_t i = 0; i < count; i++) {
        if (strings) {
            char *bytes = side->bytes + i * TEXT_MAX;
            side->text[i] = text_of(i, bytes);
            side->absent_text[i] = text_of(i + BENCH_ABSENT, bytes + count * TEXT_MAX);
        } else {
            side->number[i] = number_of(i);
            side->absent_number[i] = number_of(i + BENCH_ABSENT);
        }
    }
}

static void make_orders(struct side *side) {
    uint32_t count = side->count;
    uint32_t orders = count < BENCH_ORDERS ? BENCH_ORDERS / count : 1;
    uint64_t draws = 0;
    side->orders_length = orders * count;
    side->orders = memory(side->orders_length, sizeof *side->orders);
    for (uint32_t *one = side->orders; one < side->orders + side->orders_length; one += count) {
        for (uint32_t i = 0; i < count; i++) {
            one[i] = i;
        }
        for (uint32_t i = count - 1; i > 0; i--) {
            uint32_t j = (uint32_t)(splitmix(BENCH_SEED + ++draws) % (i + 1));
            uint32_t kept = one[i];
            one[i] = one[j];
            one[j] = kept;
        }
    }
}

static const uint32_t *order(const struct side *side, uint32_t pass) {
    return side->orders + (uint64_t)pass * side->count % side->orders_length;
}

/* ---- operations, of a whole pass each */

static struct gomap *map_new(bool strings, uint64_t hint) {
    struct gomap *map;
    const struct gomap_config config = {
        .hint = hint, .seed = BENCH_SEED, .keys = strings ? MAP_KEYS_STRING : MAP_KEYS_NUMBER};
    if (gomap_new(&config, &map) != 0) {
        fputs("bench-map: out of memory\n", stderr);
        exit(70);
    }
    return map;
}

ALWAYS_INLINE void fill(const struct side *side, bool strings, struct gomap *map, uint32_t pass) {
    const uint32_t *at = order(side, pass);
    for (uint32_t i = 0; i < side->count; i++) {
        uint64_t value = 3 * (uint64_t)at[i] + 1;
        if (strings) {
            gomap_put_string(map, &side->text[at[i]], value);
        } else {
            gomap_put(map, side->number[at[i]], value);
        }
    }
}

ALWAYS_INLINE uint64_t get(const struct side *side, bool strings, bool absent, uint32_t pass) {
    const struct map_string *text = absent ? side->absent_text : side->text;
    const uint64_t *number = absent ? side->absent_number : side->number;
    const uint32_t *at = order(side, pass);
    uint64_t sum = 0;
    for (uint32_t i = 0; i < side->count; i++) {
        uint64_t value;
        if (strings ? gomap_get_string(side->map, &text[at[i]], &value)
                    : gomap_get(side->map, number[at[i]], &value)) {
            sum += value;
        }
    }
    return sum;
}

ALWAYS_INLINE void empty(const struct side *side, bool strings, uint32_t pass) {
    const uint32_t *at = order(side, pass);
    for (uint32_t i = 0; i < side->count; i++) {
        if (strings) {
            gomap_remove_string(side->map, &side->text[at[i]]);
        } else {
            gomap_remove(side->map, side->number[at[i]]);
        }
    }
}

static bool add_number(void *context, uint64_t key, uint64_t value) {
    *(uint64_t *)context += key ^ value;
    return true;
}

static bool add_text(void *context, const struct map_string *key, uint64_t value) {
    *(uint64_t *)context += key->length ^ value;
    return true;
}

ALWAYS_INLINE uint64_t sum(const struct side *side, bool strings) {
    uint64_t total = 0;
    if (strings) {
        gomap_iterate_string(side->map, add_text, &total);
    } else {
        gomap_iterate(side->map, add_number, &total);
    }
    return total;
}

/* ---- rounds */

/* Processor time: what else runs on the core does not count. */
static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* One pass: what it took, and what releasing its map took. */
struct pass {
    uint64_t ns;
    uint64_t ns_release;
    uint64_t check;
};

ALWAYS_INLINE struct pass insert(const struct side *side, bool strings, uint64_t hint,
                                 uint32_t pass) {
    uint64_t began = now_ns();
    struct gomap *map = map_new(strings, hint);
    fill(side, strings, map, pass);
    uint64_t filled = now_ns();
    struct pass result = {.check = gomap_length(map), .ns = filled - began};
    gomap_free(map);
    result.ns_release = now_ns() - filled;
    return result;
}

ALWAYS_INLINE uint64_t change(const struct side *side, bool strings, enum bench_operation operation,
                              uint32_t pass) {
    switch (operation) {
    case BENCH_GET_HIT:
        return get(side, strings, false, pass);
    case BENCH_GET_MISS:
        return get(side, strings, true, pass);
    case BENCH_ITERATE:
        return sum(side, strings);
    case BENCH_DELETE:
        empty(side, strings, pass);
        break;
    default:
        fill(side, strings, side->map, pass);
        break;
    }
    return gomap_length(side->map);
}

ALWAYS_INLINE struct pass one_pass(const struct side *side, bool strings,
                                   enum bench_operation operation, uint32_t pass) {
    if (operation == BENCH_INSERT || operation == BENCH_INSERT_PRESIZE) {
        return insert(side, strings, operation == BENCH_INSERT ? 0 : side->count, pass);
    }
    uint64_t began = now_ns();
    struct pass result = {.check = change(side, strings, operation, pass)};
    result.ns = now_ns() - began;
    if (operation == BENCH_DELETE) {
        fill(side, strings, side->map, pass);
    }
    return result;
}

ALWAYS_INLINE struct bench_result bench_round(const struct side *side, bool strings,
                                              enum bench_operation operation) {
    struct pass total = {0};
    for (uint32_t pass = 0; pass < side->passes; pass++) {
        struct pass one = one_pass(side, strings, operation, pass);
        total.ns += one.ns;
        total.ns_release += one.ns_release;
        total.check += one.check;
    }
    double operations = (double)side->passes * side->count;
    return (struct bench_result){.ns = (double)total.ns / operations,
                                 .ns_memory = (double)(total.ns + total.ns_release) / operations,
                                 .check = total.check};
}

static void prepare(struct side *side, bool strings, uint32_t count) {
    if (side->count == count) {
        return;
    }
    gomap_free(side->map);
    free(side->text);
    free(side->absent_text);
    free(side->bytes);
    free(side->number);
    free(side->absent_number);
    free(side->orders);
    *side = (struct side){.count = count, .passes = (BENCH_OPERATIONS + count - 1) / count};
    make_keys(side, strings);
    make_orders(side);
    side->map = map_new(strings, 0);
    fill(side, strings, side->map, 0);
}

struct bench_result bench_ours(const struct bench_row *row) {
    struct side *side = &sides[row->strings];
    prepare(side, row->strings, row->count);
    return row->strings ? bench_round(side, true, row->operation)
                        : bench_round(side, false, row->operation);
}
