#ifndef REGEX_H
#define REGEX_H

#include "reason.h"

#include <stddef.h>

/* A regular expression of PCRE2 over bytes, where ^ and $ also match at
 * newlines and . does not match a newline. */
struct regex;

/* Memory for searches, shared by all expressions of a thread. */
struct regex_memory;
struct regex_memory *regex_memory_new(void);
void regex_memory_free(struct regex_memory *memory);

/* Compiles an expression whose searches use `memory`; both must live as long.
 * Returns NULL with the reason ("at 5: missing closing parenthesis") when it is
 * none.
 */
struct regex *regex_new(
    const char *text, struct regex_memory *memory, struct reason *why);
void regex_free(struct regex *regex);

/* What is known about the ends of the text. Only with STARTS, ^ matches at its
 * start; only with ENDS, $ matches at its end. With MORE, a match that further
 * text could change is REGEX_UNDECIDED. */
enum { REGEX_STARTS = 1, REGEX_ENDS = 2, REGEX_MORE = 4 };

/* Finds the first match that is not empty and starts at or after offset from.
 * Returns REGEX_FOUND and stores *start and *end; REGEX_NONE; or
 * REGEX_UNDECIDED (with MORE only) and stores *start. An expression that takes
 * too long on this text ends the process with a message. */
enum regex_result { REGEX_NONE, REGEX_FOUND, REGEX_UNDECIDED };
enum regex_result regex_search(struct regex *regex, const char *text,
    size_t len, size_t from, int ends, size_t *start, size_t *end);

#endif
