#include "last_line.h"

#include "serial_text.h"

#include <stdlib.h>
#include <string.h>

void
last_line(const char *text, size_t len, char line[LAST_LINE_BYTES])
{
	struct serial_text serial = {.keep_stamps = true};
	char *bare = malloc(len + 2 * (size_t)SERIAL_TEXT_EXTRA);
	size_t n = 0;

	line[0] = '\0';
	if (bare == NULL)
		return;
	n = serial_text_feed(&serial, text, len, bare);
	n += serial_text_end(&serial, bare + n);
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
