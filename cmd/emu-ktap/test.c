#include "test.h"

#include <stdlib.h>
#include <string.h>

static char *
keep(struct tests *tests, const char *text, size_t len)
{
	if (len > TEST_NAME)
		len = TEST_NAME;
	if (tests->used + len + 1 > TEST_ALL) {
		tests->full = true;
		return NULL;
	}
	char *copy = strndup(text, len);
	if (copy == NULL)
		tests->full = true;
	else
		tests->used += len + 1;
	return copy;
}

struct test *
test_new(struct tests *tests, const char *name, size_t len)
{
	struct test *t = calloc(1, sizeof(*t));

	if (t != NULL)
		t->name = keep(tests, name, len);
	if (t == NULL || t->name == NULL) {
		tests->full = true;
		free(t);
		return NULL;
	}
	tests->used += sizeof(*t);
	t->start = t->end = -1;
	return t;
}

void
test_append(struct test *suite, struct test *test)
{
	if (suite->last == NULL)
		suite->first = test;
	else
		suite->last->next = test;
	suite->last = test;
}

void
test_free(struct test *test)
{
	if (test == NULL)
		return;
	/* No deeper than TEST_DEPTH. */
	for (struct test *t = test->first, *next; t != NULL; t = next) {
		next = t->next;
		test_free(t);
	}
	free(test->name);
	free(test->message);
	free(test->notes.text);
	free(test->noise.text);
	free(test);
}

void
test_judge(struct tests *tests, struct test *test)
{
	bool bad = false;

	/* What may fail with all that is in it. */
	if (test->result == RESULT_TODO || test->first == NULL) {
		tests->count[test->result]++;
		test->is_bad = test->result >= RESULT_FAIL;
		return;
	}
	for (struct test *t = test->first; t != NULL; t = t->next) {
		test_judge(tests, t);
		bad |= t->is_bad;
	}
	if (test->result >= RESULT_FAIL && !bad)
		tests->count[test->result]++;
	test->is_bad = bad || test->result >= RESULT_FAIL;
}

void
test_rename(
    struct tests *tests, struct test *test, const char *name, size_t len)
{
	char *copy = len == 0 ? NULL : keep(tests, name, len);

	if (copy == NULL)
		return;
	free(test->name);
	test->name = copy;
}

void
test_message(
    struct tests *tests, struct test *test, const char *text, size_t len)
{
	if (len == 0)
		return;
	free(test->message);
	test->message = keep(tests, text, len);
}

/* Makes room for len more bytes by taking whole lines out of the middle. */
static void
squeeze(struct output *o, size_t len)
{
	if (o->head == 0) {
		const char *p = memrchr(o->text, '\n', TEST_HEAD);

		o->head = p == NULL ? TEST_HEAD : (size_t)(p + 1 - o->text);
	}
	size_t gone = o->len + len - TEST_HEAD - TEST_TAIL;
	if (gone > o->len - o->head)
		gone = o->len - o->head;
	const char *from = o->text + o->head + gone;
	const char *p = memchr(from, '\n', o->len - o->head - gone);
	if (p != NULL)
		gone = (size_t)(p + 1 - (o->text + o->head));
	memmove(o->text + o->head, o->text + o->head + gone,
	    o->len - o->head - gone);
	o->len -= gone;
	o->gap += gone;
}

void
output_add(
    struct tests *tests, struct output *output, const char *line, size_t len)
{
	size_t room = TEST_HEAD + TEST_TAIL;

	if (len > TEST_TAIL / 2)
		len = TEST_TAIL / 2;
	if (output->text == NULL) {
		if (tests->noise + room > TEST_OUTPUT)
			return;
		output->text = malloc(room);
		if (output->text == NULL)
			return;
		tests->noise += room;
	}
	if (output->len + len + 1 > room)
		squeeze(output, len + 1);
	memcpy(output->text + output->len, line, len);
	output->len += len;
	output->text[output->len++] = '\n';
}

void
output_move(struct tests *tests, struct output *from, struct output *to)
{
	struct output empty = {0};

	if (to->len == 0) {
		struct output spare = *to;

		*to = *from;
		*from = spare;
	}
	for (size_t i = 0; i < from->len;) {
		const char *line = from->text + i;
		size_t n =
		    (size_t)((const char *)memchr(line, '\n', from->len - i) -
			     line);

		output_add(tests, to, line, n);
		i += n + 1;
	}
	to->gap += from->gap;
	if (from->text != NULL)
		tests->noise -= TEST_HEAD + TEST_TAIL;
	free(from->text);
	*from = empty;
}
