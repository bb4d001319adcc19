#include "firmware.h"

#include <dirent.h>
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
		const char *a =
		    json_string_value(json_object_get(target, "architecture"));

		if (a == NULL || strcmp(a, t->architecture) != 0)
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

/* By their bytes, in any locale. */
static int
compare(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
is_json(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 5 && strcmp(entry->d_name + len - 5, ".json") == 0;
}

/* The directory of the user's own descriptions. The caller frees it. */
static char *
own_directory(void)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	bool set = config != NULL && config[0] == '/';
	char *path;

	if (!set && home == NULL)
		return NULL;
	return asprintf(&path, "%s%s/qemu/firmware", set ? config : home,
		   set ? "" : "/.config") < 0
		   ? NULL
		   : path;
}

enum { DIRECTORIES = 3 };

/* The directory whose next name sorts first; of several, the nearest. -1: none
 * has one left. */
static int
nearest(struct dirent **const lists[], const int counts[], const int at[])
{
	int best = -1;

	for (int d = 0; d < DIRECTORIES; d++) {
		if (at[d] < counts[d] &&
		    (best < 0 || strcmp(lists[d][at[d]]->d_name,
				     lists[best][at[best]]->d_name) < 0))
			best = d;
	}
	return best;
}

/* Takes the descriptions in the order of their names until one is taken. The
 * user's hide those of the administrator that have their names, and both those
 * of the packages. */
static bool
search_all(struct search *search,
    bool (*take)(const json_t *description, struct search *search))
{
	char *own = own_directory(), last[256] = "", path[PATH_MAX];
	const char *const directories[DIRECTORIES] = {own == NULL ? "" : own,
	    "/etc/qemu/firmware", "/usr/share/qemu/firmware"};
	struct dirent **lists[DIRECTORIES];
	int counts[DIRECTORIES], at[DIRECTORIES] = {0}, d;
	bool found = false;

	for (d = 0; d < DIRECTORIES; d++)
		counts[d] =
		    scandir(directories[d], &lists[d], is_json, compare);
	while ((d = nearest(lists, counts, at)) >= 0) {
		struct dirent *entry = lists[d][at[d]++];

		if (!found && strcmp(entry->d_name, last) != 0) {
			snprintf(path, sizeof(path), "%s/%s", directories[d],
			    entry->d_name);
			json_t *description = json_load_file(path, 0, NULL);
			found = take(description, search);
			json_decref(description);
		}
		snprintf(last, sizeof(last), "%s", entry->d_name);
		free(entry);
	}
	for (d = 0; d < DIRECTORIES; d++) {
		if (counts[d] >= 0)
			free(lists[d]);
	}
	free(own);
	return found;
}

int
firmware_find(
    const struct target *t, struct firmware *firmware, struct reason *why)
{
	struct search search = {.target = t, .firmware = firmware};

	*firmware = (struct firmware){NULL, NULL};
	if (t->architecture == NULL)
		return reason_set(why, "%s does not start by UEFI", t->name);
	if (!search_all(&search, take_pair))
		return reason_set(why,
		    "no UEFI firmware for %s in /usr/share/qemu/firmware "
		    "(Debian: %s)",
		    t->name, t->package);
	if (firmware->code == NULL || firmware->vars == NULL) {
		firmware_free(firmware);
		return reason_memory(why);
	}
	return 0;
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
