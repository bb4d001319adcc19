#ifndef REGEX_H
#define REGEX_H

#include "reason.h"

#include <stdbool.h>
#include <stddef.h>

/* A regular expression over bytes: PCRE2, where ^ and $ also match at newlines
 * and . matches none. */
struct regex;

/* Compiles; NULL with the reason ("at 5: missing closing parenthesis"). */
struct regex *regex_new(const char *text, struct reason *why);
void regex_free(struct regex *regex);

/* What of the text is real: else ^ does not match at its start, nor $ at its
 * end. */
enum { REGEX_STARTS = 1, REGEX_ENDS = 2 };

/* Looks for the first match that is not empty and starts at or after from.
 * Returns 1 with where it is, 0 for none, or -1 with the reason when the
 * expression takes too long on this text. */
int regex_search(struct regex *regex, const char *text, size_t len, size_t from,
    int real, size_t *start, size_t *end, struct reason *why);

#endif
