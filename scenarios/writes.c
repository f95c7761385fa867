/* writes.c - see writes.h. */
#include "scenarios/writes.h"

#include <stddef.h>

const struct sn_write *sn_write_next(struct sn_write_lists *lists) {
    while (lists->own != 0 || lists->shared != 0) { /* ends with the lists */
        uint32_t *at = lists->own != 0 ? &lists->own : &lists->shared;
        const struct sn_write *write = &lists->write[*at - 1];
        *at = write->next;
        if (!write->refused)
            return write;
    }
    return NULL;
}

uint32_t sn_write_add(struct sn_write *writes, uint32_t *written, uint32_t *last,
                      struct sn_write write) {
    if (*written == SN_WRITES_MAX)
        return 0;
    write.next = *last;
    writes[(*written)++] = write;
    *last = *written;
    return *last;
}
