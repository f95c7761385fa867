/* finish.c - an execution ends: what the map holds is what the model allows.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "scenarios/program_internal.h"

/* What a reader finds at the end is what the model allows. Keys that no task wrote are looked up
 * through the inspector where there is one. Returns whether it is there. */
static bool check_key(struct sn_program *program, uint32_t index) {
    char message[HD_MESSAGE_SIZE], note[HD_MESSAGE_SIZE];
    uint64_t key = program->universe.key[index], value = 0;
    struct map_cell cell = {0};
    bool found;
    if (program->inspector != NULL && !program->model.key[index].touched &&
        sn_tables_sure(program)) {
        found = sn_key_find(program->inspector, program->texts, program->map, key, &cell);
        value = cell.value;
    } else {
        found = sn_key_get(program->ops, program->texts, program->map, key, &value);
    }
    bool forgotten = !found && program->model.forgetting;
    if (program->judged && !forgotten)
        sn_v10_read(&program->v10, index, found, value);
    if (forgotten || sn_model_allows(&program->model, index, found, value))
        return found;
    bool removed = found && sn_model_allows(&program->model, index, false, 0);
    snprintf(note, sizeof(note), "found %s %llu; key number %u", found ? "value" : "nothing,",
             (unsigned long long)(found ? value : 0), index);
    snprintf(message, sizeof(message), "at the end key %llu %s", (unsigned long long)key,
             !found    ? "is lost"
             : removed ? "is present, but was removed or never put"
                       : "holds a value that was overwritten or never put");
    sn_tell_key(program, removed ? 2 : 1, index, message);
    sn_v10_tell_key(&program->v10, index);
    sn_raise(program, HD_FAULT_LINEARIZABILITY, message, note);
    return found;
}

static void check_length(struct sn_program *program, uint64_t entries) {
    char message[HD_MESSAGE_SIZE];
    uint64_t length = program->ops->length(program->map);
    if (length == entries || program->ops->promises.length_estimate)
        return;
    snprintf(message, sizeof(message), "at the end length is %llu, entries are %llu",
             (unsigned long long)length, (unsigned long long)entries);
    sn_tell_count(message);
    sn_v10_tell_writes(&program->v10);
    sn_raise(program, HD_FAULT_LINEARIZABILITY, message, "");
}

struct walk {
    struct sn_program *program;
    uint64_t entries;
    const char *wrong;
    uint64_t key;
};

static bool visit(void *context, uint64_t key, uint64_t value) {
    struct walk *walk = context;
    struct sn_program *program = walk->program;
    uint32_t index = sn_universe_index(&program->universe, key);
    walk->entries++;
    walk->key = key;
    if (index == SN_NO_INDEX)
        walk->wrong = "which nobody put";
    else if (program->scratch[index]++ > 0)
        walk->wrong = "a second time";
    else if (!sn_model_allows(&program->model, index, true, value))
        walk->wrong = "with a value that it cannot hold";
    return walk->wrong == NULL;
}

static bool stop_at_once(void *context, uint64_t key, uint64_t value) {
    uint64_t *shown = context;
    (void)key, (void)value;
    ++*shown;
    return false;
}

/* An iteration whose visitor has seen enough shows no more. */
static void check_stop(struct sn_program *program) {
    char message[HD_MESSAGE_SIZE];
    uint64_t shown = 0;
    sn_key_iterate(program->ops, program->texts, program->map, stop_at_once, &shown);
    if (shown <= 1)
        return;
    snprintf(message, sizeof(message),
             "at the end an iteration that is to stop at its first entry shows %llu",
             (unsigned long long)shown);
    sn_raise(program, HD_FAULT_LINEARIZABILITY, message, "");
}

/* An iteration shows each entry that was found, once, and nothing else, and returns how many. */
static void check_iteration(struct sn_program *program, uint64_t entries) {
    char message[HD_MESSAGE_SIZE];
    struct walk walk = {.program = program};
    memset(program->scratch, 0, program->universe.count);
    uint64_t count = sn_key_iterate(program->ops, program->texts, program->map, visit, &walk);
    if (walk.wrong != NULL)
        snprintf(message, sizeof(message), "at the end an iteration shows key %llu %s",
                 (unsigned long long)walk.key, walk.wrong);
    else if (walk.entries != entries)
        snprintf(message, sizeof(message),
                 "at the end an iteration shows %llu entries, there are %llu",
                 (unsigned long long)walk.entries, (unsigned long long)entries);
    else if (count != walk.entries)
        snprintf(message, sizeof(message),
                 "at the end an iteration shows %llu entries, returns %llu",
                 (unsigned long long)walk.entries, (unsigned long long)count);
    else
        return;
    uint32_t index = sn_universe_index(&program->universe, walk.key);
    if (walk.wrong != NULL && index != SN_NO_INDEX)
        sn_v10_tell_key(&program->v10, index);
    else if (walk.wrong == NULL)
        sn_v10_tell_writes(&program->v10);
    sn_raise(program, HD_FAULT_LINEARIZABILITY, message, "");
}

/* Only a map that can be frozen refuses writes. */
static void check_refusals(struct sn_program *program) {
    if (program->model.refused == 0 || program->model.freeze_begun ||
        program->ops->freeze(program->map) != -ENOTSUP)
        return;
    sn_raise(program, HD_FAULT_LINEARIZABILITY,
             "a write was refused by a map that cannot be frozen", "");
}

/* Old buckets may vanish without an event only where a whole table is replaced by a frozen one. */
static void check_replaced(struct sn_program *program) {
    if (program->replaced && program->ops->freeze(program->map) == -ENOTSUP)
        sn_raise(program, HD_FAULT_INVARIANT,
                 "V8: there are no old buckets within the growth window", "");
}

static void check_whole(struct sn_program *program) {
    struct sn_finding finding;
    char note[HD_MESSAGE_SIZE];
    if (!program->judged)
        return;
    enum hd_check_verdict verdict = sn_v10(&program->v10, program->universe.key, &finding, note);
    program->counter[SN_COUNT_HISTORIES]++;
    program->counter[SN_COUNT_HISTORIES_UNKNOWN] += verdict == HD_CHECK_UNKNOWN;
    if (verdict == HD_CHECK_ILLEGAL)
        sn_raise(program, HD_FAULT_LINEARIZABILITY, finding.message, note);
}

static void check_end(struct sn_program *program) {
    program->counter[SN_COUNT_ENDS]++;
    uint64_t entries = 0;
    for (uint32_t key = 0; key < program->universe.count; key++)
        entries += check_key(program, key);
    check_length(program, entries);
    check_iteration(program, entries);
    check_stop(program);
    check_refusals(program);
    check_replaced(program);
    check_whole(program);
    if (program->later)
        sn_raise(program, HD_FAULT_INVARIANT, program->later_finding.message, program->later_note);
}

void sn_finish(void *context) {
    struct sn_program *program = context;
    sn_track_stop(&program->track, hd_points_now());
    if (program->kind != HD_RUN_FREE && !program->study.active)
        check_end(program);
    program->kind = HD_RUN_BARE; /* destroying a map that grows is no release in the sense of V8 */
    program->ops->destroy(program->map);
    program->map = NULL;
    program->study.active = false;
}
