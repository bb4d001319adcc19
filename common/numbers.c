#include "numbers.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
number_byte(char c)
{
	return c != '\0' && strchr("+-.0123456789eE", c) != NULL;
}

/* Length of the token at p: a string, a run of number bytes, or one byte. */
static size_t
token(const char *p, const char *end)
{
	const char *q = p + 1;

	if (*p == '"') {
		while (q < end && *q != '"')
			q += *q == '\\' && q + 1 < end ? 2 : 1;
		return (size_t)(q - p) + (q < end ? 1 : 0);
	}
	if (*p != '-' && (*p < '0' || *p > '9')) {
		/* Letters are taken together: the e of true is no number. */
		if (*p >= 'a' && *p <= 'z') {
			while (q < end && *q >= 'a' && *q <= 'z')
				q++;
		}
		return (size_t)(q - p);
	}
	while (q < end && number_byte(*q))
		q++;
	return (size_t)(q - p);
}

/* True for a number of RFC 8259's grammar. */
static bool
well_formed(const char *p, const char *end)
{
	const char *start;

	if (p < end && *p == '-')
		p++;
	if (p < end && *p == '0') {
		p++;
	} else {
		for (start = p; p < end && *p >= '0' && *p <= '9'; p++)
			;
		if (p == start)
			return false;
	}
	if (p < end && *p == '.') {
		for (start = ++p; p < end && *p >= '0' && *p <= '9'; p++)
			;
		if (p == start)
			return false;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		for (start = p; p < end && *p >= '0' && *p <= '9'; p++)
			;
		if (p == start)
			return false;
	}
	return p == end;
}

/* True when jansson would print the number as it is. */
static bool
exact(const char *p, size_t len)
{
	if (memchr(p, '.', len) != NULL || memchr(p, 'e', len) != NULL ||
	    memchr(p, 'E', len) != NULL ||
	    (len == 2 && p[0] == '-' && p[1] == '0'))
		return false;
	char *end;
	errno = 0;
	/* The text ends where a number does: strtoll stops there. */
	(void)strtoll(p, &end, 10);
	return errno == 0;
}

static int
remember(struct numbers *numbers, const char *p, size_t len)
{
	/* Room doubles at each power of two. */
	if ((numbers->count & (numbers->count + 1)) == 0) {
		char **more = reallocarray(
		    numbers->texts, numbers->count * 2 + 2, sizeof(*more));
		if (more == NULL)
			return -1;
		numbers->texts = more;
	}
	numbers->texts[numbers->count] = strndup(p, len);
	return numbers->texts[numbers->count++] == NULL ? -1 : 0;
}

static int
note_shift(struct numbers_hidden *hidden, ptrdiff_t offset)
{
	if ((hidden->count & (hidden->count + 1)) == 0) {
		struct numbers_shift *more = reallocarray(
		    hidden->shifts, hidden->count * 2 + 2, sizeof(*more));
		if (more == NULL)
			return -1;
		hidden->shifts = more;
	}
	hidden->shifts[hidden->count].at = hidden->len;
	hidden->shifts[hidden->count++].offset = offset;
	return 0;
}

int
numbers_hide(struct numbers *numbers, const char *json, size_t len,
    struct numbers_hidden *hidden, struct reason *why)
{
	const char *p = json, *end = json + len;
	size_t room = 0;

	*hidden = (struct numbers_hidden){0};
	FILE *out = open_memstream(&hidden->text, &room);
	if (out == NULL)
		return reason_memory(why);
	while (p < end) {
		size_t n = token(p, end);

		if ((*p == '-' || (*p >= '0' && *p <= '9')) &&
		    well_formed(p, p + n) && !exact(p, n)) {
			int w = fprintf(out, "%zu.5", numbers->count);
			if (w < 0 || remember(numbers, p, n) < 0)
				goto fail;
			hidden->len += (size_t)w;
			p += n;
			if (note_shift(hidden,
				(p - json) - (ptrdiff_t)hidden->len) < 0)
				goto fail;
			continue;
		}
		if (fwrite(p, 1, n, out) != n)
			goto fail;
		hidden->len += n;
		p += n;
	}
	if (fclose(out) == 0)
		return 0;
	out = NULL;
fail:
	reason_memory(why);
	if (out != NULL)
		fclose(out);
	numbers_hidden_free(hidden);
	return -1;
}

void
numbers_hidden_free(struct numbers_hidden *hidden)
{
	free(hidden->text);
	free(hidden->shifts);
	*hidden = (struct numbers_hidden){0};
}

size_t
numbers_offset(const struct numbers_hidden *hidden, size_t at)
{
	ptrdiff_t offset = 0;

	for (size_t i = 0; i < hidden->count && hidden->shifts[i].at <= at; i++)
		offset = hidden->shifts[i].offset;
	return (size_t)((ptrdiff_t)at + offset);
}

const char *
numbers_text(const struct numbers *numbers, double stand_in)
{
	if (stand_in < 0 || stand_in >= (double)numbers->count)
		return NULL;
	return numbers->texts[(size_t)stand_in];
}

char *
numbers_show(const struct numbers *numbers, const char *json)
{
	const char *p = json, *end = json + strlen(json);
	char *text = NULL;
	size_t len = 0;

	if (numbers->count == 0)
		return strdup(json);
	FILE *out = open_memstream(&text, &len);
	if (out == NULL)
		return NULL;
	while (p < end) {
		size_t n = token(p, end);
		const char *shown = NULL;

		if (*p >= '0' && *p <= '9' && memchr(p, '.', n) != NULL)
			shown = numbers_text(numbers, strtod(p, NULL));
		if (shown != NULL)
			fputs(shown, out);
		else
			fwrite(p, 1, n, out);
		p += n;
	}
	int failed = ferror(out);
	if (fclose(out) != 0 || failed) {
		free(text);
		return NULL;
	}
	return text;
}

void
numbers_free(struct numbers *numbers)
{
	for (size_t i = 0; i < numbers->count; i++)
		free(numbers->texts[i]);
	free(numbers->texts);
	*numbers = (struct numbers){0};
}
