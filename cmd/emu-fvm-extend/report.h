#ifndef REPORT_H
#define REPORT_H

#include "plan.h"
#include "reason.h"

#include <stdbool.h>
#include <stdio.h>

/* Says on one line what is to be done with an image, or has been done: in
 * words, or as a JSON object. Returns 0, or -1 with the reason. */
int report_plan(FILE *out, const struct plan *plan, bool done, bool json,
    struct reason *why);

/* Prints the metadata of an FVM as JSON, for people who debug an image: the
 * headers of both copies, and from the copy in use, if any, the partitions with
 * their slices. Returns 0, or -1 with the reason. */
int report_volume(FILE *out, const struct plan *plan, struct reason *why);

#endif
