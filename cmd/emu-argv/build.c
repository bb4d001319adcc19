#include "build.h"

#include "path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char *
build_path(struct build *build, const char *path)
{
	char *absolute = path_absolute(NULL, path);

	if (absolute == NULL) {
		build->words.failed = true;
		return path;
	}
	const char *kept = words_scratch(&build->words, "%s", absolute);
	free(absolute);
	return kept;
}

/* Removes "//", "/./" and "/../" and a last slash from an absolute path, in
 * place, by the letters alone. */
static void
clean(char *path)
{
	char *out = path, *p = path;

	while (*p != '\0') {
		size_t len = strcspn(p + 1, "/");

		if (len == 0 || (len == 1 && p[1] == '.')) {
			;
		} else if (len == 2 && p[1] == '.' && p[2] == '.') {
			while (out > path && *--out != '/')
				;
		} else {
			memmove(out, p, len + 1);
			out += len + 1;
		}
		p += len + 1;
	}
	*out = '\0';
}

/* Botanist's form of the path, unless that leads elsewhere (a symbolic link
 * before a ".."). */
static const char *
shortened(struct build *build, const char *path)
{
	char *copy = strdup(path);
	struct stat a, b;

	if (copy == NULL) {
		build->words.failed = true;
		return path;
	}
	clean(copy);
	if (stat(path, &a) == 0 && stat(copy, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino)
		path = words_scratch(&build->words, "%s", copy);
	free(copy);
	return path;
}

const char *
build_existing(struct build *build, const struct place *place, const char *key,
    const char *path)
{
	struct stat st;

	path = build_path(build, path);
	if (stat(path, &st) < 0)
		place_fault(place, key, "%s: %s", path, strerror(errno));
	return shortened(build, path);
}

const char *
build_origin(struct build *build, const struct place *place, const char *key)
{
	size_t len = strlen(place->name);

	if (key[0] == '\0' && len > 0)
		len--;
	return words_scratch(
	    &build->words, "%.*s%s", (int)len, place->name, key);
}

bool
build_take_id(struct build *build, const char *kind, const char *id)
{
	const char *key = words_scratch(&build->words, "%s %s", kind, id);

	if (json_object_get(build->ids, key) != NULL)
		return false;
	json_object_set_new(build->ids, key, json_true());
	return true;
}

const char *
build_id(struct build *build, const struct place *place, const char *kind,
    size_t number)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char others[] = "0123456789-._";
	const char *id = place_text(
	    place, "id", words_scratch(&build->words, "%s%zu", kind, number));
	const char *p = id;

	if (strspn(p, letters) > 0) {
		while (*p != '\0' && (strchr(letters, *p) != NULL ||
					 strchr(others, *p) != NULL))
			p++;
	}
	if (p == id || *p != '\0')
		place_fault(place, "id",
		    "expected a letter, then letters, digits, '-', '.' and "
		    "'_'");
	if (!build_take_id(build, kind, id))
		place_fault(place, "id", "%s comes twice", id);
	return id;
}

void
build_options(struct build *build, const struct place *place)
{
	struct place options = place_object(place, "options");
	const char *key;
	json_t *value;

	json_object_foreach(options.object, key, value)
	{
		words_more(
		    &build->words, ",%s=", words_commas(&build->words, key));
		if (json_is_string(value))
			words_more(&build->words, "%s",
			    words_commas(
				&build->words, json_string_value(value)));
		else if (json_is_integer(value))
			words_more(&build->words, "%lld",
			    (long long)json_integer_value(value));
		else if (json_is_boolean(value))
			words_more(&build->words, "%s",
			    json_is_true(value) ? "on" : "off");
		else
			place_fault(&options, key,
			    "expected a string, an integer, true or false");
	}
}

const char *
build_image_file(struct build *build, const struct image *image)
{
	const struct place entry = {build->root.reader, image->entry, ""};

	if (image->path == NULL) {
		place_fault(&entry,
		    words_scratch(
			&build->words, "images[%zu].path", image->index),
		    "missing");
		return NULL;
	}
	return build_path(build, image->path);
}

const char *
build_image(struct build *build, const struct place *place, const char *key,
    const struct image **found)
{
	const char *id = place_text(place, key, NULL);

	if (id == NULL)
		return NULL;
	const struct image *image = images_find(&build->images, id);
	if (image == NULL) {
		place_fault(place, key, "no image \"%s\"", id);
		return NULL;
	}
	if (found != NULL)
		*found = image;
	return build_image_file(build, image);
}

const char *
build_thread(const struct build *build)
{
	static const char *const names[] = {"single", "multi", NULL};
	int thread = place_choice(&build->root, "tcg_thread", names, -1);

	return thread < 0 ? NULL : names[thread];
}

const char *
build_virtio(struct build *build, const char *device)
{
	return words_scratch(&build->words, "%s-%s", device, build->bus);
}

void
build_strings(struct build *build, const char *key, struct words *words)
{
	json_t *array = place_array(&build->root, key);

	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *text = json_string_value(json_array_get(array, i));
		const char *origin =
		    words_scratch(&build->words, "%s[%zu]", key, i);

		if (text == NULL)
			place_fault(&build->root, origin, "expected a string");
		else
			words_add(words, origin, text);
	}
}
