#include "place.h"

#include "field.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
place_fault(const struct place *place, const char *key, const char *format, ...)
{
	struct reader *reader = place->reader;
	char what[512];
	va_list ap;

	if (reader->failed)
		return;
	va_start(ap, format);
	vsnprintf(what, sizeof(what), format, ap);
	va_end(ap);
	size_t len = strlen(place->name);
	if (key[0] == '\0' && len > 0)
		len--; /* the dot */
	reader->failed = true;
	reason_set(reader->why, "%s: %.*s%s%s%s", reader->document->name,
	    (int)len, place->name, key, len > 0 || key[0] != '\0' ? ": " : "",
	    what);
}

bool
place_has(const struct place *place, const char *key)
{
	const json_t *value = json_object_get(place->object, key);

	return value != NULL && !json_is_null(value);
}

/* Notes what a field_ function returned. */
static void
note(const struct place *place, int result)
{
	if (result < 0)
		place->reader->failed = true;
}

const char *
place_string(const struct place *place, const char *key, const char *absent)
{
	if (!place->reader->failed)
		note(place, field_string(place->reader->document, place->object,
				place->name, key, &absent, place->reader->why));
	return absent;
}

const char *
place_text(const struct place *place, const char *key, const char *absent)
{
	if (!place->reader->failed)
		note(place, field_text(place->reader->document, place->object,
				place->name, key, &absent, place->reader->why));
	return absent;
}

bool
place_bool(const struct place *place, const char *key, bool absent)
{
	if (!place->reader->failed)
		note(place, field_bool(place->reader->document, place->object,
				place->name, key, &absent, place->reader->why));
	return absent;
}

int64_t
place_integer(const struct place *place, const char *key, int64_t min,
    int64_t max, int64_t absent)
{
	if (!place->reader->failed)
		note(place, field_integer(place->reader->document,
				place->object, place->name, key, min, max,
				&absent, place->reader->why));
	return absent;
}

const char *
place_need(const struct place *place, const char *key)
{
	const char *value = place_text(place, key, NULL);

	if (value == NULL)
		place_fault(place, key, "missing");
	return value;
}

int
place_choice(const struct place *place, const char *key,
    const char *const *choices, int absent)
{
	const char *value = place_string(place, key, NULL);
	char list[256] = "";
	size_t len = 0;

	if (value == NULL)
		return absent;
	for (int i = 0; choices[i] != NULL; i++) {
		if (strcmp(value, choices[i]) == 0)
			return i;
	}
	for (int i = 0; choices[i] != NULL && len < sizeof(list); i++) {
		const char *between = choices[i + 1] == NULL ? " or " : ", ";
		int n = snprintf(list + len, sizeof(list) - len, "%s\"%s\"",
		    i == 0 ? "" : between, choices[i]);
		len += n > 0 ? (size_t)n : 0;
	}
	place_fault(place, key, "expected %s, not \"%s\"", list, value);
	return absent;
}

struct place
place_object(const struct place *place, const char *key)
{
	struct place inner = {.reader = place->reader};
	json_t *value = NULL;

	int n =
	    snprintf(inner.name, sizeof(inner.name), "%s%s.", place->name, key);
	inner.name[n < (int)sizeof(inner.name) ? n : 0] = '\0';
	if (!place->reader->failed)
		note(place, field_object(place->reader->document, place->object,
				place->name, key, &value, place->reader->why));
	inner.object = value;
	return inner;
}

json_t *
place_array(const struct place *place, const char *key)
{
	json_t *value = NULL;

	if (!place->reader->failed)
		note(place, field_array(place->reader->document, place->object,
				place->name, key, &value, place->reader->why));
	return value;
}

struct place
place_element(
    const struct place *place, const char *key, const json_t *array, size_t i)
{
	struct place inner = {.reader = place->reader};
	json_t *value = json_array_get(array, i);

	int n = snprintf(
	    inner.name, sizeof(inner.name), "%s%s[%zu].", place->name, key, i);
	inner.name[n < (int)sizeof(inner.name) ? n : 0] = '\0';
	if (json_is_object(value))
		inner.object = value;
	else
		place_fault(&inner, "", "expected an object");
	return inner;
}

enum { KEY_MAX = 24 }; /* no key of ours is longer */

/* The number of slips (a letter more, less, other, or two swapped) between the
 * two, case aside; KEY_MAX for what is too long to be one. */
static size_t
slips(const char *a, const char *b)
{
	size_t d[3][KEY_MAX + 1];
	size_t n = strlen(a), m = strlen(b);

	if (n > KEY_MAX || m > KEY_MAX)
		return KEY_MAX;
	for (size_t j = 0; j <= m; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *now = d[i % 3], *up = d[(i + 2) % 3];

		now[0] = i;
		for (size_t j = 1; j <= m; j++) {
			bool same = tolower((unsigned char)a[i - 1]) ==
				    tolower((unsigned char)b[j - 1]);
			size_t least = up[j - 1] + !same;

			if (up[j] + 1 < least)
				least = up[j] + 1;
			if (now[j - 1] + 1 < least)
				least = now[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] &&
			    d[(i + 1) % 3][j - 2] + 1 < least)
				least = d[(i + 1) % 3][j - 2] + 1;
			now[j] = least;
		}
	}
	return d[n % 3][m];
}

/* The key that was probably meant, or NULL. */
static const char *
meant(const char *key, const char *const *known)
{
	size_t best = strlen(key) < 5 ? 2 : 3;
	const char *nearest = NULL;

	for (; *known != NULL; known++) {
		size_t n = slips(key, *known);

		if (n < best) {
			best = n;
			nearest = *known;
		}
	}
	return nearest;
}

static bool
is_comment(const char *key)
{
	return key[0] == '$' || key[0] == '_' || strncmp(key, "x-", 2) == 0;
}

static bool
is_known(const char *key, const char *const *known)
{
	for (; *known != NULL; known++) {
		if (strcmp(key, *known) == 0)
			return true;
	}
	return false;
}

void
place_check(const struct place *place, const char *const *known, bool strict)
{
	const char *key;
	json_t *value;

	if (place->reader->failed || place->object == NULL)
		return;
	json_object_foreach(place->object, key, value)
	{
		if (is_comment(key) || is_known(key, known))
			continue;
		const char *near = meant(key, known);
		if (near != NULL)
			place_fault(place, key,
			    "unknown key, did you mean \"%s\"?", near);
		else if (strict)
			place_fault(place, key, "unknown key");
	}
}
