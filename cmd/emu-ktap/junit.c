#include "junit.h"

#include "utf8.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* XML 1.0, production Char, for what is UTF-8. */
static bool
is_allowed(const char *p, size_t n)
{
	unsigned char c = (unsigned char)*p;

	if (n == 1)
		return c >= 0x20 || c == '\t' || c == '\n';
	return n != 3 || (memcmp(p, "\xef\xbf\xbe", 3) != 0 &&
			     memcmp(p, "\xef\xbf\xbf", 3) != 0);
}

static const char *
entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	default:
		return NULL;
	}
}

/* Text that may stand in an element or a quoted attribute: markup is escaped,
 * and what XML 1.0 (2.2) does not allow, or is no UTF-8, becomes U+FFFD. */
static void
xml_text(FILE *out, const char *text, size_t len)
{
	const char *end = text + len;
	size_t n;

	while (text < end) {
		const char *shown = utf8_shown(&text, end, &n);
		const char *e = entity(*shown);

		if (e != NULL)
			fputs(e, out);
		else if (is_allowed(shown, n))
			fwrite(shown, 1, n, out);
		else
			fputs(UTF8_REPLACEMENT, out);
	}
}

/* ` name="text"`. */
static void
xml_attribute(FILE *out, const char *name, const char *text)
{
	fprintf(out, " %s=\"", name);
	xml_text(out, text, strlen(text));
	putc('"', out);
}

/* A suite in the making: a level of nesting and the names around it. */
struct suite {
	const struct test *test;
	const struct suite *outer;
};

struct counts {
	uint64_t tests;
	uint64_t failures;
	uint64_t errors;
	uint64_t skipped;
};

/* Whether the test becomes a case. One with subtests does only when it says
 * something that they do not. */
static bool
is_case(const struct test *t)
{
	if (t->first == NULL)
		return true;
	if (t->result == RESULT_PASS || t->result == RESULT_SKIP)
		return false;
	for (const struct test *s = t->first; s != NULL; s = s->next) {
		if (s->has_failed)
			return false;
	}
	return true;
}

static void
count(const struct test *suite, struct counts *c)
{
	for (const struct test *t = suite->first; t != NULL; t = t->next) {
		if (!is_case(t))
			continue;
		c->tests++;
		c->failures += t->result == RESULT_FAIL;
		c->errors +=
		    t->result == RESULT_ERROR || t->result == RESULT_BROKEN;
		c->skipped +=
		    t->result == RESULT_SKIP || t->result == RESULT_TODO;
	}
}

static void
count_all(const struct test *root, struct counts *sum)
{
	count(root, sum);
	for (const struct test *t = root->first; t != NULL; t = t->next)
		count_all(t, sum);
}

/* The names around the suite and its own. The outermost may have none. */
static void
path(FILE *out, const struct suite *s, bool *written)
{
	if (s->outer != NULL)
		path(out, s->outer, written);
	if (s->test->name[0] == '\0')
		return;
	if (*written)
		putc('.', out);
	xml_text(out, s->test->name, strlen(s->test->name));
	*written = true;
}

static void
path_attribute(FILE *out, const char *name, const struct suite *s)
{
	bool written = false;

	fprintf(out, " %s=\"", name);
	path(out, s, &written);
	fputs(written ? "\"" : "tests\"", out);
}

static void
time_attribute(FILE *out, const struct test *t)
{
	if (t->start >= 0 && t->end >= t->start)
		fprintf(out, " time=\"%.3f\"", t->end - t->start);
}

static void
count_attributes(FILE *out, const struct counts *c)
{
	fprintf(out,
	    " tests=\"%" PRIu64 "\" failures=\"%" PRIu64 "\" errors=\"%" PRIu64
	    "\"",
	    c->tests, c->failures, c->errors);
}

static void
output_text(FILE *out, const struct excerpt *o)
{
	size_t head = o->gap > 0 ? o->head : o->len;

	if (o->len == 0)
		return;
	xml_text(out, o->text, head);
	if (o->gap > 0) {
		fprintf(out, "[%" PRIu64 " bytes left out]\n", o->gap);
		xml_text(out, o->text + head, o->len - head);
	}
}

static void
output_element(FILE *out, const struct excerpt *o)
{
	if (o->len == 0)
		return;
	fputs("<system-out>", out);
	output_text(out, o);
	fputs("</system-out>\n", out);
}

/* The note that says best why a test failed: the first that speaks of failure,
 * else the first. */
static void
note_attribute(FILE *out, const struct excerpt *notes)
{
	if (notes->len == 0)
		return;
	const char *best = notes->text, *end = best + notes->len;
	const char *line = notes->text;

	while (line < end) {
		size_t n = (size_t)((const char *)memchr(
					line, '\n', (size_t)(end - line)) -
				    line);

		if (memmem(line, n, "FAILED", 6) != NULL) {
			best = line;
			break;
		}
		line += n + 1;
	}
	fputs(" message=\"", out);
	xml_text(out, best,
	    (size_t)((const char *)memchr(best, '\n', (size_t)(end - best)) -
		     best));
	putc('"', out);
}

/* What stands in a case that did not pass. */
static void
detail(FILE *out, const struct test *t)
{
	static const struct {
		const char *element;
		const char *type;
	} of[] = {
	    [RESULT_SKIP] = {"skipped", "SKIP"},
	    [RESULT_TODO] = {"skipped", "TODO"},
	    [RESULT_FAIL] = {"failure", "not ok"},
	    [RESULT_ERROR] = {"error", "ERROR"},
	    [RESULT_BROKEN] = {"error", "test output"},
	};

	if (t->result == RESULT_PASS)
		return;
	fprintf(
	    out, "<%s type=\"%s\"", of[t->result].element, of[t->result].type);
	if (t->message != NULL)
		xml_attribute(out, "message", t->message);
	else if (t->result == RESULT_BROKEN)
		xml_attribute(out, "message", t->name);
	else
		note_attribute(out, &t->notes);
	putc('>', out);
	output_text(out, &t->notes);
	fprintf(out, "</%s>\n", of[t->result].element);
}

static void
test_case(FILE *out, const struct suite *s, const struct test *t)
{
	fputs("<testcase", out);
	xml_attribute(out, "name", t->name[0] == '\0' ? "(no name)" : t->name);
	path_attribute(out, "classname", s);
	time_attribute(out, t);
	if (t->result == RESULT_PASS && t->noise.len == 0) {
		fputs("/>\n", out);
		return;
	}
	fputs(">\n", out);
	detail(out, t);
	output_element(out, &t->noise);
	fputs("</testcase>\n", out);
}

static void
suite_write(FILE *out, const struct suite *s)
{
	struct counts c = {0};

	count(s->test, &c);
	if (c.tests > 0) {
		fputs("<testsuite", out);
		path_attribute(out, "name", s);
		count_attributes(out, &c);
		fprintf(out, " skipped=\"%" PRIu64 "\"", c.skipped);
		time_attribute(out, s->test);
		fputs(">\n", out);
		for (const struct test *t = s->test->first; t != NULL;
		     t = t->next) {
			if (is_case(t))
				test_case(out, s, t);
		}
		output_element(out, &s->test->noise);
		fputs("</testsuite>\n", out);
	}
	for (const struct test *t = s->test->first; t != NULL; t = t->next) {
		struct suite inner = {t, s};

		if (t->first != NULL)
			suite_write(out, &inner);
	}
}

void
junit_write(FILE *out, const struct test *root)
{
	struct counts sum = {0};
	struct suite all = {root, NULL};

	count_all(root, &sum);
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites", out);
	count_attributes(out, &sum);
	time_attribute(out, root);
	fputs(">\n", out);
	suite_write(out, &all);
	fputs("</testsuites>\n", out);
}
