/* scenario_internal.h - a scenario as data, as the file says it. Private to scenarios/. */
#ifndef HEDDLE_SCENARIOS_SCENARIO_INTERNAL_H
#define HEDDLE_SCENARIOS_SCENARIO_INTERNAL_H

#include "harness/result/record.h"
#include "scenarios/scenario.h"
#include "scenarios/yaml.h"

#define SN_KEYS_MAX       8192u  /* keys a program may know */
#define SN_OPERATIONS_MAX 1000u  /* operations of one task */
#define SN_TOTAL_MAX      32768u /* operations of all tasks of a program */
#define SN_GROUPS_MAX     32u
#define SN_TAGS_MAX       16u
#define SN_EXPECT_MAX     64u
#define SN_PHASES_MAX     8u
#define SN_MILLION        1000000u

enum sn_operation_kind {
    SN_PUT,
    SN_GET,
    SN_DELETE,
    SN_ITERATE,
    SN_CLEAR,
    SN_LENGTH,
    SN_FREEZE,
    SN_ITERATE_PUT, /* an iteration that puts two new keys at each entry it comes to */
};
#define SN_OPERATION_KINDS 8

/* "put", "get", ... in the order of the enumeration. */
extern const char *const sn_operation_names[SN_OPERATION_KINDS];

/* Which key an operation takes. The universe of keys is the prefilled ("old") ones followed by the
 * new ones; a number is a place in it. */
enum sn_key_choice {
    SN_KEY_ANY,    /* drawn as the scenario's `keys` say */
    SN_KEY_NEW,    /* drawn from the new keys */
    SN_KEY_OLD,    /* drawn from the prefilled keys */
    SN_KEY_TASK,   /* the new key with the number of the task */
    SN_KEY_NUMBER, /* the key with this number */
};

struct sn_step {
    enum sn_operation_kind kind;
    enum sn_key_choice choice;
    uint64_t number;
};

struct sn_group {
    char *name;
    uint32_t phase;             /* its tasks start when those of all phases before have ended */
    struct sn_range count;      /* tasks of this kind */
    struct sn_range operations; /* operations a task, drawn from `weight` */
    uint64_t weight[SN_OPERATION_KINDS];
    struct sn_step *step; /* a fixed list instead of a mix */
    uint32_t steps;       /* 0: a mix */
};

enum sn_prefill_kind {
    SN_PREFILL_COUNT,     /* so many keys */
    SN_PREFILL_THRESHOLD, /* each table full to the load limit of 2^amount buckets */
    SN_PREFILL_SAME_SIZE, /* 2^amount buckets, few keys, many overflow buckets */
    SN_PREFILL_COLLIDE,   /* so many keys of one bucket: a chain of overflow buckets */
};

struct sn_prefill {
    enum sn_prefill_kind kind;
    struct sn_range amount;
    uint64_t below;        /* keys, or overflow buckets, short of the threshold */
    struct sn_range above; /* keys beyond it: the growth has begun when the tasks start */
    uint64_t spare;        /* same_size: keys that stay in each chain */
};

/* Which values the new keys have. All but the first need the map's inspector. */
enum sn_place {
    SN_PLACE_ANY,          /* the next free numbers */
    SN_PLACE_SAME_BUCKET,  /* all of one bucket, also after a doubling */
    SN_PLACE_SAME_TOPHASH, /* the same top byte of the hash */
    SN_PLACE_SPLIT,        /* all of one bucket, and in turn of its two halves after a doubling */
};

struct sn_keys {
    uint64_t fresh;     /* new keys behind the prefilled ones */
    uint32_t new_share; /* of a put's keys that are drawn from the new ones, in millionths */
    uint32_t hot_share; /* of all drawn keys that are the one hot key */
    bool new_share_set; /* otherwise all keys of the universe are equally likely */
    bool zipf;          /* the n-th key is drawn 1/n times as often as the first */
    enum sn_place place;
};

/* Added to each value of a scenario of large ones: above 2^63, and what it was added to can be read. */
#define SN_VALUE_LARGE UINT64_C(10000000000000000000)

/* What an execution may come upon; the campaign counts in how many it did. */
enum sn_sight {
    SN_SIGHT_GROWING,        /* a growth started, or was under way when the tasks started */
    SN_SIGHT_GROWTH,         /* a growth started */
    SN_SIGHT_SAME_SIZE,      /* ... that keeps the number of buckets */
    SN_SIGHT_CHAINED,        /* ... by the operation that ended the one before */
    SN_SIGHT_TWO_GROWTHS,    /* two growths started */
    SN_SIGHT_ITERATE_ACROSS, /* two growths started within one iteration */
    SN_SIGHT_EMPTIED,        /* a delete or a clear left nothing */
    SN_SIGHT_CLEAR_WINDOW,   /* a clear began inside the growth window */
    SN_SIGHT_LENGTH_WINDOW,  /* a length */
    SN_SIGHT_ITERATE_WINDOW, /* an iteration */
    SN_SIGHT_FREEZE_OVERLAP, /* a freeze was in flight together with other operations */
    SN_SIGHTS,
};

/* "growth", "same-size", ... in the order of the enumeration. */
extern const char *const sn_sight_names[SN_SIGHTS];

struct sn_demands {
    uint32_t window_share;              /* of the points, in millionths; 0 = no demand */
    bool window_op[SN_OPERATION_KINDS]; /* seen with the key's old bucket moved and not yet moved */
    bool sight[SN_SIGHTS];              /* come upon in some execution */
};

struct sn_expect {
    char *map;
    char *place;             /* of the name: "FILE:LINE:COLUMN" */
    enum hd_verdict verdict; /* ok or fault */
    enum hd_fault_kind kind; /* of the fault that must be found */
    char *message;           /* NULL: any */
    bool also[HD_FAULT_KINDS];
    bool exempt; /* from the coverage demands */
    char *reason;
};

struct sn_scenario {
    char *spelling;
    char *path;
    char *name;
    char *question;
    char *cost;
    char *tag[SN_TAGS_MAX];
    uint32_t tags;
    struct sn_range hint;
    uint64_t shards;
    bool strings;     /* the map's keys are strings */
    bool large;       /* values stand above SN_VALUE_LARGE */
    uint64_t version; /* of Go's map; 0: the map's default */
    struct sn_prefill prefill;
    struct sn_keys keys;
    struct sn_group group[SN_GROUPS_MAX];
    uint32_t groups;
    uint32_t phases; /* 1 or more */
    char *strategy;
    uint64_t executions;
    uint64_t points_max;
    uint64_t operation_points_max; /* of all tasks, while one operation lasts; 0: no bound */
    struct sn_demands demands;
    struct sn_expect expect[SN_EXPECT_MAX];
    const char *map[SN_EXPECT_MAX]; /* names of `expect` */
    uint32_t expects;
};

/* Reads a scenario file. Returns 0, or -errno with one line in `error`. */
int sn_load(const char *path, struct sn_scenario *scenario, char *error);
/* Releases what a scenario owns, not the scenario itself. Safe on a zeroed one. */
void sn_scenario_clear(struct sn_scenario *scenario);

/* Parts of sn_load: the task groups (`tasks` or `phases`) and the list of expectations. */
bool sn_load_tasks(struct sn_yaml *yaml, yaml_node_t *root, struct sn_scenario *scenario);
bool sn_load_expectations(struct sn_yaml *yaml, yaml_node_t *mapping, struct sn_scenario *scenario);

#define SN_GIVE_NEW  "give 'keys: {new: N}'"
#define SN_GIVE_KEYS "give a prefill or 'keys: {new: N}'"

/* Whether each key that an operation may take is there in every program: that of a step of the group
 * read last, whose key stands `offset` characters behind the start of `node`; those that its mix
 * draws; those of `new_share`. Prefill and keys must have been read. */
bool sn_load_step_key(struct sn_yaml *yaml, const yaml_node_t *node, size_t offset,
                      const struct sn_scenario *scenario, const struct sn_step *step);
bool sn_load_mix_keys(struct sn_yaml *yaml, const yaml_node_t *mix,
                      const struct sn_scenario *scenario);
bool sn_load_new_share(struct sn_yaml *yaml, yaml_node_t *keys, const struct sn_scenario *scenario);

/* Whether it asks what happens while a table grows. */
bool sn_growth_wanted(const struct sn_scenario *scenario);
/* Whether its programs have one task. */
bool sn_scenario_alone(const struct sn_scenario *scenario);
/* The expectation for a map, or NULL. */
const struct sn_expect *sn_scenario_expect(const struct sn_scenario *scenario, const char *map);

/* Largest number of entries that 2^log2_buckets buckets hold without growing: 6.5 a bucket, and 8
 * in a single one (the load rule of Go's runtime). */
uint64_t sn_load_limit(uint32_t log2_buckets);

#define SN_MAP_NAME_MAX 32u /* characters */

/* Bytes of a table of this version of map.h, or 0 when maps of that version are not taken. */
size_t sn_map_table_size(uint32_t version);
/* Whether `ops`, the object of `size` bytes that the file at `path` exports as its table, is one: its
 * version, no empty slot, a name. Returns 0, or -ENOEXEC with one line in `error`. */
int sn_map_table_check(const char *path, const struct map_ops *ops, size_t size, char *error);

/* The directory of scenario files that sn_paths_init found. */
const char *sn_path_scenarios(void);
/* Whether sn_paths_init was told the tsan flavour. */
bool sn_path_tsan(void);

#endif
