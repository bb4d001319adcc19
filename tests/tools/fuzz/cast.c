/* The asciicast writer: whatever the bytes and however they come, each line is
 * strict JSON, and the text is that of the bytes in one piece. */
#include "../../../cmd/emu-cast/cast.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The text of all events, joined; the caller frees it. */
static char *
text_of(char *lines, size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	for (char *line = strtok_r(lines, "\n", &lines); line != NULL;
	     line = strtok_r(NULL, "\n", &lines)) {
		json_t *value = json_loads(
		    line, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
		const json_t *data = json_array_get(value, 2);

		if (value == NULL || (data == NULL && !json_is_object(value)))
			abort();
		if (data != NULL && json_string_length(data) == 0)
			abort();
		if (data != NULL)
			fwrite(json_string_value(data), 1,
			    json_string_length(data), f);
		json_decref(value);
	}
	fclose(f);
	return text;
}

/* Records the data in pieces of as many bytes as each piece's first one says,
 * or (most is 0) in one piece. */
static char *
record(const uint8_t *data, size_t size, size_t most, size_t *len)
{
	char *lines = NULL;
	size_t room = 0, left = 0, n;
	const char *bytes = (const char *)data;
	FILE *f = open_memstream(&lines, &room);

	cast_start(f, 80, 24, 0, "fuzz \xff");
	for (size_t i = 0; i < size; i += n) {
		n = most > 0 ? data[i] % most + 1 : size;
		if (n > size - i)
			n = size - i;
		left = cast_write(f, i, bytes + i - left, left + n, false);
	}
	cast_write(f, size, bytes + size - left, left, true);
	fclose(f);
	char *text = text_of(lines, len);
	free(lines);
	return text;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t a, b;
	char *one = record(data, size, 0, &a);
	char *other = record(data, size, 7, &b);

	if (a != b || memcmp(one, other, a) != 0)
		abort();
	free(one);
	free(other);
	return 0;
}
