#include "firmware.h"

#include "../fatal.h"
#include "json_text.h"
#include "value.h"

#include <glob.h>
#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a descriptor says that this machine does not have. */
static const char *const unwanted[] = {
    "requires-smm",
    "secure-boot",
    "enrolled-keys",
};

/* Returns whether a string of the array begins with the text, or is the text
 * when `whole`. */
static bool
contains(const json_t *array, const char *text, bool whole)
{
	size_t i, len = strlen(text) + whole;
	json_t *value;

	json_array_foreach(array, i, value)
	{
		if (json_is_string(value) &&
		    strncmp(json_string_value(value), text, len) == 0)
			return true;
	}
	return false;
}

static bool
for_machine(const json_t *targets, const struct target *t)
{
	size_t i;
	json_t *target;

	json_array_foreach(targets, i, target)
	{
		if (strcmp(json_text_at(target, "architecture"),
			t->architecture) == 0 &&
		    contains(json_object_get(target, "machines"), t->firmware,
			false))
			return true;
	}
	return false;
}

/* Takes two flash images if they are raw and there, and if the descriptor is
 * for the target and needs nothing that the machine lacks. */
static bool
take_pair(json_t *descriptor, const struct target *target, const char **code,
    const char **vars)
{
	const json_t *types, *targets, *features = NULL;
	const char *device, *mode = "split";
	const char *formats[] = {"raw", "raw"};

	if (json_unpack(descriptor,
		"{s:o, s:o, s?o, s:{s:s, s?s, s:{s:s, s?s}, s:{s:s, s?s}}}",
		"interface-types", &types, "targets", &targets, "features",
		&features, "mapping", "device", &device, "mode", &mode,
		"executable", "filename", code, "format", &formats[0],
		"nvram-template", "filename", vars, "format", &formats[1]) < 0)
		return false;
	for (size_t i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++) {
		if (contains(features, unwanted[i], true))
			return false;
	}
	return strcmp(device, "flash") == 0 && strcmp(mode, "split") == 0 &&
	       strcmp(formats[0], "raw") == 0 &&
	       strcmp(formats[1], "raw") == 0 &&
	       contains(types, "uefi", true) && for_machine(targets, target) &&
	       access(*code, R_OK) == 0 && access(*vars, R_OK) == 0;
}

/* Adds what the directory, which is under base, has to the descriptors. */
static void
add_directory(const char *base, const char *directory, glob_t *found)
{
	char pattern[PATH_MAX];

	if (base != NULL && snprintf(pattern, sizeof(pattern), "%s%s/*.json",
				base, directory) < (int)sizeof(pattern))
		glob(pattern, GLOB_APPEND | GLOB_NOSORT, NULL, found);
}

/* Finds the paths of the descriptors. */
static void
find_descriptors(glob_t *found)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	bool set = config != NULL && config[0] == '/';

	*found = (glob_t){0};
	add_directory(set ? config : getenv("HOME"),
	    set ? "/qemu/firmware" : "/.config/qemu/firmware", found);
	add_directory("", "/etc/qemu/firmware", found);
	add_directory("", "/usr/share/qemu/firmware", found);
}

static const char *
name_of(const char *path)
{
	return strrchr(path, '/') + 1;
}

/* Returns the descriptor behind `last`, or the first one for NULL, in the order
 * of the bytes of their names; NULL: there is none. The user's hide those of
 * the administrator that have their names, and both those of the packages. */
static const char *
next_descriptor(const glob_t *found, const char *last)
{
	const char *next = NULL;

	for (size_t i = 0; i < found->gl_pathc; i++) {
		const char *path = found->gl_pathv[i];

		if ((last == NULL ||
			strcmp(name_of(path), name_of(last)) > 0) &&
		    (next == NULL || strcmp(name_of(path), name_of(next)) < 0))
			next = path;
	}
	return next;
}

json_t *
firmware_find(const struct target *t, const char *file, const char **code,
    const char **vars)
{
	const char *path = NULL;
	json_t *descriptor = NULL;
	glob_t found;

	if (t->architecture == NULL)
		fatal("%s: %s does not start by UEFI", file, t->name);
	find_descriptors(&found);
	do {
		json_decref(descriptor);
		path = next_descriptor(&found, path);
		if (path == NULL)
			fatal("%s: no UEFI firmware for %s in "
			      "/usr/share/qemu/firmware (Debian: %s)",
			    file, t->name, t->package);
		descriptor = json_load_file(path, 0, NULL);
	} while (!take_pair(descriptor, t, code, vars));
	globfree(&found);
	return descriptor;
}

/* Returns the first target of a descriptor if it is of that file. */
static const struct target *
target_of(
    json_t *descriptor, const struct stat *file, const struct targets *targets)
{
	const char *name = NULL, *code = NULL, *architecture = NULL;
	struct stat st;

	json_unpack(descriptor, "{s:[{s:s}], s:{s?s, s?{s:s}}}", "targets",
	    "architecture", &architecture, "mapping", "filename", &name,
	    "executable", "filename", &code);
	if (code != NULL)
		name = code;
	if (name == NULL || stat(name, &st) < 0 || st.st_ino != file->st_ino ||
	    st.st_dev != file->st_dev)
		return NULL;
	return targets_named(targets, architecture);
}

const struct target *
firmware_target(const char *file, const struct targets *targets)
{
	const struct target *target = NULL;
	const char *path = NULL;
	struct stat st;
	glob_t found;

	if (stat(file, &st) < 0)
		return NULL;
	find_descriptors(&found);
	while (
	    target == NULL && (path = next_descriptor(&found, path)) != NULL) {
		json_t *descriptor = json_load_file(path, 0, NULL);

		target = target_of(descriptor, &st, targets);
		json_decref(descriptor);
	}
	globfree(&found);
	return target;
}
