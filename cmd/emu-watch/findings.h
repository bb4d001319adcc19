#ifndef FINDINGS_H
#define FINDINGS_H

#include "matcher.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FINDINGS_KEPT = 1000,       /* findings that are kept; others are only
				       counted, unless they decide the verdict */
	FINDINGS_REPORT = 16 << 10, /* bytes that are kept of a report */
	FINDINGS_REPORTS = 2 << 20, /* bytes that are kept of all reports */
	FINDINGS_OPEN = 16,         /* reports that are followed at a time */
	FINDINGS_BEFORE =
	    512, /* bytes of a line that are kept before the match */
};

/* A match, and the report that begins with it. */
struct finding {
	const struct pattern *pattern;
	uint64_t line;
	uint64_t time; /* nanoseconds since the start */

	char *report; /* text from the start of the match's line; owned */
	size_t len;
	bool cut;     /* the report was longer than FINDINGS_REPORT */
	bool open;    /* the report has not ended */
	bool ending;  /* the report ends with the present line */
	uint64_t end; /* offset in the text: of the end of the match, then of
			 the report */
	uint64_t seen;
};

/* All matches, and the verdict that they amount to. */
struct findings {
	struct matcher *matcher;
	uint64_t grace;
	uint64_t wanted; /* the number of the success that decides, from 1 */
	uint64_t successes;
	struct finding *list;
	size_t count;
	uint64_t unrecorded;
	size_t kept; /* bytes of all reports */
	size_t open_count;
	const struct finding *fatal; /* the first failure; or NULL */
	const struct finding *success;
	uint64_t deadline; /* time at which the verdict is final; UINT64_MAX:
			      not known yet */
};

/* `grace` is how long, in nanoseconds, a report is followed, and how long a
 * failure may still follow a success. `wanted` is the number of the success
 * that decides, from 1. */
void findings_init(struct findings *findings, struct matcher *matcher,
    uint64_t grace, uint64_t wanted);
void findings_free(struct findings *findings);

/* Takes the matches that the matcher found last, at the time `now`; `final`
 * tells that the input has ended. */
void findings_update(struct findings *findings, uint64_t now, bool final);

/* Whether no further input can change the verdict. */
bool findings_are_final(const struct findings *findings, uint64_t now);

#endif
