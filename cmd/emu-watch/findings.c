#include "findings.h"

#include "../memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

void
findings_init(struct findings *findings, struct matcher *matcher,
    uint64_t grace, uint64_t wanted)
{
	*findings = (struct findings){.matcher = matcher,
	    .grace = grace,
	    .wanted = wanted,
	    .deadline = UINT64_MAX};
	findings->list =
	    memory_got(calloc(FINDINGS_KEPT + 2, sizeof(*findings->list)));
}

void
findings_free(struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		free(findings->list[i].report);
	free(findings->list);
}

/* Appends the text up to the offset to the finding's report. */
static void
keep(struct findings *f, struct finding *e, uint64_t until)
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
		return;
	e->report = memory_got(realloc(e->report, e->len + len));
	memcpy(e->report + e->len, m->text + (from - m->base), len);
	e->len += len;
	f->kept += len;
}

/* Looks for the first of the expressions that end the report. */
static void
find_ending(const struct matcher *m, struct finding *e, bool final)
{
	struct regex *const *ends =
	    m->patterns->expressions + e->pattern->first_end;
	uint64_t from = e->seen > MATCHER_LOOK ? e->seen - MATCHER_LOOK : 0;
	uint64_t best = UINT64_MAX;
	int real =
	    (m->line_start ? REGEX_STARTS : 0) | (final ? REGEX_ENDS : 0);

	from = MAX(MAX(from, e->end), m->base);
	for (size_t i = 0; i < e->pattern->end_count; i++) {
		size_t start, end;

		if (regex_search(ends[i], m->text, m->len,
			(size_t)(from - m->base), real, &start,
			&end) == REGEX_FOUND)
			best = MIN(best, m->base + end);
	}
	if (best != UINT64_MAX) {
		e->ending = true;
		e->end = best;
	}
}

/* Takes what is new of the finding's report. */
static void
follow(struct findings *f, struct finding *e, bool final)
{
	const struct matcher *m = f->matcher;
	uint64_t until = m->base + m->len;

	if (!e->ending)
		find_ending(m, e, final);
	if (e->ending) {
		bool whole;
		uint64_t last = e->end > m->base ? e->end - 1 : m->base;

		until = matcher_line_end(m, MAX(e->seen, last), &whole);
		e->open = !whole;
	}
	keep(f, e, until);
}

static void
add(struct findings *f, const struct match *match, bool decisive, uint64_t now,
    bool final)
{
	const struct matcher *m = f->matcher;

	if (f->count >= FINDINGS_KEPT && !decisive) {
		f->unrecorded++;
		return;
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
	follow(f, e, final);
	f->open_count += e->open;
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

static void
follow_open(struct findings *f, uint64_t now, bool final)
{
	f->open_count = 0;
	for (size_t i = 0; i < f->count; i++) {
		struct finding *e = &f->list[i];

		if (!e->open || now - e->time >= f->grace)
			continue;
		follow(f, e, final);
		f->open_count += e->open;
	}
}

void
findings_update(struct findings *findings, uint64_t now, bool final)
{
	struct matcher *m = findings->matcher;

	follow_open(findings, now, final);
	for (size_t i = 0; i < m->count; i++) {
		const struct match *match = &m->matches[i];
		bool decisive = decides(
		    findings, m->patterns->list[match->pattern].severity);
		struct finding *e = &findings->list[findings->count];

		add(findings, match, decisive, now, final);
		if (decisive)
			judge(findings, e, now);
	}
}

bool
findings_are_final(const struct findings *findings, uint64_t now)
{
	if (findings->fatal != NULL && !findings->fatal->open)
		return true;
	return now >= findings->deadline;
}
