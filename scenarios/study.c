/* study.c - see study.h. */
#include "scenarios/study.h"

#include <stddef.h>

/* Fewer keys tell little of what sizes follow. */
#define BLOCK_KEYS_MIN 512u
/* A growth that is under way for more puts than this, beyond twice the keys asked for, is not waited
 * for. */
#define OPEN_KEYS 16u
/* Bytes of the last table for each key. A table of pointers to chains of eight has one. */
#define BLOCK_BYTES_PER_KEYS 1u

const char *const sn_sign_names[SN_SIGNS] = {"nothing", "event", "view", "block"};

static bool by_event(const struct sn_study *study, uint32_t keys) {
    return study->put[keys].event;
}

static bool by_view(const struct sn_study *study, uint32_t keys) {
    return study->put[keys].view;
}

static bool by_block(const struct sn_study *study, uint32_t keys) {
    const struct sn_study_put *put = &study->put[keys];
    return put->block > study->put[0].block && put->block >= put->before;
}

typedef bool grows(const struct sn_study *study, uint32_t keys);

static grows *const told_by[SN_SIGNS] = {NULL, by_event, by_view, by_block};

/* Whether the blocks follow the number of keys: at least two sizes, one larger than the other, and the
 * largest large enough for all keys. */
static bool blocks_follow(const struct sn_study *study) {
    uint64_t largest = 0;
    uint32_t sizes = 0;
    if (study->keys < BLOCK_KEYS_MIN)
        return false;
    for (uint32_t keys = 1; keys < study->keys; keys++) {
        if (!by_block(study, keys) || study->put[keys].block == largest)
            continue;
        largest = study->put[keys].block;
        sizes++;
    }
    return sizes >= 2 && largest >= BLOCK_BYTES_PER_KEYS * study->keys;
}

static enum sn_sign sign_of(const struct sn_study *study) {
    for (uint32_t keys = 1; keys < study->keys; keys++) {
        if (by_event(study, keys))
            return SN_SIGN_EVENT;
    }
    for (uint32_t keys = 1; keys < study->keys; keys++) {
        if (by_view(study, keys))
            return SN_SIGN_VIEW;
    }
    return blocks_follow(study) ? SN_SIGN_BLOCK : SN_SIGN_NONE;
}

/* Whether `left` is nearer to `nominal` than `right`, or as near. */
static bool nearer(uint64_t left, uint64_t right, uint64_t nominal) {
    uint64_t above = nominal > 0 ? nominal : 1;
    return left <= above && right >= above ? above * above <= left * right : left > right;
}

struct sn_place_of_growth sn_study_nearest(const struct sn_study *study, uint64_t nominal) {
    struct sn_place_of_growth found = {.keys = nominal, .sign = sign_of(study)};
    uint64_t below = 0, beyond = 0;
    if (!study->done || found.sign == SN_SIGN_NONE)
        return (struct sn_place_of_growth){.keys = nominal};
    for (uint32_t keys = 1; keys < study->keys && beyond == 0; keys++) {
        if (!told_by[found.sign](study, keys))
            continue;
        if (keys <= nominal)
            below = keys;
        else
            beyond = keys;
    }
    found.keys = beyond == 0 || (below > 0 && nearer(below, beyond, nominal)) ? below : beyond;
    if (found.sign == SN_SIGN_BLOCK)
        found.block = study->put[found.keys].block;
    return found;
}

bool sn_study_enough(const struct sn_study *study, uint64_t nominal) {
    uint32_t last = study->keys - 1;
    if (study->open && last <= 2 * nominal + OPEN_KEYS) /* it may end in a later put */
        return false;
    for (uint32_t keys = nominal > 0 ? (uint32_t)nominal : 1; keys <= last; keys++) {
        if (by_event(study, keys) || by_view(study, keys))
            return true;
    }
    if (study->keys < BLOCK_KEYS_MIN || (study->keys & (study->keys - 1)) != 0)
        return false;
    enum sn_sign sign = sign_of(study);
    if (sign != SN_SIGN_BLOCK)
        return false;
    for (uint32_t keys = nominal > 0 ? (uint32_t)nominal : 1; keys < study->keys; keys++) {
        if (by_block(study, keys))
            return true;
    }
    return false;
}
