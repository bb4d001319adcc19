#include "reader.h"

#include "field.h"
#include "mac.h"
#include "machine.h"
#include "paths.h"
#include "spelling.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define LETTERS LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/* Where a value is: what the field_ functions want to know of it. */
struct spot {
	const struct reader *reader;
	const json_t *object;
	const char *prefix; /* "drives[0]." */
	const struct key *key;
	json_t *value;
	char *into;
};

static int __attribute__((format(printf, 2, 3)))
fault(const struct spot *spot, const char *format, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(what, sizeof(what), format, ap);
	va_end(ap);
	return reason_set(spot->reader->why, "%s: %s%s: %s",
	    spot->reader->document->name, spot->prefix, spot->key->name, what);
}

/* What is wrong with a text of the type; NULL: nothing. */
static const char *
wrong_text(const struct key *key, const char *text, struct reason *what)
{
	struct in_addr address;
	struct mac mac;

	switch (key->type) {
	case TYPE_ID:
		if (strspn(text, LETTERS) > 0 &&
		    text[strspn(text, LETTERS DIGITS "-._")] == '\0')
			return NULL;
		return "expected a letter, then letters, digits, '-', '.' and "
		       "'_'";
	case TYPE_NAME:
		if (text[strspn(text, LETTERS DIGITS "-._")] == '\0')
			return NULL;
		return "expected letters, digits, '-', '.' and '_'";
	case TYPE_FORMAT:
		if (text[strspn(text, LOWER DIGITS "-")] == '\0')
			return NULL;
		return "expected lower-case letters, digits and '-'";
	case TYPE_HEX:
		if (strlen(text) == (size_t)key->max &&
		    strspn(text, "0123456789abcdefABCDEF") == strlen(text))
			return NULL;
		return "expected 64 hex digits";
	case TYPE_LABEL:
		if (strlen(text) <= (size_t)key->max)
			return NULL;
		return "longer than the 15 bytes of an interface's name";
	case TYPE_IPV4:
		if (inet_pton(AF_INET, text, &address) == 1)
			return NULL;
		return "expected an IPv4 address";
	case TYPE_MAC:
		return mac_parse(text, 0, &mac, what) < 0 ? what->text : NULL;
	default:
		return NULL;
	}
}

int
reader_file(const struct reader *reader, struct file *file)
{
	if (file->image->path == NULL)
		return reason_set(reader->why, "%s: images[%zu].path: missing",
		    reader->document->name, file->image->index);
	file->path = paths_absolute(reader->arena, file->image->path);
	file->place =
	    arena_text(reader->arena, "images[%zu].path", file->image->index);
	return 0;
}

/* A type that is a const char *. */
static int
read_text(const struct spot *spot)
{
	const struct reader *r = spot->reader;
	const char *text = NULL, **into = (void *)spot->into;
	struct reason what;

	if ((spot->key->either & OR_FALSE) != 0 && json_is_false(spot->value)) {
		*into = "";
		return 0;
	}
	if (field_string(r->document, spot->object, spot->prefix,
		spot->key->name, &text, r->why) < 0)
		return -1;
	if (text[0] == '\0' && spot->key->type != TYPE_STRING)
		return spot->key->needs != 0 ? fault(spot, "missing") : 0;
	const char *wrong = wrong_text(spot->key, text, &what);
	if (wrong != NULL)
		return fault(spot, "%s", wrong);
	*into = spot->key->type == TYPE_PATH ? paths_absolute(r->arena, text)
					     : text;
	return 0;
}

static int
read_image(const struct spot *spot)
{
	const struct reader *r = spot->reader;
	struct file *into = (void *)spot->into;
	const char *id = NULL;

	if (field_text(r->document, spot->object, spot->prefix, spot->key->name,
		&id, r->why) < 0)
		return -1;
	if (id == NULL)
		return spot->key->needs != 0 ? fault(spot, "missing") : 0;
	if ((spot->key->either & OR_NONE) != 0 && strcmp(id, "none") == 0) {
		into->path = id;
		into->place = spot->key->name;
		return 0;
	}
	into->image = images_find(r->images, id);
	if (into->image == NULL)
		return fault(spot, "no image \"%s\"", id);
	return reader_file(r, into);
}

static int
read_choice(const struct spot *spot)
{
	const char *const *choices = spot->key->choices;
	const struct reader *r = spot->reader;
	int *into = (void *)spot->into, count = 0;
	const char *value = NULL;
	char list[256] = "";
	size_t len = 0;

	while (choices[count] != NULL)
		count++;
	*into = count;
	if ((spot->key->either & OR_FALSE) != 0 && json_is_false(spot->value))
		return 0;
	if (field_string(r->document, spot->object, spot->prefix,
		spot->key->name, &value, r->why) < 0)
		return -1;
	for (int i = 0; i < count; i++) {
		const char *between = i + 1 == count ? " or " : ", ";
		int n = snprintf(list + len, sizeof(list) - len, "%s\"%s\"",
		    i == 0 ? "" : between, choices[i]);

		len += n > 0 ? (size_t)n : 0;
		if (strcmp(value, choices[i]) == 0)
			*into = i;
	}
	if (*into == count)
		return fault(spot, "expected %s, not \"%s\"", list, value);
	return 0;
}

static bool
is_auto(const struct spot *spot)
{
	const char *text = json_string_value(spot->value);

	return (spot->key->either & OR_AUTO) != 0 && text != NULL &&
	       strcmp(text, "auto") == 0;
}

static int
read_switch(const struct spot *spot)
{
	int *into = (void *)spot->into;

	*into = is_auto(spot) ? 2 : json_is_true(spot->value);
	if (json_is_boolean(spot->value) || *into == 2)
		return 0;
	return fault(spot, "expected %s",
	    (spot->key->either & OR_AUTO) != 0 ? "true, false or \"auto\""
					       : "true or false");
}

static int
read_integer(const struct spot *spot)
{
	const struct reader *r = spot->reader;
	int64_t *into = (void *)spot->into;

	if (is_auto(spot)) {
		*into = -2;
		return 0;
	}
	if ((spot->key->either & OR_AUTO) != 0 && json_is_string(spot->value))
		return fault(spot, "expected an integer or \"auto\"");
	return field_integer(r->document, spot->object, spot->prefix,
	    spot->key->name, spot->key->min, spot->key->max, into, r->why);
}

static int
read_strings(const struct spot *spot)
{
	const struct reader *r = spot->reader;
	struct list *into = (void *)spot->into;
	const struct key element = {
	    .type = spot->key->type == TYPE_NAMES ? TYPE_NAME : TYPE_STRING};
	json_t *array = NULL;

	if (field_array(r->document, spot->object, spot->prefix,
		spot->key->name, &array, r->why) < 0)
		return -1;
	into->count = json_array_size(array);
	struct text *texts = arena_take(r->arena, into->count * sizeof(*texts));
	into->items = texts;
	if (texts == NULL)
		return reason_memory(r->why);
	for (size_t i = 0; i < into->count; i++) {
		texts[i].place = arena_text(
		    r->arena, "%s%s[%zu]", spot->prefix, spot->key->name, i);
		texts[i].text = json_string_value(json_array_get(array, i));
		const char *wrong =
		    texts[i].text == NULL
			? "expected a string"
			: wrong_text(&element, texts[i].text, NULL);
		if (wrong != NULL)
			return reason_set(r->why, "%s: %s: %s",
			    r->document->name, texts[i].place, wrong);
	}
	return 0;
}

static int
read_options(const struct spot *spot)
{
	const struct reader *r = spot->reader;
	const json_t **into = (void *)spot->into;
	const struct key name = {.type = TYPE_ID};
	json_t *object = NULL, *value;
	const char *key, *wrong;

	if (field_object(r->document, spot->object, spot->prefix,
		spot->key->name, &object, r->why) < 0)
		return -1;
	json_object_foreach(object, key, value)
	{
		wrong = wrong_text(&name, key, NULL);
		if (!json_is_string(value) && !json_is_integer(value) &&
		    !json_is_boolean(value))
			wrong = "expected a string, an integer, true or false";
		if (wrong != NULL)
			return reason_set(r->why, "%s: %s%s.%s: %s",
			    r->document->name, spot->prefix, spot->key->name,
			    key, wrong);
	}
	*into = object;
	return 0;
}

static int
read_root(const struct spot *spot)
{
	const json_t **into = (void *)spot->into;
	const char *text = json_string_value(spot->value);
	int64_t number;

	*into = spot->value;
	if (json_is_number(spot->value))
		return field_integer(spot->reader->document, spot->object,
		    spot->prefix, spot->key->name, spot->key->min,
		    spot->key->max, &number, spot->reader->why);
	if (json_is_boolean(spot->value) || (text != NULL && text[0] != '\0'))
		return 0;
	return fault(spot,
	    "expected true, a partition's number or what the kernel shall be "
	    "told");
}

/* A string or true in place of an object: the object that it stands for, a new
 * reference; NULL: it is none. */
static json_t *
short_form(const struct spot *spot)
{
	const struct key *key = spot->key;

	if ((key->either & OR_TRUE) != 0 && json_is_true(spot->value))
		return json_object();
	if ((key->either & OR_STRING) != 0 && json_is_string(spot->value))
		return json_pack("{s:O}", key->kind->keys[0].name, spot->value);
	return json_is_object(spot->value) ? json_incref(spot->value) : NULL;
}

static const char *
expected_object(unsigned either)
{
	if ((either & OR_TRUE) != 0)
		return "expected true, false or an object";
	if ((either & OR_STRING) != 0)
		return "expected a string or an object";
	return "expected an object";
}

static int
read_inner(const struct spot *spot)
{
	const struct reader *r = spot->reader;
	const struct kind *kind = spot->key->kind;
	void **into = (void *)spot->into;

	if ((spot->key->either & OR_TRUE) != 0 && json_is_false(spot->value))
		return 0;
	json_t *object = short_form(spot);
	if (object == NULL)
		return fault(spot, "%s", expected_object(spot->key->either));
	const char *place =
	    arena_text(r->arena, "%s%s", spot->prefix, spot->key->name);
	int result = -1;
	*into = arena_take(r->arena, kind->size);
	if (*into == NULL)
		reason_memory(r->why);
	else
		result = reader_object(r, kind, place, object, *into);
	json_decref(object);
	return result;
}

static int
read_list(const struct spot *spot)
{
	const struct reader *r = spot->reader;
	const struct kind *kind = spot->key->kind;
	struct list *into = (void *)spot->into;
	json_t *array = NULL;

	if (field_array(r->document, spot->object, spot->prefix,
		spot->key->name, &array, r->why) < 0)
		return -1;
	into->count = json_array_size(array);
	into->items = arena_take(r->arena, into->count * kind->size);
	if (into->items == NULL)
		return reason_memory(r->why);
	for (size_t i = 0; i < into->count; i++) {
		json_t *element = json_array_get(array, i);
		const char *place = arena_text(
		    r->arena, "%s%s[%zu]", spot->prefix, spot->key->name, i);

		if (!json_is_object(element))
			return reason_set(r->why, "%s: %s: expected an object",
			    r->document->name, place);
		if (reader_object(r, kind, place, element,
			(char *)into->items + i * kind->size) < 0)
			return -1;
	}
	return 0;
}

static int
read_value(const struct spot *spot)
{
	switch (spot->key->type) {
	case TYPE_ANY:
		return 0;
	case TYPE_REFUSED:
		return fault(spot, "%s", spot->key->hint);
	case TYPE_IMAGE:
		return read_image(spot);
	case TYPE_CHOICE:
		return read_choice(spot);
	case TYPE_SWITCH:
		return read_switch(spot);
	case TYPE_INTEGER:
		return read_integer(spot);
	case TYPE_STRINGS:
	case TYPE_NAMES:
		return read_strings(spot);
	case TYPE_OPTIONS:
		return read_options(spot);
	case TYPE_ROOT:
		return read_root(spot);
	case TYPE_OBJECT:
		return read_inner(spot);
	case TYPE_LIST:
		return read_list(spot);
	default:
		return read_text(spot);
	}
}

static void
set_absent(const struct key *key, char *into)
{
	if (key->type == TYPE_INTEGER)
		*(int64_t *)(void *)into = key->absent;
	else if (key->type == TYPE_SWITCH || key->type == TYPE_CHOICE)
		*(int *)(void *)into = (int)key->absent;
}

/* A key that this guest has not. */
static int
check_guest(const struct spot *spot)
{
	const struct key *key = spot->key;
	const char *text = json_string_value(spot->value);
	unsigned guest = 1U << *spot->reader->guest;

	if (key->alone == 0 || (key->alone & guest) != 0 ||
	    json_is_false(spot->value) || (text != NULL && text[0] == '\0'))
		return 0;
	return fault(spot, "is for guest \"%s\" alone%s%s",
	    guest_names[key->alone / 2], key->hint == NULL ? "" : "; ",
	    key->hint == NULL ? "" : key->hint);
}

static int
check_keys(const struct reader *reader, const struct kind *kind,
    const char *prefix, json_t *object)
{
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value)
	{
		const struct key *key = kind->keys;

		if (name[0] == '$' || name[0] == '_' ||
		    strncmp(name, "x-", 2) == 0)
			continue;
		while (key->name != NULL && strcmp(key->name, name) != 0)
			key++;
		if (key->name != NULL)
			continue;
		const char *near = spelling_meant(name, kind->keys);
		if (near != NULL)
			return reason_set(reader->why,
			    "%s: %s%s: unknown key, did you mean \"%s\"?",
			    reader->document->name, prefix, name, near);
		if (!kind->foreign)
			return reason_set(reader->why, "%s: %s%s: unknown key",
			    reader->document->name, prefix, name);
	}
	return 0;
}

int
reader_object(const struct reader *reader, const struct kind *kind,
    const char *place, json_t *object, void *into)
{
	char prefix[128] = "";

	if (place[0] != '\0')
		snprintf(prefix, sizeof(prefix), "%s.", place);
	*(const char **)into = place;
	if (check_keys(reader, kind, prefix, object) < 0)
		return -1;
	for (const struct key *key = kind->keys; key->name != NULL; key++) {
		const struct spot spot = {reader, object, prefix, key,
		    json_object_get(object, key->name),
		    (char *)into + key->offset};

		set_absent(key, spot.into);
		if (spot.value == NULL || json_is_null(spot.value)) {
			if ((key->needs & 1U << *reader->guest) != 0)
				return fault(&spot, "missing");
		} else if (check_guest(&spot) < 0 || read_value(&spot) < 0) {
			return -1;
		}
	}
	return 0;
}
