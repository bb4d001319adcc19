#ifndef FINDINGS_H
#define FINDINGS_H

#include "matcher.h"
#include "reason.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FINDINGS_KEPT = 1000, /* more are only counted, unless they decide */
	FINDINGS_REPORT = 16 << 10, /* bytes of a report that are kept */
	FINDINGS_REPORTS = 2 << 20, /* of all of them */
	FINDINGS_OPEN = 16,         /* reports followed at a time */
	FINDINGS_BEFORE = 512,      /* of a line before the match */
};

/* A match, and the report that it began. */
struct finding {
	const struct pattern *pattern;
	uint64_t line;
	uint64_t time; /* nanoseconds since the start */

	char *report; /* text from the start of the line; owned */
	size_t len;
	bool cut;     /* it was longer than what is kept */
	bool open;    /* it goes on */
	bool ending;  /* only the rest of the line is missing */
	uint64_t end; /* text offset behind the match, or of the ending */
	uint64_t seen;
};

/* What the matches amount to. */
struct findings {
	struct matcher *matcher;
	uint64_t grace;
	uint64_t wanted; /* the match of a success that counts, from 1 */
	uint64_t successes;
	struct finding *list;
	size_t count;
	uint64_t unrecorded;
	size_t kept; /* bytes of reports */
	size_t open_count;
	const struct finding *fatal; /* the first; NULL: none */
	const struct finding *success;
	uint64_t deadline; /* when it is final; UINT64_MAX: no time yet */
};

/* Grace (nanoseconds) is how long a report is followed and a success waited
 * upon; of the matches of a success the wanted one, from 1, counts. Returns 0,
 * or -1 with the reason. */
int findings_init(struct findings *findings, struct matcher *matcher,
    uint64_t grace, uint64_t wanted, struct reason *why);
void findings_free(struct findings *findings);

/* Takes what the matcher just found, at the time now. Returns 0, or -1 with the
 * reason. */
int findings_update(
    struct findings *findings, uint64_t now, bool final, struct reason *why);

/* Tells whether nothing that may still come can change it. */
bool findings_are_final(const struct findings *findings, uint64_t now);

#endif
