#include "json_text.h"

#include "utf8.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text {
	FILE *out;
	bool failed;
};

static int
append(const char *bytes, size_t len, void *data)
{
	struct text *text = data;

	if (fwrite(bytes, 1, len, text->out) != len)
		text->failed = true;
	return text->failed ? -1 : 0;
}

char *
json_text(const json_t *value, size_t flags)
{
	char *printed = NULL;
	size_t len = 0;
	struct text text = {.out = open_memstream(&printed, &len)};

	if (text.out == NULL)
		return NULL;
	int result = json_dump_callback(value, append, &text, flags);
	if (fclose(text.out) == 0 && result == 0 && !text.failed)
		return printed;
	free(printed);
	return NULL;
}

json_t *
json_text_value(const char *bytes, size_t len)
{
	static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */
	char *clean = malloc(3 * len + 1);
	size_t n = 0;

	if (clean == NULL)
		return NULL;
	while (len > 0) {
		size_t size = bytes[0] == '\0' ? 0 : utf8_length(bytes, len);

		memcpy(clean + n, size > 0 ? bytes : replacement,
		    size > 0 ? size : 3);
		n += size > 0 ? size : 3;
		size += size == 0;
		bytes += size;
		len -= size;
	}
	json_t *value = json_stringn(clean, n);
	free(clean);
	return value;
}
