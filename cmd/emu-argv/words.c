#include "words.h"

#include "../fatal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
append(struct words *words, const char *text, size_t len)
{
	if (words->room - words->len < len) {
		size_t room = 2 * (words->len + len) + 4096;
		char *more = realloc(words->bytes, room);

		if (more == NULL)
			fatal_memory();
		words->bytes = more;
		words->room = room;
	}
	memcpy(words->bytes + words->len, text, len);
	words->len += len;
}

/* Appends to the last word, which ends with a NUL before and after. */
static void
extend(struct words *words, const char *text, size_t len)
{
	if (words->len > 0)
		words->len--;
	append(words, text, len);
	append(words, "", 1);
}

static void
add(struct words *words, const char *origin, const char *text, bool value)
{
	if (words->count == words->listed) {
		size_t listed = 2 * words->listed + 64;
		struct word *more =
		    reallocarray(words->list, listed, sizeof(*more));

		if (more == NULL)
			fatal_memory();
		words->list = more;
		words->listed = listed;
	}
	words->list[words->count++] =
	    (struct word){.at = words->len, .origin = origin, .value = value};
	append(words, text, strlen(text) + 1);
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
	add(words, origin, value, true);
}

void
words_more(struct words *words, const char *literal)
{
	extend(words, literal, strlen(literal));
}

void
words_text(struct words *words, const char *before, const char *text)
{
	if (text == NULL)
		return;
	words_more(words, before);
	for (const char *comma; (comma = strchr(text, ',')) != NULL;
	     text = comma + 1) {
		extend(words, text, (size_t)(comma - text) + 1);
		words_more(words, ",");
	}
	words_more(words, text);
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

const char *
words_at(const struct words *words, size_t i)
{
	return words->bytes + words->list[i].at;
}

size_t
words_emulator(const struct words *words)
{
	size_t i = 0;

	while (strcmp(words_at(words, i), "-H") == 0)
		i += 2;
	return i;
}

static int
by_text(const void *a, const void *b, void *bytes)
{
	const struct word *x = a, *y = b;

	return strcmp((char *)bytes + x->at, (char *)bytes + y->at);
}

void
words_sort(struct words *words)
{
	if (words->count > 0)
		qsort_r(words->list, words->count, sizeof(*words->list),
		    by_text, words->bytes);
}

void
words_join(struct words *words, const struct words *list, const char *separator)
{
	for (size_t i = 0; i < list->count; i++) {
		if (i > 0)
			words_more(words, separator);
		words_more(words, words_at(list, i));
	}
}

void
words_free(struct words *words)
{
	free(words->bytes);
	free(words->list);
	*words = (struct words){0};
}
