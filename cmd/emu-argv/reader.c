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

/* What texts of a type consist of. */
static const struct alphabet {
	enum type type;
	const char *letters, *wrong;
} alphabets[] = {
    {TYPE_ID, LETTERS DIGITS "-._",
	"expected a letter, then letters, digits, '-', '.' and '_'"},
    {TYPE_NAME, LETTERS DIGITS "-._",
	"expected letters, digits, '-', '.' and '_'"},
    {TYPE_FORMAT, LOWER DIGITS "-",
	"expected lower-case letters, digits and '-'"},
};

/* What is wrong with a text of the type; NULL: nothing. */
static const char *
wrong_text(const struct key *key, const char *text, struct reason *what)
{
	struct in_addr address;
	struct mac mac;

	for (size_t i = 0; i < sizeof(alphabets) / sizeof(*alphabets); i++) {
		const struct alphabet *a = &alphabets[i];

		if (key->type == a->type &&
		    (text[strspn(text, a->letters)] != '\0' ||
			(a->type == TYPE_ID && strspn(text, LETTERS) == 0)))
			return a->wrong;
	}
	switch (key->type) {
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

static int
read_image(const struct spot *spot, const char *id)
{
	struct file *into = (void *)spot->into;

	if ((spot->key->either & OR_NONE) != 0 && strcmp(id, "none") == 0) {
		into->path = id;
		into->place = spot->key->name;
		return 0;
	}
	into->image = images_find(spot->reader->images, id);
	if (into->image == NULL)
		return fault(spot, "no image \"%s\"", id);
	return reader_file(spot->reader, into);
}

static int
read_choice(const struct spot *spot, const char *text)
{
	const char *const *choices = spot->key->choices;
	int *into = (void *)spot->into;
	char list[256] = "";
	size_t len = 0;

	for (*into = 0; choices[*into] != NULL; ++*into) {
		if (text != NULL && strcmp(text, choices[*into]) == 0)
			return 0;
		const char *between =
		    choices[*into + 1] == NULL ? " or " : ", ";
		int n = snprintf(list + len, sizeof(list) - len, "%s\"%s\"",
		    len == 0 ? "" : between, choices[*into]);
		len += n > 0 ? (size_t)n : 0;
	}
	return text == NULL
		   ? 0
		   : fault(spot, "expected %s, not \"%s\"", list, text);
}

/* What is a string in the document. */
static int
read_string(const struct spot *spot)
{
	const char *text = json_string_value(spot->value);
	const char **into = (void *)spot->into;
	enum type type = spot->key->type;
	struct reason what;

	if (text == NULL && ((spot->key->either & OR_FALSE) == 0 ||
				!json_is_false(spot->value)))
		return fault(spot, "expected a string");
	if (type == TYPE_CHOICE)
		return read_choice(spot, text);
	if (text == NULL) {
		*into = "";
		return 0;
	}
	if (text[0] == '\0' && type != TYPE_STRING)
		return spot->key->needs != 0 ? fault(spot, "missing") : 0;
	if (type == TYPE_IMAGE)
		return read_image(spot, text);
	const char *wrong = wrong_text(spot->key, text, &what);
	if (wrong != NULL)
		return fault(spot, "%s", wrong);
	*into = type == TYPE_PATH ? paths_absolute(spot->reader->arena, text)
				  : text;
	return 0;
}

/* A switch or an integer; "auto" is 2 for the one, -2 for the other. */
static int
read_number(const struct spot *spot)
{
	const struct key *key = spot->key;
	const char *text = json_string_value(spot->value);
	bool either = (key->either & OR_AUTO) != 0;
	bool is_auto = either && text != NULL && strcmp(text, "auto") == 0;
	int *flag = (void *)spot->into;
	int64_t *number = (void *)spot->into;

	if (key->type == TYPE_SWITCH) {
		*flag = is_auto ? 2 : json_is_true(spot->value);
		if (json_is_boolean(spot->value) || is_auto)
			return 0;
		return fault(spot, "expected %s",
		    either ? "true, false or \"auto\"" : "true or false");
	}
	if (is_auto) {
		*number = -2;
		return 0;
	}
	if (either && text != NULL)
		return fault(spot, "expected an integer or \"auto\"");
	return field_integer(spot->reader->document, spot->object, spot->prefix,
	    key->name, key->min, key->max, number, spot->reader->why);
}

static int
read_options(const struct spot *spot)
{
	const json_t **into = (void *)spot->into;
	const struct key name = {.type = TYPE_ID};
	const char *key, *wrong;
	json_t *value;

	if (!json_is_object(spot->value))
		return fault(spot, "expected an object");
	json_object_foreach(spot->value, key, value)
	{
		wrong = wrong_text(&name, key, NULL);
		if (!json_is_string(value) && !json_is_integer(value) &&
		    !json_is_boolean(value))
			wrong = "expected a string, an integer, true or false";
		if (wrong != NULL)
			return reason_set(spot->reader->why, "%s: %s%s.%s: %s",
			    spot->reader->document->name, spot->prefix,
			    spot->key->name, key, wrong);
	}
	*into = spot->value;
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

/* An element of an array: an object, or a string where no kind is. NULL, or
 * what is wrong with it; "" where the reason has that. */
static const char *
read_element(
    const struct spot *spot, const char *place, json_t *element, void *into)
{
	const struct key name = {
	    .type = spot->key->type == TYPE_NAMES ? TYPE_NAME : TYPE_STRING};
	struct text *text = into;

	if (spot->key->kind == NULL) {
		*text = (struct text){place, json_string_value(element)};
		return text->text == NULL ? "expected a string"
					  : wrong_text(&name, text->text, NULL);
	}
	if (!json_is_object(element))
		return "expected an object";
	return reader_object(
		   spot->reader, spot->key->kind, place, element, into) < 0
		   ? ""
		   : NULL;
}

static int
read_list(const struct spot *spot)
{
	const struct reader *r = spot->reader;
	const struct kind *kind = spot->key->kind;
	size_t size = kind == NULL ? sizeof(struct text) : kind->size;
	struct list *into = (void *)spot->into;

	if (!json_is_array(spot->value))
		return fault(spot, "expected an array");
	into->count = json_array_size(spot->value);
	into->items = arena_take(r->arena, into->count * size);
	if (into->items == NULL)
		return reason_memory(r->why);
	for (size_t i = 0; i < into->count; i++) {
		const char *place = arena_text(
		    r->arena, "%s%s[%zu]", spot->prefix, spot->key->name, i);
		const char *wrong =
		    read_element(spot, place, json_array_get(spot->value, i),
			(char *)into->items + i * size);

		if (wrong != NULL && wrong[0] != '\0')
			reason_set(r->why, "%s: %s: %s", r->document->name,
			    place, wrong);
		if (wrong != NULL)
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
	case TYPE_SWITCH:
	case TYPE_INTEGER:
		return read_number(spot);
	case TYPE_OPTIONS:
		return read_options(spot);
	case TYPE_ROOT:
		return read_root(spot);
	case TYPE_OBJECT:
		return read_inner(spot);
	case TYPE_STRINGS:
	case TYPE_NAMES:
	case TYPE_LIST:
		return read_list(spot);
	default:
		return read_string(spot);
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
