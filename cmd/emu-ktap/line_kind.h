#ifndef LINE_KIND_H
#define LINE_KIND_H

#include "test.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The kind of a line of TAP or KTAP. */
enum line_kind {
	LINE_NOISE,
	LINE_VERSION, /* KTAP version 1, TAP version 13 */
	LINE_PLAN,    /* 1..4 */
	LINE_RESULT,  /* ok 1 name, not ok 2 name # TODO why */
	LINE_SUBTEST, /* # Subtest: name */
	LINE_NOTE,    /* # anything */
	LINE_BAIL,    /* Bail out! why */
};

/* The parts of a line. Texts point into the line. */
struct line_parts {
	size_t blanks;   /* leading spaces and tabs */
	size_t indent;   /* the columns that they take */
	bool is_ktap;    /* LINE_VERSION, LINE_SUBTEST: of KTAP, not TAP */
	uint64_t number; /* of tests planned, or of the result (0: none) */
	enum result result;
	const char *text; /* name, note, reason */
	size_t len;
	const char *
	    message; /* behind the # of a result or a plan, and its directive */
	size_t message_len;
};

/* Returns the kind of the line (len bytes, and a NUL that is not counted), and
 * stores its parts, unless parts is NULL. */
enum line_kind line_kind_of(
    const char *line, size_t len, struct line_parts *parts);

#endif
