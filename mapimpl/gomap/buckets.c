/* buckets.c - when a table is too full, how large it is made, and where overflow buckets come from.
 *
 * A table is too full for `count` entries when that is above 8 and above 13 * (2^B / 2) (12 from Go 1.21
 * on), and has too many overflow buckets from 2^min(B, 15) on. From B = 4 on a table has spare buckets for
 * overflow, 2^(B-4) and what the allocator's rounding leaves.
 *
 * Source: the load rules and table sizes of Go 1.19's runtime.
 */
#include <string.h>

#include "mapimpl/gomap/layout.h"

/* From this B on, tables have spare buckets and noverflow is an estimate. */
#define SPARE_LOG2_MIN    4u
#define ESTIMATE_LOG2_MIN 16u

/* Go's allocator rounds sizes up; what it gives beyond the request becomes spare buckets. These are its
 * size classes, from the smallest table with spare buckets on (18 buckets of 16 bytes); what is larger is
 * whole pages. From Go 1.22 on memory with pointers has a header, unless it is small. */
static const uint16_t size_class[] = {
    288,   320,   352,   384,   416,   448,   480,   512,   576,   640,   704,   768,   896,
    1024,  1152,  1280,  1408,  1536,  1792,  2048,  2304,  2688,  3072,  3200,  3456,  4096,
    4864,  5376,  6144,  6528,  6784,  6912,  8192,  9472,  9728,  10240, 10880, 12288, 13568,
    14336, 16384, 18432, 19072, 20480, 21760, 24576, 27264, 28672, 32768,
};
#define SIZE_LARGE      UINT64_C(32768)
#define SIZE_PAGE       UINT64_C(8192)
#define HEADER_SIZE     8u
#define HEADER_SIZE_MIN 512u /* bytes that need none */
#define VERSION_HEADERS 122u

bool gomap_over_load(const struct gomap *map, uint64_t count, uint8_t log2) {
    uint64_t buckets = gomap_mask(log2) + 1;
    uint64_t limit = gomap_shape_of(map).load_numerator * (buckets / GOMAP_LOAD_DENOMINATOR);
    return count > GOMAP_MUTATE(LOAD_FROM_SEVEN, GOMAP_SLOTS, GOMAP_SLOTS - 1) &&
           GOMAP_MUTATE(LOAD_NOT_STRICT, count > limit, count >= limit);
}

bool gomap_too_many_overflow(uint16_t noverflow, uint8_t log2) {
    uint16_t limit = (uint16_t)(1u << (log2 < 15 ? log2 : 15));
    return GOMAP_MUTATE(OVERFLOW_LATE, noverflow >= limit, noverflow > limit);
}

static uint64_t class_of(uint64_t size) {
    unsigned i = 0;
    while (size_class[i] < size) { /* ends: the last one is SIZE_LARGE, and `size` is not larger */
        i++;
    }
    return size_class[i];
}

static uint64_t size_rounded(uint64_t size, bool headed) {
    uint64_t header = headed && size > HEADER_SIZE_MIN ? HEADER_SIZE : 0;
    if (size >= SIZE_LARGE || size + header > SIZE_LARGE) {
        return (size + SIZE_PAGE - 1) / SIZE_PAGE * SIZE_PAGE;
    }
    return class_of(size + header) - header;
}

uint64_t gomap_table_total(struct gomap_shape shape, uint8_t log2) {
    uint64_t total = gomap_mask(log2) + 1;
    if (log2 < GOMAP_MUTATE(SPARE_FROM_FIVE, SPARE_LOG2_MIN, SPARE_LOG2_MIN + 1)) {
        return total;
    }
    total += total >> SPARE_LOG2_MIN;
    bool headed = shape.version >= VERSION_HEADERS && !shape.pointer_free;
    uint64_t size = total * shape.bucket_size;
    return GOMAP_MUTATE(SPARE_UNROUNDED, size_rounded(size, headed), size) / shape.bucket_size;
}

static struct gomap_bucket *bucket_at(struct gomap_shape shape, struct gomap_bucket *table,
                                      uint64_t index) {
    return (struct gomap_bucket *)((char *)table + index * shape.bucket_size);
}

static struct gomap_bucket **link_of(struct gomap_shape shape, struct gomap_bucket *bucket) {
    return (struct gomap_bucket **)((char *)bucket + shape.bucket_size - sizeof(void *));
}

/* The last spare bucket's overflow pointer, otherwise unused, marks the end of the spare ones. */
static struct gomap_bucket *spare_mark(struct gomap_shape shape, struct gomap_bucket *table,
                                       uint8_t log2, uint64_t total) {
    uint64_t buckets = gomap_mask(log2) + 1;
    if (total == buckets) {
        return NULL;
    }
    uint64_t last = total - GOMAP_MUTATE(SPARE_MARK_EARLY, 1, 2);
    *link_of(shape, bucket_at(shape, table, last)) = table;
    return bucket_at(shape, table, buckets);
}

struct gomap_bucket *gomap_table_new(struct gomap *map, uint8_t log2,
                                     struct gomap_bucket **next_overflow) {
    struct gomap_shape shape = gomap_shape_of(map);
    uint64_t total = gomap_table_total(shape, log2);
    struct gomap_bucket *table = gomap_allocate(map, total);
    if (table != NULL) {
        *next_overflow = spare_mark(shape, table, log2, total);
    }
    return table;
}

struct gomap_bucket *gomap_table_wipe(struct gomap *map, struct gomap_bucket *table, uint8_t log2) {
    struct gomap_shape shape = gomap_shape_of(map);
    uint64_t total = gomap_table_total(shape, log2);
    memset(table, 0, total * shape.bucket_size);
    return spare_mark(shape, table, log2, total);
}

void gomap_overflow_list(struct gomap *map) {
    if (GOMAP_LOAD(map->extra.overflow) == GOMAP_NO_LIST) {
        GOMAP_STORE(map->extra.overflow, 0);
    }
}

static struct gomap_bucket *spare_take(struct gomap *map, struct gomap_shape shape,
                                       struct gomap_bucket *spare) {
    struct gomap_bucket **mark = link_of(shape, spare);
    if (*mark == NULL) {
        map->extra.next_overflow = bucket_at(shape, spare, 1);
    } else {
        *mark = NULL;
        map->extra.next_overflow = NULL;
    }
    return spare;
}

/* Large tables count one overflow bucket in 2^(B - 15), so that sixteen bits suffice. */
static void overflow_count(struct gomap *map) {
    uint8_t log2 = GOMAP_LOAD(map->log2_buckets);
    if (log2 < GOMAP_MUTATE(OVERFLOW_ESTIMATE_EARLY, ESTIMATE_LOG2_MIN, ESTIMATE_LOG2_MIN - 1) ||
        (gomap_draw32(map) &
         gomap_mask((uint8_t)(log2 - GOMAP_MUTATE(OVERFLOW_ESTIMATE, 15, 16)))) == 0) {
        map->noverflow++;
    }
}

struct gomap_bucket *gomap_overflow_new(struct gomap *map, struct gomap_bucket *bucket) {
    struct gomap_shape shape = gomap_shape_of(map);
    struct gomap_bucket *spare = map->extra.next_overflow;
    struct gomap_bucket *fresh =
        spare != NULL ? spare_take(map, shape, spare) : gomap_allocate(map, 1);
    if (fresh == NULL) {
        return NULL;
    }
    overflow_count(map);
    if (shape.pointer_free) {
        gomap_overflow_list(map);
        GOMAP_STORE(map->extra.overflow,
                    GOMAP_LOAD(map->extra.overflow) + GOMAP_MUTATE(OVERFLOW_UNLISTED, 1, 0));
    }
    *link_of(shape, bucket) = fresh;
    return fresh;
}
