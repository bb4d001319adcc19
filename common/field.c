#include "field.h"

#include <inttypes.h>
#include <string.h>

static json_t *
present(const json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	return json_is_null(value) ? NULL : value;
}

static int
expected(struct reason *why, const struct document *document,
    const char *prefix, const char *key, const char *what)
{
	return reason_set(
	    why, "%s: %s%s: expected %s", document->name, prefix, key, what);
}

int
field_string(const struct document *document, const json_t *object,
    const char *prefix, const char *key, const char **value, struct reason *why)
{
	const json_t *v = present(object, key);

	if (v == NULL)
		return 0;
	if (!json_is_string(v))
		return expected(why, document, prefix, key, "a string");
	*value = json_string_value(v);
	return 0;
}

int
field_text(const struct document *document, const json_t *object,
    const char *prefix, const char *key, const char **value, struct reason *why)
{
	const char *text = NULL;

	if (field_string(document, object, prefix, key, &text, why) < 0)
		return -1;
	if (text != NULL && text[0] != '\0')
		*value = text;
	return 0;
}

static int
out_of_range(struct reason *why, const struct document *document,
    const char *prefix, const char *key, int64_t min, int64_t max)
{
	if (max == INT64_MAX)
		return reason_set(why, "%s: %s%s: must be at least %" PRId64,
		    document->name, prefix, key, min);
	return reason_set(why, "%s: %s%s: must be from %" PRId64 " to %" PRId64,
	    document->name, prefix, key, min, max);
}

int
field_integer(const struct document *document, const json_t *object,
    const char *prefix, const char *key, int64_t min, int64_t max,
    int64_t *value, struct reason *why)
{
	const json_t *v = present(object, key);

	if (v == NULL)
		return 0;
	if (json_is_real(v))
		return expected(why, document, prefix, key,
		    "an integer, written with digits alone");
	if (!json_is_integer(v))
		return expected(why, document, prefix, key, "an integer");
	int64_t n = json_integer_value(v);
	if (n < min || n > max)
		return out_of_range(why, document, prefix, key, min, max);
	*value = n;
	return 0;
}

int
field_bool(const struct document *document, const json_t *object,
    const char *prefix, const char *key, bool *value, struct reason *why)
{
	const json_t *v = present(object, key);

	if (v == NULL)
		return 0;
	if (!json_is_boolean(v))
		return expected(why, document, prefix, key, "true or false");
	*value = json_is_true(v);
	return 0;
}

int
field_array(const struct document *document, const json_t *object,
    const char *prefix, const char *key, json_t **value, struct reason *why)
{
	json_t *v = present(object, key);

	if (v == NULL)
		return 0;
	if (!json_is_array(v))
		return expected(why, document, prefix, key, "an array");
	*value = v;
	return 0;
}
