/* claims.c - see claims.h. */
#include "scenarios/claims/claims.h"

#include <stddef.h>

#include "mapimpl/native.h"
#include "scenarios/claims/witness.h"

static const struct {
    const struct sn_claim *claim;
    uint32_t place;
} order[] = {
    {sn_claims_growth, 0}, {sn_claims_window, 0}, {sn_claims_window, 1}, {sn_claims_window, 2},
    {sn_claims_reads, 0},  {sn_claims_reads, 1},  {sn_claims_misuse, 0}, {sn_claims_misuse, 1},
    {sn_claims_misuse, 2}, {sn_claims_reads, 2},  {sn_claims_growth, 1}, {sn_claims_growth, 2},
    {sn_claims_growth, 3}, {sn_claims_growth, 4}, {sn_claims_window, 3}, {sn_claims_window, 4},
    {sn_claims_growth, 5}, {sn_claims_misuse, 3},
};

uint32_t sn_claims_count(void) {
    return sizeof(order) / sizeof(order[0]);
}

static const struct sn_claim *claim_at(uint32_t index) {
    return &order[index].claim[order[index].place];
}

uint32_t sn_claim_number(uint32_t index) {
    return claim_at(index)->number;
}

int sn_claim_observe(uint32_t index, const struct sn_claims_options *options,
                     struct sn_claim_result *result) {
    const struct sn_claim *claim = claim_at(index);
    struct sn_witness witness = {.claim = claim,
                                 .ops = options->ops != NULL ? options->ops : &gomap_map,
                                 .options = *options};
    int status = sn_witness_programs(&witness);
    if (status == 0)
        status = claim->own(&witness);
    *result = (struct sn_claim_result){.number = claim->number, .claim = claim->text};
    if (status == 0)
        claim->conclude(&witness, result);
    return status;
}
