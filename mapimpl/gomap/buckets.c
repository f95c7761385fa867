/* buckets.c - when a table is too full, how large it is made, and where overflow buckets come from.
 *
 * Source: the load rules and table sizes of Go 1.19's runtime.
 */
#include <string.h>

#include "mapimpl/gomap/layout.h"

/* The load factor is 6.5 entries a bucket, in integers. */
#define LOAD_NUMERATOR   13u
#define LOAD_DENOMINATOR 2u

/* From this B on, tables have spare buckets and noverflow is an estimate. */
#define SPARE_LOG2_MIN    4u
#define ESTIMATE_LOG2_MIN 16u

/* Go's allocator rounds sizes up; what it gives beyond the request becomes spare buckets. These are its
 * size classes that tables of this bucket fall into; from 32 KiB on it gives pages of 8 KiB. */
static const uint64_t size_class[] = {2688, 5376, 10240, 20480};
#define SIZE_LARGE UINT64_C(32768)
#define SIZE_PAGE  UINT64_C(8192)

bool gomap_over_load(uint64_t count, uint8_t log2) {
    uint64_t buckets = gomap_mask(log2) + 1;
    return count > GOMAP_SLOTS && count > LOAD_NUMERATOR * (buckets / LOAD_DENOMINATOR);
}

bool gomap_too_many_overflow(uint16_t noverflow, uint8_t log2) {
    return noverflow >= (uint16_t)(1u << (log2 < 15 ? log2 : 15));
}

static uint64_t size_rounded(uint64_t size) {
    if (size >= SIZE_LARGE) {
        return (size + SIZE_PAGE - 1) / SIZE_PAGE * SIZE_PAGE;
    }
    for (unsigned i = 0; i < sizeof size_class / sizeof size_class[0]; i++) {
        if (size <= size_class[i]) {
            return size_class[i];
        }
    }
    return size;
}

uint64_t gomap_table_total(uint8_t log2) {
    uint64_t total = gomap_mask(log2) + 1;
    if (log2 < SPARE_LOG2_MIN) {
        return total;
    }
    total += total >> SPARE_LOG2_MIN;
    return size_rounded(total * sizeof(struct gomap_bucket)) / sizeof(struct gomap_bucket);
}

/* The last spare bucket's overflow pointer, otherwise unused, marks the end of the spare ones. */
static struct gomap_bucket *spare_mark(struct gomap_bucket *table, uint8_t log2, uint64_t total) {
    uint64_t buckets = gomap_mask(log2) + 1;
    if (total == buckets) {
        return NULL;
    }
    table[total - 1].overflow = table;
    return &table[buckets];
}

struct gomap_bucket *gomap_table_new(struct gomap *map, uint8_t log2,
                                     struct gomap_bucket **next_overflow) {
    uint64_t total = gomap_table_total(log2);
    struct gomap_bucket *table = gomap_allocate(map, total);
    if (table != NULL) {
        *next_overflow = spare_mark(table, log2, total);
    }
    return table;
}

struct gomap_bucket *gomap_table_wipe(struct gomap_bucket *table, uint8_t log2) {
    uint64_t total = gomap_table_total(log2);
    memset(table, 0, total * sizeof *table);
    return spare_mark(table, log2, total);
}

void gomap_overflow_list(struct gomap *map) {
    if (GOMAP_LOAD(map->extra.overflow) == GOMAP_NO_LIST) {
        GOMAP_STORE(map->extra.overflow, 0);
    }
}

static struct gomap_bucket *spare_take(struct gomap *map, struct gomap_bucket *spare) {
    if (spare->overflow == NULL) {
        map->extra.next_overflow = spare + 1;
    } else {
        spare->overflow = NULL;
        map->extra.next_overflow = NULL;
    }
    return spare;
}

/* Large tables count one overflow bucket in 2^(B - 15), so that sixteen bits suffice. */
static void overflow_count(struct gomap *map) {
    uint8_t log2 = GOMAP_LOAD(map->log2_buckets);
    if (log2 < ESTIMATE_LOG2_MIN ||
        (gomap_draw32(map) & gomap_mask((uint8_t)(log2 - (ESTIMATE_LOG2_MIN - 1)))) == 0) {
        map->noverflow++;
    }
}

struct gomap_bucket *gomap_overflow_new(struct gomap *map, struct gomap_bucket *bucket) {
    struct gomap_bucket *spare = map->extra.next_overflow;
    struct gomap_bucket *fresh = spare != NULL ? spare_take(map, spare) : gomap_allocate(map, 1);
    if (fresh == NULL) {
        return NULL;
    }
    overflow_count(map);
    gomap_overflow_list(map);
    GOMAP_STORE(map->extra.overflow, GOMAP_LOAD(map->extra.overflow) + 1);
    bucket->overflow = fresh;
    return fresh;
}
