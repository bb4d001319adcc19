#ifndef DURATION_H
#define DURATION_H

#include <stdint.h>

/* Parses a duration as timeout(1) writes it: a decimal number with an optional
 * fraction and an optional unit s, m, h or d ("90", "90s", "2m", "0.5"). Stores
 * nanoseconds. Returns 0, or -1 when the text is not a duration or is longer
 * than 100 years. */
int duration_parse(const char *text, uint64_t *nanoseconds);

#endif
