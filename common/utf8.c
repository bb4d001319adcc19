#include "utf8.h"

#include <string.h>

/* Table 3-7: first bytes, the bounds of the second, bytes in all. */
static const struct row {
	unsigned char first, last, low, high, len;
} rows[] = {
    {0x00, 0x7f, 0, 0, 1},
    {0xc2, 0xdf, 0x80, 0xbf, 2},
    {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3},
    {0xed, 0xed, 0x80, 0x9f, 3},
    {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4},
    {0xf1, 0xf3, 0x80, 0xbf, 4},
    {0xf4, 0xf4, 0x80, 0x8f, 4},
};

bool
utf8_next(const char *text, size_t len, size_t *n)
{
	const unsigned char *p = (const unsigned char *)text;
	const struct row *row = rows,
			 *end = rows + sizeof(rows) / sizeof(*rows);

	*n = 1;
	while (row < end && (p[0] < row->first || p[0] > row->last))
		row++;
	if (row == end)
		return false;
	for (; *n < row->len; ++*n) {
		unsigned char low = *n == 1 ? row->low : 0x80;
		unsigned char high = *n == 1 ? row->high : 0xbf;

		if (*n == len || p[*n] < low || p[*n] > high)
			return false;
	}
	return true;
}

const char *
utf8_shown(const char **text, const char *end, size_t *n)
{
	const char *start = *text;
	bool good = utf8_next(start, (size_t)(end - start), n);

	*text += *n;
	if (good)
		return start;
	*n = sizeof(UTF8_REPLACEMENT) - 1;
	return UTF8_REPLACEMENT;
}

bool
utf8_is(const char *text)
{
	size_t left = strlen(text), n;

	for (; left > 0 && utf8_next(text, left, &n); left -= n)
		text += n;
	return left == 0;
}
