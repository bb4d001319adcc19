#include "log_line.h"

#include "line_kind.h"
#include "stamp.h"

#include <string.h>

void
log_lines_init(struct log_lines *lines,
    void (*take)(void *context, const struct log_line *line), void *context)
{
	*lines = (struct log_lines){
	    .serial = {.keep_stamps = true}, .take = take, .context = context};
}

static void
give(struct log_lines *l, const char *text, size_t len, double time)
{
	struct log_line line = {text, len, time};

	l->take(l->context, &line);
}

/* What was held of a torn line was all of it. */
static void
give_head(struct log_lines *l)
{
	if (l->torn == 0)
		return;
	l->head[l->torn] = '\0';
	give(l, l->head, l->torn, -1);
	l->torn = 0;
}

/* The start of a result, before which the rest of one looks like another. Sets
 * whether it is that of a failure. */
static bool
is_start(const char *text, size_t len, bool *negated)
{
	size_t n = strspn(text, " \t#");

	*negated = strncmp(text + n, "not", 3) == 0;
	if (*negated)
		n += 3 + strspn(text + n + 3, " \t");
	return n == len;
}

/* The rest of a torn line: only when it is nothing by itself, but the whole is
 * something. Returns false when the text is a line of its own. */
static bool
join(struct log_lines *l, const char *text, size_t len)
{
	bool negated;

	l->head[l->torn] = '\0';
	if (l->torn + len > LOG_LINE_MAX ||
	    (line_kind_of(text, len, NULL) != LINE_NOISE &&
		!is_start(l->head, l->torn, &negated)))
		return false;
	memcpy(l->head + l->torn, text, len + 1);
	if (line_kind_of(l->head, l->torn + len, NULL) == LINE_NOISE)
		return false;
	l->torn += len;
	return true;
}

/* Where printk's stamp, "[    1.234567] ", is inside the text; NULL: nowhere.
 */
static const char *
find_stamp(const char *text, size_t len)
{
	const char *end = text + len, *p = text;

	while (p < end && (p = memchr(p, '[', (size_t)(end - p))) != NULL) {
		bool more;
		size_t n = stamp_length(p, (size_t)(end - p), NULL, &more);

		if (n >= sizeof("[    1.234567]") - 1)
			return p;
		p++;
	}
	return NULL;
}

static void
stamped(struct log_lines *l, char *text, size_t len)
{
	bool more;
	double time = -1;
	size_t n = stamp_length(text, len, &time, &more);

	give(l, text + n, len - n, n > 0 ? time : -1);
}

/* The part of the line that has no stamp: with one behind it, or as a mere
 * "not", it may be only the start of a line. */
static void
unstamped(struct log_lines *l, size_t len, bool torn)
{
	char kept = l->text[len];
	bool joined, negated;

	l->text[len] = '\0';
	torn |= is_start(l->text, len, &negated) && negated;
	joined = l->torn > 0 && join(l, l->text, len);
	give_head(l);
	if (len > 0 && !joined && torn) {
		memcpy(l->head, l->text, len);
		l->torn = len;
	} else if (len > 0 && !joined) {
		give(l, l->text, len, -1);
	}
	l->text[len] = kept;
}

static void
whole_line(struct log_lines *l)
{
	bool more;

	l->text[l->len] = '\0';
	if (stamp_length(l->text, l->len, NULL, &more) > 0) {
		stamped(l, l->text, l->len);
		return;
	}
	const char *stamp = find_stamp(l->text, l->len);
	size_t len = stamp == NULL ? l->len : (size_t)(stamp - l->text);
	unstamped(l, len, stamp != NULL);
	if (stamp != NULL)
		stamped(l, l->text + len, l->len - len);
}

static void
text_feed(struct log_lines *l, const char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		const char *newline = memchr(text + i, '\n', len - i);
		size_t n =
		    newline == NULL ? len - i : (size_t)(newline - (text + i));
		size_t room = LOG_LINE_MAX - l->len;

		memcpy(l->text + l->len, text + i, n < room ? n : room);
		l->len += n < room ? n : room;
		i += n;
		if (newline != NULL) {
			whole_line(l);
			l->len = 0;
			i++;
		}
	}
}

void
log_lines_feed(struct log_lines *lines, const char *bytes, size_t len)
{
	while (len > 0) {
		size_t n = len < 4096 ? len : 4096;

		text_feed(lines, lines->piece,
		    serial_text_feed(&lines->serial, bytes, n, lines->piece));
		bytes += n;
		len -= n;
	}
}

void
log_lines_end(struct log_lines *lines)
{
	text_feed(
	    lines, lines->piece, serial_text_end(&lines->serial, lines->piece));
	if (lines->len > 0)
		whole_line(lines);
	give_head(lines);
}
