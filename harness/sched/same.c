/* same.c - see same.h. Nothing here allocates: it serves the signal handler, too. */
#include "harness/sched/same.h"

#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/random.h"

void hd_fault_words(enum hd_fault_kind kind, const char *message, char words[HD_MESSAGE_SIZE]) {
    const char *holder = kind == HD_FAULT_MISUSE ? strstr(message, " that ") : NULL;
    size_t length = holder != NULL ? (size_t)(holder - message) : strlen(message), used = 0;
    if (kind == HD_FAULT_DEADLOCK || kind == HD_FAULT_TSAN)
        length = 0;
    for (size_t i = 0; i < length && used + 1 < HD_MESSAGE_SIZE; i++)
        if (message[i] < '0' || message[i] > '9')
            words[used++] = message[i];
    words[used] = '\0';
}

uint32_t hd_fault_first_frame(enum hd_fault_kind kind, uint32_t frames) {
    return kind == HD_FAULT_LIVELOCK && frames > 0 ? frames - 1 : 0;
}

uint64_t hd_fault_once(uint64_t seen[HD_FAULT_TASKS_MAX], uint32_t *count, uint64_t key) {
    for (uint32_t i = 0; i < *count; i++)
        if (seen[i] == key)
            return 0;
    seen[(*count)++] = key;
    return hd_mix(key + HD_GOLDEN);
}
