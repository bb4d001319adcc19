#ifndef OUTCOME_H
#define OUTCOME_H

#include "findings.h"
#include "loop.h"
#include "reason.h"

#include <stdbool.h>
#include <stddef.h>

/* How it went, in the words and numbers of emu-watch(1). */
struct outcome {
	const struct loop *loop;
	const struct findings *findings;
	const char *cause; /* "failure", "success", "end" ... */
	int status;
};

/* Decides, and tells the last line for stderr, "" when none is due. A success
 * is only demanded when wanted. */
void outcome_decide(struct outcome *outcome, enum loop_end end,
    bool success_wanted, struct reason *line);

/* A line for stderr about what a pattern noted. Returns false when it did not.
 */
bool outcome_note(
    const struct outcome *outcome, size_t pattern, struct reason *line);

/* Writes the record, one JSON object. Returns 0, or -1 with the reason. */
int outcome_write(
    const struct outcome *outcome, const char *file, struct reason *why);

#endif
