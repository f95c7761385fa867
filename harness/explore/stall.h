/* stall.h - whether a process that runs executions gets on, and what its end says of them.
 *
 * A process gets on while its counts grow. One whose counts do not is asked where it is, twice within its
 * limit: an execution says itself whether it has passed a point since it was asked before. One that
 * computes without passing a point has less time than one that waits in the kernel: what counts for it is
 * the processor time that it uses, so that a busy machine makes no livelock. A process that was stopped, or
 * whose watcher was, is not to blame.
 */
#ifndef HEDDLE_HARNESS_EXPLORE_STALL_H
#define HEDDLE_HARNESS_EXPLORE_STALL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define HD_STALL_MS     10000u /* the limit where none is asked for */
#define HD_STALL_COUNTS 3

struct hd_stall {
    pid_t pid;
    uint64_t limit_ns; /* wall time; two fifths of it are the limit of processor time */
    uint64_t count[HD_STALL_COUNTS]; /* as last seen */
    uint64_t since_ns;               /* wall time ... */
    uint64_t busy_ns;                /* ... and its processor time when one of them last grew */
    bool stopped;                    /* by a signal */
    bool asked;   /* it has been asked where it is, and its counts have not grown since */
    int question; /* the number of the last one */
};

/* Begins to watch process `pid`, at `now` of hd_clock_ns. `limit_ms`: 0 is ten seconds. */
void hd_stall_begin(struct hd_stall *stall, pid_t pid, uint32_t limit_ms, uint64_t now);
/* Looks at its counts, one of which is hd_outcome.position. Asks a process that does not get on where it is
 * (HD_SIGNAL_STALL, which says nothing to a process that runs no execution), and kills one that does not
 * answer. `away`: of hd_clock_away. */
void hd_stall_look(struct hd_stall *stall, const uint64_t count[HD_STALL_COUNTS], uint64_t now,
                   uint64_t away);
/* Looks whether the process has ended, as waitpid with WNOHANG, and notes that it was stopped or goes
 * on. */
pid_t hd_stall_wait(struct hd_stall *stall, int *status);

/* Whether a process with this status of waitpid was ended by a signal that code under test does not
 * cause by what it does: by a limit, the lack of memory, or somebody's hand. */
bool hd_ended_from_outside(int status);

#endif
