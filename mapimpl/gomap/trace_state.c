/* trace_state.c - a map's state as a trace prints it: fields, chains, digest.
 */
#include <inttypes.h>

#include "mapimpl/gomap/cell.h"
#include "mapimpl/gomap/inspect.h"
#include "mapimpl/gomap/trace_internal.h"

#define FNV_OFFSET UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME  UINT64_C(0x100000001b3)

/* Index of a bucket within a table's array, spare ones included, or -1. */
static int64_t index_in(struct gomap_shape shape, const struct gomap_bucket *bucket,
                        const struct gomap_bucket *table, uint8_t log2) {
    uintptr_t distance = (uintptr_t)bucket - (uintptr_t)table;
    uint64_t index = distance / shape.bucket_size;
    return bucket != NULL && index < gomap_table_total(shape, log2) ? (int64_t)index : -1;
}

void trace_print_state(const struct trace *trace) {
    const struct gomap *map = trace->map;
    struct map_view view;
    gomap_view(map, &view);
    unsigned flags = GOMAP_LOAD(map->flags);
    fprintf(trace->out,
            ",\"count\":%" PRIu64 ",\"flags\":%u,\"B\":%u,\"nov\":%" PRIu64
            ",\"hash0\":%u,\"nevac\":%" PRIu64 ",\"grow\":%d,\"same\":%d,\"nb\":%" PRIu64
            ",\"nob\":%" PRIu64 ",\"nextovf\":%" PRId64 ",\"ovl\":%" PRId64 ",\"oovl\":%" PRId64
            ",\"draws\":%" PRIu64,
            view.count, flags, view.log2_buckets, view.overflow, map->hash0, view.evacuated,
            view.growing, (flags & GOMAP_SAME_SIZE) != 0, view.buckets, view.old_buckets,
            index_in(map->shape, map->extra.next_overflow, GOMAP_LOAD(map->buckets),
                     (uint8_t)view.log2_buckets),
            GOMAP_LOAD(map->extra.overflow), map->extra.old_overflow,
            GOMAP_LOAD(trace->random.draws));
}

void trace_print_iterator(const struct trace *trace, const struct gomap_iter *iter) {
    fprintf(trace->out,
            ",\"start\":%" PRIu64 ",\"off\":%u,\"itB\":%u,\"bucket\":%" PRIu64
            ",\"i\":%u,\"wrapped\":%d,\"check\":%" PRId64,
            iter->start_bucket, iter->offset, iter->log2_buckets, iter->bucket, iter->slot,
            iter->wrapped, (int64_t)iter->check_bucket);
}

/* ---- all buckets, new table first */

struct bucket_place {
    const struct gomap_bucket *bucket;
    bool old;
    uint64_t index; /* of its main bucket */
    uint64_t depth;
    int64_t at;
};

static void visit_table(const struct gomap *map, struct gomap_bucket *table, uint8_t log2, bool old,
                        void (*visit)(void *context, const struct bucket_place *place),
                        void *context) {
    const struct gomap_type *type = map->config.type;
    for (uint64_t i = 0; table != NULL && i <= gomap_mask(log2); i++) {
        struct bucket_place place = {
            .bucket = gomap_bucket_at(type, table, i), .old = old, .index = i};
        for (; place.bucket != NULL; place.bucket = gomap_overflow(type, place.bucket)) {
            place.at = index_in(map->shape, place.bucket, table, log2);
            visit(context, &place);
            place.depth++;
        }
    }
}

static void visit_buckets(const struct gomap *map,
                          void (*visit)(void *context, const struct bucket_place *place),
                          void *context) {
    struct map_view view;
    gomap_view(map, &view);
    uint8_t log2 = (uint8_t)view.log2_buckets;
    uint8_t old_log2 = (uint8_t)(view.same_size ? log2 : log2 - 1);
    visit_table(map, GOMAP_LOAD(map->buckets), log2, false, visit, context);
    visit_table(map, GOMAP_LOAD(map->oldbuckets), old_log2, true, visit, context);
}

/* Evacuated cells still show what they held. */
static bool cell_shown(uint8_t top) {
    return !gomap_empty(top) && top != GOMAP_EVAC_EMPTY;
}

/* A cell of a moved bucket may be zeroed; a box that is no longer there reads as 0 too. */
static uint64_t key_shown(const struct trace *trace, const struct gomap_bucket *bucket,
                          unsigned slot) {
    const void *key = gomap_key(trace->kind->type, bucket, slot);
    return key == NULL ? 0 : trace->kind->number(key);
}

static uint64_t value_shown(const struct trace *trace, const struct gomap_bucket *bucket,
                            unsigned slot) {
    const uint64_t *elem = gomap_elem(trace->kind->type, bucket, slot);
    return elem == NULL ? 0 : *elem;
}

struct printer {
    const struct trace *trace;
    bool first;
};

static void print_cells(const struct trace *trace, const char *name,
                        const struct gomap_bucket *bucket,
                        uint64_t (*word)(const struct trace *trace,
                                         const struct gomap_bucket *bucket, unsigned slot)) {
    fprintf(trace->out, ",\"%s\":[", name);
    for (unsigned slot = 0; slot < GOMAP_SLOTS; slot++) {
        const char *comma = slot == 0 ? "" : ",";
        if (cell_shown(bucket->top[slot])) {
            fprintf(trace->out, "%s%" PRIu64, comma, word(trace, bucket, slot));
        } else {
            fprintf(trace->out, "%snull", comma);
        }
    }
    fputc(']', trace->out);
}

static void print_bucket(void *context, const struct bucket_place *place) {
    struct printer *printer = context;
    FILE *out = printer->trace->out;
    fprintf(out,
            "%s\n{\"t\":\"%s\",\"b\":%" PRIu64 ",\"d\":%" PRIu64 ",\"at\":%" PRId64 ",\"th\":[",
            printer->first ? "" : ",", place->old ? "old" : "new", place->index, place->depth,
            place->at);
    printer->first = false;
    for (unsigned slot = 0; slot < GOMAP_SLOTS; slot++) {
        fprintf(out, "%s%u", slot == 0 ? "" : ",", place->bucket->top[slot]);
    }
    fputc(']', out);
    print_cells(printer->trace, "k", place->bucket, key_shown);
    print_cells(printer->trace, "v", place->bucket, value_shown);
    fputc('}', out);
}

void trace_print_chains(const struct trace *trace) {
    struct printer printer = {.trace = trace, .first = true};
    fputs(",\"chains\":[", trace->out);
    visit_buckets(trace->map, print_bucket, &printer);
    fputc(']', trace->out);
}

/* ---- digest */

static void fold(uint64_t *digest, uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i++) {
        *digest = (*digest ^ ((value >> (8 * i)) & 0xff)) * FNV_PRIME;
    }
}

struct folder {
    const struct trace *trace;
    uint64_t digest;
};

static void fold_bucket(void *context, const struct bucket_place *place) {
    struct folder *folder = context;
    fold(&folder->digest, place->old, 1);
    fold(&folder->digest, place->index, 8);
    fold(&folder->digest, place->depth, 8);
    for (unsigned slot = 0; slot < GOMAP_SLOTS; slot++) {
        uint8_t top = place->bucket->top[slot];
        fold(&folder->digest, top, 1);
        if (cell_shown(top)) {
            fold(&folder->digest, key_shown(folder->trace, place->bucket, slot), 8);
            fold(&folder->digest, value_shown(folder->trace, place->bucket, slot), 8);
        }
    }
}

uint64_t trace_digest(const struct trace *trace) {
    const struct gomap *map = trace->map;
    struct map_view view;
    gomap_view(map, &view);
    struct folder folder = {.trace = trace, .digest = FNV_OFFSET};
    fold(&folder.digest, view.count, 8);
    fold(&folder.digest, GOMAP_LOAD(map->flags), 1);
    fold(&folder.digest, view.log2_buckets, 1);
    fold(&folder.digest, view.overflow, 8);
    fold(&folder.digest, map->hash0, 8);
    fold(&folder.digest, view.evacuated, 8);
    fold(&folder.digest, view.old_buckets, 8);
    visit_buckets(map, fold_bucket, &folder);
    return folder.digest;
}
