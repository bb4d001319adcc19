#include "reader.h"

#include "../fatal.h"
#include "field.h"
#include "mac.h"
#include "paths.h"

#include <arpa/inet.h>
#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Where a value is, and where it goes. */
struct spot {
	struct machine *m;
	const json_t *object;
	const char *prefix; /* "drives[0]." */
	const struct key *key;
	json_t *value;
	void *into;
};

static _Noreturn void __attribute__((format(printf, 2, 3)))
fault(const struct spot *spot, const char *format, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(what, sizeof(what), format, ap);
	va_end(ap);
	fatal("%s: %s%s: %s", spot->m->document->name, spot->prefix,
	    spot->key->name, what);
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
	if (file->image->path == NULL)
		fatal("%s: images[%zu].path: missing", m->document->name,
		    file->image->index);
	file->path = paths_absolute(&m->arena, file->image->path);
	file->place =
	    arena_text(&m->arena, "images[%zu].path", file->image->index);
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
		fault(spot, "no image \"%s\"", id);
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
		fault(spot, "expected %s, not \"%s\"", list, text);
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
		fault(spot, "expected a string");
	if (type == TYPE_CHOICE) {
		read_choice(spot, text);
	} else if (text == NULL) {
		*into = "";
	} else if (text[0] == '\0' && type != TYPE_STRING) {
		if (spot->key->needs != 0)
			fault(spot, "missing");
	} else if (type == TYPE_IMAGE) {
		read_image(spot, text);
	} else if ((wrong = wrong_text(type, text, &what)) != NULL) {
		fault(spot, "%s", wrong);
	} else {
		*into = type == TYPE_PATH
			    ? paths_absolute(&spot->m->arena, text)
			    : text;
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
		fault(spot, "expected %s",
		    (spot->key->either & OR_AUTO) != 0
			? "true, false or \"auto\""
			: "true or false");
}

static void
read_integer(const struct spot *spot)
{
	const struct key *key = spot->key;
	int64_t number = -2, *into = spot->into;
	struct reason why;

	if (!is_auto(spot)) {
		if ((key->either & OR_AUTO) != 0 && json_is_string(spot->value))
			fault(spot, "expected an integer or \"auto\"");
		struct fields fields = {
		    spot->m->document, spot->object, spot->prefix, &why, false};
		field_integer(&fields, key->name, key->min, key->max, &number);
		if (fields.failed)
			fatal("%s", why.text);
	}
	if (into != NULL)
		*into = number;
}

static void
read_options(const struct spot *spot)
{
	const json_t **into = spot->into;
	const char *key, *wrong;
	json_t *value;

	if (!json_is_object(spot->value))
		fault(spot, "expected an object");
	json_object_foreach(spot->value, key, value)
	{
		wrong = wrong_text(TYPE_ID, key, NULL);
		if (!json_is_string(value) && !json_is_integer(value) &&
		    !json_is_boolean(value))
			wrong = "expected a string, an integer, true or false";
		if (wrong != NULL)
			fatal("%s: %s%s.%s: %s", spot->m->document->name,
			    spot->prefix, spot->key->name, key, wrong);
	}
	*into = spot->value;
}

static void
read_root(const struct spot *spot)
{
	const json_t **into = spot->into;
	const char *text = json_string_value(spot->value);
	struct spot number = *spot;

	number.into = NULL;
	*into = spot->value;
	if (json_is_number(spot->value))
		read_integer(&number);
	else if (!json_is_boolean(spot->value) &&
		 (text == NULL || text[0] == '\0'))
		fault(spot,
		    "expected true, a partition's number or a device as the "
		    "kernel names it");
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
		fault(spot, "expected %s",
		    or_true     ? "true, false or an object"
		    : or_string ? "a string or an object"
				: "an object");
	if (json_is_false(spot->value))
		return;
	char *inner = arena_take(&m->arena, kind->size);
	memcpy(spot->into, &inner, sizeof(inner));
	reader_object(m, kind,
	    arena_text(&m->arena, "%s%s", spot->prefix, spot->key->name),
	    object, inner);
	if (text != NULL && text[0] != '\0')
		memcpy(inner + kind->keys[0].offset, &text, sizeof(text));
}

/* An element of an array: an object, or a string where no kind is. */
static void
read_element(
    const struct spot *spot, const char *place, json_t *element, void *into)
{
	const char *text = json_string_value(element), *wrong = NULL;

	if (spot->key->kind != NULL && !json_is_object(element))
		wrong = "expected an object";
	else if (spot->key->kind != NULL)
		reader_object(spot->m, spot->key->kind, place, element, into);
	else if (text == NULL)
		wrong = "expected a string";
	else if (spot->key->type == TYPE_NAMES)
		wrong = wrong_text(TYPE_NAME, text, NULL);
	if (wrong != NULL)
		fatal("%s: %s: %s", spot->m->document->name, place, wrong);
	if (spot->key->kind == NULL)
		*(struct text_item *)into = (struct text_item){place, text};
}

static void
read_list(const struct spot *spot)
{
	const struct object_kind *kind = spot->key->kind;
	size_t size = kind == NULL ? sizeof(struct text_item) : kind->size;
	struct arena *arena = &spot->m->arena;
	struct list *into = spot->into;

	if (!json_is_array(spot->value))
		fault(spot, "expected an array");
	into->count = json_array_size(spot->value);
	into->items = arena_take(arena, into->count * size);
	for (size_t i = 0; i < into->count; i++)
		read_element(spot,
		    arena_text(
			arena, "%s%s[%zu]", spot->prefix, spot->key->name, i),
		    json_array_get(spot->value, i),
		    (char *)into->items + i * size);
}

static void
read_value(const struct spot *spot)
{
	switch (spot->key->type) {
	case TYPE_ANY:
		break;
	case TYPE_REFUSED:
		fault(spot, "%s", spot->key->hint);
	case TYPE_SWITCH:
		read_switch(spot);
		break;
	case TYPE_INTEGER:
		read_integer(spot);
		break;
	case TYPE_OPTIONS:
		read_options(spot);
		break;
	case TYPE_ROOT:
		read_root(spot);
		break;
	case TYPE_OBJECT:
		read_inner(spot);
		break;
	case TYPE_STRINGS:
	case TYPE_NAMES:
	case TYPE_LIST:
		read_list(spot);
		break;
	default:
		read_string(spot);
	}
}

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
	fault(spot, "is for guest \"%s\" alone%s%s",
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
    const char *prefix, const char *name)
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
		fatal("%s: %s%s: unknown key, did you mean \"%s\"?",
		    m->document->name, prefix, name, near->name);
	if (!kind->foreign)
		fatal("%s: %s%s: unknown key", m->document->name, prefix, name);
}

void
reader_object(struct machine *m, const struct object_kind *kind,
    const char *place, json_t *object, void *into)
{
	char prefix[128] = "";
	const char *name;
	json_t *value;

	if (place[0] != '\0')
		snprintf(prefix, sizeof(prefix), "%s.", place);
	memcpy(into, &place, sizeof(place));
	json_object_foreach(object, name, value)
	    check_key(m, kind, prefix, name);
	for (const struct key *key = kind->keys; key->name != NULL; key++) {
		const struct spot spot = {m, object, prefix, key,
		    json_object_get(object, key->name),
		    (char *)into + key->offset};

		set_absent(key, spot.into);
		if (spot.value == NULL || json_is_null(spot.value)) {
			if ((key->needs & 1U << m->guest) != 0)
				fault(&spot, "missing");
			continue;
		}
		check_guest(&spot);
		read_value(&spot);
	}
}
