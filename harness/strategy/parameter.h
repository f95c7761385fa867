/* parameter.h - the number behind the colon of "pct:3". */
#ifndef HEDDLE_HARNESS_STRATEGY_PARAMETER_H
#define HEDDLE_HARNESS_STRATEGY_PARAMETER_H

#include <stdint.h>
#include <stdlib.h>

/* The text as a number from 1 to `most`, without sign, blanks or leading zeros; 0 when it is none. */
static inline uint32_t hd_parameter(const char *text, uint32_t most) {
    char *end;
    if (*text < '1' || *text > '9')
        return 0;
    unsigned long number = strtoul(text, &end, 10);
    return *end == '\0' && number <= most ? (uint32_t)number : 0;
}

#endif
