#ifndef TEST_H
#define TEST_H

#include "excerpt.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TEST_NAME = 1024,       /* bytes that are kept of a name */
	TEST_DEPTH = 32,        /* levels of nesting */
	TEST_ALL = 256 << 20,   /* bytes for all tests; more are an error */
	TEST_OUTPUT = 32 << 20, /* bytes of all output; more are left out */
};

enum result {
	RESULT_PASS,
	RESULT_SKIP,
	RESULT_TODO, /* failed as expected: TODO, XFAIL */
	RESULT_FAIL,
	RESULT_ERROR,  /* could not be run: ERROR, TIMEOUT */
	RESULT_BROKEN, /* not a test: what is wrong with the test output */
};

struct test {
	char *name;    /* "": it has none */
	char *message; /* text behind the directive or '#'; or NULL */
	enum result result;
	struct excerpt notes; /* its diagnostic lines */
	struct excerpt noise; /* what else was printed while it ran */
	size_t kept;          /* bytes of both */
	double start; /* seconds of the guest's clock; negative: unknown */
	double end;
	struct test *first; /* its subtests */
	struct test *last;
	struct test *next;
	bool is_bad;     /* it or a subtest has failed or is broken */
	bool has_failed; /* it or a subtest says so itself */
};

/* What all tests of a run share. */
struct tests {
	size_t used; /* bytes of the tests and their texts */
	size_t kept; /* bytes of output */
	uint64_t
	    count[RESULT_BROKEN + 1]; /* tests without subtests, by result */
};

/* Makes a test. When TEST_ALL is reached the process ends with a message. */
struct test *test_new(struct tests *tests, const char *name, size_t len);

/* Sets is_bad in the test and its subtests, and counts their results. */
void test_judge(struct tests *tests, struct test *test);

/* Appends the test to the subtests of the suite, which owns it from then on. */
void test_append(struct test *suite, struct test *test);

/* Gives the test the suite's subtests and output, and frees the suite. */
void test_adopt(struct tests *tests, struct test *test, struct test *suite);

/* Frees the test and its subtests. */
void test_free(struct test *test);

/* Gives the test another name, unless that is empty. */
void test_rename(
    struct tests *tests, struct test *test, const char *name, size_t len);

/* Sets the test's message. */
void test_message(
    struct tests *tests, struct test *test, const char *text, size_t len);

/* Moves notes and noise to the test, whose result must be set. When all tests
 * have TEST_OUTPUT bytes, the output of the test is dropped, and that of tests
 * that passed is dropped earlier. */
void test_take(struct tests *tests, struct test *test, struct excerpt *notes,
    struct excerpt *noise);

/* Adds a line to the notes of a test after test_take, unless there is too much
 * output already. */
void test_note(
    struct tests *tests, struct test *test, const char *line, size_t len);

#endif
