#ifndef WORDS_H
#define WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* A word of the argument vector, and where it came from: a place in the
 * document ("drives[0].image"), a built-in rule in parentheses, or a place and
 * what was made of it ("target (its machine)"). */
struct word {
	char *text;
	size_t len, room; /* of text, without and with its NUL */
	char *origin;
	bool value; /* belongs to the option before it */
};

struct words {
	struct word *list;
	size_t count;
	char **scratch; /* what words_scratch made */
	size_t scratches;
	bool failed; /* memory was short: sticky, checked once at the end */
};

/* Adds one word. */
void words_add(struct words *words, const char *origin, const char *text);

/* Adds an option and its value, both from origin. */
void words_option(struct words *words, const char *origin, const char *option,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Appends to the last word. */
void words_more(struct words *words, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Formats a text that lives as long as the words; "" when memory is short. */
const char *words_scratch(struct words *words, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The text with its commas doubled, as QEMU wants them inside an option's
 * value; lives as long as the words. */
const char *words_commas(struct words *words, const char *text);

/* Sorts by the bytes of the words. */
void words_sort(struct words *words);

void words_free(struct words *words);

#endif
