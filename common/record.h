#ifndef RECORD_H
#define RECORD_H

#include "reason.h"

#include <jansson.h>

/* The verdict of a run, from the record of emu-spawn (the file of its -o),
 * which is complete before emu-spawn closes its stdout. */
struct record {
	int status;     /* emu-spawn's exit status, 0 to 255 */
	char cause[16]; /* "exit", "panic", "timeout" ...: see emu-spawn(1) */
};

/* Reads a record. Returns 0, or -1 with the reason. */
int record_read(const char *file, struct record *record, struct reason *why);

/* Returns the exit status of a filter that reads the serial line, when its own
 * verdict is `own`: emu-spawn's status, unless that is 0 or 123, or else own.
 * 123 means that the reader of the serial line went away, which may be the
 * filter itself. */
int record_verdict(const struct record *record, int own);

/* Writes the object to the file as a command's record, whole or not at all, and
 * frees it. NULL stands for one that could not be made as memory was short.
 * Returns 0, or -1 with the reason. */
int record_write(json_t *object, const char *file, struct reason *why);

#endif
