#ifndef REPORT_H
#define REPORT_H

#include "reason.h"
#include "verdict.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <time.h>

/* All that the record tells about a run. Times are nanoseconds since the start;
 * UINT64_MAX: there was none. */
struct report {
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
};

/* Writes the record to the file, atomically. Returns 0, or -1 with the reason.
 */
int report_write(
    const struct report *report, const char *file, struct reason *why);

#endif
