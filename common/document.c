#include "document.h"

#include "input.h"
#include "json_text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct position {
	size_t line, column; /* from 1; columns count bytes */
};

static struct position
position_of(const char *text, size_t at)
{
	struct position p = {1, 1};

	for (size_t i = 0; i < at && text[i] != '\0'; i++) {
		p.column++;
		if (text[i] == '\n') {
			p.line++;
			p.column = 1;
		}
	}
	return p;
}

static int
refuse(struct reason *why, const char *name, const char *text, size_t at,
    const char *what)
{
	struct position p = position_of(text, at);

	return reason_set(why, "%s:%zu:%zu: %s", name, p.line, p.column, what);
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

static bool
blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}

/* Where the token that jansson complains of starts: the position it tells is
 * the token's end. */
static size_t
token_start(const json_error_t *error)
{
	const char *near = strstr(error->text, " near '");
	size_t end = error->position > 0 ? (size_t)error->position : 0;
	size_t len = near == NULL ? 0 : strlen(near + strlen(" near '"));

	/* The text ends with the closing quote. */
	return len > 1 && len - 1 <= end ? end - (len - 1) : end;
}

/* jansson's text, without words about its API and with the numbers that the
 * user wrote. */
static int
refuse_syntax(struct reason *why, const char *name, const char *text,
    const struct numbers *numbers, size_t at, const json_error_t *error)
{
	const char *near = strstr(error->text, " near '");
	char what[JSON_ERROR_TEXT_LENGTH + 32];

	switch (json_error_code(error)) {
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return refuse(why, name, text, at, "a NUL in a string");
	case json_error_duplicate_key:
		near = near == NULL ? "?'" : near + strlen(" near '");
		snprintf(what, sizeof(what), "duplicate key %.*s",
		    (int)strlen(near) - 1, near);
		return refuse(why, name, text, at, what);
	default:
		break;
	}
	char *shown = numbers_show(numbers, error->text);
	int result =
	    refuse(why, name, text, at, shown == NULL ? error->text : shown);
	free(shown);
	return result;
}

static json_t *
parse(struct document *document, const char *name, const char *text, size_t len,
    struct reason *why)
{
	struct numbers_hidden hidden = {0};
	json_error_t error;

	if (check_bounds(name, text, len, why) < 0 ||
	    numbers_hide(&document->numbers, text, len, &hidden, why) < 0)
		return NULL;
	errno = 0;
	json_t *value = json_loadb(hidden.text, hidden.len,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	/* jansson blames the text for that as well. */
	if (value == NULL && errno == ENOMEM)
		reason_errno(why, "%s", name);
	else if (value == NULL)
		refuse_syntax(why, name, text, &document->numbers,
		    numbers_offset(&hidden, token_start(&error)), &error);
	numbers_hidden_free(&hidden);
	return value;
}

json_t *
document_parse_text(struct document *document, const char *name,
    const char *text, size_t len, struct reason *why)
{
	if (blank(text) && len == strlen(text)) {
		reason_set(why, "%s: empty", name);
		return NULL;
	}
	return parse(document, name, text, len, why);
}

json_t *
document_parse_file(
    struct document *document, const char *name, struct reason *why)
{
	char *text;
	size_t len;

	if (input_read(name, DOCUMENT_BYTES, &text, &len, why) < 0)
		return NULL;
	json_t *value =
	    document_parse_text(document, input_name(name), text, len, why);
	free(text);
	return value;
}

int
document_read(struct document *document, const char *name, struct reason *why)
{
	*document = (struct document){.name = input_name(name)};
	json_t *value = document_parse_file(document, name, why);
	if (value == NULL)
		return -1;
	if (json_is_array(value)) {
		size_t n = json_array_size(value);

		if (n == 0) {
			json_decref(value);
			return reason_set(
			    why, "%s: an empty array", document->name);
		}
		if (n > 1) {
			json_decref(value);
			return reason_set(why,
			    "%s: an array of %zu elements: pick one with "
			    "jq '.[0]'",
			    document->name, n);
		}
		json_t *only = json_incref(json_array_get(value, 0));
		json_decref(value);
		value = only;
	}
	if (!json_is_object(value)) {
		json_decref(value);
		return reason_set(
		    why, "%s: expected an object", document->name);
	}
	document->root = value;
	return 0;
}

int
document_write(const struct document *document, FILE *out, struct reason *why)
{
	char *printed = json_text(document->root, JSON_INDENT(2));
	char *shown = NULL;
	int result = -1;

	if (printed != NULL)
		shown = numbers_show(&document->numbers, printed);
	if (shown == NULL)
		reason_memory(why);
	else if (fputs(shown, out) == EOF || putc('\n', out) == EOF)
		reason_errno(why, "<stdout>");
	else
		result = 0;
	free(shown);
	free(printed);
	return result;
}

void
document_free(struct document *document)
{
	json_decref(document->root);
	numbers_free(&document->numbers);
	*document = (struct document){0};
}
