#include "matcher.h"

#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

int
matcher_init(struct matcher *matcher, const struct patterns *patterns, bool raw,
    struct reason *why)
{
	*matcher = (struct matcher){
	    .patterns = patterns, .raw = raw, .line_start = true};
	matcher->text = malloc(MATCHER_ROOM);
	matcher->searches =
	    calloc(patterns->count + 1, sizeof(*matcher->searches));
	if (matcher->text == NULL || matcher->searches == NULL)
		return reason_memory(why);
	return 0;
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

static int
add_match(struct matcher *m, const struct match *match, struct reason *why)
{
	if (m->count == m->capacity) {
		size_t n = m->capacity * 2 + 16;
		struct match *more = reallocarray(m->matches, n, sizeof(*more));

		if (more == NULL)
			return reason_memory(why);
		m->matches = more;
		m->capacity = n;
	}
	m->matches[m->count++] = *match;
	return 0;
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
static int
search_from(const struct matcher *m, uint64_t from, int ends,
    struct match *match, struct reason *why)
{
	const struct pattern *p = &m->patterns->list[match->pattern];
	struct reason inner = {""};
	size_t start = 0, end = 0;
	int r = regex_search(p->regex, m->text, m->len,
	    (size_t)(from - m->base), ends, &start, &end, &inner);

	if (r < 0)
		return reason_set(why, "%s: %s", p->text, inner.text);
	match->start = m->base + start;
	match->end = m->base + end;
	return r;
}

/* Looks for the first match at or after from. What began more than MATCHER_LOOK
 * ago is taken as it is: only the rest may be undecided, and needs the slower
 * search that tells. */
static int
find(const struct matcher *m, uint64_t from, int ends, struct match *match,
    struct reason *why)
{
	uint64_t recent = m->len > MATCHER_LOOK ? end_of(m) - MATCHER_LOOK : 0;

	if ((ends & REGEX_MORE) != 0 && from < recent) {
		int r = search_from(m, from, ends & ~REGEX_MORE, match, why);

		if (r < 0 || (r == REGEX_FOUND && match->start < recent))
			return r;
		from = recent;
	}
	return search_from(m, from, ends, match, why);
}

/* Whether the line before the match says that it is none: 1, 0, or -1 with the
 * reason. */
static int
is_excepted(
    const struct matcher *m, const struct match *match, struct reason *why)
{
	const struct pattern *p = &m->patterns->list[match->pattern];
	uint64_t line = matcher_line_start(m, match->start);
	bool starts = m->line_start || line > m->base;
	int r = REGEX_NONE;

	for (size_t i = 0; i < p->except_count && r == REGEX_NONE; i++) {
		size_t start, end;

		r = regex_search(m->patterns->expressions[p->first_except + i],
		    at(m, line), (size_t)(match->start - line), 0,
		    starts ? REGEX_STARTS : 0, &start, &end, why);
	}
	return r;
}

/* Takes what was found. Its newline may be a part of the match. */
static int
take(struct matcher *m, struct search *p, const struct match *match,
    struct reason *why)
{
	int excepted = is_excepted(m, match, why);

	if (excepted < 0)
		return -1;
	p->from = match->end;
	if (excepted)
		return 0;
	p->from -= *at(m, match->end - 1) == '\n';
	p->skip_line = true;
	p->matches++;
	return add_match(m, match, why);
}

/* Finds the pattern's matches in what is new; ends is how the text ends. */
static int
search(struct matcher *m, size_t pattern, int ends, struct reason *why)
{
	struct search *p = &m->searches[pattern];
	struct match match = {.pattern = pattern};

	p->from = MAX(p->from, m->base);
	while (leave_line(m, p)) {
		int r = find(m, p->from, ends, &match, why);

		if (r == REGEX_NONE)
			p->from = end_of(m);
		if (r == REGEX_UNDECIDED) {
			p->from = match.start;
			m->undecided = true;
		}
		if (r != REGEX_FOUND)
			return r < 0 ? -1 : 0;
		if (take(m, p, &match, why) < 0)
			return -1;
	}
	return 0;
}

static int
by_offset(const void *a, const void *b)
{
	const struct match *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->pattern < y->pattern ? -1 : x->pattern > y->pattern;
}

static int
search_all(struct matcher *m, int ends, struct reason *why)
{
	if (m->line_start)
		ends |= REGEX_STARTS;
	m->undecided = false;
	m->count = 0;
	for (size_t i = 0; i < m->patterns->count; i++) {
		if (search(m, i, ends, why) < 0)
			return -1;
	}
	if (m->count > 1)
		qsort(m->matches, m->count, sizeof(*m->matches), by_offset);
	return 0;
}

int
matcher_feed(
    struct matcher *matcher, const char *bytes, size_t len, struct reason *why)
{
	slide(matcher);
	char *end = matcher->text + matcher->len;
	if (matcher->raw)
		memcpy(end, bytes, len);
	else
		len = serial_text_feed(&matcher->serial, bytes, len, end);
	matcher->len += len;
	return search_all(matcher, REGEX_MORE, why);
}

int
matcher_end(struct matcher *matcher, struct reason *why)
{
	slide(matcher);
	if (!matcher->raw)
		matcher->len += serial_text_end(
		    &matcher->serial, matcher->text + matcher->len);
	return search_all(matcher, REGEX_ENDS, why);
}

int
matcher_settle(struct matcher *matcher, struct reason *why)
{
	return search_all(matcher, 0, why);
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
