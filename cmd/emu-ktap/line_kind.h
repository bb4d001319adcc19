#ifndef LINE_KIND_H
#define LINE_KIND_H

#include "test.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a line of TAP or KTAP is. */
enum line_kind {
	LINE_NOISE,
	LINE_VERSION, /* KTAP version 1, TAP version 13 */
	LINE_PLAN,    /* 1..4 */
	LINE_RESULT,  /* ok 1 name, not ok 2 name # TODO why */
	LINE_SUBTEST, /* # Subtest: name */
	LINE_NOTE,    /* # anything */
	LINE_BAIL,    /* Bail out! why */
};

/* Its parts; texts are borrowed from the line. */
struct line_parts {
	size_t blanks;   /* before it: spaces and tabs */
	size_t indent;   /* the same in columns */
	bool is_ktap;    /* LINE_VERSION, LINE_SUBTEST: KTAP's, not TAP's */
	uint64_t number; /* of a plan, or a result (0: none) */
	enum result result;
	const char *text; /* name, note, reason */
	size_t len;
	const char *message; /* behind the # of a result or a plan */
	size_t message_len;
	bool has_directive;
};

/* Tells what the line is (len bytes and a NUL), and its parts (NULL: not
 * wanted). */
enum line_kind line_kind_of(
    const char *line, size_t len, struct line_parts *parts);

#endif
