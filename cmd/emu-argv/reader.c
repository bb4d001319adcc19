#include "reader.h"

#include "../fatal.h"
#include "field.h"
#include "mac.h"

#include <arpa/inet.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Where a value is, and where it goes. */
struct spot {
	struct machine *m;
	const json_t *object;
	const char *place; /* of the object: "drives[0]" */
	const struct key *key;
	json_t *value;
	void *into;
};

/* Ends the program with what is wrong with the value. */
#define FAULT(spot, ...) \
	machine_fault((spot)->m, (spot)->place, (spot)->key->name, __VA_ARGS__)

/* The place of a key's value: "drives[0].image". */
static const char *
inner_place(struct machine *m, const char *place, const char *name)
{
	return machine_text(
	    m, "%s%s%s", place, place[0] != '\0' ? "." : "", name);
}

/* What texts of a type look like. */
static const struct form {
	enum type type;
	const char *regex, *wrong;
} forms[] = {
    {TYPE_ID, "^[A-Za-z][-._A-Za-z0-9]*$",
	"expected a letter, then letters, digits, '-', '.' and '_'"},
    {TYPE_NAME, "^[-._A-Za-z0-9]*$",
	"expected letters, digits, '-', '.' and '_'"},
    {TYPE_FORMAT, "^[-a-z0-9]*$",
	"expected lower-case letters, digits and '-'"},
    {TYPE_HEX, "^[0-9a-fA-F]{64}$", "expected 64 hex digits"},
    {TYPE_LABEL, "^.{0,15}$",
	"longer than the 15 bytes of an interface's name"},
};

static bool
matches(const char *text, const char *pattern)
{
	regex_t regex;

	if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		fatal_memory();
	int result = regexec(&regex, text, 0, NULL, 0);
	regfree(&regex);
	return result == 0;
}

/* What is wrong with a text of the type; NULL: nothing. */
static const char *
wrong_text(enum type type, const char *text, struct reason *what)
{
	struct in_addr address;
	struct mac mac;

	if (type == TYPE_IPV4 && inet_pton(AF_INET, text, &address) != 1)
		return "expected an IPv4 address";
	if (type == TYPE_MAC && mac_parse(text, 0, &mac, what) < 0)
		return what->text;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (forms[i].type == type && !matches(text, forms[i].regex))
			return forms[i].wrong;
	}
	return NULL;
}

void
reader_file(struct machine *m, struct image_file *file)
{
	file->place = machine_text(m, "images[%zu].path", file->image->index);
	if (file->image->path == NULL)
		machine_fault(m, file->place, "", "missing");
	file->path = machine_path(m, file->image->path);
}

static void
read_image(const struct spot *spot, const char *id)
{
	struct image_file *into = spot->into;

	if ((spot->key->either & OR_NONE) != 0 && strcmp(id, "none") == 0) {
		into->path = id;
		into->place = spot->key->name;
		return;
	}
	into->image = images_find(&spot->m->images, id);
	if (into->image == NULL)
		FAULT(spot, "no image \"%s\"", id);
	reader_file(spot->m, into);
}

/* false is the number of choices. */
static void
read_choice(const struct spot *spot, const char *text)
{
	const char *const *choices = spot->key->choices;
	int *into = spot->into;
	char list[256] = "";
	size_t len = 0;

	for (*into = 0; choices[*into] != NULL; ++*into) {
		if (text != NULL && strcmp(text, choices[*into]) == 0)
			return;
		const char *between =
		    choices[*into + 1] == NULL ? " or " : ", ";
		int n = snprintf(list + len, sizeof(list) - len, "%s\"%s\"",
		    len == 0 ? "" : between, choices[*into]);
		len += n > 0 ? (size_t)n : 0;
	}
	if (text != NULL)
		FAULT(spot, "expected %s, not \"%s\"", list, text);
}

/* What is a string in the document. */
static void
read_string(const struct spot *spot)
{
	const char *text = json_string_value(spot->value), *wrong;
	const char **into = spot->into;
	enum type type = spot->key->type;
	struct reason what;

	if (text == NULL && ((spot->key->either & OR_FALSE) == 0 ||
				!json_is_false(spot->value)))
		FAULT(spot, "expected a string");
	if (type == TYPE_CHOICE) {
		read_choice(spot, text);
	} else if (text == NULL) {
		*into = "";
	} else if (text[0] == '\0' && type != TYPE_STRING) {
		if (spot->key->needs != 0)
			FAULT(spot, "missing");
	} else if (type == TYPE_IMAGE) {
		read_image(spot, text);
	} else if ((wrong = wrong_text(type, text, &what)) != NULL) {
		FAULT(spot, "%s", wrong);
	} else {
		*into = type == TYPE_PATH ? machine_path(spot->m, text) : text;
	}
}

static bool
is_auto(const struct spot *spot)
{
	const char *text = json_string_value(spot->value);

	return (spot->key->either & OR_AUTO) != 0 && text != NULL &&
	       strcmp(text, "auto") == 0;
}

static void
read_switch(const struct spot *spot)
{
	int *into = spot->into;

	*into = is_auto(spot) ? 2 : json_is_true(spot->value);
	if (!json_is_boolean(spot->value) && *into != 2)
		FAULT(spot, "expected %s",
		    (spot->key->either & OR_AUTO) != 0
			? "true, false or \"auto\""
			: "true or false");
}

/* Reads an integer within the key's range. */
static int64_t
integer(const struct spot *spot)
{
	const struct key *key = spot->key;
	int64_t number = 0;
	struct reason why;
	struct fields fields = {spot->m->document, spot->object,
	    inner_place(spot->m, spot->place, ""), &why, false};

	field_integer(&fields, key->name, key->min, key->max, &number);
	fatal_if(fields.failed, &why);
	return number;
}

static void
read_integer(const struct spot *spot)
{
	bool or_auto = (spot->key->either & OR_AUTO) != 0;

	if (or_auto && json_is_string(spot->value) && !is_auto(spot))
		FAULT(spot, "expected an integer or \"auto\"");
	*(int64_t *)spot->into = is_auto(spot) ? -2 : integer(spot);
}

static void
read_options(const struct spot *spot)
{
	const json_t **into = spot->into;
	const char *key, *wrong;
	json_t *value;

	if (!json_is_object(spot->value))
		FAULT(spot, "expected an object");
	json_object_foreach(spot->value, key, value)
	{
		wrong = wrong_text(TYPE_ID, key, NULL);
		if (!json_is_string(value) && !json_is_integer(value) &&
		    !json_is_boolean(value))
			wrong = "expected a string, an integer, true or false";
		if (wrong != NULL)
			machine_fault(spot->m,
			    inner_place(spot->m, spot->place, spot->key->name),
			    key, "%s", wrong);
	}
	*into = spot->value;
}

static void
read_root(const struct spot *spot)
{
	if (json_is_number(spot->value))
		integer(spot);
	else if (!json_is_boolean(spot->value) &&
		 json_string_length(spot->value) == 0)
		FAULT(spot,
		    "expected true, a partition's number or a device as the "
		    "kernel names it");
	*(const json_t **)spot->into = spot->value;
}

/* An object, or what stands for one: true for an empty one, false for none, a
 * string for the first key's. */
static void
read_inner(const struct spot *spot)
{
	struct machine *m = spot->m;
	const struct object_kind *kind = spot->key->kind;
	bool or_true = (spot->key->either & OR_TRUE) != 0;
	bool or_string = (spot->key->either & OR_STRING) != 0;
	const char *text = json_string_value(spot->value);
	json_t *object = json_is_object(spot->value) ? spot->value : NULL;

	if (object == NULL && !(or_true && json_is_boolean(spot->value)) &&
	    !(or_string && text != NULL))
		FAULT(spot, "expected %s",
		    or_true     ? "true, false or an object"
		    : or_string ? "a string or an object"
				: "an object");
	if (json_is_false(spot->value))
		return;
	char *inner = machine_take(m, kind->size);
	memcpy(spot->into, &inner, sizeof(inner));
	reader_object(m, kind, inner_place(m, spot->place, spot->key->name),
	    object, inner);
	if (text != NULL && text[0] != '\0')
		memcpy(inner + kind->keys[0].offset, &text, sizeof(text));
}

/* Returns the struct of an array's element: an object, or a string where no
 * kind is. */
static void *
read_element(const struct spot *spot, const char *place, json_t *element)
{
	const struct object_kind *kind = spot->key->kind;
	const char *text = json_string_value(element), *wrong = NULL;
	void *item = machine_take(
	    spot->m, kind == NULL ? sizeof(struct text_item) : kind->size);

	if (kind != NULL && !json_is_object(element))
		wrong = "expected an object";
	else if (kind != NULL)
		reader_object(spot->m, kind, place, element, item);
	else if (text == NULL)
		wrong = "expected a string";
	else if (spot->key->type == TYPE_NAMES)
		wrong = wrong_text(TYPE_NAME, text, NULL);
	if (wrong != NULL)
		machine_fault(spot->m, place, "", "%s", wrong);
	if (kind == NULL)
		*(struct text_item *)item =
		    (struct text_item){place, NULL, text};
	return item;
}

/* Links the elements by the pointers behind their places. */
static void
read_list(const struct spot *spot)
{
	const char *place = inner_place(spot->m, spot->place, spot->key->name);
	void *at = spot->into;
	json_t *element;
	size_t i;

	if (!json_is_array(spot->value))
		FAULT(spot, "expected an array");
	json_array_foreach(spot->value, i, element)
	{
		void *item = read_element(
		    spot, machine_text(spot->m, "%s[%zu]", place, i), element);

		memcpy(at, &item, sizeof(item));
		at = (char *)item + offsetof(struct text_item, next);
	}
}

static void
refuse(const struct spot *spot)
{
	FAULT(spot, "%s", spot->key->hint);
}

/* By type; those that are not here are strings. */
static void (*const readers[])(const struct spot *) = {
    [TYPE_REFUSED] = refuse,
    [TYPE_SWITCH] = read_switch,
    [TYPE_INTEGER] = read_integer,
    [TYPE_STRINGS] = read_list,
    [TYPE_NAMES] = read_list,
    [TYPE_OPTIONS] = read_options,
    [TYPE_ROOT] = read_root,
    [TYPE_OBJECT] = read_inner,
    [TYPE_LIST] = read_list,
};

static void
set_absent(const struct key *key, void *into)
{
	int flag = (int)key->absent;

	if (key->type == TYPE_INTEGER)
		memcpy(into, &key->absent, sizeof(key->absent));
	else if (key->type == TYPE_SWITCH || key->type == TYPE_CHOICE)
		memcpy(into, &flag, sizeof(flag));
}

/* Refuses a key that this guest has not. */
static void
check_guest(const struct spot *spot)
{
	const struct key *key = spot->key;
	const char *text = json_string_value(spot->value);

	if (key->alone == 0 || (key->alone & 1U << spot->m->guest) != 0 ||
	    json_is_false(spot->value) || (text != NULL && text[0] == '\0'))
		return;
	FAULT(spot, "is for guest \"%s\" alone%s%s",
	    guest_names[key->alone / 2], key->hint == NULL ? "" : "; ",
	    key->hint == NULL ? "" : key->hint);
}

/* Whether one slip lies between the two, case aside: a letter more, less or
 * other, or two swapped. */
static bool
is_slip(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), same = 0;

	while (same < n && strncasecmp(a, b, same + 1) == 0)
		same++;
	while (
	    n > same && m > same && strncasecmp(a + n - 1, b + m - 1, 1) == 0) {
		n--;
		m--;
	}
	a += same;
	b += same;
	n -= same;
	m -= same;
	return (n <= 1 && m <= 1) ||
	       (n == 2 && m == 2 && strncasecmp(a, b + 1, 1) == 0 &&
		   strncasecmp(a + 1, b, 1) == 0);
}

/* Refuses a key that the kind has not. */
static void
check_key(const struct machine *m, const struct object_kind *kind,
    const char *place, const char *name)
{
	const struct key *near = NULL;

	if (name[0] == '$' || name[0] == '_' || strncmp(name, "x-", 2) == 0)
		return;
	for (const struct key *key = kind->keys; key->name != NULL; key++) {
		if (strcmp(key->name, name) == 0)
			return;
		if (near == NULL && is_slip(name, key->name))
			near = key;
	}
	if (near != NULL)
		machine_fault(m, place, name,
		    "unknown key, did you mean \"%s\"?", near->name);
	if (!kind->foreign)
		machine_fault(m, place, name, "unknown key");
}

void
reader_object(struct machine *m, const struct object_kind *kind,
    const char *place, json_t *object, void *into)
{
	const char *name;
	json_t *value;

	memcpy(into, &place, sizeof(place));
	json_object_foreach(object, name, value)
	    check_key(m, kind, place, name);
	for (const struct key *key = kind->keys; key->name != NULL; key++) {
		void (*read)(const struct spot *) = readers[key->type];
		const struct spot spot = {m, object, place, key,
		    json_object_get(object, key->name),
		    (char *)into + key->offset};

		set_absent(key, spot.into);
		if (spot.value == NULL || json_is_null(spot.value)) {
			if ((key->needs & 1U << m->guest) != 0)
				FAULT(&spot, "missing");
		} else if (key->type != TYPE_ANY) {
			check_guest(&spot);
			(read != NULL ? read : read_string)(&spot);
		}
	}
}
