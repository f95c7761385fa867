/* runtime.c - what Go's runtime does around a map: memory, random numbers, fatal errors; and the map's
 * events. Never instrumented: nothing here is a step of the map, so nothing here is a scheduling point.
 *
 * Where Go has a garbage collector this map has a rule:
 *   L1  every table and every single overflow bucket is a block on the map's list until it is released,
 *       and carries the number of tables made before it (its generation).
 *   L2  a block is unreachable from the map when its generation is older than the current table's, the
 *       growth from it has ended, and it is not the array that the map uses (clear keeps its array).
 *   L3  unreachable blocks are released by the writer that ends a growth or clears, and only when no
 *       iterator lives, when all blocks together weigh more than four times the current table and more
 *       than 64 KiB, and when they became unreachable before this very step. All go at gomap_release.
 * L3 is a collector's pacing: memory stays within a small multiple of what is in use, and a reader that
 * races with a writer (which Go makes harmless for memory) meets released memory only if it sleeps
 * through a whole further growth of a large map.
 * The list is pushed to and taken from by single atomic operations, so that racing writers cannot damage
 * it or release a block twice.
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#ifdef GOMAP_NATIVE /* uninstrumented: the heap is libc's */
#include <sys/mman.h>
#include <unistd.h>
#endif

#include "mapimpl/gomap/cell.h"

#define VERSION_ASKS 122u /* from here on an empty map does not hash */
#define KEEP_FACTOR  4u
#define KEEP_BYTES   (64u << 10)

/* Buckets on a multiple of 16 touch three cache lines and not sometimes four. */
#ifdef GOMAP_NATIVE
#define BUCKET_ALIGN   _Alignas(16)
#define HUGE_BYTES_MIN (UINT64_C(4) << 20)
#else
#define BUCKET_ALIGN
#endif

struct gomap_block {
    struct gomap_block *next;
    uint64_t bytes;
    uint64_t generation;
    BUCKET_ALIGN struct gomap_bucket bucket[];
};
_Static_assert(offsetof(struct gomap_block, bucket) % sizeof(uint64_t) == 0, "keys are aligned");

/* ---- memory */

#ifdef GOMAP_NATIVE
/* A key chosen at random lies in another page each time: a large table wants large pages, as Go's heap asks
 * for them. Before the first touch; a kernel that has none may say so. */
static void block_advise(void *block, uint64_t bytes) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t begin = ((uintptr_t)block + page - 1) / page * page;
    if (bytes >= HUGE_BYTES_MIN) {
        madvise((void *)begin, (uintptr_t)block + bytes - begin, MADV_HUGEPAGE);
    }
}
#else
/* The harness has the memory, and nothing is measured. */
static void block_advise(void *block, uint64_t bytes) {
    (void)block;
    (void)bytes;
}
#endif

static void block_push(struct gomap *map, struct gomap_block *block) {
    block->next = atomic_load(&map->blocks);
    while (!atomic_compare_exchange_weak(&map->blocks, &block->next, block)) {
    }
}

struct gomap_bucket *gomap_allocate(struct gomap *map, uint64_t count) {
    if (count > (SIZE_MAX / 2) / map->shape.bucket_size) {
        return NULL;
    }
    uint64_t bytes = sizeof(struct gomap_block) + count * map->shape.bucket_size;
    struct gomap_block *block = calloc(1, bytes);
    if (block == NULL) {
        return NULL;
    }
    block_advise(block, bytes);
    block->bytes = bytes;
    block->generation = atomic_load(&map->generation);
    atomic_fetch_add(&map->block_bytes, bytes);
    block_push(map, block);
    return block->bucket;
}

void gomap_table_begins(struct gomap *map) {
    atomic_fetch_add(&map->generation, 1);
}

static bool worth_releasing(const struct gomap *map) {
    uint64_t bytes = atomic_load(&map->block_bytes);
    uint64_t table = (gomap_mask(GOMAP_LOAD(map->log2_buckets)) + 1) * map->shape.bucket_size;
    return bytes > KEEP_BYTES && bytes > KEEP_FACTOR * table && atomic_load(&map->iterators) == 0;
}

/* What became unreachable in this step is of the last generation but one at the oldest: it stays. */
void gomap_table_ends(struct gomap *map) {
    if (!worth_releasing(map)) {
        return;
    }
    uint32_t generation = atomic_load(&map->generation);
    struct gomap_block *block = atomic_exchange(&map->blocks, NULL);
    while (block != NULL) {
        struct gomap_block *next = block->next;
        bool used = block->bucket == GOMAP_LOAD(map->buckets) ||
                    block->bucket == GOMAP_LOAD(map->oldbuckets);
        if (used || block->generation + 2 >= generation) {
            block_push(map, block);
        } else {
            atomic_fetch_sub(&map->block_bytes, block->bytes);
            free(block);
        }
        block = next;
    }
}

void gomap_table_wiped(struct gomap *map) {
    char *array = (char *)GOMAP_LOAD(map->buckets);
    struct gomap_block *block = (void *)(array - offsetof(struct gomap_block, bucket));
    gomap_table_begins(map);
    block->generation = atomic_load(&map->generation);
    gomap_table_ends(map);
    gomap_box_drop_all(map);
}

void gomap_iterator_begins(struct gomap *map) {
    atomic_fetch_add(&map->iterators, 1);
}

void gomap_iterator_ends(struct gomap *map) {
    atomic_fetch_sub(&map->iterators, 1);
}

/* ---- boxes: keys and elements above 128 bytes
 *
 *   L4  a box is on a list until it is released; the list outlives the map while a clone shares boxes.
 *   L5  a box that no cell holds is dead. Dead ones are released by the writer that makes one more, and
 *       only when no iterator lives, no other map shares the list, and the dead weigh more than 64 KiB and
 *       more than the living. */

struct box {
    struct box *next;
    uint64_t size;
    uint64_t dead;
    uint64_t content[];
};

struct gomap_boxes {
    struct box *list;
    uint64_t live_bytes;
    uint64_t dead_bytes;
    uint32_t maps;
};

void *gomap_box_new(struct gomap *map, uint64_t size) {
    struct box *box = malloc(sizeof *box + size);
    if (box == NULL) {
        return NULL;
    }
    box->next = map->boxes->list;
    box->size = size;
    box->dead = 0;
    map->boxes->list = box;
    map->boxes->live_bytes += size;
    return box->content;
}

static void boxes_release(struct gomap_boxes *boxes, bool all) {
    struct box *box = boxes->list;
    boxes->list = NULL;
    while (box != NULL) {
        struct box *next = box->next;
        if (all || box->dead) {
            boxes->dead_bytes -= box->dead ? box->size : 0;
            free(box);
        } else {
            box->next = boxes->list;
            boxes->list = box;
        }
        box = next;
    }
}

static void boxes_collect(struct gomap *map) {
    struct gomap_boxes *boxes = map->boxes;
    if (boxes->maps == 1 && boxes->dead_bytes > KEEP_BYTES &&
        boxes->dead_bytes > boxes->live_bytes && atomic_load(&map->iterators) == 0) {
        boxes_release(boxes, false);
    }
}

static void box_die(struct gomap_boxes *boxes, struct box *box) {
    if (!box->dead) {
        box->dead = 1;
        boxes->live_bytes -= box->size;
        boxes->dead_bytes += box->size;
    }
}

/* What two maps share stays until both are gone. */
void gomap_box_drop(struct gomap *map, void *box) {
    if (box != NULL && map->boxes->maps == 1) {
        box_die(map->boxes, (void *)((char *)box - offsetof(struct box, content)));
        boxes_collect(map);
    }
}

void gomap_box_drop_all(struct gomap *map) {
    if (map->boxes == NULL || map->boxes->maps != 1) {
        return;
    }
    for (struct box *box = map->boxes->list; box != NULL; box = box->next) {
        box_die(map->boxes, box);
    }
    boxes_collect(map);
}

uint64_t gomap_box_bytes(const struct gomap *map) {
    return map->boxes == NULL ? 0 : map->boxes->live_bytes + map->boxes->dead_bytes;
}

static void boxes_leave(struct gomap *map) {
    if (map->boxes != NULL && --map->boxes->maps == 0) {
        boxes_release(map->boxes, true);
        free(map->boxes);
    }
    map->boxes = NULL;
}

void gomap_boxes_share(struct gomap *map, struct gomap *other) {
    boxes_leave(map);
    map->boxes = other->boxes;
    if (map->boxes != NULL) {
        map->boxes->maps++;
    }
}

/* ---- life */

static struct gomap_shape shape_of(const struct gomap_config *config) {
    const struct gomap_type *type = config->type;
    return (struct gomap_shape){
        .bucket_size = (uint16_t)gomap_bucket_size(type),
        .version = (uint8_t)config->version,
        .load_numerator = config->version == 121 ? 12 : 13,
        .kind = (uint8_t)type->kind,
        .pointer_free = gomap_pointer_free(type),
    };
}

struct gomap_shape gomap_shape_quiet(const struct gomap *map) {
    return map->shape;
}

static void complete(struct gomap *map) {
    struct gomap_config *config = &map->config;
    if (config->host == NULL) {
        config->host = &map_host_standalone;
    }
    if (config->random == NULL) {
        config->random = &map->own_random;
    }
    if (config->version == 0) {
        config->version = GOMAP_VERSION_MIN;
    }
    if (config->type == NULL) {
        config->type = config->keys == MAP_KEYS_STRING ? &gomap_fast_string : &gomap_fast64;
    }
}

int gomap_runtime_init(struct gomap *map, const struct gomap_config *config) {
    atomic_init(&map->blocks, NULL);
    atomic_init(&map->block_bytes, 0);
    atomic_init(&map->generation, 0);
    atomic_init(&map->iterators, 0);
    atomic_init(&map->own_random.state, config->seed);
    atomic_init(&map->own_random.draws, 0);
    map->config = *config;
    complete(map);
    map->shape = shape_of(&map->config);
    map->hash_special = config->hash_mode != GOMAP_HASH_MIX || config->hash_hook != NULL;
    map->boxes = NULL;
    if (gomap_key_boxed(map->config.type) || gomap_elem_boxed(map->config.type)) {
        map->boxes = calloc(1, sizeof *map->boxes);
        if (map->boxes == NULL) {
            return -ENOMEM;
        }
        map->boxes->maps = 1;
    }
    return 0;
}

void gomap_runtime_release(struct gomap *map) {
    struct gomap_block *block = atomic_exchange(&map->blocks, NULL);
    while (block != NULL) {
        struct gomap_block *next = block->next;
        free(block);
        block = next;
    }
    atomic_store(&map->block_bytes, 0);
    boxes_leave(map);
}

/* ---- random numbers: wyrand, Wang Yi, 2019; the state is a counter, so draws are its function */

uint64_t gomap_draw64(const struct gomap *map) {
    const uint64_t step = UINT64_C(0xa0761d6478bd642f);
    struct gomap_random *random = map->config.random;
    atomic_fetch_add_explicit(&random->draws, 1, memory_order_relaxed);
    uint64_t state = atomic_fetch_add_explicit(&random->state, step, memory_order_relaxed) + step;
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)state * (state ^ UINT64_C(0xe7037ed1a0b428db));
    return (uint64_t)(product >> 64) ^ (uint64_t)product;
}

uint32_t gomap_draw32(const struct gomap *map) {
    return (uint32_t)gomap_draw64(map);
}

/* ---- the host */

void gomap_tell(const struct gomap *map, enum map_event_kind kind, uint64_t bucket) {
    const struct map_host *host = map->config.host;
    if (map->config.silent || host == &map_host_standalone) {
        return;
    }
    struct map_event event = {.kind = kind, .part = map->config.part, .bucket = bucket};
    host->event(host->context, &event);
}

_Noreturn void gomap_fatal(const struct gomap *map, const char *message) {
    const struct map_host *host = map->config.host;
    host->fatal(host->context, message);
    abort(); /* the host broke its contract */
}

/* ---- hashes */

static uint64_t hash_by_mode(const struct gomap *map, uint64_t key, uint64_t seed) {
    switch (map->config.hash_mode) {
    case GOMAP_HASH_IDENT:
        return key ^ seed;
    case GOMAP_HASH_CONST:
        return UINT64_C(0xab00000000000000) ^ seed;
    case GOMAP_HASH_MIX:
        break;
    }
    return gomap_hash_mixed(key, seed);
}

static void run_hook(const struct gomap *map) {
    if (map->config.hash_hook != NULL) {
        map->config.hash_hook(map->config.hash_context);
    }
}

uint64_t gomap_hash_quiet(const struct gomap *map, uint64_t key) {
    return hash_by_mode(map, key, map->hash0);
}

uint64_t gomap_hash_special(const struct gomap *map, uint64_t key, uint64_t seed) {
    run_hook(map);
    return hash_by_mode(map, key, seed);
}

/* Up to eight bytes of a text, the first being the lowest. */
static uint64_t word_at(const char *bytes, size_t count) {
    uint64_t word = 0;
    for (size_t i = 0; i < count; i++) {
        word |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
    }
    return word;
}

static uint64_t word8(const char *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return le64toh(word);
}

static uint64_t word4(const char *bytes) {
    uint32_t word;
    memcpy(&word, bytes, sizeof word);
    return le32toh(word);
}

/* Both halves of the product. */
static uint64_t multiply(uint64_t a, uint64_t b) {
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;
    return (uint64_t)(product >> 64) ^ (uint64_t)product;
}

/* In the manner of wyhash (Wang Yi, 2019, final version 4): 16 bytes a multiplication; the last ones are
 * read so that they overlap with those before them. */
uint64_t gomap_hash_text_mixed(struct map_string text, uint64_t seed) {
    const uint64_t odd = UINT64_C(0xa0761d6478bd642f);
    const uint64_t even = UINT64_C(0xe7037ed1a0b428db);
    const char *at = text.data;
    uint64_t a = 0;
    uint64_t b = 0;
    uint64_t state = multiply(seed ^ odd, even);
    if (text.length > 16) {
        size_t left = text.length;
        for (; left > 16; left -= 16, at += 16) {
            state = multiply(word8(at) ^ even, word8(at + 8) ^ state);
        }
        a = word8(at + left - 16);
        b = word8(at + left - 8);
    } else if (text.length >= 4) {
        size_t middle = text.length / 8 * 4;
        const char *end = at + text.length - 4;
        a = word4(at) << 32 | word4(at + middle);
        b = word4(end) << 32 | word4(end - middle);
    } else {
        a = word_at(at, text.length);
    }
    return multiply(even ^ text.length, multiply(a ^ even, b ^ state));
}

static uint64_t text_by_mode(const struct gomap *map, struct map_string text, uint64_t seed) {
    return map->config.hash_mode == GOMAP_HASH_MIX
               ? gomap_hash_text_mixed(text, seed)
               : hash_by_mode(map, word_at(text.data, text.length < 8 ? text.length : 8), seed);
}

uint64_t gomap_hash_text_quiet(const struct gomap *map, struct map_string text) {
    return text_by_mode(map, text, map->hash0);
}

uint64_t gomap_hash_text(const struct gomap *map, struct map_string text, uint64_t seed) {
    run_hook(map);
    return text_by_mode(map, text, seed);
}

bool gomap_text_same(struct map_string a, struct map_string b) {
    return a.length == 0 || memcmp(a.data, b.data, a.length) == 0;
}

bool gomap_hash_any(const struct gomap *map, const struct gomap_type *type, const void *key,
                    uint64_t seed, uint64_t *hash) {
    run_hook(map);
    return type->hash(map, key, seed, hash);
}

bool gomap_probe(const struct gomap_type *type, const struct gomap *map, const void *key) {
    uint64_t ignored;
    if (!type->hash_panics) {
        return true;
    }
    if (map != NULL && map->shape.version >= VERSION_ASKS) {
        return type->hashable(key);
    }
    return type->hash(map, key, 0, &ignored);
}
