#include "matcher.h"

#include "skim.h"

#include <stdlib.h>
#include <string.h>

int
matcher_init(struct matcher *matcher, struct patterns *patterns, bool raw,
    struct reason *why)
{
	*matcher = (struct matcher){
	    .patterns = patterns, .raw = raw, .line_start = true};
	matcher->text = malloc(MATCHER_ROOM);
	matcher->marks = calloc(MATCHER_ROOM, sizeof(*matcher->marks));
	if (matcher->text == NULL || matcher->marks == NULL)
		return reason_set(why, "out of memory");
	for (size_t i = 0; i < patterns->count; i++) {
		const struct pattern *p = &patterns->list[i];

		for (size_t k = 0; k < p->literal_count; k++) {
			if (scan_add(&matcher->scan, &p->literals[k], i) < 0)
				return reason_set(why, "out of memory");
		}
	}
	scan_prepare(&matcher->scan);
	return 0;
}

void
matcher_free(struct matcher *matcher)
{
	scan_free(&matcher->scan);
	free(matcher->text);
	free(matcher->marks);
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

/* The last mark at or before the offset, as an index; -1 for none. */
static ptrdiff_t
find_mark(const struct matcher *m, uint64_t offset)
{
	size_t low = 0, high = m->mark_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (m->marks[middle].text <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return (ptrdiff_t)low - 1;
}

/* Forgets all but the last bytes of the window, which has more, and the marks
 * before them but the one that holds there. */
static void
slide(struct matcher *m)
{
	size_t gone = m->len - MATCHER_KEEP;

	m->newlines += skim_newlines(m->text, gone);
	m->line_start = m->text[gone - 1] == '\n';
	m->base += gone;
	m->len -= gone;
	memmove(m->text, m->text + gone, m->len);
	ptrdiff_t mark = find_mark(m, m->base);
	if (mark > 0) {
		m->mark_count -= (size_t)mark;
		memmove(m->marks, m->marks + mark,
		    m->mark_count * sizeof(*m->marks));
	}
}

/* A literal was found. */
static void
hit(void *context, size_t id, size_t start)
{
	struct matcher *m = context;
	struct pattern *p = &m->patterns->list[id];
	uint64_t offset = m->base + start;

	if (offset < p->hit)
		p->hit = offset;
	if (offset + MATCHER_LOOK > p->due)
		p->due = offset + MATCHER_LOOK;
}

static int
add_match(struct matcher *m, const struct match *match, struct reason *why)
{
	if (m->count == m->capacity) {
		size_t n = m->capacity * 2 + 16;
		struct match *more = reallocarray(m->matches, n, sizeof(*more));

		if (more == NULL)
			return reason_set(why, "out of memory");
		m->matches = more;
		m->capacity = n;
	}
	m->matches[m->count++] = *match;
	return 0;
}

/* Goes on behind the line in which the last match ended. False when that line
 * is not over yet. */
static bool
leave_line(struct matcher *m, struct pattern *p)
{
	if (!p->skip_line)
		return true;
	uint64_t from = p->from > m->base ? p->from : m->base;
	bool whole;
	uint64_t newline = matcher_line_end(m, from, &whole);
	p->from = whole ? newline + 1 : newline;
	p->skip_line = !whole;
	return whole;
}

/* Where to search for the pattern; false: nowhere. */
static bool
search_from(const struct matcher *m, const struct pattern *p, uint64_t *from)
{
	/* What was just hit is due. */
	if (p->literal_count > 0 && p->due <= m->searched)
		return false;
	*from = p->hit < m->searched ? p->hit : m->searched;
	*from = *from > MATCHER_LOOK ? *from - MATCHER_LOOK : 0;
	if (*from < p->from)
		*from = p->from;
	if (*from < m->base)
		*from = m->base;
	return true;
}

/* One search from there. What is undecided for long is taken as it is. */
static int
try(struct matcher *m, struct pattern *p, uint64_t from, int ends,
    struct match *match, struct reason *why)
{
	struct reason inner = {""};
	size_t at = (size_t)(from - m->base), start, end;
	int r = regex_search(
	    p->regex, m->text, m->len, at, ends, &start, &end, &inner);

	if (r == REGEX_UNDECIDED && m->len - start > MATCHER_LOOK)
		r = regex_search(p->regex, m->text, m->len, at,
		    ends & ~REGEX_MORE, &start, &end, &inner);
	if (r < 0)
		return reason_set(why, "%s: %s", p->text, inner.text);
	if (r != REGEX_NONE) {
		match->start = m->base + start;
		match->end = m->base + end;
	}
	return r;
}

/* Finds the pattern's matches in what is new; ends is how the text ends. */
static int
search(struct matcher *m, size_t id, int ends, struct reason *why)
{
	struct pattern *p = &m->patterns->list[id];
	uint64_t from;
	int r = REGEX_NONE;

	while (leave_line(m, p) && search_from(m, p, &from)) {
		struct match match = {.pattern = id};

		r = try(m, p, from, ends, &match, why);
		if (r != REGEX_FOUND)
			break;
		if (add_match(m, &match, why) < 0)
			return -1;
		p->matches++;
		/* Its newline may be a part of the match. */
		p->from = match.end - (*at(m, match.end - 1) == '\n');
		p->skip_line = true;
	}
	p->hit = UINT64_MAX;
	m->undecided |= r == REGEX_UNDECIDED;
	return r < 0 ? -1 : 0;
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
sort_matches(struct matcher *m)
{
	if (m->count > 1)
		qsort(m->matches, m->count, sizeof(*m->matches), by_offset);
}

static int
search_all(struct matcher *m, int ends, struct reason *why)
{
	if (m->line_start)
		ends |= REGEX_STARTS;
	m->undecided = false;
	scan_run(
	    &m->scan, m->text, (size_t)(m->searched - m->base), m->len, hit, m);
	for (size_t i = 0; i < m->patterns->count; i++) {
		if (search(m, i, ends, why) < 0)
			return -1;
	}
	m->searched = end_of(m);
	return 0;
}

static int
feed(struct matcher *m, const char *bytes, size_t len, struct reason *why)
{
	if (m->len + len + PLAIN_EXTRA > MATCHER_ROOM)
		slide(m);
	char *end = m->text + m->len;
	if (m->raw) {
		memcpy(end, bytes, len);
		m->len += len;
	} else {
		m->len += plain_feed(
		    &m->plain, bytes, len, end, m->marks, &m->mark_count);
	}
	return search_all(m, REGEX_MORE, why);
}

/* Whether the next bytes may be passed over when no literal is in them. */
static bool
is_idle(const struct matcher *m)
{
	if (m->hold || m->count > 0)
		return false;
	for (size_t i = 0; i < m->patterns->count; i++) {
		const struct pattern *p = &m->patterns->list[i];

		if (p->literal_count == 0 || p->skip_line ||
		    p->due > m->searched)
			return false;
	}
	return true;
}

/* Passes over whole lines, which begin where the window ends: it is empty
 * afterwards. */
static void
pass(struct matcher *m, size_t len, uint64_t newlines)
{
	m->newlines += skim_newlines(m->text, m->len) + newlines;
	m->base += m->len + len;
	m->len = 0;
	m->searched = m->base;
	m->line_start = true;
	m->plain.bytes += len;
	m->plain.text += len;
	m->mark_count = 0;
	if (!m->raw)
		m->marks[m->mark_count++] =
		    (struct plain_mark){m->base, m->plain.bytes};
}

/* The lines in the middle of the bytes, when nothing in them or so close behind
 * that it might have begun in them is of interest: as offsets. */
static bool
find_dull(const struct matcher *m, const char *bytes, size_t len, size_t *start,
    size_t *end, uint64_t *newlines)
{
	const char *first, *last;

	if (len < MATCHER_FEED / 4)
		return false;
	first = memchr(bytes, '\n', MATCHER_LOOK);
	last = memrchr(bytes, '\n', len - MATCHER_KEEP);
	if (first == NULL || last <= first ||
	    (size_t)(last - bytes) < len - MATCHER_KEEP - MATCHER_LOOK)
		return false;
	*start = (size_t)(first + 1 - bytes);
	*end = (size_t)(last + 1 - bytes);
	*newlines = 0;
	size_t n = *end - *start;
	return (skim_lines(first + 1, n, newlines) || m->raw) &&
	       !scan_any(&m->scan, first + 1, n + MATCHER_LOOK);
}

int
matcher_feed(
    struct matcher *matcher, const char *bytes, size_t len, struct reason *why)
{
	size_t start, end;
	uint64_t newlines;

	matcher->count = 0;
	if (is_idle(matcher) &&
	    find_dull(matcher, bytes, len, &start, &end, &newlines)) {
		if (feed(matcher, bytes, start, why) < 0)
			return -1;
		if (is_idle(matcher))
			pass(matcher, end - start, newlines);
		else
			end = start;
		bytes += end;
		len -= end;
	}
	if (feed(matcher, bytes, len, why) < 0)
		return -1;
	sort_matches(matcher);
	return 0;
}

int
matcher_end(struct matcher *matcher, struct reason *why)
{
	if (matcher->len + PLAIN_EXTRA > MATCHER_ROOM)
		slide(matcher);
	if (!matcher->raw)
		matcher->len +=
		    plain_end(&matcher->plain, matcher->text + matcher->len,
			matcher->marks, &matcher->mark_count);
	/* An expression with $ can match only now. */
	for (size_t i = 0; i < matcher->patterns->count; i++) {
		struct pattern *p = &matcher->patterns->list[i];

		p->due = p->due > 0 ? UINT64_MAX : 0;
	}
	matcher->count = 0;
	if (search_all(matcher, REGEX_ENDS, why) < 0)
		return -1;
	sort_matches(matcher);
	return 0;
}

int
matcher_settle(struct matcher *matcher, struct reason *why)
{
	matcher->count = 0;
	if (search_all(matcher, 0, why) < 0)
		return -1;
	sort_matches(matcher);
	return 0;
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
	       skim_newlines(matcher->text, (size_t)(offset - matcher->base));
}

uint64_t
matcher_byte(const struct matcher *matcher, uint64_t offset)
{
	ptrdiff_t mark = find_mark(matcher, offset);

	return mark < 0 ? offset
			: offset - matcher->marks[mark].text +
			      matcher->marks[mark].byte;
}
