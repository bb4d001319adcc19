#include "verdict.h"

#include <stdlib.h>
#include <string.h>

int
verdict_init(struct verdict *verdict, struct matcher *matcher, uint64_t grace,
    uint64_t wanted, struct reason *why)
{
	*verdict = (struct verdict){.matcher = matcher,
	    .grace = grace,
	    .wanted = wanted,
	    .deadline = UINT64_MAX};
	verdict->events = calloc(VERDICT_EVENTS + 2, sizeof(*verdict->events));
	return verdict->events == NULL ? reason_set(why, "out of memory") : 0;
}

void
verdict_free(struct verdict *verdict)
{
	for (size_t i = 0; i < verdict->count; i++)
		free(verdict->events[i].report);
	free(verdict->events);
}

/* Appends the text up to the offset to the event's report. */
static int
keep(struct verdict *v, struct event *e, uint64_t until, struct reason *why)
{
	const struct matcher *m = v->matcher;
	uint64_t from = e->seen > m->base ? e->seen : m->base;
	size_t len = until > from ? (size_t)(until - from) : 0;
	size_t room = VERDICT_REPORT - e->len;

	e->seen = until;
	if (room > VERDICT_REPORTS - v->kept)
		room = VERDICT_REPORTS - v->kept;
	if (len > room) {
		e->cut = true;
		len = room;
	}
	if (len == 0)
		return 0;
	char *more = realloc(e->report, e->len + len);
	if (more == NULL)
		return reason_set(why, "out of memory");
	memcpy(more + e->len, m->text + (from - m->base), len);
	e->report = more;
	e->len += len;
	v->kept += len;
	return 0;
}

/* Looks for the first of the expressions that end the report. */
static int
find_ending(struct verdict *v, struct event *e, bool final, struct reason *why)
{
	const struct matcher *m = v->matcher;
	uint64_t from = e->seen > MATCHER_LOOK ? e->seen - MATCHER_LOOK : 0;
	uint64_t best = UINT64_MAX;
	int real =
	    (m->line_start ? REGEX_STARTS : 0) | (final ? REGEX_ENDS : 0);

	if (from < e->end)
		from = e->end;
	if (from < m->base)
		from = m->base;
	for (size_t i = 0; i < e->pattern->end_count; i++) {
		size_t start, end;
		int r = regex_search(e->pattern->ends[i], m->text, m->len,
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

/* Takes what is new of the event's report. */
static int
follow(struct verdict *v, struct event *e, bool final, struct reason *why)
{
	const struct matcher *m = v->matcher;
	uint64_t until = m->base + m->len;

	if (!e->ending && find_ending(v, e, final, why) < 0)
		return -1;
	if (e->ending) {
		bool whole;
		uint64_t last = e->end > m->base ? e->end - 1 : m->base;
		uint64_t from = e->seen > last ? e->seen : last;

		until = matcher_line_end(m, from, &whole);
		e->open = !whole;
	}
	return keep(v, e, until, why);
}

static int
add_event(struct verdict *v, const struct match *match, bool decisive,
    uint64_t now, bool final, struct reason *why)
{
	const struct matcher *m = v->matcher;

	if (v->count >= VERDICT_EVENTS && !decisive) {
		v->unrecorded++;
		return 0;
	}
	struct event *e = &v->events[v->count++];
	e->pattern = &m->patterns->list[match->pattern];
	e->line = matcher_line_number(m, match->start);
	e->byte = matcher_byte(m, match->start);
	e->time = now;
	e->end = match->end;
	e->open = true;
	e->ending = e->pattern->end_count == 0;
	e->seen = matcher_line_start(m, match->start);
	if (match->start - e->seen > VERDICT_BEFORE)
		e->seen = match->start - VERDICT_BEFORE;
	if (v->open_count == VERDICT_OPEN)
		e->ending = true;
	if (follow(v, e, final, why) < 0)
		return -1;
	if (e->open && v->open_count < VERDICT_OPEN)
		v->open[v->open_count++] = v->count - 1;
	return 0;
}

/* Whether a match of this severity is the first failure, or the success that
 * was asked for. */
static bool
decides(struct verdict *v, enum severity severity)
{
	if (severity == SEVERITY_FATAL)
		return v->fatal == NULL;
	return severity == SEVERITY_SUCCESS && ++v->successes == v->wanted;
}

static void
judge(struct verdict *v, const struct event *e, uint64_t now)
{
	if (e->pattern->severity == SEVERITY_FATAL) {
		v->fatal = e;
		v->deadline = now + v->grace;
	} else {
		v->success = e;
		if (v->fatal == NULL)
			v->deadline = now + v->grace;
	}
}

static int
follow_open(struct verdict *v, uint64_t now, bool final, struct reason *why)
{
	size_t n = 0;

	for (size_t i = 0; i < v->open_count; i++) {
		struct event *e = &v->events[v->open[i]];

		if (follow(v, e, final, why) < 0)
			return -1;
		if (e->open && now - e->time < v->grace)
			v->open[n++] = v->open[i];
	}
	v->open_count = n;
	return 0;
}

int
verdict_update(
    struct verdict *verdict, uint64_t now, bool final, struct reason *why)
{
	struct matcher *m = verdict->matcher;

	if (follow_open(verdict, now, final, why) < 0)
		return -1;
	for (size_t i = 0; i < m->count; i++) {
		const struct match *match = &m->matches[i];
		bool decisive = decides(
		    verdict, m->patterns->list[match->pattern].severity);
		struct event *e = &verdict->events[verdict->count];

		if (add_event(verdict, match, decisive, now, final, why) < 0)
			return -1;
		if (decisive)
			judge(verdict, e, now);
	}
	m->hold = verdict->open_count > 0;
	return 0;
}

bool
verdict_is_final(const struct verdict *verdict, uint64_t now)
{
	if (verdict->fatal != NULL && !verdict->fatal->open)
		return true;
	return now >= verdict->deadline;
}
