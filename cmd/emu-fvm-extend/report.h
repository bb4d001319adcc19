#ifndef REPORT_H
#define REPORT_H

#include "plan.h"

#include <stdbool.h>
#include <stdio.h>

/* Prints on out one line about what is to be done with an image, or has been
 * done: in words, or as a JSON object. If memory is short or out cannot be
 * written, it ends the program. */
void report_plan(FILE *out, const struct plan *plan, bool done, bool json);

/* Prints the metadata of an FVM on out as JSON, for people who debug an image:
 * the headers of both copies, the partitions with their slices from the copy in
 * use, if there is one, and what is wrong. Numbers of 2^63 and more are
 * strings, because JSON readers cannot be trusted with them. Fails as
 * report_plan does. */
void report_volume(FILE *out, const struct plan *plan);

#endif
