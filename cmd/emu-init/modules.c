#include "modules.h"

#include "../fatal.h"
#include "../memory.h"
#include "supply.h"
#include "unpacked.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	NAME_BYTES = 64, /* the kernel's MODULE_NAME_LEN is less */
	DEPTH = 32,      /* of dependencies */
};

/* Returns whether the module is on the list, or built into the kernel. */
static bool
is_there(const struct modules *modules, const struct supply *supply,
    const char *name)
{
	size_t len;

	for (size_t i = 0; i < modules->count; i++)
		if (strcmp(modules->list[i].name, name) == 0)
			return true;
	return supply_line(supply->builtin, name, &len) != NULL;
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

/* Adds a module behind those that it depends on. needed says by what, for the
 * message; NULL: it may be missing. depth counts the modules that depend on it.
 */
static void
add(struct modules *modules, const struct supply *supply, const char *name,
    const char *needed, unsigned depth)
{
	struct module module = {0};
	char plain[NAME_BYTES], by[NAME_BYTES + 32];
	size_t len;

	snprintf(plain, sizeof(plain), "%s", name);
	for (char *c = plain; (c = strchr(c, '-')) != NULL;)
		*c = '_';
	if (is_there(modules, supply, plain))
		return;
	const char *line = supply_line(supply->order, plain, &len);
	if (line == NULL && needed != NULL)
		fatal("%s: no module %s%s", supply->directory, name, needed);
	char *path = NULL;
	if (line != NULL)
		module.bytes =
		    supply_file(supply, line, len, &path, &module.len);
	if (line != NULL && module.bytes == NULL && needed != NULL)
		fatal("%s/%.*s.ko: No such file or directory",
		    supply->directory, (int)len, line);
	if (module.bytes == NULL)
		return;
	if (depth == DEPTH)
		fatal("%s: modules that depend on each other", path);
	snprintf(by, sizeof(by), ", which %s depends on", plain);
	for (const char *next = dependencies(&module); *next != '\0';) {
		char one[NAME_BYTES];
		size_t n = strcspn(next, ",");

		if (n >= sizeof(one))
			fatal("%s: a dependency's name is too long", path);
		snprintf(one, sizeof(one), "%.*s", (int)n, next);
		add(modules, supply, one, by, depth + 1);
		next += n + (next[n] == ',');
	}
	module.name = memory_got(strdup(plain));
	modules->list =
	    memory_grow(modules->list, modules->count, sizeof(module));
	modules->list[modules->count++] = module;
	free(path);
}

/* What the init needs that a distribution's kernel has as modules. */
static void
add_all(struct modules *modules, const struct supply *supply,
    const struct options *options, bool network)
{
	const bool virtiofs = strcmp(options->driver, "virtiofs") == 0;
	const bool plan9 = !virtiofs || options->bind_count > 0;
	const struct {
		const char *name, *needed; /* NULL: it can do without */
		bool wanted;
	} list[] = {
	    {"virtio_pci", NULL, true},
	    {"virtio_mmio", NULL, true},
	    {"virtio_console", NULL, true}, /* else the console serves */
	    {"9pnet_virtio", ": the kernel needs CONFIG_NET_9P_VIRTIO", plan9},
	    {"9p", ": the kernel needs CONFIG_9P_FS", plan9},
	    {"virtiofs", ": the kernel needs CONFIG_VIRTIO_FS", virtiofs},
	    {"overlay", NULL, true},
	    {"pvpanic", NULL, true}, /* so that a panic is told as one */
	    {"pvpanic_mmio", NULL, true},
	    {"pvpanic_pci", NULL, true},
	    {"virtio_net", NULL, network},
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		if (list[i].wanted)
			add(modules, supply, list[i].name, list[i].needed, 0);
	}
}

void
modules_find(struct modules *modules, const struct options *options,
    const char *kernel, bool network)
{
	struct supply supply;

	*modules = (struct modules){0};
	if (supply_open(&supply, options, kernel))
		add_all(modules, &supply, options, network);
	supply_close(&supply);
}
