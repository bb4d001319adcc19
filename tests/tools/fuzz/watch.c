/* A pattern (the first line) on text (the rest): where PCRE2 alone finds a
 * match in the text, the matcher finds one, however the bytes are cut;
 * and the text is the same whichever way its bytes are cut. */
#include "fatal_end.h"
#include "matcher.h"
#include "pattern.h"
#include "regex.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
feed(struct matcher *m, const char *text, size_t len, size_t piece,
    uint64_t *first)
{
	for (size_t i = 0; i < len; i += piece) {
		matcher_feed(m, text + i, len - i < piece ? len - i : piece);
		if (m->count > 0 && *first == UINT64_MAX)
			*first = m->matches[0].start;
	}
	matcher_end(m);
	if (m->count > 0 && *first == UINT64_MAX)
		*first = m->matches[0].start;
}

/* The first match's start, in pieces; UINT64_MAX: none; 0 when the pattern
 * takes too long. */
static uint64_t
find(const char *regex, const char *text, size_t len, size_t piece)
{
	struct patterns patterns = {0};
	struct matcher matcher;
	static uint64_t first;

	first = UINT64_MAX;
	patterns_add(&patterns, 'f', regex);
	matcher_init(&matcher, &patterns, false);
	if (setjmp(fatal_end) == 0)
		feed(&matcher, text, len, piece, &first);
	else
		first = 0;
	matcher_free(&matcher);
	patterns_free(&patterns);
	return first;
}

static void
check(const char *pattern, struct regex *regex, const char *text, size_t len)
{
	struct serial_text serial = {0}, cut = {0};
	char *out = malloc(len + 2 * SERIAL_TEXT_EXTRA), *other;
	size_t n, m = 0, start, end;
	volatile enum regex_result r = REGEX_NONE;

	other = malloc(len + 2 * SERIAL_TEXT_EXTRA);
	if (out == NULL || other == NULL)
		abort();
	n = serial_text_feed(&serial, text, len, out);
	n += serial_text_end(&serial, out + n);
	for (size_t i = 0; i < len; i++)
		m += serial_text_feed(&cut, text + i, 1, other + m);
	m += serial_text_end(&cut, other + m);
	if (n != m || memcmp(out, other, n) != 0)
		abort();
	if (setjmp(fatal_end) == 0)
		r = regex_search(
		    regex, out, n, 0, REGEX_STARTS | REGEX_ENDS, &start, &end);
	if (r == REGEX_FOUND && n < MATCHER_LOOK &&
	    (find(pattern, text, len, len) == UINT64_MAX ||
		find(pattern, text, len, 3) == UINT64_MAX))
		abort();
	free(out);
	free(other);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *newline = memchr(data, '\n', size);
	struct reason why;

	if (newline == NULL || newline == data || newline - data > 200 ||
	    memchr(data, '\0', (size_t)(newline - data)) != NULL)
		return 0;
	char *pattern = strndup((const char *)data, (size_t)(newline - data));
	struct regex_memory *memory = regex_memory_new();
	struct regex *regex = regex_new(pattern, memory, &why);
	size_t left = size - (size_t)(newline + 1 - data);
	if (regex != NULL && left > 0 && left < MATCHER_FEED)
		check(pattern, regex, (const char *)newline + 1, left);
	regex_free(regex);
	regex_memory_free(memory);
	free(pattern);
	return 0;
}
