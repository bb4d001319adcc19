#ifndef WORD_H
#define WORD_H

#include "test.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a line of TAP or KTAP is. */
enum word {
	WORD_NOISE,
	WORD_VERSION, /* KTAP version 1, TAP version 13 */
	WORD_PLAN,    /* 1..4 */
	WORD_RESULT,  /* ok 1 name, not ok 2 name # TODO why */
	WORD_SUBTEST, /* # Subtest: name */
	WORD_NOTE,    /* # anything */
	WORD_BAIL,    /* Bail out! why */
};

/* Its parts; texts are borrowed from the line. */
struct words {
	size_t blanks;   /* before it: spaces and tabs */
	size_t indent;   /* the same in columns */
	bool is_ktap;    /* WORD_VERSION, WORD_SUBTEST: KTAP's, not TAP's */
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
enum word word_of(const char *line, size_t len, struct words *words);

#endif
