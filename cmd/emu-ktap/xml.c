#include "xml.h"

#include "utf8.h"

#include <stdbool.h>
#include <string.h>

/* XML 1.0, production Char, for what is UTF-8. */
static bool
is_allowed(const char *p, size_t n)
{
	unsigned char c = (unsigned char)*p;

	if (n == 1)
		return c >= 0x20 || c == '\t' || c == '\n';
	return n != 3 || (memcmp(p, "\xef\xbf\xbe", 3) != 0 &&
			     memcmp(p, "\xef\xbf\xbf", 3) != 0);
}

static const char *
entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	default:
		return NULL;
	}
}

void
xml_text(FILE *out, const char *text, size_t len)
{
	const char *end = text + len;
	size_t n;

	while (text < end) {
		const char *shown = utf8_shown(&text, end, &n);
		const char *e = entity(*shown);

		if (e != NULL)
			fputs(e, out);
		else if (is_allowed(shown, n))
			fwrite(shown, 1, n, out);
		else
			fputs(UTF8_REPLACEMENT, out);
	}
}

void
xml_attribute(FILE *out, const char *name, const char *text)
{
	fprintf(out, " %s=\"", name);
	xml_text(out, text, strlen(text));
	putc('"', out);
}
