#include "words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room doubles at each power of two. */
static void *
grow(struct words *words, void *list, size_t count, size_t size)
{
	if ((count & (count + 1)) != 0)
		return list;
	void *more = reallocarray(list, count * 2 + 2, size);
	if (more == NULL)
		words->failed = true;
	return more;
}

static void
add(struct words *words, const char *origin, char *text, bool value)
{
	struct word *list =
	    grow(words, words->list, words->count, sizeof(*list));
	char *from = strdup(origin);

	if (list != NULL)
		words->list = list;
	if (list == NULL || from == NULL || text == NULL) {
		words->failed = true;
		free(from);
		free(text);
		return;
	}
	size_t len = strlen(text);
	words->list[words->count++] = (struct word){.text = text,
	    .len = len,
	    .room = len + 1,
	    .origin = from,
	    .value = value};
}

void
words_add(struct words *words, const char *origin, const char *text)
{
	add(words, origin, strdup(text), false);
}

static char *__attribute__((format(printf, 1, 0)))
format_text(const char *format, va_list ap)
{
	char *text;

	return vasprintf(&text, format, ap) < 0 ? NULL : text;
}

void
words_option(struct words *words, const char *origin, const char *option,
    const char *format, ...)
{
	va_list ap;

	words_add(words, origin, option);
	va_start(ap, format);
	add(words, origin, format_text(format, ap), true);
	va_end(ap);
}

static void
extend(struct words *words, struct word *word, const char *text)
{
	size_t len = strlen(text);

	if (word->room - word->len <= len) {
		size_t room = 2 * (word->len + len) + 1;
		char *more = realloc(word->text, room);

		if (more == NULL) {
			words->failed = true;
			return;
		}
		word->text = more;
		word->room = room;
	}
	memcpy(word->text + word->len, text, len + 1);
	word->len += len;
}

void
words_more(struct words *words, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	char *text = format_text(format, ap);
	va_end(ap);
	if (text != NULL && words->count > 0)
		extend(words, &words->list[words->count - 1], text);
	words->failed |= text == NULL;
	free(text);
}

static const char *
keep(struct words *words, char *text)
{
	char **list =
	    grow(words, words->scratch, words->scratches, sizeof(*list));

	if (list != NULL)
		words->scratch = list;
	if (list == NULL || text == NULL) {
		words->failed = true;
		free(text);
		return "";
	}
	words->scratch[words->scratches++] = text;
	return text;
}

const char *
words_scratch(struct words *words, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	char *text = format_text(format, ap);
	va_end(ap);
	return keep(words, text);
}

const char *
words_commas(struct words *words, const char *text)
{
	if (strchr(text, ',') == NULL)
		return text;
	char *doubled = malloc(2 * strlen(text) + 1);
	char *p = doubled;
	for (; doubled != NULL && *text != '\0'; text++) {
		if (*text == ',')
			*p++ = ',';
		*p++ = *text;
	}
	if (p != NULL)
		*p = '\0';
	return keep(words, doubled);
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
words_free(struct words *words)
{
	for (size_t i = 0; i < words->count; i++) {
		free(words->list[i].text);
		free(words->list[i].origin);
	}
	for (size_t i = 0; i < words->scratches; i++)
		free(words->scratch[i]);
	free(words->list);
	free(words->scratch);
	*words = (struct words){0};
}
