#include "html.h"

#include <ctype.h>
#include <string.h>

static void
print_char(unsigned char c, FILE *out)
{
	switch (c) {
	case '&':
		fputs("&amp;", out);
		break;
	case '<':
		fputs("&lt;", out);
		break;
	case '>':
		fputs("&gt;", out);
		break;
	case '"':
		fputs("&quot;", out);
		break;
	default:
		if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f)
			fputs("\xef\xbf\xbd", out);
		else
			fputc(c, out);
	}
}

void
html_text(const char *text, FILE *out)
{
	for (; *text != '\0'; text++)
		print_char((unsigned char)*text, out);
}

void
html_path(const char *path, FILE *out)
{
	/* A colon in the first segment would make it a scheme. */
	if (path[0] != '/')
		fputs("./", out);
	for (; *path != '\0'; path++) {
		unsigned char c = (unsigned char)*path;

		if (isalnum(c) || strchr("/-._~", c) != NULL)
			fputc(c, out);
		else
			fprintf(out, "%%%02X", c);
	}
}
