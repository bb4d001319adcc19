#ifndef RUN_RECORD_H
#define RUN_RECORD_H

#include "reason.h"
#include "verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <time.h>

/* All that the record tells about a run. Times are nanoseconds since the start;
 * UINT64_MAX: there was none. */
struct run_record {
	char *const *argv; /* NULL: none was known */
	const char *cwd;
	const struct verdict *verdict;
	bool started;        /* then the next two hold */
	int wait_status;     /* the emulator's */
	struct rusage usage; /* its */
	struct timespec start;
	uint64_t first_byte;
	uint64_t last_byte;
	uint64_t end;
	uint64_t bytes_out;
	uint64_t bytes_in;
	uint64_t undelivered;
	const char *errors; /* the end of its stderr */
	size_t errors_len;
	const char *line; /* the end of the serial line */
	size_t line_len;
};

/* Writes the record, which is one JSON object, to the file, atomically. Returns
 * 0, or -1 with the reason. */
int run_record_write(
    const struct run_record *record, const char *file, struct reason *why);

#endif
