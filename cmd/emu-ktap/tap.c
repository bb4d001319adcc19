#include "tap.h"

#include "utf8.h"

#include <inttypes.h>
#include <stdint.h>
#include <string.h>

static void
indent(FILE *out, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++)
		fputs("    ", out);
}

/* What is no UTF-8 is replaced: not every reader takes it. */
static void
put_text(FILE *out, const char *text, size_t len)
{
	const char *end = text + len;
	size_t n;

	while (text < end) {
		const char *shown = utf8_shown(&text, end, &n);

		fwrite(shown, 1, n, out);
	}
}

/* '#' and '\' have meanings of their own there. */
static void
escaped(FILE *out, const char *text)
{
	while (*text != '\0') {
		size_t n = strcspn(text, "#\\");

		put_text(out, text, n);
		text += n;
		if (*text != '\0') {
			putc('\\', out);
			putc(*text++, out);
		}
	}
}

static void
comments(FILE *out, unsigned depth, const struct excerpt *o)
{
	for (size_t i = 0; i < o->len;) {
		const char *line = o->text + i;
		const char *newline = memchr(line, '\n', o->len - i);
		size_t n =
		    newline == NULL ? o->len - i : (size_t)(newline - line);

		if (o->gap > 0 && i == o->head) {
			indent(out, depth);
			fprintf(
			    out, "# [%" PRIu64 " bytes left out]\n", o->gap);
		}
		indent(out, depth);
		fputs("# ", out);
		put_text(out, line, n);
		putc('\n', out);
		i += n + 1;
	}
}

static void
directive(FILE *out, const struct test *t)
{
	if (t->result == RESULT_SKIP)
		fputs(" # SKIP", out);
	else if (t->result == RESULT_TODO)
		fputs(" # TODO", out);
	else if (t->message != NULL)
		fputs(" #", out);
	else
		return;
	if (t->message != NULL) {
		putc(' ', out);
		put_text(out, t->message, strlen(t->message));
	}
}

/* A result line, and when it is a bad one, what was said about it. */
static void
point(FILE *out, const struct test *t, unsigned depth, uint64_t number)
{
	bool ok = !t->is_bad && t->result != RESULT_TODO;

	indent(out, depth);
	fprintf(out, "%s %" PRIu64, ok ? "ok" : "not ok", number);
	if (t->name[0] != '\0') {
		fputs(" - ", out);
		escaped(out, t->name);
	}
	directive(out, t);
	putc('\n', out);
	if (!t->is_bad)
		return;
	comments(out, depth, &t->notes);
	comments(out, depth, &t->noise);
}

static void
plan(FILE *out, const struct test *suite, unsigned depth)
{
	uint64_t n = 0;

	for (const struct test *t = suite->first; t != NULL; t = t->next)
		n++;
	indent(out, depth);
	fprintf(out, "1..%" PRIu64, n);
	putc('\n', out);
}

static uint64_t
list(FILE *out, const struct test *suite, unsigned depth, uint64_t number)
{
	for (const struct test *t = suite->first; t != NULL; t = t->next) {
		if (t->first != NULL) {
			indent(out, depth);
			fputs("# Subtest: ", out);
			escaped(out, t->name);
			putc('\n', out);
			plan(out, t, depth + 1);
			list(out, t, depth + 1, 1);
		}
		point(out, t, depth, number++);
	}
	return number;
}

void
tap_write(FILE *out, const struct test *root)
{
	uint64_t number = 1;
	const struct test *only = root->first;

	/* A version that prove takes; readers of 14 take it as theirs. */
	fputs("TAP version 13\n", out);
	for (const struct test *d = root->first; d != NULL; d = d->next)
		number = list(out, d, 0, number);
	fprintf(out, "1..%" PRIu64, number - 1);
	if (number == 1 && only != NULL && only->result == RESULT_SKIP)
		directive(out, only);
	putc('\n', out);
}
