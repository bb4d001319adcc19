#include "json_values.h"

#include "utf8.h"

#include <string.h>

void
json_put(json_t **object, const char *key, json_t *value)
{
	if (json_object_set_new(*object, key, value) < 0) {
		json_decref(*object);
		*object = NULL;
	}
}

void
json_put_item(json_t **array, json_t *value)
{
	if (json_array_append_new(*array, value) < 0) {
		json_decref(*array);
		*array = NULL;
	}
}

void
json_put_text(json_t **object, const char *key, const char *text)
{
	const char *p = text, *end = text + strlen(text);
	size_t n;

	while ((n = utf8_length(p, (size_t)(end - p))) > 0)
		p += n;
	if (p == end)
		json_put(object, key, json_string(text));
}
