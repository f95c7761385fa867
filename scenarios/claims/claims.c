/* claims.c - see claims.h. */
#include "scenarios/claims/claims.h"

#include <stddef.h>

#include "harness/base/assert.h"
#include "mapimpl/native.h"
#include "scenarios/claims/witness.h"

/* Claims of which no map can say anything. */
static const struct untestable {
    const char *claim;
    const char *reason;
} untestable[SN_CLAIMS + 1] = {
    [10] =
        {"Go's struct of a map has eight fields.",
         "it is about a declaration in Go's source; the struct of the map here has fields of its "
         "own besides, and what it does is the same however they are counted"},
    [23] = {"A program watches its own growing maps by os.Setenv of GODEBUG=gctrace.",
            "it is about when Go's runtime reads its environment, and no Go program runs here"},
    [24] = {"go:linkname replaces the runtime's mapassign by one of one's own.",
            "it is about Go's linker"},
    [26] = {"mapassign_fast64 is assembly, with the map in AX, the key in BX and the hash in CX.",
            "it is about registers of Go's compiled code; the map here is compiled C"},
    [28] =
        {"An event of growth takes 16 bytes.",
         "it is about the layout of a Go struct of some tool; the events here are another struct"},
    [29] = {"Events go through a lock-free ring of 1024 places with one producer.",
            "it is a proposal for a tool and says nothing of a map"},
    [31] = {"A tool attaches to a running program and audits its map operations.",
            "it is about a tool for maps of the kernel; Go's have nothing to attach to"},
};

static const struct {
    const struct sn_claim *claim;
    uint32_t place;
} order[SN_CLAIMS + 1] = {
    [1] = {sn_claims_growth, 0},  [2] = {sn_claims_window, 0},   [3] = {sn_claims_window, 1},
    [4] = {sn_claims_window, 2},  [5] = {sn_claims_reads, 0},    [6] = {sn_claims_reads, 1},
    [7] = {sn_claims_misuse, 0},  [8] = {sn_claims_misuse, 1},   [9] = {sn_claims_tasks, 0},
    [11] = {sn_claims_misuse, 2}, [12] = {sn_claims_reads, 2},   [13] = {sn_claims_growth, 1},
    [14] = {sn_claims_growth, 2}, [15] = {sn_claims_growth, 3},  [16] = {sn_claims_growth, 4},
    [17] = {sn_claims_window, 3}, [18] = {sn_claims_tasks, 1},   [19] = {sn_claims_window, 4},
    [20] = {sn_claims_growth, 5}, [21] = {sn_claims_figures, 0}, [22] = {sn_claims_window, 5},
    [25] = {sn_claims_misuse, 3}, [27] = {sn_claims_reads, 3},   [30] = {sn_claims_figures, 1},
};

static int observe(const struct sn_claim *claim, const struct sn_claims_options *options,
                   struct sn_claim_result *result) {
    struct sn_witness witness = {.claim = claim,
                                 .ops = options->ops != NULL ? options->ops : &gomap_map,
                                 .options = *options};
    int status = sn_witness_programs(&witness);
    if (status == 0)
        status = claim->own(&witness);
    *result = (struct sn_claim_result){
        .number = claim->number, .claim = claim->text, .executions = witness.executions};
    if (status == 0)
        claim->conclude(&witness, result);
    return status;
}

int sn_claim_observe(uint32_t number, const struct sn_claims_options *options,
                     struct sn_claim_result *result) {
    HD_ASSERT(number >= 1 && number <= SN_CLAIMS);
    if (order[number].claim != NULL)
        return observe(&order[number].claim[order[number].place], options, result);
    *result = (struct sn_claim_result){.number = number,
                                       .claim = untestable[number].claim,
                                       .untestable = untestable[number].reason};
    return 0;
}
