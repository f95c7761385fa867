/* trial.c - see trial.h. */
#include "scenarios/claims/trial.h"

#include <errno.h>
#include <string.h>

#include "harness/explore/campaign.h"

/* Of a program. Two tasks of a few hundred points meet in most of them. */
#define EXECUTIONS 64u
#define SHARDS     8u

/* ---- the program ----------------------------------------------------------------------------- */

static void take_event(void *context, const struct map_event *event) {
    struct sn_trial *trial = context;
    if (trial->running)
        trial->trial->event(trial, event);
}

static void fatal(void *context, const char *message) {
    (void)context;
    hd_fault(HD_FAULT_FATAL, "%s", message);
}

static uint32_t build(void *context, uint64_t batch_seed, uint64_t *fingerprint) {
    const struct sn_trial *trial = context;
    (void)batch_seed; /* the program is the witness's */
    *fingerprint = sn_witness_key(trial->witness, 0);
    return SN_TRIAL_TASKS;
}

static void setup(void *context, enum hd_run_kind kind) {
    struct sn_trial *trial = context;
    const struct map_options options = {.version = trial->witness->options.version,
                                        .seed = sn_witness_key(trial->witness, 0),
                                        .shards = SHARDS};
    (void)kind;
    trial->running = false;
    trial->host = (struct map_host){.context = trial, .event = take_event, .fatal = fatal};
    memset(trial->moved, 0, sizeof(trial->moved));
    if (trial->ops->create(&options, &trial->host, &trial->map) != 0)
        hd_fault(HD_FAULT_ASSERT, "the map cannot be made");
    trial->trial->fill(trial);
    trial->running = true;
}

static void task(void *context, uint32_t index) {
    struct sn_trial *trial = context;
    trial->trial->task(trial, index);
}

static void finish(void *context) {
    struct sn_trial *trial = context;
    trial->running = false;
    trial->ops->destroy(trial->map);
}

static void at_point(void *context, bool written) {
    (void)context;
    (void)written;
}

static enum hd_judgement judge(void *context, uint64_t what) {
    (void)context;
    (void)what;
    return HD_UNJUDGED;
}

static void describe(void *context, uint32_t number, char operation[HD_NAME_SIZE],
                     char note[HD_MESSAGE_SIZE]) {
    (void)context;
    (void)number;
    operation[0] = note[0] = '\0';
}

static void render(void *context, char *text, size_t size) {
    (void)context;
    (void)size;
    text[0] = '\0';
}

static const struct hd_program_ops program = {.name = "claim",
                                              .build = build,
                                              .setup = setup,
                                              .task = task,
                                              .finish = finish,
                                              .at_point = at_point,
                                              .judge = judge,
                                              .describe = describe,
                                              .render = render};

/* ---- the campaign ---------------------------------------------------------------------------- */

static int found(void *context, struct hd_fault_record *record) {
    (void)context;
    (void)record;
    return 0;
}

static void progress(void *context, uint64_t done, uint64_t faults, double seconds) {
    (void)context;
    (void)done;
    (void)faults;
    (void)seconds;
}

static int explore(const struct hd_subject *subject, uint64_t seed, struct sn_trial_sum *sum) {
    const struct hd_campaign_options options = {.seed = seed,
                                                .strategy = SN_CLAIMS_STRATEGY,
                                                .executions = EXECUTIONS,
                                                .jobs = 1,
                                                .kind = HD_RUN_BARE,
                                                .found = found,
                                                .progress = progress};
    struct hd_campaign campaign = {0};
    int status = hd_campaign_run(&options, subject, &campaign);
    if (status == 0 && campaign.interrupted)
        status = -EINTR;
    *sum = (struct sn_trial_sum){
        .executions = campaign.executions, .points = campaign.points, .waited = campaign.waited};
    memcpy(sum->tally, campaign.counters, sizeof(sum->tally));
    hd_campaign_clear(&campaign);
    return status;
}

int sn_trial_run(struct sn_witness *witness, const char *map, const struct sn_trial_ops *ops,
                 void (*after)(struct sn_witness *witness, const struct sn_trial_sum *sum)) {
    char error[HD_LINE_SIZE];
    struct sn_map *opened = NULL;
    int status = sn_map_open(map, &opened, error);
    if (status != 0)
        return status;
    struct hd_module *const module[] = {sn_map_module(opened)};
    struct sn_trial trial = {.trial = ops, .ops = sn_map_ops(opened), .witness = witness};
    const struct hd_subject subject = {
        .ops = &program, .program = &trial, .module = module, .modules = 1};
    for (uint32_t index = 0; index < witness->options.programs && status == 0; index++) {
        struct sn_trial_sum sum;
        witness->program = index;
        status =
            sn_witness_stopped(witness) ? -EINTR : explore(&subject, witness->options.seed, &sum);
        if (status != 0)
            break;
        witness->executions += sum.executions;
        after(witness, &sum);
    }
    sn_map_close(opened);
    return status;
}
