#include "cast.h"

#include "utf8.h"

#include <inttypes.h>
#include <string.h>

/* One character in a JSON string (RFC 8259, section 7). */
static void
put_character(FILE *out, const char *text, size_t len)
{
	unsigned char c = (unsigned char)text[0];

	if (c == '"' || c == '\\')
		fprintf(out, "\\%c", c);
	else if (c == '\n')
		fputs("\\n", out);
	else if (c == '\r')
		fputs("\\r", out);
	else if (c < 0x20 || c == 0x7f)
		fprintf(out, "\\u%04x", c);
	else
		fwrite(text, 1, len, out);
}

static void
put_text(FILE *out, const char *text, const char *end)
{
	size_t n;

	while (text < end) {
		const char *shown = utf8_shown(&text, end, &n);

		put_character(out, shown, n);
	}
}

void
cast_start(
    FILE *out, unsigned columns, unsigned rows, time_t time, const char *title)
{
	fprintf(out,
	    "{\"version\": 2, \"width\": %u, \"height\": %u, "
	    "\"timestamp\": %jd",
	    columns, rows, (intmax_t)time);
	if (title != NULL) {
		fputs(", \"title\": \"", out);
		put_text(out, title, title + strlen(title));
		fputs("\"", out);
	}
	fputs("}\n", out);
}

/* How many of the last bytes are no character, and may become one. */
static size_t
unfinished(const char *bytes, size_t len)
{
	size_t n = 0;

	for (; len > 0; len -= n) {
		if (!utf8_next(bytes, len, &n) && n == len)
			return n;
		bytes += n;
	}
	return 0;
}

size_t
cast_write(FILE *out, uint64_t time, const char *bytes, size_t len, bool last)
{
	size_t left = last ? 0 : unfinished(bytes, len);
	uint64_t microseconds = time / 1000;

	if (len == left)
		return left;
	fprintf(out, "[%" PRIu64 ".%06" PRIu64 ", \"o\", \"",
	    microseconds / 1000000, microseconds % 1000000);
	put_text(out, bytes, bytes + len - left);
	fputs("\"]\n", out);
	return left;
}
