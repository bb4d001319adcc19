#include "modules.h"

#include "input.h"
#include "unpacked.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	INDEX_BYTES = 16 << 20,
	NAME_BYTES = 64, /* the kernel's MODULE_NAME_LEN is less */
	DEPTH = 32,      /* of dependencies */
};

static char *
read_index(const char *directory, const char *name, struct reason *why)
{
	char *path, *text = NULL;
	size_t len;

	if (asprintf(&path, "%s/%s", directory, name) < 0) {
		reason_errno(why, "%s", directory);
		return NULL;
	}
	if (input_read(path, INDEX_BYTES, &text, &len, why) < 0)
		text = NULL;
	free(path);
	return text;
}

int
modules_open(struct modules *modules, const char *directory, struct reason *why)
{
	*modules = (struct modules){0};
	modules->order = read_index(directory, "modules.order", why);
	if (modules->order == NULL)
		return -1;
	modules->builtin = read_index(directory, "modules.builtin", why);
	if (modules->builtin != NULL)
		return 0;
	modules_free(modules);
	return -1;
}

void
modules_free(struct modules *modules)
{
	for (size_t i = 0; i < modules->count; i++) {
		free(modules->list[i].name);
		free(modules->list[i].bytes);
	}
	free(modules->list);
	free(modules->order);
	free(modules->builtin);
	*modules = (struct modules){0};
}

/* Whether a line of an index is the module's: "kernel/fs/9p/9p.ko". '-' and
 * '_' are the same in a module's name. */
static bool
is_line_of(const char *line, size_t len, const char *name)
{
	const char *slash = memrchr(line, '/', len);
	const char *base = slash == NULL ? line : slash + 1;
	size_t size = strlen(name);

	if ((size_t)(line + len - base) != size + 3)
		return false;
	for (size_t i = 0; i < size; i++)
		if ((base[i] == '-' ? '_' : base[i]) != name[i])
			return false;
	return true;
}

/* Returns the line of the index, not ended by a NUL, and its length less ".ko",
 * or NULL. */
static const char *
find_line(const char *index, const char *name, size_t *len)
{
	for (const char *line = index; *line != '\0';) {
		size_t n = strcspn(line, "\n");

		if (is_line_of(line, n, name)) {
			*len = n - 3;
			return line;
		}
		line += n + (line[n] == '\n');
	}
	return NULL;
}

static bool
is_added(const struct modules *modules, const char *name)
{
	for (size_t i = 0; i < modules->count; i++)
		if (strcmp(modules->list[i].name, name) == 0)
			return true;
	return false;
}

/* The file of a module, which may be compressed. The caller frees it. */
static char *
find_file(const char *directory, const char *line, size_t len)
{
	static const char *const endings[] = {
	    ".ko", ".ko.xz", ".ko.zst", ".ko.gz"};

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		char *path;

		if (asprintf(&path, "%s/%.*s%s", directory, (int)len, line,
			endings[i]) < 0)
			return NULL;
		if (access(path, R_OK) == 0)
			return path;
		free(path);
	}
	return NULL;
}

/* The names that modinfo's "depends=" lists, separated by commas; "" for
 * none. A NUL follows the bytes. */
static const char *
dependencies(const struct module *module)
{
	static const char key[] = "\0depends=";
	const char *at =
	    memmem(module->bytes, module->len, key, sizeof(key) - 1);

	return at == NULL ? "" : at + sizeof(key) - 1;
}

static int
add_dependencies(struct modules *modules, const char *directory,
    const struct module *module, struct reason *why)
{
	const char *name = dependencies(module);

	while (*name != '\0') {
		size_t len = strcspn(name, ",");
		char one[NAME_BYTES];

		if (len >= sizeof(one))
			return reason_set(why,
			    "%s/%s: a dependency's name is "
			    "too long",
			    directory, module->name);
		memcpy(one, name, len);
		one[len] = '\0';
		int r = modules_add(modules, directory, one, why);
		if (r == 1)
			return reason_set(why,
			    "%s: no module %s, which %s depends on", directory,
			    one, module->name);
		if (r != 0)
			return -1;
		name += len + (name[len] == ',');
	}
	return 0;
}

static int
load(struct modules *modules, const char *directory, const char *name,
    const char *path, struct reason *why)
{
	struct module module = {.name = strdup(name)}, *list;

	if (module.name == NULL) {
		reason_memory(why);
	} else if (unpacked_file(path, &module.bytes, &module.len, why) == 0 &&
		   add_dependencies(modules, directory, &module, why) == 0) {
		list = reallocarray(
		    modules->list, modules->count + 1, sizeof(*list));
		if (list != NULL) {
			modules->list = list;
			list[modules->count++] = module;
			return 0;
		}
		reason_memory(why);
	}
	free(module.name);
	free(module.bytes);
	return -1;
}

int
modules_add(struct modules *modules, const char *directory, const char *name,
    struct reason *why)
{
	char plain[NAME_BYTES];
	size_t len;

	snprintf(plain, sizeof(plain), "%s", name);
	for (char *c = plain; *c != '\0'; c++)
		if (*c == '-')
			*c = '_';
	if (is_added(modules, plain) ||
	    find_line(modules->builtin, plain, &len) != NULL)
		return 0;
	const char *line = find_line(modules->order, plain, &len);
	if (line == NULL)
		return 1;
	char *path = find_file(directory, line, len);
	if (path == NULL) {
		reason_set(why, "%s/%.*s.ko: No such file or directory",
		    directory, (int)len, line);
		return 2;
	}
	int result = -1;
	if (modules->depth == DEPTH)
		reason_set(why, "%s: modules that depend on each other", path);
	else {
		modules->depth++;
		result = load(modules, directory, plain, path, why);
		modules->depth--;
	}
	free(path);
	return result;
}
