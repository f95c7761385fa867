/* broken.c - stripes.c with one count for all stripes, though writers of different ones hold different locks. */
#define ONE_COUNT
#include "stripes.c"
