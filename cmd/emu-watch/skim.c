#include "skim.h"

#include <string.h>

/* Sixteen bytes at a time; the compiler knows what the machine has for them. */
enum { WIDTH = 16, ROUNDS = 255 };

typedef uint8_t lane __attribute__((vector_size(WIDTH)));

static inline lane
load(const char *p)
{
	lane v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint64_t
sum(lane v)
{
	uint64_t n = 0;

	for (int i = 0; i < WIDTH; i++)
		n += v[i];
	return n;
}

static bool
is_zero(lane v)
{
	uint64_t half[2];

	memcpy(half, &v, sizeof(half));
	return (half[0] | half[1]) == 0;
}

/* The bytes one by one. */
static bool
skim_rest(const char *bytes, size_t len, uint64_t *newlines)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];

		*newlines += c == '\n';
		if (c < 0x20 && c != '\n' && c != '\t' &&
		    (c != '\r' || i + 1 == len || bytes[i + 1] != '\n'))
			return false;
	}
	return true;
}

bool
skim_lines(const char *bytes, size_t len, uint64_t *newlines)
{
	size_t i = 0;

	/* One more byte is read, to see what follows a \r. */
	while (len - i > WIDTH) {
		lane count = {0}, odd = {0};

		for (int k = 0; k < ROUNDS && len - i > WIDTH; k++) {
			lane v = load(bytes + i), next = load(bytes + i + 1);
			lane newline = (lane)(v == '\n');

			count -= newline;
			odd |= (lane)(v < 0x20) & ~newline & (lane)(v != '\t') &
			       ~((lane)(v == '\r') & (lane)(next == '\n'));
			i += WIDTH;
		}
		if (!is_zero(odd))
			return false;
		*newlines += sum(count);
	}
	return skim_rest(bytes + i, len - i, newlines);
}

uint64_t
skim_newlines(const char *bytes, size_t len)
{
	uint64_t newlines = 0;
	size_t i = 0;

	while (len - i >= WIDTH) {
		lane count = {0};

		for (int k = 0; k < ROUNDS && len - i >= WIDTH; k++) {
			count -= (lane)(load(bytes + i) == '\n');
			i += WIDTH;
		}
		newlines += sum(count);
	}
	for (; i < len; i++)
		newlines += bytes[i] == '\n';
	return newlines;
}
