/* fake_harness.h - a harness of stubs: executions run in one thread, task after task. */
#ifndef HEDDLE_TESTS_SCENARIOS_FAKE_HARNESS_H
#define HEDDLE_TESTS_SCENARIOS_FAKE_HARNESS_H

#include <setjmp.h>

#include "harness/explore/campaign.h"
#include "mapimpl/map.h"
#include "scenarios/scenario.h"

struct fake_fault {
    bool any;
    enum hd_fault_kind kind;
    char message[HD_MESSAGE_SIZE];
};

/* A map that sn_map_open("fake.so") and its like then open. */
void fake_map(const struct map_ops *ops);
/* One execution of the batch; full runs look before each task. */
struct fake_fault fake_run(const struct hd_subject *subject, uint64_t batch_seed,
                           enum hd_run_kind kind, uint64_t counters[HD_COUNTERS_MAX]);
/* A point of the execution that runs. */
void fake_point(bool written);
/* Who a task of the test pretends to be. */
void fake_task(uint32_t task);
/* Whether the schedule is a fair one; it is until the first call. */
void fake_fair(bool is);
/* The path of a file in memory that holds `text`, valid until the next call. */
const char *fake_file(const char *text, size_t size);

#endif
