#ifndef OUTCOME_H
#define OUTCOME_H

#include "findings.h"
#include "loop.h"
#include "reason.h"

#include <stdbool.h>
#include <stddef.h>

/* The verdict, as the cause and the status of emu-watch(1). */
struct outcome {
	const struct loop *loop;
	const struct findings *findings;
	const char *record; /* file to write; or NULL */
	const char *cause;  /* "failure", "success", "end" ... */
	int status;
};

/* Decides the verdict and stores the line for stderr, or "". The end of the
 * input without a success is a failure only if success_wanted. */
void outcome_decide(struct outcome *outcome, enum loop_end end,
    bool success_wanted, struct reason *line);

/* Stores the line for stderr about the matches of a pattern that only notes.
 * Returns false when there is none.
 */
bool outcome_note(
    const struct outcome *outcome, size_t pattern, struct reason *line);

/* Writes the record, one JSON object. Returns 0, or -1 with the reason. */
int outcome_write(const struct outcome *outcome, struct reason *why);

#endif
