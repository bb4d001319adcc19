#ifndef WORDS_H
#define WORDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A word of the argument vector, and where it came from: a place in the
 * document ("drives[0].image"), a built-in rule in parentheses, or a place and
 * what was made of it ("target (its uart)"). */
struct word {
	char *text; /* owned */
	size_t len;
	const char *origin;
	bool value; /* belongs to the option before it */
};

/* Origins are not copied: they live as long as the machine. Where memory is
 * short, the program ends. */
struct words {
	struct word *list;
	size_t count;
};

/* Adds one word. */
void words_add(struct words *words, const char *origin, const char *text);

/* Adds an option and, unless it is NULL, the first part of its value, both from
 * origin. The first part is ours, or a text of the document that the vocabulary
 * has limited to one word, or one that may hold options of its own ("machine").
 */
void words_option(struct words *words, const char *origin, const char *option,
    const char *value);

/* The same with a formatted value. Its strings are ours, or the vocabulary has
 * limited them to letters, digits and what is no comma; those of -H are the
 * document's, and no commas part them. */
void words_format(struct words *words, const char *origin, const char *option,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Appends a literal of ours to the last word. */
void words_more(struct words *words, const char *literal);

/* Appends a literal of ours (",file=") and behind it a text, whose commas are
 * doubled, so that nothing in it can become another property. This is the only
 * way for a string of the document into an option. Nothing of a text that is
 * NULL. */
void words_text(struct words *words, const char *before, const char *text);

/* The same for a number; nothing of one below 0. */
void words_number(struct words *words, const char *before, int64_t number);

/* Appends ",key=value" for each of the "options" of a device. */
void words_properties(struct words *words, const json_t *options);

/* The number of the word that is the emulator's name: behind the helpers. */
size_t words_emulator(const struct words *words);

/* Sorts by the bytes of the words. */
void words_sort(struct words *words);

/* Appends all words of another list to the last word, with a separator. */
void words_join(
    struct words *words, const struct words *list, const char *separator);

void words_free(struct words *words);

#endif
