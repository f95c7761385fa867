/* faults.h - the distinct faults of a campaign: each is re-run in full as it is first merged. */
#ifndef HEDDLE_HARNESS_EXPLORE_FAULTS_H
#define HEDDLE_HARNESS_EXPLORE_FAULTS_H

#include <signal.h>

#include "harness/explore/campaign.h"
#include "harness/explore/run.h"

struct hd_faults;

/* The arguments must outlive it. Once *interrupted is not 0 re-runs are cut short. NULL without memory. */
struct hd_faults *hd_faults_new(const struct hd_campaign_options *options,
                                const struct hd_subject *subject,
                                const volatile sig_atomic_t *interrupted);
void hd_faults_free(struct hd_faults *faults);

/* Counts a fault of a batch; the first of its signature is re-run, confirmed and handed to
 * options->found. Returns 0 or -errno, from `found` too. */
int hd_faults_add(struct hd_faults *faults, const struct hd_batch_fault *fault);

/* Moves the records to the campaign. */
void hd_faults_take(struct hd_faults *faults, struct hd_campaign *campaign);

#endif
