#ifndef NESTING_H
#define NESTING_H

#include "test.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A level of nesting whose end has not been seen. */
struct level {
	size_t hashes; /* "# " before its lines, as kselftest nests */
	size_t indent; /* blanks (spaces, tabs) before its lines */
	struct test *suite;
	bool is_ktap;
	bool is_explicit; /* it had a version line or a plan */
	bool has_plan;
	bool skipped; /* 1..0 # SKIP */
	uint64_t plan;
	uint64_t seen;
	bool disordered;
	bool in_braces; /* the last result's subtests follow: "ok 1 - a {" */
	double time;    /* of the last line that counts */
	struct output notes; /* for the next result */
	struct output noise;
};

/* The levels that are open, outermost first. */
struct nesting {
	struct tests *tests;
	struct test *root; /* suites of the outermost levels go here */
	struct level levels[TEST_DEPTH];
	size_t depth;
	double clock; /* the last time stamp; negative: none yet */
};

/* The innermost level; NULL: none. */
struct level *nesting_top(struct nesting *nesting);

/* Where a line stands, compared with a level: negative when further out. */
int level_compare(size_t hashes, size_t indent, const struct level *level);

/* Begins a level within the innermost one. NULL when there are too many, or
 * memory is short (the tests know). */
struct level *nesting_push(struct nesting *nesting, size_t hashes,
    size_t indent, const char *name, size_t len);

/* The same at this place: deeper levels end, and an outermost one is begun when
 * the place is not that of one. */
struct level *nesting_open(struct nesting *nesting, size_t hashes,
    size_t indent, const char *name, size_t len);

/* Ends the innermost level, after a look at its plan, and returns its suite,
 * which belongs to nobody yet unless it was the outermost. */
struct test *nesting_pop(struct nesting *nesting);

/* Ends the levels within this one, whose last result they are the subtests of.
 */
void nesting_close_braces(struct nesting *nesting, struct level *level);

/* Ends the innermost level although its result line is missing. */
void nesting_abandon(struct nesting *nesting);

/* Adds a test to the level. NULL when memory is short (the tests know). */
struct test *nesting_add(
    struct nesting *nesting, struct level *level, const char *name, size_t len);

/* Adds what is wrong with the level's output. */
void nesting_broken(struct nesting *nesting, struct level *level,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
