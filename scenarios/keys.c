/* keys.c - see keys.h. */
#include "scenarios/keys.h"
#include "harness/sched/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/assert.h"

#define TEXT_SIZE 48u
#define TAIL      "-with-a-tail-behind-the-number"

struct sn_texts {
    uint8_t length[SN_KEY_LIMIT];
    char written[SN_KEY_LIMIT][TEXT_SIZE];
    char read[SN_KEY_LIMIT][TEXT_SIZE];
};

struct sn_texts *sn_texts_new(void) {
    struct sn_texts *texts = calloc(1, sizeof(*texts));
    for (uint32_t key = 0; texts != NULL && key < SN_KEY_LIMIT; key++) {
        int length =
            snprintf(texts->written[key], TEXT_SIZE, "key-%u%s", key, key % 4 == 3 ? TAIL : "");
        HD_ASSERT(length > 0 && length < (int)TEXT_SIZE);
        texts->length[key] = (uint8_t)length;
        memcpy(texts->read[key], texts->written[key], (size_t)length);
    }
    return texts;
}

void sn_texts_free(struct sn_texts *texts) {
    free(texts);
}

struct map_string sn_text_to_write(const struct sn_texts *texts, uint64_t key) {
    HD_ASSERT(key < SN_KEY_LIMIT);
    return (struct map_string){.data = texts->written[key], .length = texts->length[key]};
}

struct map_string sn_text_to_read(const struct sn_texts *texts, uint64_t key) {
    HD_ASSERT(key < SN_KEY_LIMIT);
    return (struct map_string){.data = texts->read[key], .length = texts->length[key]};
}

/* A broken map may hand out a string that is torn: nothing is read beyond the shortest one. */
uint64_t sn_text_number(const struct map_string *text) {
    uint64_t number = 0;
    if (text->data == NULL || text->length < 5 || text->length >= TEXT_SIZE ||
        memcmp(text->data, "key-", 4) != 0)
        return UINT64_MAX;
    size_t at = 4;
    for (; at < text->length && text->data[at] >= '0' && text->data[at] <= '9'; at++)
        number = number * 10 + (uint64_t)(text->data[at] - '0');
    size_t tail = text->length - at;
    bool whole = number % 4 == 3 ? tail == strlen(TAIL) && memcmp(text->data + at, TAIL, tail) == 0
                                 : tail == 0;
    return at > 4 && whole && number < SN_KEY_LIMIT ? number : UINT64_MAX;
}

/* ---- the inspector --------------------------------------------------------------------------- */

uint32_t sn_key_part(const struct map_inspector *inspector, const struct sn_texts *texts,
                     const void *map, uint64_t key) {
    if (texts == NULL)
        return inspector->part_of(map, key);
    struct map_string text = sn_text_to_read(texts, key);
    return inspector->part_of_string(map, &text);
}

uint64_t sn_key_hash(const struct map_inspector *inspector, const struct sn_texts *texts,
                     const void *map, uint32_t part, uint64_t key) {
    if (texts == NULL)
        return inspector->hash(map, part, key);
    struct map_string text = sn_text_to_read(texts, key);
    return inspector->hash_string(map, part, &text);
}

bool sn_key_find(const struct map_inspector *inspector, const struct sn_texts *texts,
                 const void *map, uint64_t key, struct map_cell *cell) {
    if (texts == NULL)
        return inspector->find(map, key, cell);
    struct map_string text = sn_text_to_read(texts, key);
    hd_quiet_begin(); /* an inspector may compare strings by memcmp, which is a point */
    bool found = inspector->find_string(map, &text, cell);
    hd_quiet_end();
    return found;
}

/* ---- the operations -------------------------------------------------------------------------- */

bool sn_key_get(const struct map_ops *ops, const struct sn_texts *texts, void *map, uint64_t key,
                uint64_t *value) {
    if (texts == NULL)
        return ops->get(map, key, value);
    struct map_string text = sn_text_to_read(texts, key);
    return ops->strings->get(map, &text, value);
}

/* By bytes that are others as soon as it has returned. */
static int put_copy(const struct map_ops *ops, void *map, struct map_string text, uint64_t value) {
    char bytes[TEXT_SIZE];
    memcpy(bytes, text.data, text.length);
    struct map_string passing = {.data = bytes, .length = text.length};
    int status = ops->strings->put(map, &passing, value);
    memset(bytes, '#', sizeof(bytes));
    return status;
}

int sn_key_put(const struct map_ops *ops, const struct sn_texts *texts, void *map, uint64_t key,
               uint64_t value) {
    if (texts == NULL)
        return ops->put(map, key, value);
    struct map_string text = sn_text_to_write(texts, key);
    return ops->promises.copies_keys ? put_copy(ops, map, text, value)
                                     : ops->strings->put(map, &text, value);
}

int sn_key_delete(const struct map_ops *ops, const struct sn_texts *texts, void *map,
                  uint64_t key) {
    if (texts == NULL)
        return ops->del(map, key);
    struct map_string text = sn_text_to_read(texts, key);
    return ops->strings->del(map, &text);
}

struct visiting {
    bool (*visit)(void *context, uint64_t key, uint64_t value);
    void *context;
};

static bool visit_string(void *context, const struct map_string *key, uint64_t value) {
    const struct visiting *visiting = context;
    return visiting->visit(visiting->context, sn_text_number(key), value);
}

uint64_t sn_key_iterate(const struct map_ops *ops, const struct sn_texts *texts, void *map,
                        bool (*visit)(void *context, uint64_t key, uint64_t value), void *context) {
    struct visiting visiting = {.visit = visit, .context = context};
    return texts == NULL ? ops->iterate(map, visit, context)
                         : ops->strings->iterate(map, visit_string, &visiting);
}
