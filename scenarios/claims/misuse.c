/* misuse.c - claims about misuse, seeds and values: 7, 8, 11, 25.
 *
 * One task gets into the middle of another operation through the map's hash hook, a test's door: while
 * a bucket is moved keys are hashed again, and the flag is set; a lookup hashes behind its look at it.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mapimpl/gomap/gomap.h"
#include "scenarios/claims/witness.h"

#define KEYS 13u /* fill two buckets to 6.5: the next one starts a growth and moves a bucket */

/* A map into whose operations one gets. */
struct meeting {
    struct gomap *map;
    bool full;       /* the map is made */
    uint32_t hashes; /* since then */
    uint32_t wait;   /* the intruder comes at this one */
    bool writes;     /* it puts; or it gets */
    bool alive;      /* the intruder's operation returned */
    struct map_host host;
    jmp_buf refused;
};

static void drop_event(void *context, const struct map_event *event) {
    (void)context;
    (void)event;
}

static void refuse(void *context, const char *message) {
    struct meeting *meeting = context;
    (void)message;
    longjmp(meeting->refused, 1);
}

static void intrude(void *context) {
    struct meeting *meeting = context;
    uint64_t value;
    if (!meeting->full || ++meeting->hashes != meeting->wait || setjmp(meeting->refused) != 0)
        return;
    if (meeting->writes)
        gomap_put(meeting->map, UINT64_MAX, 0);
    else
        gomap_get(meeting->map, 0, &value);
    meeting->alive = true;
}

/* `host` NULL: the one that ends the process. Returns 0 or -errno. */
static int meeting_open(struct meeting *meeting, const struct sn_witness *witness, bool own_host) {
    meeting->host = (struct map_host){.context = meeting, .event = drop_event, .fatal = refuse};
    const struct gomap_config config = {.host = own_host ? &meeting->host : NULL,
                                        .seed = sn_witness_key(witness, 0),
                                        .version = witness->options.version,
                                        .hash_hook = intrude,
                                        .hash_context = meeting};
    int status = gomap_new(&config, &meeting->map);
    for (uint64_t key = 0; key < KEYS && status == 0; key++)
        status = gomap_put(meeting->map, key, key);
    meeting->full = true;
    return status;
}

/* ---- 7: a panic ------------------------------------------------------------------------------ */

enum { DEATHS, SURVIVORS };

/* In a process of its own: two writes meet. Its status is 0 when it lives on. */
static int two_writes(const struct sn_witness *witness) {
    struct meeting meeting = {.wait = 3, .writes = true};
    int status = meeting_open(&meeting, witness, false);
    if (status == 0)
        status = gomap_put(meeting.map, KEYS, 0);
    return status;
}

static int own_panic(struct sn_witness *witness) {
    for (uint32_t program = 0; program < witness->options.programs; program++) {
        int status;
        if (sn_witness_stopped(witness))
            return -EINTR;
        witness->program = program;
        fflush(NULL);
        pid_t child = fork();
        if (child < 0)
            return -errno;
        if (child == 0) {
            dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
            _exit(two_writes(witness) == 0 ? 0 : 1);
        }
        if (waitpid(child, &status, 0) != child)
            return -errno;
        bool dead = WIFEXITED(status) && WEXITSTATUS(status) == 2;
        witness->tally[dead ? DEATHS : SURVIVORS]++;
    }
    return 0;
}

static void conclude_panic(const struct sn_witness *witness, struct sn_claim_result *result) {
    const uint64_t *tally = witness->tally;
    result->cases = tally[DEATHS] + tally[SURVIVORS];
    result->holds = tally[DEATHS] == 0;
    SAY(result,
        "%" PRIu64 " of %" PRIu64 " processes in which two writes met ended there with status 2",
        tally[DEATHS], result->cases);
}

/* ---- 8: the reader looks at the flag --------------------------------------------------------- */

enum { WITHIN, WITHIN_SEEN, BEHIND, BEHIND_SEEN };

/* A writer comes behind the reader's look: whether that is noticed. */
static bool reader_is_stopped(struct meeting *meeting) {
    uint64_t value;
    if (setjmp(meeting->refused) != 0)
        return true;
    gomap_get(meeting->map, 0, &value);
    return !meeting->alive;
}

static int look(struct sn_witness *witness) {
    struct meeting within = {.wait = 3}, behind = {.wait = 1, .writes = true};
    int status = meeting_open(&within, witness, true);
    if (status == 0)
        status = gomap_put(within.map, KEYS, 0); /* a reader comes in its middle */
    if (status == 0)
        status = meeting_open(&behind, witness, true);
    if (status == 0) {
        witness->tally[WITHIN]++;
        witness->tally[WITHIN_SEEN] += !within.alive;
        witness->tally[BEHIND]++;
        witness->tally[BEHIND_SEEN] += reader_is_stopped(&behind);
    }
    gomap_free(within.map);
    gomap_free(behind.map);
    return status;
}

static int own_look(struct sn_witness *witness) {
    int status = 0;
    for (uint32_t program = 0; program < witness->options.programs && status == 0; program++) {
        witness->program = program;
        status = sn_witness_stopped(witness) ? -EINTR : look(witness);
    }
    return status;
}

static void conclude_look(const struct sn_witness *witness, struct sn_claim_result *result) {
    const uint64_t *tally = witness->tally;
    result->cases = tally[WITHIN];
    result->holds = tally[WITHIN_SEEN] == tally[WITHIN];
    SAY(result,
        "%" PRIu64 " of %" PRIu64
        " readers that came in the middle of a write were stopped; of %" PRIu64
        " that had entered before it %" PRIu64,
        tally[WITHIN_SEEN], tally[WITHIN], tally[BEHIND], tally[BEHIND_SEEN]);
}

/* ---- 11: one hash seed for life -------------------------------------------------------------- */

enum { WRITES, WRITES_CHANGED, CLEARS, CLEARS_CHANGED, EMPTYINGS, EMPTYINGS_CHANGED };

/* Another hash of the same key is another seed. */
static bool changed(const struct sn_witness *witness, uint64_t *hash) {
    uint64_t before = *hash;
    *hash = sn_witness_hash(witness, 0);
    return *hash != before;
}

static int own_seed(struct sn_witness *witness) {
    uint64_t *tally = witness->tally;
    for (uint32_t program = 0; program < witness->options.programs; program++) {
        witness->program = program;
        int status = sn_witness_stopped(witness) ? -EINTR : sn_witness_open(witness, 0);
        if (status != 0)
            return status;
        uint64_t hash = sn_witness_hash(witness, 0);
        for (uint64_t key = 0; key < 40; key++, tally[WRITES]++) {
            sn_witness_do(witness, SN_DEED_PUT, sn_witness_key(witness, key));
            tally[WRITES_CHANGED] += changed(witness, &hash);
        }
        witness->ops->clear(witness->map);
        tally[CLEARS]++;
        tally[CLEARS_CHANGED] += changed(witness, &hash);
        sn_witness_do(witness, SN_DEED_PUT, 0);
        sn_witness_do(witness, SN_DEED_DELETE, 0);
        tally[EMPTYINGS]++;
        tally[EMPTYINGS_CHANGED] += changed(witness, &hash);
        sn_witness_close(witness);
    }
    return 0;
}

static void conclude_seed(const struct sn_witness *witness, struct sn_claim_result *result) {
    const uint64_t *tally = witness->tally;
    result->cases = tally[WRITES] + tally[CLEARS] + tally[EMPTYINGS];
    result->holds = tally[WRITES_CHANGED] + tally[CLEARS_CHANGED] + tally[EMPTYINGS_CHANGED] == 0;
    SAY(result,
        "the seed changed at %" PRIu64 " of %" PRIu64 " puts, %" PRIu64 " of %" PRIu64
        " clears and %" PRIu64 " of %" PRIu64 " deletes of the last key",
        tally[WRITES_CHANGED], tally[WRITES], tally[CLEARS_CHANGED], tally[CLEARS],
        tally[EMPTYINGS_CHANGED], tally[EMPTYINGS]);
}

/* ---- 25: who stores the value ---------------------------------------------------------------- */

enum { ASSIGNS, ASSIGNS_STORED, ASSIGNS_WRITING };

static int own_value(struct sn_witness *witness) {
    const struct gomap_config config = {.seed = sn_witness_key(witness, 0),
                                        .version = witness->options.version};
    struct gomap *map;
    struct map_view view;
    int status = gomap_new(&config, &map);
    if (status != 0)
        return status;
    for (uint64_t n = 0; n < 100; n++) {
        uint64_t key = sn_witness_key(witness, n), value = 0;
        uint64_t *place = gomap_assign(map, key);
        if (place == NULL) {
            status = -ENOMEM;
            break;
        }
        gomap_get(map, key, &value);
        gomap_inspector.view(map, 0, &view);
        witness->tally[ASSIGNS]++;
        witness->tally[ASSIGNS_STORED] += value == key;
        witness->tally[ASSIGNS_WRITING] += view.writing;
        *place = key;
    }
    gomap_free(map);
    return status;
}

static void conclude_value(const struct sn_witness *witness, struct sn_claim_result *result) {
    const uint64_t *tally = witness->tally;
    result->cases = tally[ASSIGNS];
    result->holds = tally[ASSIGNS_STORED] > 0;
    SAY(result,
        "when %" PRIu64 " assignments had returned, %" PRIu64
        " values were stored and the flag was still set in %" PRIu64,
        tally[ASSIGNS], tally[ASSIGNS_STORED], tally[ASSIGNS_WRITING]);
}

const struct sn_claim sn_claims_misuse[] = {
    {7, "Misuse that is detected is a panic, from which a program can recover.", sn_no_visit,
     sn_no_event, own_panic, conclude_panic},
    {8, "A reader that comes while a write is under way finds the hashWriting flag.", sn_no_visit,
     sn_no_event, own_look, conclude_look},
    {11, "The hash seed is drawn once, when the map is made.", sn_no_visit, sn_no_event, own_seed,
     conclude_seed},
    {25, "An assignment takes the value, and the map stores it.", sn_no_visit, sn_no_event,
     own_value, conclude_value},
};
