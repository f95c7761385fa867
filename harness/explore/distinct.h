/* distinct.h - how many different 64-bit hashes have been seen, in bounded memory.
 *
 * Exact up to a bound; beyond it the estimate of HyperLogLog: Flajolet, Fusy, Gandouet, Meunier,
 * "HyperLogLog: the analysis of a near-optimal cardinality estimation algorithm", AofA 2007; 2^14
 * registers, standard error 0.8 %. The figure does not depend on the order of the hashes.
 */
#ifndef HEDDLE_HARNESS_EXPLORE_DISTINCT_H
#define HEDDLE_HARNESS_EXPLORE_DISTINCT_H

#include <stdbool.h>
#include <stdint.h>

struct hd_distinct;

/* For about `expected` hashes (0: unknown). All memory is taken now. NULL without memory. */
struct hd_distinct *hd_distinct_new(uint64_t expected);
void hd_distinct_free(struct hd_distinct *distinct);
void hd_distinct_add(struct hd_distinct *distinct, const uint64_t *hash, uint32_t count);
uint64_t hd_distinct_count(const struct hd_distinct *distinct, bool *estimated);

#endif
