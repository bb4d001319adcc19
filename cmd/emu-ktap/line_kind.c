#include "line_kind.h"

#include <string.h>
#include <strings.h>

enum { TAB = 8 }; /* columns */

static bool
starts(const char **p, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*p, word, n) != 0)
		return false;
	*p += n;
	return true;
}

/* Decimal digits, at most nine: more is no number of tests. */
static bool
number(const char **p, uint64_t *value)
{
	size_t n = strspn(*p, "0123456789");

	*value = 0;
	for (size_t i = 0; i < n && n <= 9; i++)
		*value = *value * 10 + (uint64_t)((*p)[i] - '0');
	*p += n;
	return n > 0 && n <= 9;
}

static void
skip_blanks(const char **p)
{
	*p += strspn(*p, " \t");
}

static void
set_text(struct line_parts *w, const char *text, const char *end)
{
	while (text < end && (*text == ' ' || *text == '\t'))
		text++;
	while (end > text && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	w->text = text;
	w->len = (size_t)(end - text);
}

static void
set_message(struct line_parts *w, const char *text, const char *end)
{
	struct line_parts part = *w;

	set_text(&part, text, end);
	w->message = part.text;
	w->message_len = part.len;
}

/* The words behind a '#' that change what a result means. */
static const struct directive {
	const char *name;
	enum result ok;
	enum result not_ok;
} directives[] = {
    {"SKIP", RESULT_SKIP, RESULT_SKIP},
    {"TODO", RESULT_PASS, RESULT_TODO},
    {"XFAIL", RESULT_TODO, RESULT_TODO},
    {"TIMEOUT", RESULT_ERROR, RESULT_ERROR},
    {"ERROR", RESULT_ERROR, RESULT_ERROR},
};

static const struct directive *
directive_at(const char *text)
{
	for (size_t i = 0; i < sizeof(directives) / sizeof(directives[0]);
	     i++) {
		const struct directive *d = &directives[i];
		size_t n = strlen(d->name);

		if (strncasecmp(text, d->name, n) == 0 &&
		    (text[n] == '\0' || strchr(" \t:=", text[n]) != NULL ||
			(n == 4 && strncasecmp(text, "SKIPPED", 7) == 0)))
			return d;
	}
	return NULL;
}

/* The '#' that ends a name: not escaped, first or behind a blank. */
static const char *
find_hash(const char *text, const char *end)
{
	for (const char *p = text; p < end; p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
		else if (*p == '#' && (p == text || p[-1] == ' '))
			return p;
	}
	return NULL;
}

/* Name and directive of a result, or what is behind a plan. */
static void
tail(struct line_parts *w, const char *text, const char *end, bool ok)
{
	const char *hash = find_hash(text, end);

	w->result = ok ? RESULT_PASS : RESULT_FAIL;
	set_text(w, text, hash == NULL ? end : hash);
	if (hash == NULL)
		return;
	const char *p = hash + 1;
	skip_blanks(&p);
	const struct directive *d = directive_at(p);
	if (d != NULL) {
		w->result = ok ? d->ok : d->not_ok;
		p += strcspn(p, " \t:=");
		p += strspn(p, " \t:=");
	}
	set_message(w, p < end ? p : end, end);
}

static enum line_kind
result(const char *p, const char *end, struct line_parts *w)
{
	bool ok = !starts(&p, "not ");

	if (!starts(&p, "ok") || (*p != '\0' && *p != ' ' && *p != '\t'))
		return LINE_NOISE;
	skip_blanks(&p);
	const char *digits = p;
	if (!number(&p, &w->number) ||
	    (*p != '\0' && *p != ' ' && *p != '\t')) {
		w->number = 0;
		p = digits;
	}
	skip_blanks(&p);
	if (*p == '-' && (p[1] == ' ' || p[1] == '\0'))
		p++;
	tail(w, p < end ? p : end, end, ok);
	return LINE_RESULT;
}

static enum line_kind
plan(const char *p, const char *end, struct line_parts *w)
{
	if (!number(&p, &w->number))
		return LINE_NOISE;
	skip_blanks(&p);
	if (*p != '\0' && *p != '#')
		return LINE_NOISE;
	tail(w, p < end ? p : end, end, true);
	return LINE_PLAN;
}

static enum line_kind
version(const char *p, bool is_ktap, struct line_parts *w)
{
	uint64_t n;

	if (!number(&p, &n))
		return LINE_NOISE;
	skip_blanks(&p);
	if (*p != '\0')
		return LINE_NOISE;
	w->is_ktap = is_ktap;
	return LINE_VERSION;
}

static enum line_kind
note(const char *p, const char *end, struct line_parts *w)
{
	skip_blanks(&p);
	w->is_ktap = starts(&p, "ktap_test:");
	if (w->is_ktap || starts(&p, "Subtest:")) {
		set_text(w, p, end);
		return LINE_SUBTEST;
	}
	set_text(w, p, end);
	return LINE_NOTE;
}

enum line_kind
line_kind_of(const char *line, size_t len, struct line_parts *parts)
{
	struct line_parts unwanted = {0},
			  *w = parts == NULL ? &unwanted : parts;
	const char *p = line, *end = line + len;

	*w = (struct line_parts){.blanks = strspn(line, " \t")};
	for (w->indent = w->blanks; p < line + w->blanks; p++)
		w->indent += *p == '\t' ? TAB - 1 : 0;
	if (starts(&p, "KTAP version "))
		return version(p, true, w);
	if (starts(&p, "TAP version "))
		return version(p, false, w);
	if (starts(&p, "1.."))
		return plan(p, end, w);
	if (starts(&p, "#:") || starts(&p, "#"))
		return note(p, end, w);
	if (starts(&p, "Bail out!")) {
		set_text(w, p, end);
		return LINE_BAIL;
	}
	return result(p, end, w);
}
