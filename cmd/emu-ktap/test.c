#include "test.h"

#include "../fatal.h"
#include "../memory.h"

#include <stdlib.h>
#include <string.h>

static char *
keep(struct tests *tests, const char *text, size_t len)
{
	if (len > TEST_NAME)
		len = TEST_NAME;
	tests->used += len + 1;
	if (tests->used > TEST_ALL)
		fatal("<stdin>: too many tests");
	return memory_got(strndup(text, len));
}

struct test *
test_new(struct tests *tests, const char *name, size_t len)
{
	struct test *t = memory_got(calloc(1, sizeof(*t)));

	t->name = keep(tests, name, len);
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
	/* No deeper than TEST_DEPTH. */
	for (struct test *t = test->first, *next; t != NULL; t = next) {
		next = t->next;
		test_free(t);
	}
	free(test->name);
	free(test->message);
	excerpt_free(&test->notes);
	excerpt_free(&test->noise);
	free(test);
}

void
test_judge(struct tests *tests, struct test *test)
{
	bool bad = false, failed = false;

	/* What may fail with all that is in it. */
	if (test->result == RESULT_TODO || test->first == NULL) {
		tests->count[test->result]++;
		test->is_bad = test->result >= RESULT_FAIL;
		test->has_failed =
		    test->is_bad && test->result != RESULT_BROKEN;
		return;
	}
	for (struct test *t = test->first; t != NULL; t = t->next) {
		test_judge(tests, t);
		bad |= t->is_bad;
		failed |= t->has_failed;
	}
	if (test->result >= RESULT_FAIL && !failed)
		tests->count[test->result]++;
	test->is_bad = bad || test->result >= RESULT_FAIL;
	test->has_failed = failed || test->result >= RESULT_FAIL;
}

void
test_rename(
    struct tests *tests, struct test *test, const char *name, size_t len)
{
	if (len == 0)
		return;
	free(test->name);
	test->name = keep(tests, name, len);
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

void
test_take(struct tests *tests, struct test *test, struct excerpt *notes,
    struct excerpt *noise)
{
	size_t limit = TEST_OUTPUT;

	excerpt_move(notes, &test->notes);
	excerpt_move(noise, &test->noise);
	if (test->result < RESULT_FAIL)
		limit /= 2;
	else if (test->result == RESULT_BROKEN)
		limit *= 2;
	tests->kept -= test->kept;
	test->kept = test->notes.room + test->noise.room;
	if (tests->kept + test->kept > limit) {
		excerpt_free(&test->notes);
		excerpt_free(&test->noise);
		test->kept = 0;
	}
	tests->kept += test->kept;
}

void
test_note(struct tests *tests, struct test *test, const char *line, size_t len)
{
	if (tests->kept + len > TEST_OUTPUT)
		return;
	excerpt_add(&test->notes, line, len);
	test->kept += len;
	tests->kept += len;
}

void
test_adopt(struct tests *tests, struct test *test, struct test *suite)
{
	if (test->last == NULL)
		test->first = suite->first;
	else
		test->last->next = suite->first;
	if (suite->last != NULL)
		test->last = suite->last;
	suite->first = suite->last = NULL;
	test->end = suite->end;
	tests->kept -= suite->kept;
	test_take(tests, test, &suite->notes, &suite->noise);
	test_free(suite);
}
