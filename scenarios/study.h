/* study.h - where a map grows, found out by filling it alone.
 *
 * Before a batch its map is made once more, with the batch's options and hash seed, in an execution
 * without tasks: the keys of the prefill are put one at a time, and it is noted which of these puts made
 * the map grow. That is told by the first of these signs that the map gives:
 *
 *   event   it reports MAP_GROWTH_START
 *   view    its inspector shows another number of buckets, or old buckets
 *   block   a put gets a block of memory at least as large as any put before it got, and the sizes of
 *           these blocks follow the number of keys. What the first put gets is a node or the first table,
 *           and no growth. Nodes, also of skip lists, trees and chains of buckets, have sizes of their
 *           own, which do not follow.
 *
 * What is found follows from scenario, map, build and batch alone, so that a replay finds the same. The
 * study ends when it knows a place beyond the one that the scenario asks for, when the map refuses a key,
 * or after SN_STUDY_KEYS_MAX keys.
 */
#ifndef HEDDLE_SCENARIOS_STUDY_H
#define HEDDLE_SCENARIOS_STUDY_H

#include <stdbool.h>
#include <stdint.h>

#define SN_STUDY_KEYS_MAX 4096u

enum sn_sign {
    SN_SIGN_NONE, /* no put was seen to make it grow */
    SN_SIGN_EVENT,
    SN_SIGN_VIEW,
    SN_SIGN_BLOCK,
};
#define SN_SIGNS 4

/* "nothing", "event", ... in the order of the enumeration. */
extern const char *const sn_sign_names[SN_SIGNS];

/* What one put did, the map holding as many keys before as its place in the list says. */
struct sn_study_put {
    uint64_t block;  /* bytes of the largest piece of memory that it got */
    uint64_t before; /* ... and that any put before it got */
    bool event;      /* it reported that a growth starts */
    bool view;       /* the inspector shows a growth */
};

struct sn_study {
    bool active; /* the execution that runs is the study */
    bool done;   /* there was one for this batch, although it may have ended early */
    bool counted;
    bool open;    /* a growth has started and not ended */
    bool gradual; /* some growth ended in a later put than it started in */
    bool refused; /* the map refused a key before it was seen to grow far enough */
    uint32_t keys;
    struct sn_study_put put[SN_STUDY_KEYS_MAX];
};

/* A place where a map grows. */
struct sn_place_of_growth {
    enum sn_sign sign;
    uint64_t keys;  /* the next new key makes it grow */
    uint64_t block; /* sign block: bytes of the piece that it gets then */
};

/* The place of growth next to `nominal` keys, by ratio; of two equal ones the lower. Without any: sign
 * none and `nominal`. */
struct sn_place_of_growth sn_study_nearest(const struct sn_study *study, uint64_t nominal);
/* Whether a place of growth at `nominal` keys or beyond is known, or cannot become known any more. */
bool sn_study_enough(const struct sn_study *study, uint64_t nominal);

#endif
