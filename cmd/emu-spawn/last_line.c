#include "last_line.h"

#include "plain.h"

#include <stdlib.h>
#include <string.h>

void
last_line(const char *text, size_t len, char line[LAST_LINE_BYTES])
{
	struct plain plain = {.keep_stamps = true};
	char *bare = malloc(len + 2 * (size_t)PLAIN_EXTRA);
	size_t n = 0, count = 0;

	line[0] = '\0';
	if (bare == NULL)
		return;
	n = plain_feed(&plain, text, len, bare, NULL, &count);
	n += plain_end(&plain, bare + n, NULL, &count);
	while (n > 0 && strchr("\n\t ", bare[n - 1]) != NULL)
		n--;
	size_t start = n;
	while (start > 0 && bare[start - 1] != '\n')
		start--;
	if (n - start >= LAST_LINE_BYTES)
		n = start + LAST_LINE_BYTES - 1;
	memcpy(line, bare + start, n - start);
	line[n - start] = '\0';
	free(bare);
}
