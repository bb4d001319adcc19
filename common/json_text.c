#include "json_text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

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
