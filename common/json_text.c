#include "json_text.h"

#include "utf8.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct buffer {
	FILE *out;
	bool failed;
};

static int
append(const char *bytes, size_t len, void *data)
{
	struct buffer *text = data;

	if (fwrite(bytes, 1, len, text->out) != len)
		text->failed = true;
	return text->failed ? -1 : 0;
}

char *
json_text(const json_t *value, size_t flags)
{
	char *printed = NULL;
	size_t len = 0;
	struct buffer text = {.out = open_memstream(&printed, &len)};

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
	const char *end = bytes + len;
	char *clean = malloc(3 * len + 1);
	size_t n = 0, size;

	if (clean == NULL)
		return NULL;
	while (bytes < end) {
		const char *shown = utf8_shown(&bytes, end, &size);

		if (shown[0] == '\0') {
			shown = UTF8_REPLACEMENT;
			size = strlen(shown);
		}
		memcpy(clean + n, shown, size);
		n += size;
	}
	json_t *value = json_stringn(clean, n);
	free(clean);
	return value;
}

const char *
json_text_at(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value == NULL ? "" : value;
}
