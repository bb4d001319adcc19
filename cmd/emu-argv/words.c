#include "words.h"

#include "../memory.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
add(struct words *words, const char *origin, const char *text, bool value)
{
	words->list =
	    memory_grow(words->list, words->count, sizeof(*words->list));
	words->list[words->count++] = (struct word){
	    memory_got(strdup(text)), strlen(text), origin, value};
}

/* Appends to the last word, with each of the letters `doubled` twice. */
static void
append(struct words *words, const char *text, char doubled)
{
	struct word *last = &words->list[words->count - 1];

	last->text =
	    memory_got(realloc(last->text, last->len + 2 * strlen(text) + 1));
	for (; *text != '\0'; text++) {
		last->text[last->len++] = *text;
		if (*text == doubled)
			last->text[last->len++] = *text;
	}
	last->text[last->len] = '\0';
}

void
words_add(struct words *words, const char *origin, const char *text)
{
	add(words, origin, text, false);
}

void
words_option(struct words *words, const char *origin, const char *option,
    const char *value)
{
	add(words, origin, option, false);
	if (value != NULL)
		add(words, origin, value, true);
}

void
words_format(struct words *words, const char *origin, const char *option,
    const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	char *value = memory_vformat(format, ap);
	va_end(ap);
	words_option(words, origin, option, value);
	free(value);
}

void
words_more(struct words *words, const char *literal)
{
	append(words, literal, '\0');
}

void
words_text(struct words *words, const char *before, const char *text)
{
	if (text == NULL)
		return;
	append(words, before, '\0');
	append(words, text, ',');
}

void
words_number(struct words *words, const char *before, int64_t number)
{
	char digits[24];

	if (number < 0)
		return;
	snprintf(digits, sizeof(digits), "%" PRId64, number);
	words_text(words, before, digits);
}

void
words_properties(struct words *words, const json_t *options)
{
	json_t *object, *value;
	const char *key;

	/* jansson's iteration is older than const. */
	memcpy(&object, &options, sizeof(object));
	json_object_foreach(object, key, value)
	{
		words_text(words, ",", key);
		if (json_is_string(value))
			words_text(words, "=", json_string_value(value));
		else if (json_is_integer(value))
			words_number(words, "=", json_integer_value(value));
		else
			words_more(words, json_is_true(value) ? "=on" : "=off");
	}
}

size_t
words_emulator(const struct words *words)
{
	size_t i = 0;

	while (strcmp(words->list[i].text, "-H") == 0)
		i += 2;
	return i;
}

static int
by_text(const void *a, const void *b)
{
	const struct word *x = a, *y = b;

	return strcmp(x->text, y->text);
}

void
words_sort(struct words *words)
{
	if (words->count > 0)
		qsort(words->list, words->count, sizeof(*words->list), by_text);
}

void
words_join(struct words *words, const struct words *list, const char *separator)
{
	for (size_t i = 0; i < list->count; i++) {
		if (i > 0)
			words_more(words, separator);
		words_more(words, list->list[i].text);
	}
}

void
words_free(struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->list[i].text);
	free(words->list);
	*words = (struct words){0};
}
