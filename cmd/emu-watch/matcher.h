#ifndef MATCHER_H
#define MATCHER_H

#include "pattern.h"
#include "serial_text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	/* The most bytes of a match. */
	MATCHER_LOOK = 4096,
	/* The bytes of the past that stay readable. */
	MATCHER_KEEP = 2 * MATCHER_LOOK,
	/* The most bytes that may be fed at once. */
	MATCHER_FEED = 65536,
	/* When more than this is used, the window slides, so that input in
	   small pieces never touches the rest of the memory. */
	MATCHER_FULL = 4 * MATCHER_KEEP,
	MATCHER_ROOM = MATCHER_FULL + MATCHER_FEED + SERIAL_TEXT_EXTRA,
};

struct match {
	size_t pattern;
	uint64_t start; /* offsets in the text; end is exclusive */
	uint64_t end;
};

/* How far the search for a pattern is. */
struct search {
	uint64_t from;  /* offset before which no further match begins */
	bool skip_line; /* it matched, and does not match again in this line */
	uint64_t matches; /* number of matches */
};

/* Finds patterns in a stream, in constant memory. */
struct matcher {
	const struct patterns *patterns;
	struct search *searches; /* of each pattern */
	bool raw;                /* the bytes are searched as they are */
	struct serial_text serial;

	char *text; /* the window: the last part of the text */
	size_t len;
	uint64_t base;     /* offset of the window */
	uint64_t newlines; /* newlines before the window */
	bool line_start;   /* the window begins at the start of a line */
	bool undecided;    /* the next bytes decide whether there is a match */

	struct match *
	    matches; /* found by the last call, in the order of their offsets */
	size_t count;
};

/* The patterns belong to the caller and must not move. */
void matcher_init(
    struct matcher *matcher, const struct patterns *patterns, bool raw);
void matcher_free(struct matcher *matcher);

/* Takes the next bytes (at most MATCHER_FEED), or the end of the input, and
 * stores in matcher->matches what matched. A pattern matches once a line. */
void matcher_feed(struct matcher *matcher, const char *bytes, size_t len);
void matcher_end(struct matcher *matcher);

/* The same when no input has come for a while: a match that further input could
 * change, such as a prompt, is taken as it is. */
void matcher_settle(struct matcher *matcher);

/* For an offset in the window: the offset at which its line starts; the offset
 * of the line's newline, or of the end of the text when the newline is missing
 * (*whole is false); the line's number, from 1.
 */
uint64_t matcher_line_start(const struct matcher *matcher, uint64_t at);
uint64_t matcher_line_end(
    const struct matcher *matcher, uint64_t at, bool *whole);
uint64_t matcher_line_number(const struct matcher *matcher, uint64_t at);

#endif
