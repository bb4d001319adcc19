#ifndef NESTING_H
#define NESTING_H

#include "test.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A level of nesting that has not ended yet. */
struct level {
	size_t
	    hashes; /* number of "# " before its lines: kselftest's nesting */
	size_t indent; /* columns before its lines */
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
	struct excerpt notes; /* lines for the next result */
	struct excerpt noise;
};

/* The levels that have not ended, outermost first. */
struct nesting {
	struct tests *tests;
	struct test *root; /* parent of the outermost levels' suites */
	struct level levels[TEST_DEPTH];
	size_t depth;
	double clock; /* the last time stamp, in seconds; negative: none yet */
};

/* Returns the innermost level, or NULL. */
struct level *nesting_top(struct nesting *nesting);

/* Compares the place of a line with that of a level: negative when the line is
 * further out, 0 when it is the level's own. */
int level_compare(size_t hashes, size_t indent, const struct level *level);

/* Begins a level within the innermost one. Returns NULL when there are too many
 * levels. */
struct level *nesting_push(struct nesting *nesting, size_t hashes,
    size_t indent, const char *name, size_t len);

/* The same outside of the levels from levels[at] on, which are within the new
 * one. */
struct level *nesting_insert(struct nesting *nesting, size_t at, size_t hashes,
    size_t indent, const char *name, size_t len);

/* Begins a level at this place. Levels further in end. The new level is an
 * outermost one when no level contains the place. */
struct level *nesting_open(struct nesting *nesting, size_t hashes,
    size_t indent, const char *name, size_t len);

/* Ends the innermost level, after a check of its plan, and returns its suite.
 * The caller must append the suite to a test, unless the level was an outermost
 * one. */
struct test *nesting_pop(struct nesting *nesting);

/* Ends the levels within this one, and makes them the subtests of its last
 * result.
 */
void nesting_close_braces(struct nesting *nesting, struct level *level);

/* Ends the innermost level, whose result line is missing. */
void nesting_abandon(struct nesting *nesting);

/* Adds a test to the level. */
struct test *nesting_add(
    struct nesting *nesting, struct level *level, const char *name, size_t len);

/* Adds a broken test to the level, which says what is wrong with its output. */
void nesting_broken(struct nesting *nesting, struct level *level,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
