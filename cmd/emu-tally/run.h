#ifndef RUN_H
#define RUN_H

#include <stdbool.h>
#include <stddef.h>

/* What the record of one run says; every text is owned and never NULL. */
struct run {
	char *name;   /* the record's, else one made from the file's */
	char *file;   /* of the record; "": a name that has none */
	bool whole;   /* there is a record, and it could be read */
	bool passed;  /* it is whole, and its status is 0 */
	char *cause;  /* "exit", "panic" ...; "record" when it is not whole */
	int status;   /* emu-spawn's exit status */
	char *reason; /* the line that was printed about it, or what is wrong
		       * with the record */
	double end;   /* seconds from start to end; negative: not known */
	char *start;  /* RFC 3339 */
	char *host;
	char *booted; /* the images' files, or the emulator */
	char *line;   /* the last lines of the serial line, plain */
	size_t rank;  /* the place of its name, and its own among those of */
	size_t order; /* the same name: see runs_order */
};

/* Reads the record in the file. One that is missing, empty, torn or no record
 * is a run that is not whole. Returns 0, or -1 when memory is short; run_free
 * either way. */
int run_read(struct run *run, const char *file);

/* Makes a run that has a name and no record. Returns as run_read does. */
int run_missing(struct run *run, const char *name);

void run_free(struct run *run);

#endif
