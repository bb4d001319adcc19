#include "field.h"

#include <inttypes.h>

void
field_refuse(struct fields *fields, const char *key, const char *format, ...)
{
	struct reason what;
	va_list ap;

	if (fields->failed)
		return;
	va_start(ap, format);
	reason_vset(&what, format, ap);
	va_end(ap);
	reason_set(fields->why, "%s: %s%s: %s", fields->document->name,
	    fields->prefix, key, what.text);
	fields->failed = true;
}

/* Returns the value of the key, or NULL when there is none to read. */
static json_t *
present(const struct fields *fields, const char *key)
{
	json_t *value = json_object_get(fields->object, key);

	return json_is_null(value) || fields->failed ? NULL : value;
}

void
field_string(struct fields *fields, const char *key, const char **value)
{
	const json_t *v = present(fields, key);

	if (json_is_string(v))
		*value = json_string_value(v);
	else if (v != NULL)
		field_refuse(fields, key, "expected a string");
}

void
field_text(struct fields *fields, const char *key, const char **value)
{
	const char *text = "";

	field_string(fields, key, &text);
	if (text[0] != '\0')
		*value = text;
}

void
field_integer(struct fields *fields, const char *key, int64_t min, int64_t max,
    int64_t *value)
{
	const json_t *v = present(fields, key);
	int64_t n = json_integer_value(v);

	if (json_is_real(v))
		field_refuse(fields, key,
		    "expected an integer, written with digits alone");
	else if (v != NULL && !json_is_integer(v))
		field_refuse(fields, key, "expected an integer");
	else if (v != NULL && n < min && max == INT64_MAX)
		field_refuse(fields, key, "must be at least %" PRId64, min);
	else if (v != NULL && (n < min || n > max))
		field_refuse(fields, key,
		    "must be from %" PRId64 " to %" PRId64, min, max);
	else if (v != NULL)
		*value = n;
}

void
field_bool(struct fields *fields, const char *key, bool *value)
{
	const json_t *v = present(fields, key);

	if (json_is_boolean(v))
		*value = json_is_true(v);
	else if (v != NULL)
		field_refuse(fields, key, "expected true or false");
}

void
field_array(struct fields *fields, const char *key, json_t **value)
{
	json_t *v = present(fields, key);

	if (json_is_array(v))
		*value = v;
	else if (v != NULL)
		field_refuse(fields, key, "expected an array");
}
