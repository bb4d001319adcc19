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
	for (size_t i = 0; i < len;) {
		size_t n = utf8_length(text + i, len - i);

		if (n == 0 || !is_allowed(text + i, n)) {
			fputs("\xef\xbf\xbd", out);
			i += n == 0 ? 1 : n;
			continue;
		}
		const char *e = n == 1 ? entity(text[i]) : NULL;
		if (e != NULL)
			fputs(e, out);
		else
			fwrite(text + i, 1, n, out);
		i += n;
	}
}

void
xml_attribute(FILE *out, const char *name, const char *text)
{
	fprintf(out, " %s=\"", name);
	xml_text(out, text, strlen(text));
	putc('"', out);
}
