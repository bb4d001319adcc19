#ifndef REPORT_H
#define REPORT_H

#include "plan.h"

#include <stdbool.h>
#include <stdio.h>

/* Prints one line about what is to be done with an image, or has been done: in
 * words, or as a JSON object. */
void report_plan(FILE *out, const struct plan *plan, bool done, bool json);

/* Prints the metadata of an FVM as JSON, for people who debug an image: the
 * headers of both copies, and from the copy in use, if any, the partitions with
 * their slices. */
void report_volume(FILE *out, const struct plan *plan);

#endif
