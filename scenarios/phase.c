/* phase.c - rounds of tasks: those of one phase start when those of all phases before have ended.
 *
 * To the scheduler waiting for a phase is an operation like any other: announced, and never chosen
 * before it can complete. On real threads (HD_RUN_FREE) it is a condition variable.
 */
#include "harness/base/assert.h"
#include "harness/sched/task.h"
#include "scenarios/program_internal.h"

void sn_phases_reset(struct sn_program *program) {
    program->phases =
        (struct sn_phases){.mutex = PTHREAD_MUTEX_INITIALIZER, .ended = PTHREAD_COND_INITIALIZER};
    for (uint32_t task = 0; task < program->tasks; task++)
        program->phases.live[program->task[task].phase]++;
}

static bool all_ended(const uint32_t *live, uint64_t phase) {
    for (uint64_t before = 0; before < phase; before++) {
        if (live[before] > 0)
            return false;
    }
    return true;
}

static bool ready(const struct hd_pending *pending, uint32_t task) {
    (void)task;
    return all_ended(pending->object, pending->argument);
}

static void wait_freely(struct sn_phases *phases, uint32_t phase) {
    pthread_mutex_lock(&phases->mutex);
    while (!all_ended(phases->live, phase)) /* ends with the tasks before */
        pthread_cond_wait(&phases->ended, &phases->mutex);
    pthread_mutex_unlock(&phases->mutex);
}

void sn_phase_enter(struct sn_program *program, uint32_t phase) {
    struct sn_phases *phases = &program->phases;
    if (phase == 0)
        return;
    if (program->kind == HD_RUN_FREE) {
        wait_freely(phases, phase);
        return;
    }
    struct hd_pending pending = {.object = phases->live,
                                 .ready = ready,
                                 .argument = phase,
                                 .deadline = HD_NO_DEADLINE,
                                 .what = HD_WHAT(HD_JOIN, 0),
                                 .purpose = "the end of the phase before"};
    hd_wait_for(&pending, NULL);
    hd_order_acquire(phases);
}

void sn_phase_leave(struct sn_program *program, uint32_t phase) {
    struct sn_phases *phases = &program->phases;
    if (program->scenario->phases < 2)
        return;
    if (program->kind == HD_RUN_FREE) {
        pthread_mutex_lock(&phases->mutex);
        phases->live[phase]--;
        pthread_cond_broadcast(&phases->ended);
        pthread_mutex_unlock(&phases->mutex);
        return;
    }
    HD_ASSERT(phases->live[phase] > 0);
    hd_order_release(phases);
    phases->live[phase]--;
    hd_changed(phases->live);
}
