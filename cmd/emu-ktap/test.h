#ifndef TEST_H
#define TEST_H

#include "output.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TEST_NAME = 1024,       /* bytes of a name that are kept */
	TEST_DEPTH = 32,        /* levels of nesting that are understood */
	TEST_ALL = 256 << 20,   /* bytes for all tests; more is an error */
	TEST_OUTPUT = 32 << 20, /* bytes of all output; more is left out */
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
	char *name;    /* "" for none */
	char *message; /* behind the directive or '#'; NULL: none */
	enum result result;
	struct output notes; /* its diagnostic lines */
	struct output noise; /* what else was printed meanwhile */
	size_t kept;         /* bytes of both */
	double start;        /* by the line's own clock; negative: unknown */
	double end;
	struct test *first; /* its subtests */
	struct test *last;
	struct test *next;
	bool is_bad; /* it or one below is a failure, an error or broken */
};

/* What all the tests of a run share. */
struct tests {
	size_t used;                       /* bytes for names and the like */
	size_t kept;                       /* bytes of output */
	uint64_t count[RESULT_BROKEN + 1]; /* of those without subtests */
	bool full;
};

/* Makes a test; NULL when memory is short or the tests are full. */
struct test *test_new(struct tests *tests, const char *name, size_t len);

/* Tells of it and its subtests which are bad, and counts the results. */
void test_judge(struct tests *tests, struct test *test);

/* Adds it at the end of the suite's. */
void test_append(struct test *suite, struct test *test);

/* Gives the test the suite's subtests and output, and frees the suite. */
void test_adopt(struct tests *tests, struct test *test, struct test *suite);

/* Frees it with its subtests. */
void test_free(struct test *test);

/* Gives it another name, unless that is empty. */
void test_rename(
    struct tests *tests, struct test *test, const char *name, size_t len);

/* Sets the message. */
void test_message(
    struct tests *tests, struct test *test, const char *text, size_t len);

/* Gives the test, whose result is known, notes and noise beside what it has,
 * and empties them. When there is too much already, all of it is dropped, of
 * tests that passed first. */
void test_take(struct tests *tests, struct test *test, struct output *notes,
    struct output *noise);

/* Adds a line to the notes of a test that has been given its own, unless there
 * is too much already. */
void test_note(
    struct tests *tests, struct test *test, const char *line, size_t len);

#endif
