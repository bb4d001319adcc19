#include "findings.h"

#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

int
findings_init(struct findings *findings, struct matcher *matcher,
    uint64_t grace, uint64_t wanted, struct reason *why)
{
	*findings = (struct findings){.matcher = matcher,
	    .grace = grace,
	    .wanted = wanted,
	    .deadline = UINT64_MAX};
	findings->list = calloc(FINDINGS_KEPT + 2, sizeof(*findings->list));
	return findings->list == NULL ? reason_memory(why) : 0;
}

void
findings_free(struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		free(findings->list[i].report);
	free(findings->list);
}

/* Appends the text up to the offset to the finding's report. */
static int
keep(struct findings *f, struct finding *e, uint64_t until, struct reason *why)
{
	const struct matcher *m = f->matcher;
	uint64_t from = MAX(e->seen, m->base);
	size_t len = until > from ? (size_t)(until - from) : 0;
	size_t room = MIN(FINDINGS_REPORT - e->len, FINDINGS_REPORTS - f->kept);

	e->seen = until;
	if (len > room) {
		e->cut = true;
		len = room;
	}
	if (len == 0)
		return 0;
	char *more = realloc(e->report, e->len + len);
	if (more == NULL)
		return reason_memory(why);
	memcpy(more + e->len, m->text + (from - m->base), len);
	e->report = more;
	e->len += len;
	f->kept += len;
	return 0;
}

/* Looks for the first of the expressions that end the report. */
static int
find_ending(
    struct findings *f, struct finding *e, bool final, struct reason *why)
{
	const struct matcher *m = f->matcher;
	struct regex *const *ends =
	    m->patterns->expressions + e->pattern->first_end;
	uint64_t from = e->seen > MATCHER_LOOK ? e->seen - MATCHER_LOOK : 0;
	uint64_t best = UINT64_MAX;
	int real =
	    (m->line_start ? REGEX_STARTS : 0) | (final ? REGEX_ENDS : 0);

	from = MAX(MAX(from, e->end), m->base);
	for (size_t i = 0; i < e->pattern->end_count; i++) {
		size_t start, end;
		int r = regex_search(ends[i], m->text, m->len,
		    (size_t)(from - m->base), real, &start, &end, why);

		if (r < 0)
			return -1;
		if (r == REGEX_FOUND && m->base + end < best)
			best = m->base + end;
	}
	if (best != UINT64_MAX) {
		e->ending = true;
		e->end = best;
	}
	return 0;
}

/* Takes what is new of the finding's report. */
static int
follow(struct findings *f, struct finding *e, bool final, struct reason *why)
{
	const struct matcher *m = f->matcher;
	uint64_t until = m->base + m->len;

	if (!e->ending && find_ending(f, e, final, why) < 0)
		return -1;
	if (e->ending) {
		bool whole;
		uint64_t last = e->end > m->base ? e->end - 1 : m->base;

		until = matcher_line_end(m, MAX(e->seen, last), &whole);
		e->open = !whole;
	}
	return keep(f, e, until, why);
}

static int
add(struct findings *f, const struct match *match, bool decisive, uint64_t now,
    bool final, struct reason *why)
{
	const struct matcher *m = f->matcher;

	if (f->count >= FINDINGS_KEPT && !decisive) {
		f->unrecorded++;
		return 0;
	}
	struct finding *e = &f->list[f->count++];
	e->pattern = &m->patterns->list[match->pattern];
	e->line = matcher_line_number(m, match->start);
	e->time = now;
	e->end = match->end;
	e->open = true;
	e->ending = e->pattern->end_count == 0;
	e->seen = matcher_line_start(m, match->start);
	if (match->start - e->seen > FINDINGS_BEFORE)
		e->seen = match->start - FINDINGS_BEFORE;
	if (f->open_count >= FINDINGS_OPEN)
		e->ending = true;
	if (follow(f, e, final, why) < 0)
		return -1;
	f->open_count += e->open;
	return 0;
}

/* Whether a match of this severity is the first failure, or the success that
 * was asked for. */
static bool
decides(struct findings *f, enum severity severity)
{
	if (severity == SEVERITY_FATAL)
		return f->fatal == NULL;
	return severity == SEVERITY_SUCCESS && ++f->successes == f->wanted;
}

static void
judge(struct findings *f, const struct finding *e, uint64_t now)
{
	if (e->pattern->severity == SEVERITY_FATAL) {
		f->fatal = e;
		f->deadline = now + f->grace;
	} else {
		f->success = e;
		if (f->fatal == NULL)
			f->deadline = now + f->grace;
	}
}

static int
follow_open(struct findings *f, uint64_t now, bool final, struct reason *why)
{
	f->open_count = 0;
	for (size_t i = 0; i < f->count; i++) {
		struct finding *e = &f->list[i];

		if (!e->open || now - e->time >= f->grace)
			continue;
		if (follow(f, e, final, why) < 0)
			return -1;
		f->open_count += e->open;
	}
	return 0;
}

int
findings_update(
    struct findings *findings, uint64_t now, bool final, struct reason *why)
{
	struct matcher *m = findings->matcher;

	if (follow_open(findings, now, final, why) < 0)
		return -1;
	for (size_t i = 0; i < m->count; i++) {
		const struct match *match = &m->matches[i];
		bool decisive = decides(
		    findings, m->patterns->list[match->pattern].severity);
		struct finding *e = &findings->list[findings->count];

		if (add(findings, match, decisive, now, final, why) < 0)
			return -1;
		if (decisive)
			judge(findings, e, now);
	}
	return 0;
}

bool
findings_are_final(const struct findings *findings, uint64_t now)
{
	if (findings->fatal != NULL && !findings->fatal->open)
		return true;
	return now >= findings->deadline;
}
