#ifndef RUN_RECORD_H
#define RUN_RECORD_H

#include "reason.h"
#include "run.h"

/* Writes the record of a run, which is one JSON object, to the file of -o,
 * atomically. Returns 0, or -1 with the reason. */
int run_record_write(const struct run *run, struct reason *why);

#endif
