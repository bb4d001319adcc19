#include "firmware.h"

#include "../fatal.h"
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

/* What a description says that this machine does not have. */
static const char *const unwanted[] = {
    "requires-smm",
    "secure-boot",
    "enrolled-keys",
};

static bool
contains(const json_t *array, const char *text)
{
	size_t i;
	json_t *value;

	json_array_foreach(array, i, value)
	{
		const char *s = json_string_value(value);

		if (s != NULL && strcmp(s, text) == 0)
			return true;
	}
	return false;
}

static bool
for_machine(const json_t *description, const struct target *t)
{
	size_t i, j;
	json_t *target, *machine;

	json_array_foreach(json_object_get(description, "targets"), i, target)
	{
		if (strcmp(value_text(target, "architecture"),
			t->architecture) != 0)
			continue;
		json_array_foreach(
		    json_object_get(target, "machines"), j, machine)
		{
			const char *m = json_string_value(machine);

			if (m != NULL &&
			    strncmp(m, t->firmware, strlen(t->firmware)) == 0)
				return true;
		}
	}
	return false;
}

/* The file of a part of the mapping, when it is raw and there. */
static const char *
part(const json_t *mapping, const char *key)
{
	const json_t *p = json_object_get(mapping, key);
	const char *file = json_string_value(json_object_get(p, "filename"));
	const char *format = json_string_value(json_object_get(p, "format"));

	if (file == NULL || (format != NULL && strcmp(format, "raw") != 0) ||
	    access(file, R_OK) != 0)
		return NULL;
	return file;
}

/* What is searched for, and what was found. */
struct search {
	const struct target *target;
	struct firmware *firmware;
	struct stat file;
	const struct targets *targets;
	const struct target *found;
};

static bool
take_pair(const json_t *description, struct search *search)
{
	const json_t *features = json_object_get(description, "features");
	const json_t *mapping = json_object_get(description, "mapping");
	const char *device =
	    json_string_value(json_object_get(mapping, "device"));
	const char *mode = json_string_value(json_object_get(mapping, "mode"));
	const char *code = part(mapping, "executable");
	const char *vars = part(mapping, "nvram-template");

	if (!contains(json_object_get(description, "interface-types"), "uefi"))
		return false;
	for (size_t i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++) {
		if (contains(features, unwanted[i]))
			return false;
	}
	if (device == NULL || strcmp(device, "flash") != 0 ||
	    (mode != NULL && strcmp(mode, "split") != 0) || code == NULL ||
	    vars == NULL || !for_machine(description, search->target))
		return false;
	search->firmware->code = strdup(code);
	search->firmware->vars = strdup(vars);
	return true;
}

/* Adds what the directory, which is under base, has to the descriptions. */
static void
add_directory(const char *base, const char *directory, glob_t *found)
{
	char pattern[PATH_MAX];

	if (base != NULL && snprintf(pattern, sizeof(pattern), "%s%s/*.json",
				base, directory) < (int)sizeof(pattern))
		glob(pattern, GLOB_APPEND | GLOB_NOSORT, NULL, found);
}

static const char *
name_of(const char *path)
{
	return strrchr(path, '/') + 1;
}

/* Takes the descriptions in the order of the bytes of their names until one is
 * taken. The user's hide those of the administrator that have their names, and
 * both those of the packages. */
static bool
search_all(struct search *search,
    bool (*take)(const json_t *description, struct search *search))
{
	const char *config = getenv("XDG_CONFIG_HOME"), *last = "";
	bool set = config != NULL && config[0] == '/', taken = false;
	glob_t found = {0};

	add_directory(set ? config : getenv("HOME"),
	    set ? "/qemu/firmware" : "/.config/qemu/firmware", &found);
	add_directory("", "/etc/qemu/firmware", &found);
	add_directory("", "/usr/share/qemu/firmware", &found);
	while (!taken) {
		const char *next = NULL;

		for (size_t i = 0; i < found.gl_pathc; i++) {
			const char *path = found.gl_pathv[i];

			if (strcmp(name_of(path), last) > 0 &&
			    (next == NULL ||
				strcmp(name_of(path), name_of(next)) < 0))
				next = path;
		}
		if (next == NULL)
			break;
		json_t *description = json_load_file(next, 0, NULL);
		taken = take(description, search);
		json_decref(description);
		last = name_of(next);
	}
	globfree(&found);
	return taken;
}

void
firmware_find(
    const struct target *t, const char *file, struct firmware *firmware)
{
	struct search search = {.target = t, .firmware = firmware};

	*firmware = (struct firmware){NULL, NULL};
	if (t->architecture == NULL)
		fatal("%s: %s does not start by UEFI", file, t->name);
	if (!search_all(&search, take_pair))
		fatal("%s: no UEFI firmware for %s in /usr/share/qemu/firmware "
		      "(Debian: %s)",
		    file, t->name, t->package);
	if (firmware->code == NULL || firmware->vars == NULL)
		fatal_memory();
}

/* Whether the file is the one described; then its first target is that of the
 * description. */
static bool
take_target(const json_t *description, struct search *search)
{
	const json_t *mapping = json_object_get(description, "mapping");
	const json_t *code = json_object_get(mapping, "executable");
	const char *file = json_string_value(
	    json_object_get(code == NULL ? mapping : code, "filename"));
	const char *name = json_string_value(json_object_get(
	    json_array_get(json_object_get(description, "targets"), 0),
	    "architecture"));
	const struct target *target = targets_named(search->targets, name);
	struct stat st;

	if (file == NULL || target == NULL || stat(file, &st) < 0 ||
	    st.st_ino != search->file.st_ino ||
	    st.st_dev != search->file.st_dev)
		return false;
	search->found = target;
	return true;
}

const struct target *
firmware_target(const char *file, const struct targets *targets)
{
	struct search search = {.targets = targets};

	if (stat(file, &search.file) == 0)
		search_all(&search, take_target);
	return search.found;
}

void
firmware_free(struct firmware *firmware)
{
	free(firmware->code);
	free(firmware->vars);
	*firmware = (struct firmware){NULL, NULL};
}
