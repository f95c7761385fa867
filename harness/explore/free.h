/* free.h - the program on real threads, scheduled by the kernel, watched by ThreadSanitizer (tsan flavour).
 *
 * Nothing of it follows from a seed but the programs: a report is a find, silence says little. It shows
 * that what the schedules find is no product of the scheduler.
 */
#ifndef HEDDLE_HARNESS_EXPLORE_FREE_H
#define HEDDLE_HARNESS_EXPLORE_FREE_H

#include <signal.h>

#include "harness/explore/rerun.h"
#include "harness/sched/outcome.h"

/* Runs the campaign's executions on real threads in a child until one shows a fault, or until the
 * one during which *interrupted is set and hd_free_interrupt called. Returns as hd_campaign_run. */
int hd_free_campaign(const struct hd_campaign_options *options, const struct hd_subject *subject,
                     const volatile sig_atomic_t *interrupted, struct hd_campaign *campaign);

/* Tells the child to end. For a signal handler. */
void hd_free_interrupt(void);

/* In the child: the executions that are asked for; *done counts them. Ends with the first fault. Returns 0
 * or -errno. */
int hd_free_run(const struct hd_rerun_request *request, uint64_t *done, struct hd_outcome *outcome);

#endif
