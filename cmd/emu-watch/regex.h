#ifndef REGEX_H
#define REGEX_H

#include "reason.h"

#include <stdbool.h>
#include <stddef.h>

/* A regular expression over bytes: PCRE2, where ^ and $ also match at newlines
 * and . matches none. */
struct regex;

/* What a search needs meanwhile, one for all expressions of a thread. NULL when
 * memory is short. */
struct regex_memory;
struct regex_memory *regex_memory_new(void);
void regex_memory_free(struct regex_memory *memory);

/* Compiles an expression whose searches use the memory, which is borrowed (NULL
 * is a lack of it). NULL with the reason ("at 5: missing closing parenthesis").
 */
struct regex *regex_new(
    const char *text, struct regex_memory *memory, struct reason *why);
void regex_free(struct regex *regex);

/* What the ends of the text are: without STARTS ^ does not match at its start,
 * nor $ at its end without ENDS. With MORE a match is not taken when what may
 * follow could change it. */
enum { REGEX_STARTS = 1, REGEX_ENDS = 2, REGEX_MORE = 4 };

/* Looks for the first match that is not empty and starts at or after from.
 * Returns REGEX_FOUND with where it is, REGEX_NONE, REGEX_UNDECIDED (with MORE
 * alone) with where it would start, or -1 with the reason when the expression
 * takes too long on this text. */
enum { REGEX_NONE, REGEX_FOUND, REGEX_UNDECIDED };
int regex_search(struct regex *regex, const char *text, size_t len, size_t from,
    int ends, size_t *start, size_t *end, struct reason *why);

#endif
