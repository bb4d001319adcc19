#ifndef LITERAL_H
#define LITERAL_H

#include <stddef.h>

enum {
	LITERAL_BYTES = 64, /* longer literals are cut */
	LITERAL_COUNT = 8,  /* alternatives of one expression */
	LITERAL_SHORTEST = 4,
};

/* Bytes of which one must occur in every match. */
struct literal {
	char bytes[LITERAL_BYTES];
	size_t len;
};

/* Finds, for a regular expression (PCRE2's syntax, no options that change the
 * meaning of letters), literals of at least LITERAL_SHORTEST bytes of which at
 * least one is part of every match: one for each alternative at the top level.
 * Stores them and returns their number; 0 when it cannot tell. It never claims
 * too much: what it does not understand gives 0. */
size_t literal_find(const char *regex, struct literal literals[LITERAL_COUNT]);

#endif
