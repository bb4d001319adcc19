#include "parser.h"

#include <inttypes.h>
#include <string.h>
#include <sys/param.h>

void
parser_init(struct parser *parser, struct tests *tests, struct test *root)
{
	*parser = (struct parser){
	    .nesting = {.tests = tests, .root = root, .clock = -1}};
}

/* The comment before a level may have named it. */
static struct level *
open_level(struct parser *r, size_t hashes, size_t indent)
{
	size_t len = r->subtest_len;

	r->subtest_len = 0;
	return nesting_open(&r->nesting, hashes, indent, r->subtest, len);
}

static void
take_version(struct parser *r, const struct line_parts *w, size_t hashes)
{
	struct level *l = open_level(r, hashes, w->indent);

	if (l == NULL)
		return;
	l->is_explicit = true;
	l->is_ktap = w->is_ktap;
}

/* The level at this place, which becomes a new one when there are only levels
 * further in, whose first lines came before its own. NULL: the place is within
 * the innermost level or outside of all. */
static struct level *
level_at(struct parser *r, const struct line_parts *w, size_t hashes)
{
	struct nesting *n = &r->nesting;
	size_t i = n->depth;

	while (i > 0 && level_compare(hashes, w->indent, &n->levels[i - 1]) < 0)
		i--;
	if (i == 0)
		return NULL;
	struct level *l = &n->levels[i - 1];
	if (level_compare(hashes, w->indent, l) == 0)
		return l;
	if (i == n->depth)
		return NULL;
	return nesting_insert(n, i, hashes, w->indent, "", 0);
}

static void
take_plan(struct parser *r, const struct line_parts *w, size_t hashes)
{
	if (r->nesting.depth == 0 && hashes == 0 && w->indent > 1 &&
	    r->subtest_len == 0)
		return;
	struct level *l = level_at(r, w, hashes);
	/* Another document without a version line. */
	if (l != NULL && r->nesting.depth == 1 && l->has_plan &&
	    l->seen >= l->plan)
		l = NULL;
	if (l == NULL)
		l = open_level(r, hashes, w->indent);
	if (l == NULL)
		return;
	while (nesting_top(&r->nesting) > l)
		nesting_abandon(&r->nesting);
	if (l->has_plan && l->plan != w->number)
		nesting_broken(
		    &r->nesting, l, "a second plan, 1..%" PRIu64, w->number);
	l->is_explicit = l->has_plan = true;
	l->plan = w->number;
	l->skipped = w->number == 0 && w->result == RESULT_SKIP;
	if (l->skipped) {
		l->suite->result = RESULT_SKIP;
		test_message(
		    r->nesting.tests, l->suite, w->message, w->message_len);
	}
}

/* The level that a result at this place belongs to; NULL: none. */
static struct level *
result_level(struct parser *r, const struct line_parts *w, size_t hashes)
{
	struct level *top = nesting_top(&r->nesting);

	if (top == NULL && hashes == 0 && w->indent <= 1 && w->number == 1)
		return nesting_open(&r->nesting, 0, w->indent, "", 0);
	struct level *l = level_at(r, w, hashes);
	if (l != NULL)
		return l;
	/* Subtests may begin without a word; only with the first of them. */
	if ((top == NULL || level_compare(hashes, w->indent, top) > 0) &&
	    (r->subtest_len > 0 || (top != NULL && w->number == 1)))
		return open_level(r, hashes, w->indent);
	return NULL;
}

/* A failure that belongs nowhere is none that may be overlooked. */
static void
misplaced(struct parser *r, const struct line_parts *w)
{
	struct level *top = nesting_top(&r->nesting);

	if (w->result < RESULT_FAIL || (top == NULL && w->number == 0))
		return;
	if (top == NULL)
		top = nesting_push(&r->nesting, 0, 0, "", 0);
	nesting_broken(&r->nesting, top,
	    "out of place: not ok %" PRIu64 " %.*s", w->number,
	    (int)MIN(w->len, 127), w->text);
}

/* The name without TAP's escapes, which KTAP does not have. */
static size_t
unescape(
    const struct level *l, const struct line_parts *w, char name[TEST_NAME])
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
add_result(struct parser *r, struct level *l, struct test *suite,
    const struct line_parts *w)
{
	char name[TEST_NAME];
	size_t len = unescape(l, w, name);
	struct test *t = suite;

	if (t == NULL) {
		t = nesting_add(&r->nesting, l, name, len);
	} else {
		test_rename(r->nesting.tests, t, name, len);
		test_append(l->suite, t);
		t->end = l->time = r->nesting.clock;
	}
	t->result = w->result;
	test_message(r->nesting.tests, t, w->message, w->message_len);
	test_take(r->nesting.tests, t, &l->notes, &l->noise);
	r->yaml = NULL;
}

/* TAP's subtests may follow their result, in braces: the first may end its
 * line, or have one of its own behind YAML. The line is "}" or the like. */
static bool
is_brace(const char *line, const struct line_parts *w, const char *brace)
{
	return strcmp(line + w->blanks, brace) == 0;
}

/* Takes the brace that ends the line of a result away. */
static bool
take_brace(struct line_parts *w)
{
	const char **text = w->message_len > 0 ? &w->message : &w->text;
	size_t *len = w->message_len > 0 ? &w->message_len : &w->len;

	if (*len == 0 || (*text)[*len - 1] != '{' ||
	    (*len > 1 && (*text)[*len - 2] != ' '))
		return false;
	for (--*len; *len > 0 && (*text)[*len - 1] == ' '; --*len)
		;
	return true;
}

static void
open_braces(struct parser *r, struct level *l)
{
	const char *name = l->suite->last->name;

	l->in_braces = true;
	r->subtest_len = strlen(name);
	memcpy(r->subtest, name, r->subtest_len);
}

/* A line of test output at this place ends the braces that are open there or
 * further in. */
static void
leave_braces(struct parser *r, size_t hashes, size_t indent)
{
	struct nesting *n = &r->nesting;

	for (size_t i = n->depth; i-- > 0;) {
		struct level *l = &n->levels[i];

		if (l->in_braces && level_compare(hashes, indent, l) <= 0) {
			r->subtest_len = 0;
			nesting_close_braces(n, l);
		}
	}
}

/* The level whose last result a line with one brace is about; NULL: none. */
static struct level *
brace_level(
    struct parser *r, const struct line_parts *w, size_t hashes, bool open)
{
	for (size_t i = r->nesting.depth; i-- > 0;) {
		struct level *l = &r->nesting.levels[i];

		if (l->in_braces == open && l->suite->last != NULL &&
		    level_compare(hashes, w->indent, l) == 0)
			return l;
	}
	return NULL;
}

/* Takes a line with one brace. Returns whether it was one. */
static bool
take_brace_line(struct parser *r, const struct log_line *line,
    const struct line_parts *w, size_t hashes)
{
	bool open = is_brace(line->text, w, "{");

	if (!open && !is_brace(line->text, w, "}"))
		return false;
	struct level *l = brace_level(r, w, hashes, !open);
	if (l == NULL ||
	    (open && (l->is_ktap || l != nesting_top(&r->nesting))))
		return false;
	if (open) {
		open_braces(r, l);
		return true;
	}
	if (l == nesting_top(&r->nesting))
		open_level(r, hashes, l->indent + 1);
	nesting_close_braces(&r->nesting, l);
	return true;
}

/* A name without anything beneath it. */
static void
take_empty_subtest(
    struct parser *r, const struct line_parts *w, const struct level *l)
{
	if (r->subtest_len > 0 && !r->may_be_empty && w->result == RESULT_PASS)
		open_level(r, l->hashes, l->indent + 1);
	r->subtest_len = 0;
}

static bool
take_result(struct parser *r, struct line_parts *w, size_t hashes)
{
	struct level *l = result_level(r, w, hashes);
	struct test *suite = NULL;

	if (l == NULL || (l->is_ktap && w->number == 0)) {
		misplaced(r, w);
		return false;
	}
	if (l == nesting_top(&r->nesting))
		take_empty_subtest(r, w, l);
	bool braces = !l->is_ktap && take_brace(w);
	while (nesting_top(&r->nesting) != l) {
		if (nesting_top(&r->nesting) - 1 == l)
			suite = nesting_pop(&r->nesting);
		else
			nesting_abandon(&r->nesting);
	}
	l->seen++;
	if (w->number > 0 && w->number != l->seen &&
	    (l->is_explicit || l > r->nesting.levels))
		l->disordered = true;
	add_result(r, l, suite, w);
	if (braces)
		open_braces(r, l);
	return true;
}

static void
take_subtest(struct parser *r, const struct line_parts *w, size_t hashes)
{
	struct level *l = nesting_top(&r->nesting);

	if (l != NULL && r->nesting.depth > 1 && l->suite->name[0] == '\0' &&
	    l->seen == 0 && level_compare(hashes, w->indent, l) == 0) {
		test_rename(r->nesting.tests, l->suite, w->text, w->len);
		return;
	}
	r->subtest_len = w->len < TEST_NAME ? w->len : TEST_NAME;
	memcpy(r->subtest, w->text, r->subtest_len);
	r->may_be_empty = w->is_ktap;
}

static void
take_bail(struct parser *r, const struct line_parts *w)
{
	while (r->nesting.depth > 1)
		nesting_abandon(&r->nesting);
	struct level *l = nesting_top(&r->nesting);
	if (l == NULL)
		l = nesting_push(&r->nesting, 0, 0, "", 0);
	nesting_broken(
	    &r->nesting, l, "Bail out! %.*s", (int)MIN(w->len, 127), w->text);
}

/* Strips the "# " that kselftest puts before the lines of a nested test, as far
 * as there are such levels, or one begins. A single blank may be before them,
 * as it is before the outermost lines. */
static size_t
strip_hashes(struct parser *r, struct log_line *line)
{
	const struct level *top = nesting_top(&r->nesting);
	size_t n = 0, deepest = top == NULL ? 0 : top->hashes;
	size_t blank = top != NULL && r->nesting.levels[0].indent == 1 &&
		       line->text[0] == ' ';

	while (
	    line->len > blank + 1 && memcmp(line->text + blank, "# ", 2) == 0) {
		struct log_line rest = {
		    line->text + blank + 2, line->len - blank - 2, line->time};

		if (n == deepest &&
		    line_kind_of(rest.text, rest.len, NULL) != LINE_VERSION)
			break;
		*line = rest;
		blank = 0;
		n++;
	}
	return n;
}

/* A YAML block behind a result: "  ---" to "  ...", or, when that was lost, to
 * a line that belongs to the level. Returns whether the line is part of one. */
static bool
in_yaml(struct parser *r, const struct log_line *line)
{
	struct level *l = nesting_top(&r->nesting);
	struct line_parts w;
	enum line_kind kind = line_kind_of(line->text, line->len, &w);
	const char *text = line->text + w.blanks;

	if (r->yaml == NULL) {
		if (l == NULL || l->suite->last == NULL ||
		    strcmp(text, "---") != 0 || w.indent <= l->indent)
			return false;
		r->yaml = l->suite->last;
		return true;
	}
	if (w.indent <= l->indent && kind != LINE_NOISE)
		r->yaml = NULL;
	if (r->yaml == NULL)
		return false;
	if (strcmp(text, "...") == 0)
		r->yaml = NULL;
	else
		test_note(r->nesting.tests, r->yaml, line->text, line->len);
	return true;
}

/* A version line may follow a prompt, or whatever else had no newline. */
static enum line_kind
find_version(
    const struct parser *r, const struct log_line *line, struct line_parts *w)
{
	const char *p = strstr(line->text, "TAP version ");

	if (r->nesting.depth > 0 || p == NULL)
		return LINE_NOISE;
	if (p > line->text && p[-1] == 'K')
		p--;
	return line_kind_of(p, line->len - (size_t)(p - line->text), w);
}

/* Perl's diagnosis of a failure comes behind it. */
static bool
is_afterword(const struct level *l, const struct line_parts *w)
{
	return l != NULL && l->suite->last != NULL &&
	       l->suite->last->result == RESULT_FAIL &&
	       (strncmp(w->text, "Failed test", 11) == 0 ||
		   l->suite->last->notes.len > 0) &&
	       !l->is_ktap && !l->is_explicit;
}

static void
take_note(
    struct parser *r, const struct log_line *line, const struct line_parts *w)
{
	struct level *l = nesting_top(&r->nesting);
	const char *text = line->text + w->blanks + 1;

	if (l == NULL)
		return;
	text += *text == ' ';
	if (is_afterword(l, w))
		test_note(r->nesting.tests, l->suite->last, text, strlen(text));
	else
		excerpt_add(&l->notes, text, strlen(text));
}

/* KUnit's notes may have more lines, indented and without a '#'. */
static bool
continue_note(struct parser *r, const struct log_line *line)
{
	struct level *l = nesting_top(&r->nesting);
	size_t indent = strspn(line->text, " \t");

	if (l == NULL || r->note_indent == 0 || indent < r->note_indent)
		return false;
	excerpt_add(
	    &l->notes, line->text + r->note_indent, line->len - r->note_indent);
	return true;
}

void
parser_noise(struct parser *parser, const struct log_line *line)
{
	struct level *l = nesting_top(&parser->nesting);

	if (l != NULL)
		excerpt_add(&l->noise, line->text, line->len);
}

void
parser_line(struct parser *parser, const struct log_line *line)
{
	struct log_line rest = *line;
	struct line_parts w;

	if (line->time >= 0)
		parser->nesting.clock = line->time;
	if (in_yaml(parser, line))
		return;
	size_t hashes = strip_hashes(parser, &rest);
	enum line_kind kind = line_kind_of(rest.text, rest.len, &w);
	if (kind == LINE_NOISE)
		kind = find_version(parser, &rest, &w);
	if (kind == LINE_NOISE && (take_brace_line(parser, &rest, &w, hashes) ||
				      continue_note(parser, line)))
		return;
	if (kind != LINE_NOISE && kind != LINE_NOTE)
		leave_braces(parser, hashes, w.indent);
	parser->note_indent = kind == LINE_NOTE ? w.blanks : 0;
	switch (kind) {
	case LINE_VERSION:
		take_version(parser, &w, hashes);
		break;
	case LINE_PLAN:
		take_plan(parser, &w, hashes);
		break;
	case LINE_RESULT:
		if (!take_result(parser, &w, hashes))
			parser_noise(parser, line);
		break;
	case LINE_SUBTEST:
		take_subtest(parser, &w, hashes);
		break;
	case LINE_NOTE:
		take_note(parser, &rest, &w);
		break;
	case LINE_BAIL:
		take_bail(parser, &w);
		break;
	case LINE_NOISE:
		parser_noise(parser, line);
		break;
	}
}

void
parser_end(struct parser *parser)
{
	while (parser->nesting.depth > 1)
		nesting_abandon(&parser->nesting);
	if (parser->nesting.depth == 1)
		nesting_pop(&parser->nesting);
}
