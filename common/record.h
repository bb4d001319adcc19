#ifndef RECORD_H
#define RECORD_H

#include "reason.h"

/* The verdict of a run, read from emu-spawn's record (its -o file), which is in
 * place before emu-spawn closes its stdout. */
struct record {
	int status;     /* emu-spawn's exit status, 0 to 255 */
	char cause[16]; /* "exit", "panic", "timeout" ...: see emu-spawn(1) */
};

/* Reads the record. Returns 0, or -1 with the reason. */
int record_read(const char *file, struct record *record, struct reason *why);

/* What a filter behind emu-spawn returns for this record when its own verdict
 * is `own`: emu-spawn's status when that is neither 0 nor 123 (the filter
 * itself going away is no failure of the run), else own. */
int record_verdict(const struct record *record, int own);

#endif
