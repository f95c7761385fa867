/* first_bad.c - what was found broken, said so that the harness can ask for it at other moments.
 *
 * The word is the letter of an invariant, and for V1 and V2 the key that it was found of. A moment is
 * judged only where its answer stands for the state alone: V1, V2 and V6 while no write is inside the
 * table, a key while no write on it is in flight, and nothing of a table in which writes overlap.
 */
#include "harness/base/assert.h"
#include "scenarios/program_internal.h"

#define COUNT     15u /* V6 against the model's count */
#define KEY_SHIFT 8u  /* the key's index and one, above the letter */

typedef bool checker(const struct sn_look *look, struct sn_finding *finding);
typedef bool key_checker(const struct sn_look *look, uint32_t key, struct sn_finding *finding);

static checker *const checkers[] = {NULL, sn_v1, sn_v2, sn_v3, sn_v4, sn_v5, sn_v6, sn_v7, sn_v8};

static bool quiet_only(uint32_t letter) {
    return letter == 1 || letter == 2 || letter == 6;
}

void sn_tell_finding(const struct sn_finding *finding) {
    uint64_t key = finding->key == SN_NO_KEY ? 0 : (uint64_t)finding->key + 1;
    HD_ASSERT(finding->letter >= 1 && finding->letter <= 8);
    hd_broken(key << KEY_SHIFT | finding->letter, finding->message);
}

void sn_tell_key(struct sn_program *program, uint32_t letter, uint32_t key, const char *message) {
    if (program->inspector != NULL && key != SN_NO_KEY)
        hd_broken(((uint64_t)key + 1) << KEY_SHIFT | letter, message);
}

void sn_tell_count(const char *message) {
    hd_broken(COUNT, message);
}

/* A look at a table in which the letter can be judged now; else false. */
static bool look_for(struct sn_program *program, uint32_t part, uint32_t letter,
                     struct sn_look *look) {
    const struct sn_part *track = &program->track.part[part];
    if (track->overlapped || track->unsure || (quiet_only(letter) && track->writers > 0))
        return false;
    *look = sn_look_at(program, part);
    look->settled = track->writers == 0;
    look->flagged = true; /* V7 is asked for only of a map that was seen to use the flag */
    if (sn_within_step(track, &look->view))
        return false;
    sn_look_collect(program, look);
    return true;
}

static enum hd_judgement judge_key(struct sn_program *program, uint32_t letter, uint32_t key) {
    struct sn_candidate state;
    struct sn_finding finding;
    struct sn_look look;
    key_checker *check = letter == 1 ? sn_v1_key : sn_v2_key;
    if (!look_for(program, sn_part_of(program, program->universe.key[key]), letter, &look))
        return HD_UNJUDGED;
    if (!check(&look, key, &finding))
        return HD_BROKEN;
    return sn_model_definite(&program->model, key, &state) ? HD_HOLDS : HD_UNJUDGED;
}

/* V3 says nothing of a bucket that is being moved. */
static enum hd_judgement judge_table(struct sn_program *program, uint32_t part, uint32_t letter) {
    struct sn_finding finding;
    struct sn_look look;
    if (!look_for(program, part, letter, &look))
        return HD_UNJUDGED;
    if (!checkers[letter](&look, &finding))
        return HD_BROKEN;
    return letter == 3 && look.track->moves > 0 ? HD_UNJUDGED : HD_HOLDS;
}

static enum hd_judgement judge_tables(struct sn_program *program, uint32_t letter) {
    enum hd_judgement all = HD_HOLDS;
    for (uint32_t part = 0; part < program->track.parts; part++) {
        enum hd_judgement one = judge_table(program, part, letter);
        if (one == HD_BROKEN)
            return HD_BROKEN;
        if (one == HD_UNJUDGED)
            all = HD_UNJUDGED;
    }
    return all;
}

static enum hd_judgement judge_count(struct sn_program *program) {
    uint64_t expected, count = 0;
    if (program->model.writes > 0 || !sn_model_count(&program->model, &expected))
        return HD_UNJUDGED;
    for (uint32_t part = 0; part < program->track.parts; part++) {
        struct map_view view;
        program->inspector->view(program->map, part, &view);
        count += view.count;
    }
    return count == expected ? HD_HOLDS : HD_BROKEN;
}

enum hd_judgement sn_judge_moment(void *context, uint64_t what) {
    struct sn_program *program = context;
    uint32_t letter = (uint32_t)what & ((1u << KEY_SHIFT) - 1);
    uint64_t key = what >> KEY_SHIFT;
    if (program->inspector == NULL || program->map == NULL)
        return HD_UNJUDGED;
    if (program->track.windows > 0)
        sn_notice_replacement(program);
    if (letter == COUNT)
        return judge_count(program);
    return key > 0 ? judge_key(program, letter, (uint32_t)(key - 1))
                   : judge_tables(program, letter);
}
