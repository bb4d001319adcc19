#include "matcher.h"

#include "../memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

void
matcher_init(struct matcher *matcher, const struct patterns *patterns, bool raw)
{
	*matcher = (struct matcher){
	    .patterns = patterns, .raw = raw, .line_start = true};
	matcher->text = memory_got(malloc(MATCHER_ROOM));
	matcher->searches =
	    memory_got(calloc(patterns->count + 1, sizeof(*matcher->searches)));
}

void
matcher_free(struct matcher *matcher)
{
	free(matcher->text);
	free(matcher->searches);
	free(matcher->matches);
}

static uint64_t
end_of(const struct matcher *m)
{
	return m->base + m->len;
}

static const char *
at(const struct matcher *m, uint64_t offset)
{
	return m->text + (offset - m->base);
}

static uint64_t
count_newlines(const char *text, size_t len)
{
	const char *end = text + len, *p = text;
	uint64_t n = 0;

	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		p++;
		n++;
	}
	return n;
}

/* Makes room for as much as one call may add: forgets all but the last bytes of
 * the window. */
static void
slide(struct matcher *m)
{
	if (m->len <= MATCHER_FULL)
		return;
	size_t gone = m->len - MATCHER_KEEP;
	m->newlines += count_newlines(m->text, gone);
	m->line_start = m->text[gone - 1] == '\n';
	m->base += gone;
	m->len -= gone;
	memmove(m->text, m->text + gone, m->len);
}

static void
add_match(struct matcher *m, const struct match *match)
{
	m->matches = memory_grow(m->matches, m->count, sizeof(*m->matches));
	m->matches[m->count++] = *match;
}

/* Goes on behind the line in which the last match ended. False when that line
 * is not over yet. */
static bool
leave_line(const struct matcher *m, struct search *p)
{
	bool whole = true;

	if (p->skip_line) {
		p->from = matcher_line_end(m, p->from, &whole) + whole;
		p->skip_line = !whole;
	}
	return whole;
}

/* One search from there on, as regex_search, but with offsets in the text. */
static enum regex_result
search_from(
    const struct matcher *m, uint64_t from, int ends, struct match *match)
{
	size_t start = 0, end = 0;
	enum regex_result r =
	    regex_search(m->patterns->list[match->pattern].regex, m->text,
		m->len, (size_t)(from - m->base), ends, &start, &end);

	match->start = m->base + start;
	match->end = m->base + end;
	return r;
}

/* Looks for the first match at or after from. What began more than MATCHER_LOOK
 * ago is taken as it is: only the rest may be undecided, and needs the slower
 * search that tells. */
static enum regex_result
find(const struct matcher *m, uint64_t from, int ends, struct match *match)
{
	uint64_t recent = m->len > MATCHER_LOOK ? end_of(m) - MATCHER_LOOK : 0;

	if ((ends & REGEX_MORE) != 0 && from < recent) {
		if (search_from(m, from, ends & ~REGEX_MORE, match) ==
			REGEX_FOUND &&
		    match->start < recent)
			return REGEX_FOUND;
		from = recent;
	}
	return search_from(m, from, ends, match);
}

/* Whether the line before the match says that it is none. */
static bool
is_excepted(const struct matcher *m, const struct match *match)
{
	const struct pattern *p = &m->patterns->list[match->pattern];
	uint64_t line = matcher_line_start(m, match->start);
	bool starts = m->line_start || line > m->base;

	for (size_t i = 0; i < p->except_count; i++) {
		size_t start, end;

		if (regex_search(m->patterns->expressions[p->first_except + i],
			at(m, line), (size_t)(match->start - line), 0,
			starts ? REGEX_STARTS : 0, &start, &end) != REGEX_NONE)
			return true;
	}
	return false;
}

/* Takes what was found. Its newline may be a part of the match. */
static void
take(struct matcher *m, struct search *p, const struct match *match)
{
	p->from = match->end;
	if (is_excepted(m, match))
		return;
	p->from -= *at(m, match->end - 1) == '\n';
	p->skip_line = true;
	p->matches++;
	add_match(m, match);
}

/* Finds the pattern's matches in what is new; ends is how the text ends. */
static void
search(struct matcher *m, size_t pattern, int ends)
{
	struct search *p = &m->searches[pattern];
	struct match match = {.pattern = pattern};

	p->from = MAX(p->from, m->base);
	while (leave_line(m, p)) {
		switch (find(m, p->from, ends, &match)) {
		case REGEX_FOUND:
			take(m, p, &match);
			break;
		case REGEX_UNDECIDED:
			p->from = match.start;
			m->undecided = true;
			return;
		case REGEX_NONE:
			p->from = end_of(m);
			return;
		}
	}
}

static int
by_offset(const void *a, const void *b)
{
	const struct match *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->pattern < y->pattern ? -1 : x->pattern > y->pattern;
}

static void
search_all(struct matcher *m, int ends)
{
	if (m->line_start)
		ends |= REGEX_STARTS;
	m->undecided = false;
	m->count = 0;
	for (size_t i = 0; i < m->patterns->count; i++)
		search(m, i, ends);
	if (m->count > 1)
		qsort(m->matches, m->count, sizeof(*m->matches), by_offset);
}

void
matcher_feed(struct matcher *matcher, const char *bytes, size_t len)
{
	slide(matcher);
	char *end = matcher->text + matcher->len;
	if (matcher->raw)
		memcpy(end, bytes, len);
	else
		len = serial_text_feed(&matcher->serial, bytes, len, end);
	matcher->len += len;
	search_all(matcher, REGEX_MORE);
}

void
matcher_end(struct matcher *matcher)
{
	slide(matcher);
	if (!matcher->raw)
		matcher->len += serial_text_end(
		    &matcher->serial, matcher->text + matcher->len);
	search_all(matcher, REGEX_ENDS);
}

void
matcher_settle(struct matcher *matcher)
{
	search_all(matcher, 0);
}

uint64_t
matcher_line_start(const struct matcher *matcher, uint64_t offset)
{
	size_t n = (size_t)(offset - matcher->base);
	const char *newline = memrchr(matcher->text, '\n', n);

	return newline == NULL
		   ? matcher->base
		   : matcher->base + (uint64_t)(newline + 1 - matcher->text);
}

uint64_t
matcher_line_end(const struct matcher *matcher, uint64_t offset, bool *whole)
{
	uint64_t end = end_of(matcher);
	const char *newline = offset >= end ? NULL
					    : memchr(at(matcher, offset), '\n',
						  (size_t)(end - offset));

	*whole = newline != NULL;
	return newline == NULL
		   ? end
		   : matcher->base + (uint64_t)(newline - matcher->text);
}

uint64_t
matcher_line_number(const struct matcher *matcher, uint64_t offset)
{
	return matcher->newlines + 1 +
	       count_newlines(matcher->text, (size_t)(offset - matcher->base));
}
