#include "wishes.h"

#include "field.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

bool
wishes_take_out(const struct wishes *wishes)
{
	return wishes->in_archive || wishes->extract != NULL ||
	       wishes->decompress;
}

static bool
is_digest(const char *text)
{
	size_t n = 0;

	while (isxdigit((unsigned char)text[n]))
		n++;
	return n == DIGEST_TEXT - 1 && text[n] == '\0';
}

/* A format becomes a part of QEMU's options. */
static bool
is_word(const char *text)
{
	return text[0] != '\0' &&
	       text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")] ==
		   '\0';
}

static int
read_fields(const struct document *document, struct recipe *recipe,
    struct wishes *wishes, struct reason *why)
{
	const json_t *entry = recipe->entry;
	char prefix[48];

	snprintf(prefix, sizeof(prefix), "images[%zu].", recipe->image->index);
	if (field_text(document, entry, prefix, "extract", &wishes->extract,
		why) < 0 ||
	    field_bool(document, entry, prefix, "decompress",
		&wishes->decompress, why) < 0 ||
	    field_text(document, entry, prefix, "convert", &wishes->convert,
		why) < 0 ||
	    field_text(
		document, entry, prefix, "format", &recipe->format, why) < 0 ||
	    field_text(
		document, entry, prefix, "sha256", &recipe->sha256, why) < 0)
		return -1;
	recipe->backing = json_object_get(entry, "backing");
	return field_integer(document, entry, prefix, "size", 0, INT64_MAX,
	    &recipe->want_size, why);
}

/* A path, or an array of paths. */
static bool
is_paths(const json_t *value)
{
	size_t i;
	json_t *path;

	json_array_foreach(value, i, path)
	{
		if (!json_is_string(path))
			return false;
	}
	return json_is_string(value) || json_is_array(value);
}

static int
check_fields(const struct document *document, const struct recipe *recipe,
    const struct wishes *wishes, struct reason *why)
{
	const char *wrong = NULL;
	int ways = (wishes->extract != NULL) + wishes->decompress +
		   (wishes->convert != NULL);

	if (recipe->sha256 != NULL && !is_digest(recipe->sha256))
		wrong = "sha256: expected 64 hexadecimal digits";
	else if (recipe->format != NULL && !is_word(recipe->format))
		wrong = "format: expected a word of a-z, 0-9 and -";
	else if (recipe->backing != NULL && !json_is_null(recipe->backing) &&
		 !is_paths(recipe->backing))
		wrong = "backing: expected a path or an array of paths";
	else if (wishes->convert != NULL && strcmp(wishes->convert, "raw") != 0)
		wrong = "convert: expected \"raw\"";
	else if (ways > 1)
		wrong = "extract, decompress and convert exclude each other";
	else if (ways > 0 && wishes->in_archive)
		wrong = "path: in an archive, and to be extracted, "
			"decompressed or converted";
	return wrong == NULL ? 0
			     : reason_set(why, "%s: images[%zu].%s",
				   document->name, recipe->image->index, wrong);
}

int
wishes_read(struct wishes *wishes, struct recipe *recipe,
    const struct document *document, struct reason *why)
{
	if (read_fields(document, recipe, wishes, why) < 0)
		return -1;
	return check_fields(document, recipe, wishes, why);
}
