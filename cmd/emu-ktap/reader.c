#include "reader.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
reader_init(struct reader *reader, struct tests *tests, struct test *root)
{
	*reader = (struct reader){.tests = tests, .root = root, .clock = -1};
}

static struct level *
top(struct reader *r)
{
	return r->depth == 0 ? NULL : &r->levels[r->depth - 1];
}

/* Where a line stands, compared with a level: negative when further out. */
static int
compare(size_t hashes, size_t indent, const struct level *level)
{
	if (hashes != level->hashes)
		return hashes < level->hashes ? -1 : 1;
	return indent < level->indent ? -1 : indent > level->indent;
}

static struct test *
add_test(struct reader *r, struct level *l, const char *name, size_t len)
{
	struct test *t = test_new(r->tests, name, len);

	if (t == NULL)
		return NULL;
	t->start = l->time;
	t->end = r->clock;
	l->time = r->clock;
	test_append(l->suite, t);
	return t;
}

/* Says in the level's suite what is wrong with it. */
static void __attribute__((format(printf, 3, 4)))
add_broken(struct reader *r, struct level *l, const char *format, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, format);
	int n = vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	struct test *t = add_test(r, l, text, n > 0 ? (size_t)n : 0);
	if (t == NULL)
		return;
	t->result = RESULT_BROKEN;
	output_move(r->tests, &l->notes, &t->notes);
	output_move(r->tests, &l->noise, &t->noise);
}

/* Checks a level that ends against its plan. The outermost needs one, unless it
 * is only there because its inner ones are. */
static void
check(struct reader *r, struct level *l, bool outermost)
{
	if (l->disordered)
		add_broken(r, l, "test numbers out of order");
	if (l->has_plan && l->plan != l->seen)
		add_broken(r, l, "planned %" PRIu64 ", saw %" PRIu64, l->plan,
		    l->seen);
	else if (!l->has_plan && l->is_explicit && outermost)
		add_broken(r, l, "no plan, saw %" PRIu64, l->seen);
	else if (l->seen == 0 && !l->skipped && l->suite->first == NULL)
		add_broken(r, l, "no tests");
}

/* Ends the innermost level and returns its suite, which belongs to nobody yet
 * unless it is a document. */
static struct test *
pop(struct reader *r)
{
	struct level *l = top(r);
	struct test *suite = l->suite;

	check(r, l, r->depth == 1);
	suite->end = r->clock;
	r->depth--;
	r->yaml = NULL;
	output_move(r->tests, &l->notes, &suite->notes);
	output_move(r->tests, &l->noise, &suite->noise);
	return suite;
}

/* Ends the innermost level although its result line is missing. */
static void
pop_unfinished(struct reader *r)
{
	struct test *suite = pop(r);
	struct level *l = top(r);

	if (l == NULL)
		return;
	test_append(l->suite, suite);
	add_broken(r, l, "no result for %s",
	    suite->name[0] == '\0' ? "the subtests" : suite->name);
}

static struct level *
push(struct reader *r, size_t hashes, size_t indent, const char *name,
    size_t len)
{
	struct test *suite;

	if (r->depth == TEST_DEPTH)
		return NULL;
	suite = test_new(r->tests, name, len);
	if (suite == NULL)
		return NULL;
	suite->is_suite = true;
	suite->start = r->clock;
	if (r->depth == 0) {
		test_append(r->root, suite);
		r->documents++;
	}
	struct level *l = &r->levels[r->depth++];
	*l = (struct level){.hashes = hashes,
	    .indent = indent,
	    .suite = suite,
	    .time = r->clock};
	return l;
}

/* Opens a level at this place, below whatever is further out; the name is that
 * of the comment before it. */
static struct level *
open_level(struct reader *r, size_t hashes, size_t indent)
{
	while (r->depth > 0 && compare(hashes, indent, top(r)) <= 0)
		pop_unfinished(r);
	/* A module's results have no header of their own. */
	if (r->depth == 0 && (hashes > 0 || indent > 0) &&
	    push(r, 0, 0, "", 0) == NULL)
		return NULL;
	struct level *l = push(r, hashes, indent, r->subtest, r->subtest_len);
	r->subtest_len = 0;
	return l;
}

static void
take_version(struct reader *r, const struct words *w, size_t hashes)
{
	struct level *l;

	/* Modules that were loaded one after the other are one document. */
	if (r->depth > 0 && compare(hashes, w->indent, &r->levels[0]) == 0) {
		while (r->depth > 1)
			pop_unfinished(r);
		pop(r);
	}
	l = open_level(r, hashes, w->indent);
	if (l == NULL)
		return;
	l->is_explicit = true;
	l->is_ktap = w->is_ktap;
}

static void
take_plan(struct reader *r, const struct words *w, size_t hashes)
{
	struct level *l = top(r);

	if (l == NULL && hashes == 0 && w->indent > 0 && r->subtest_len == 0)
		return;
	/* Another document without a version line. */
	if (r->depth == 1 && compare(hashes, w->indent, l) == 0 &&
	    l->has_plan && l->seen >= l->plan) {
		pop(r);
		l = NULL;
	}
	if (l == NULL || compare(hashes, w->indent, l) != 0) {
		if (l != NULL && compare(hashes, w->indent, l) < 0)
			return;
		l = open_level(r, hashes, w->indent);
		if (l == NULL)
			return;
	}
	if (l->has_plan && l->plan != w->number)
		add_broken(r, l, "a second plan, 1..%" PRIu64, w->number);
	l->is_explicit = l->has_plan = true;
	l->plan = w->number;
	l->skipped = w->number == 0;
	if (l->skipped && w->result == RESULT_SKIP) {
		l->suite->result = RESULT_SKIP;
		test_message(r->tests, l->suite, w->message, w->message_len);
	}
}

/* The level that a result at this place belongs to; NULL: none. */
static struct level *
result_level(struct reader *r, const struct words *w, size_t hashes)
{
	struct level *l = top(r);
	size_t i = r->depth;

	while (i > 0 && compare(hashes, w->indent, &r->levels[i - 1]) < 0)
		i--;
	if (i > 0 && compare(hashes, w->indent, &r->levels[i - 1]) == 0)
		return &r->levels[i - 1];
	if (l == NULL && hashes == 0 && w->indent == 0 && w->number == 1)
		return push(r, 0, 0, "", 0);
	if (i == r->depth && r->subtest_len > 0)
		return open_level(r, hashes, w->indent);
	return NULL;
}

/* Gives a suite the name of its result line, unless that has none. */
static void
rename_test(struct reader *r, struct test *t, const char *name, size_t len)
{
	struct test *named = len == 0 ? NULL : test_new(r->tests, name, len);

	if (named == NULL)
		return;
	char *old = t->name;
	t->name = named->name;
	named->name = old;
	test_free(named);
}

/* The name without TAP's escapes, which KTAP does not have. */
static size_t
unescape(const struct level *l, const struct words *w, char name[TEST_NAME])
{
	size_t n = 0;

	for (size_t i = 0; i < w->len && n < TEST_NAME; i++) {
		if (w->text[i] == '\\' && !l->is_ktap && i + 1 < w->len &&
		    strchr("\\#", w->text[i + 1]) != NULL)
			i++;
		name[n++] = w->text[i];
	}
	return n;
}

/* Adds a result, and to it the subtests that stood before it. */
static void
add_result(struct reader *r, struct level *l, struct test *suite,
    const struct words *w)
{
	char name[TEST_NAME];
	size_t len = unescape(l, w, name);
	struct test *t = suite;

	if (t == NULL) {
		t = add_test(r, l, name, len);
		if (t == NULL)
			return;
	} else {
		rename_test(r, t, name, len);
		test_append(l->suite, t);
		t->end = l->time = r->clock;
	}
	t->result = w->result;
	test_message(r->tests, t, w->message, w->message_len);
	output_move(r->tests, &l->notes, &t->notes);
	output_move(r->tests, &l->noise, &t->noise);
	r->yaml = NULL;
}

static bool
take_result(struct reader *r, const struct words *w, size_t hashes)
{
	struct level *l = result_level(r, w, hashes);
	struct test *suite = NULL;

	if (l == NULL || (l->is_ktap && w->number == 0))
		return false;
	while (top(r) != l) {
		if (top(r) - 1 == l)
			suite = pop(r);
		else
			pop_unfinished(r);
	}
	l->seen++;
	if (w->number > 0 && l->is_explicit && w->number != l->seen)
		l->disordered = true;
	add_result(r, l, suite, w);
	return true;
}

static void
take_subtest(struct reader *r, const struct words *w, size_t hashes)
{
	struct level *l = top(r);

	if (l != NULL && r->depth > 1 && l->suite->name[0] == '\0' &&
	    l->seen == 0 && compare(hashes, w->indent, l) == 0) {
		rename_test(r, l->suite, w->text, w->len);
		return;
	}
	r->subtest_len = w->len < TEST_NAME ? w->len : TEST_NAME;
	memcpy(r->subtest, w->text, r->subtest_len);
}

static void
take_bail(struct reader *r, const struct words *w)
{
	while (r->depth > 1)
		pop_unfinished(r);
	struct level *l = top(r);
	if (l == NULL)
		l = push(r, 0, 0, "", 0);
	if (l != NULL)
		add_broken(
		    r, l, "Bail out! %.*s", (int)(w->len & 127), w->text);
}

/* Strips the "# " that kselftest puts before the lines of a nested test, as far
 * as there are such levels, or one begins. */
static size_t
strip_hashes(const struct reader *r, struct line *line)
{
	size_t n = 0, deepest = 0;

	for (size_t i = 0; i < r->depth; i++) {
		if (r->levels[i].hashes > deepest)
			deepest = r->levels[i].hashes;
	}
	while (line->len > 1 && memcmp(line->text, "# ", 2) == 0) {
		struct line rest = {line->text + 2, line->len - 2, line->time};

		if (n == deepest &&
		    word_of(rest.text, rest.len, NULL) != WORD_VERSION)
			break;
		*line = rest;
		n++;
	}
	return n;
}

/* A YAML block behind a result: "  ---" to "  ...", or, when that was lost, to
 * a line that belongs to the level. Returns whether the line is part of one. */
static bool
in_yaml(struct reader *r, const struct line *line)
{
	struct level *l = top(r);
	size_t indent = strspn(line->text, " ");
	const char *text = line->text + indent;

	if (r->yaml == NULL) {
		if (l == NULL || l->suite->last == NULL ||
		    strcmp(text, "---") != 0 || indent <= l->indent)
			return false;
		r->yaml = l->suite->last;
		return true;
	}
	if (indent <= l->indent &&
	    word_of(line->text, line->len, NULL) != WORD_NOISE)
		r->yaml = NULL;
	if (r->yaml == NULL)
		return false;
	if (strcmp(text, "...") == 0)
		r->yaml = NULL;
	else
		output_add(r->tests, &r->yaml->notes, line->text, line->len);
	return true;
}

/* A version line may follow a prompt, or whatever else had no newline. */
static enum word
find_version(const struct reader *r, const struct line *line, struct words *w)
{
	const char *p = strstr(line->text, "TAP version ");

	if (r->depth > 0 || p == NULL)
		return WORD_NOISE;
	if (p > line->text && p[-1] == 'K')
		p--;
	return word_of(p, line->len - (size_t)(p - line->text), w);
}

/* Perl's diagnosis of a failure comes behind it. */
static bool
is_afterword(const struct level *l, const struct words *w)
{
	return l != NULL && l->suite->last != NULL &&
	       l->suite->last->result == RESULT_FAIL &&
	       (strncmp(w->text, "Failed test", 11) == 0 ||
		   l->suite->last->notes.len > 0) &&
	       !l->is_ktap && !l->is_explicit;
}

static void
take_note(struct reader *r, const struct line *line, const struct words *w)
{
	struct level *l = top(r);
	const char *text = line->text + w->indent + 1;

	if (l == NULL)
		return;
	text += *text == ' ';
	output_add(r->tests,
	    is_afterword(l, w) ? &l->suite->last->notes : &l->notes, text,
	    strlen(text));
}

/* KUnit's notes may have more lines, indented and without a '#'. */
static bool
continue_note(struct reader *r, const struct line *line)
{
	struct level *l = top(r);
	size_t indent = strspn(line->text, " ");

	if (l == NULL || r->note_indent == 0 || indent < r->note_indent)
		return false;
	output_add(r->tests, &l->notes, line->text + r->note_indent,
	    line->len - r->note_indent);
	return true;
}

void
reader_noise(struct reader *reader, const struct line *line)
{
	struct level *l = top(reader);

	if (l != NULL)
		output_add(reader->tests, &l->noise, line->text, line->len);
}

void
reader_line(struct reader *reader, const struct line *line)
{
	struct line rest = *line;
	struct words w;

	if (line->time >= 0)
		reader->clock = line->time;
	if (in_yaml(reader, line))
		return;
	size_t hashes = strip_hashes(reader, &rest);
	enum word word = word_of(rest.text, rest.len, &w);
	if (word == WORD_NOISE)
		word = find_version(reader, &rest, &w);
	if (word == WORD_NOISE && continue_note(reader, line))
		return;
	reader->note_indent = word == WORD_NOTE ? w.indent : 0;
	switch (word) {
	case WORD_VERSION:
		take_version(reader, &w, hashes);
		break;
	case WORD_PLAN:
		take_plan(reader, &w, hashes);
		break;
	case WORD_RESULT:
		if (!take_result(reader, &w, hashes))
			reader_noise(reader, line);
		break;
	case WORD_SUBTEST:
		take_subtest(reader, &w, hashes);
		break;
	case WORD_NOTE:
		take_note(reader, &rest, &w);
		break;
	case WORD_BAIL:
		take_bail(reader, &w);
		break;
	case WORD_NOISE:
		reader_noise(reader, line);
		break;
	}
}

void
reader_end(struct reader *reader)
{
	while (reader->depth > 1)
		pop_unfinished(reader);
	if (reader->depth == 1)
		pop(reader);
}
