#include "nesting.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct level *
nesting_top(struct nesting *n)
{
	return n->depth == 0 ? NULL : &n->levels[n->depth - 1];
}

int
level_compare(size_t hashes, size_t indent, const struct level *level)
{
	if (hashes != level->hashes)
		return hashes < level->hashes ? -1 : 1;
	return indent < level->indent ? -1 : indent > level->indent;
}

struct test *
nesting_add(struct nesting *n, struct level *l, const char *name, size_t len)
{
	struct test *t = test_new(n->tests, name, len);

	t->start = l->time;
	t->end = n->clock;
	l->time = n->clock;
	test_append(l->suite, t);
	return t;
}

void
nesting_broken(struct nesting *n, struct level *l, const char *format, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	struct test *t = nesting_add(n, l, text, strlen(text));
	t->result = RESULT_BROKEN;
	test_take(n->tests, t, &l->notes, &l->noise);
}

static void
no_end(struct nesting *n, struct level *l)
{
	l->in_braces = false;
	nesting_broken(
	    n, l, "no end of the subtests of %s", l->suite->last->name);
}

/* Whether a level needs a plan: the outermost does, unless it is only there
 * because its inner ones are. */
static bool
needs_plan(const struct level *l)
{
	bool flat = false;

	for (const struct test *t = l->suite->first; t != NULL; t = t->next)
		flat |= t->first == NULL && t->result != RESULT_BROKEN;
	return l->is_explicit || flat;
}

/* Checks a level that ends against its plan. */
static void
check(struct nesting *n, struct level *l, bool outermost)
{
	if (l->in_braces)
		no_end(n, l);
	if (l->disordered)
		nesting_broken(n, l, "test numbers out of order");
	if (l->has_plan && l->plan != l->seen)
		nesting_broken(n, l, "planned %" PRIu64 ", saw %" PRIu64,
		    l->plan, l->seen);
	else if (!l->has_plan && outermost && needs_plan(l))
		nesting_broken(n, l, "no plan, saw %" PRIu64, l->seen);
	else if (l->seen == 0 && !l->skipped && l->suite->first == NULL)
		nesting_broken(n, l, "no tests");
}

struct test *
nesting_pop(struct nesting *n)
{
	struct level *l = nesting_top(n);
	struct test *suite = l->suite;

	check(n, l, n->depth == 1);
	suite->end = n->clock;
	n->depth--;
	test_take(n->tests, suite, &l->notes, &l->noise);
	return suite;
}

void
nesting_abandon(struct nesting *n)
{
	struct test *suite = nesting_pop(n);
	struct level *l = nesting_top(n);

	if (l == NULL)
		return;
	if (l->in_braces) {
		test_adopt(n->tests, l->suite->last, suite);
		no_end(n, l);
		return;
	}
	test_append(l->suite, suite);
	nesting_broken(n, l, "no result for %s",
	    suite->name[0] == '\0' ? "the subtests" : suite->name);
}

void
nesting_close_braces(struct nesting *n, struct level *level)
{
	struct test *test = level->suite->last;

	level->in_braces = false;
	while (nesting_top(n) > level + 1)
		nesting_abandon(n);
	if (nesting_top(n) == level + 1)
		test_adopt(n->tests, test, nesting_pop(n));
}

struct level *
nesting_insert(struct nesting *n, size_t at, size_t hashes, size_t indent,
    const char *name, size_t len)
{
	if (n->depth == TEST_DEPTH) {
		nesting_broken(n, nesting_top(n), "nested too deeply");
		return NULL;
	}
	struct test *suite = test_new(n->tests, name, len);
	suite->start = n->clock;
	if (n->depth == 0)
		test_append(n->root, suite);
	struct level *l = &n->levels[at];
	memmove(l + 1, l, (n->depth++ - at) * sizeof(*l));
	*l = (struct level){.hashes = hashes,
	    .indent = indent,
	    .suite = suite,
	    .time = n->clock};
	return l;
}

struct level *
nesting_push(struct nesting *n, size_t hashes, size_t indent, const char *name,
    size_t len)
{
	return nesting_insert(n, n->depth, hashes, indent, name, len);
}

struct level *
nesting_open(struct nesting *n, size_t hashes, size_t indent, const char *name,
    size_t len)
{
	while (
	    n->depth > 0 && level_compare(hashes, indent, nesting_top(n)) <= 0)
		nesting_abandon(n);
	/* A module's results have no header of their own. A single blank
	 * before the outermost lines is left of a console's prefix. */
	if (n->depth == 0 && (hashes > 0 || indent > 1))
		nesting_push(n, 0, 0, "", 0);
	return nesting_push(n, hashes, indent, name, len);
}
