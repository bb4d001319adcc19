#include "json_string.h"

#include "utf8.h"

void
json_string_char(FILE *out, unsigned char c)
{
	if (c == '"' || c == '\\')
		fprintf(out, "\\%c", c);
	else if (c == '\n')
		fputs("\\n", out);
	else if (c == '\r')
		fputs("\\r", out);
	else if (c == '\t')
		fputs("\\t", out);
	else if (c < 0x20 || c == 0x7f)
		fprintf(out, "\\u%04x", c);
	else
		putc(c, out);
}

void
json_string_print(FILE *out, const char *bytes, size_t len)
{
	putc('"', out);
	for (size_t i = 0; i < len;) {
		size_t n = utf8_length(bytes + i, len - i);

		if (n == 0)
			fputs("\xef\xbf\xbd", out);
		else if (n == 1)
			json_string_char(out, (unsigned char)bytes[i]);
		else
			fwrite(bytes + i, 1, n, out);
		i += n > 0 ? n : 1;
	}
	putc('"', out);
}
