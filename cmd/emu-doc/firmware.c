#include "firmware.h"

#include <dirent.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	DESCRIPTIONS = 256, /* are looked at */
};

/* What a description says that this machine does not have. */
static const char *const unwanted[] = {
    "requires-smm",
    "secure-boot",
    "enrolled-keys",
};

struct list {
	char *names[DESCRIPTIONS];
	char *directories[DESCRIPTIONS]; /* where each is; the first wins */
	size_t count;
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
			    strncmp(m, t->machine, strlen(t->machine)) == 0)
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
	const char *name;
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

static bool
listed(const struct list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->names[i], name) == 0)
			return true;
	}
	return false;
}

static void
list_directory(struct list *list, const char *directory)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;

	if (dir == NULL)
		return;
	while (list->count < DESCRIPTIONS && (entry = readdir(dir)) != NULL) {
		size_t len = strlen(entry->d_name);

		if (len < 5 || strcmp(entry->d_name + len - 5, ".json") != 0 ||
		    listed(list, entry->d_name))
			continue;
		char *name = strdup(entry->d_name), *copy = strdup(directory);
		if (name == NULL || copy == NULL) {
			free(name);
			free(copy);
			break;
		}
		list->names[list->count] = name;
		list->directories[list->count++] = copy;
	}
	closedir(dir);
}

/* The index of the name that sorts first among those not yet taken out. */
static size_t
first(const struct list *list)
{
	size_t best = 0;

	for (size_t i = 1; i < list->count; i++) {
		if (strcmp(list->names[i], list->names[best]) < 0)
			best = i;
	}
	return best;
}

static void
take_out(struct list *list, size_t i)
{
	free(list->names[i]);
	free(list->directories[i]);
	list->count--;
	list->names[i] = list->names[list->count];
	list->directories[i] = list->directories[list->count];
}

/* The user's, the administrator's, the packages': a file in one hides those of
 * its name in the next. */
static void
list_all(struct list *list)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	char *own = NULL;

	if (config != NULL && config[0] == '/') {
		if (asprintf(&own, "%s/qemu/firmware", config) < 0)
			own = NULL;
	} else if (home != NULL) {
		if (asprintf(&own, "%s/.config/qemu/firmware", home) < 0)
			own = NULL;
	}
	if (own != NULL)
		list_directory(list, own);
	free(own);
	list_directory(list, "/etc/qemu/firmware");
	list_directory(list, "/usr/share/qemu/firmware");
}

/* Takes the descriptions, the nearest first, until one is taken. */
static bool
search_all(struct search *search,
    bool (*take)(const json_t *description, struct search *search))
{
	struct list list = {.count = 0};
	bool found = false;

	list_all(&list);
	while (list.count > 0) {
		size_t i = first(&list);
		char *path = NULL;

		if (!found && asprintf(&path, "%s/%s", list.directories[i],
				  list.names[i]) >= 0) {
			json_t *description = json_load_file(path, 0, NULL);
			found = take(description, search);
			json_decref(description);
			free(path);
		}
		take_out(&list, i);
	}
	return found;
}

int
firmware_find(
    const struct target *t, struct firmware *firmware, struct reason *why)
{
	struct search search = {.target = t, .firmware = firmware};

	*firmware = (struct firmware){NULL, NULL};
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
	const struct target *target = name == NULL ? NULL : target_named(name);
	struct stat st;

	if (file == NULL || target == NULL || stat(file, &st) < 0 ||
	    st.st_ino != search->file.st_ino ||
	    st.st_dev != search->file.st_dev)
		return false;
	search->name = target->name;
	return true;
}

const char *
firmware_target(const char *file)
{
	struct search search = {0};

	if (stat(file, &search.file) == 0)
		search_all(&search, take_target);
	return search.name;
}

void
firmware_free(struct firmware *firmware)
{
	free(firmware->code);
	free(firmware->vars);
	*firmware = (struct firmware){NULL, NULL};
}
