#ifndef DURATION_H
#define DURATION_H

#include "reason.h"

#include <stdint.h>

/* Parses a duration as timeout(1) writes it: a decimal number with an optional
 * fraction and an optional unit s, m, h or d ("90", "90s", "2m", "0.5"). Stores
 * nanoseconds. Returns 0, or -1 when the text is not a duration or is longer
 * than 100 years. */
int duration_parse(const char *text, uint64_t *nanoseconds);

/* Parses a factor, a positive number in decimal. Returns 0, or -1 when the text
 * is none. */
int duration_factor(const char *text, double *factor);

/* Stores the factor in the environment variable EMU_TIME_SCALE, which is set on
 * slow machines; 1 when it is not set or empty. Returns 0, or -1 with the
 * reason. */
int duration_scale(double *factor, struct reason *why);

/* Returns the product, but 0 only for 0: at least 1 ns, so that a limit remains
 * a limit, and at most about 60 years, so that a time can be added to it. */
uint64_t duration_scaled(uint64_t nanoseconds, double factor);

#endif
