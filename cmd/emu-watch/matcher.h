#ifndef MATCHER_H
#define MATCHER_H

#include "pattern.h"
#include "reason.h"
#include "serial_text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	/* A match is at most this long; so much of the past is looked at. */
	MATCHER_LOOK = 4096,
	/* As much of it can still be read. */
	MATCHER_KEEP = 2 * MATCHER_LOOK,
	/* No more than this is fed at once. */
	MATCHER_FEED = 65536,
	/* Past this the window slides, so that a line that comes in small
	 * pieces never touches the rest of its memory. */
	MATCHER_FULL = 4 * MATCHER_KEEP,
	MATCHER_ROOM = MATCHER_FULL + MATCHER_FEED + SERIAL_TEXT_EXTRA,
};

struct match {
	size_t pattern;
	uint64_t start; /* offsets in the text */
	uint64_t end;
};

/* Where the search for a pattern is. */
struct progress {
	uint64_t from;    /* no match that begins before is still to be found */
	bool skip_line;   /* it matched: not again in this line */
	uint64_t matches; /* how often */
};

/* Finds patterns in a stream. Its memory does not depend on the stream. */
struct matcher {
	const struct patterns *patterns;
	struct progress *progress; /* of each pattern */
	bool raw;                  /* bytes are text as they are */
	struct serial_text serial;

	char *text; /* the window: the last of the text */
	size_t len;
	uint64_t base;     /* offset of the window */
	uint64_t newlines; /* before the window */
	bool line_start;   /* the window begins at the start of a line */
	bool undecided;    /* what follows decides whether there is a match */

	struct match *matches; /* of the last call, by offset */
	size_t count;
	size_t capacity;
};

/* The patterns stay the caller's and in place. Returns 0, or -1 with the
 * reason; matcher_free frees either way. */
int matcher_init(struct matcher *matcher, const struct patterns *patterns,
    bool raw, struct reason *why);
void matcher_free(struct matcher *matcher);

/* Takes the next bytes (at most MATCHER_FEED), or the end of the input; what
 * matched then is in matcher->matches. A pattern matches once in a line.
 * Returns 0, or -1 with the reason. */
int matcher_feed(
    struct matcher *matcher, const char *bytes, size_t len, struct reason *why);
int matcher_end(struct matcher *matcher, struct reason *why);

/* The same when nothing came for a while: what is undecided is taken for the
 * match that it is (a prompt). */
int matcher_settle(struct matcher *matcher, struct reason *why);

/* Of an offset in the window: where its line starts, where its newline is (the
 * end of the text when it has none yet: *whole), and the line's number from 1.
 */
uint64_t matcher_line_start(const struct matcher *matcher, uint64_t at);
uint64_t matcher_line_end(
    const struct matcher *matcher, uint64_t at, bool *whole);
uint64_t matcher_line_number(const struct matcher *matcher, uint64_t at);

#endif
