#include "document.h"

#include "input.h"
#include "json_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Names the line and the column, in bytes, both from 1. */
static int
refuse(struct reason *why, const char *name, const char *text, size_t at,
    const char *what)
{
	size_t line = 1, column = 1;

	for (size_t i = 0; i < at && text[i] != '\0'; i++) {
		column++;
		if (text[i] == '\n') {
			line++;
			column = 1;
		}
	}
	return reason_set(why, "%s:%zu:%zu: %s", name, line, column, what);
}

static size_t
string_end(const char *text, size_t i, size_t len)
{
	for (i++; i < len && text[i] != '"'; i++) {
		if (text[i] == '\\')
			i++;
	}
	return i;
}

/* Refuses what would cost too much to parse. */
static int
check_bounds(const char *name, const char *text, size_t len, struct reason *why)
{
	size_t depth = 0, values = 1;

	for (size_t i = 0; i < len; i++) {
		switch (text[i]) {
		case '"':
			i = string_end(text, i, len);
			break;
		case '[':
		case '{':
			if (++depth > DOCUMENT_DEPTH)
				return refuse(
				    why, name, text, i, "nested too deeply");
			break;
		case ']':
		case '}':
			depth -= depth > 0;
			break;
		case ',':
			if (++values > DOCUMENT_VALUES)
				return refuse(
				    why, name, text, i, "too many values");
			break;
		case '\0':
			return refuse(why, name, text, i, "a NUL byte");
		default:
			break;
		}
	}
	return 0;
}

/* jansson's text, without words about its API. jansson tells where the token
 * that it quotes ends; it is blamed where it starts. */
static int
refuse_syntax(struct reason *why, const char *name, const char *text,
    const json_error_t *error)
{
	const char *near = strstr(error->text, " near '");
	size_t at = error->position > 0 ? (size_t)error->position : 0;
	/* The token and the closing quote. */
	const char *token = near == NULL ? "?'" : near + strlen(" near '");
	int len = (int)strlen(token) - 1;
	char what[JSON_ERROR_TEXT_LENGTH + 32];

	if (near != NULL && (size_t)len <= at)
		at -= (size_t)len;
	switch (json_error_code(error)) {
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return refuse(why, name, text, at, "a NUL in a string");
	case json_error_duplicate_key:
		snprintf(what, sizeof(what), "duplicate key %.*s", len, token);
		return refuse(why, name, text, at, what);
	default:
		return refuse(why, name, text, at, error->text);
	}
}

json_t *
document_parse_text(
    const char *name, const char *text, size_t len, struct reason *why)
{
	json_error_t error;

	if (text[strspn(text, " \t\r\n")] == '\0' && len == strlen(text)) {
		reason_set(why, "%s: empty", name);
		return NULL;
	}
	if (check_bounds(name, text, len, why) < 0)
		return NULL;
	errno = 0;
	json_t *value = json_loadb(
	    text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	/* jansson blames the text for that as well. */
	if (value == NULL && errno == ENOMEM)
		reason_errno(why, "%s", name);
	else if (value == NULL)
		refuse_syntax(why, name, text, &error);
	return value;
}

json_t *
document_parse_file(const char *name, struct reason *why)
{
	char *text;
	size_t len;

	if (input_read(name, DOCUMENT_BYTES, &text, &len, why) < 0)
		return NULL;
	json_t *value = document_parse_text(input_name(name), text, len, why);
	free(text);
	return value;
}

int
document_read(struct document *document, const char *name, struct reason *why)
{
	json_t *value = document_parse_file(name, why);

	*document = (struct document){0};
	return value == NULL
		   ? -1
		   : document_take(document, input_name(name), value, why);
}

int
document_take(struct document *document, const char *name, json_t *value,
    struct reason *why)
{
	*document = (struct document){.name = name, .root = value};
	if (json_is_array(value)) {
		size_t n = json_array_size(value);

		if (n == 0)
			return reason_set(
			    why, "%s: an empty array", document->name);
		if (n > 1)
			return reason_set(why,
			    "%s: an array of %zu elements: pick one with "
			    "jq '.[0]'",
			    document->name, n);
		document->root = json_incref(json_array_get(value, 0));
		json_decref(value);
	}
	if (!json_is_object(document->root))
		return reason_set(
		    why, "%s: expected an object", document->name);
	return 0;
}

int
document_write(const struct document *document, FILE *out, struct reason *why)
{
	char *text = json_text(document->root, JSON_INDENT(2));

	if (text == NULL)
		return reason_memory(why);
	int result =
	    fprintf(out, "%s\n", text) < 0 ? reason_errno(why, "<stdout>") : 0;
	free(text);
	return result;
}

void
document_free(struct document *document)
{
	json_decref(document->root);
	document->root = NULL;
}
