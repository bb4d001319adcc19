#include "virtual_device.h"

#include "../fatal.h"
#include "../memory.h"
#include "document.h"
#include "json_text.h"
#include "path.h"
#include "value.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lists the keys of an object that are not among the words of `but`, which has
 * a blank at both ends. */
static void
list_keys(json_t *object, const char *but, const char *between, char *list,
    size_t size)
{
	size_t used = 0;
	const char *key;
	json_t *value;

	list[0] = '\0';
	json_object_foreach(object, key, value)
	{
		char word[64];

		snprintf(word, sizeof(word), " %s ", key);
		if (strstr(but, word) != NULL || used >= size)
			continue;
		used += (size_t)snprintf(list + used, size - used, "%s%s",
		    used > 0 ? between : "", key);
	}
}

static json_t *
parse(const char *file)
{
	struct reason why;
	json_t *json = document_parse_file(file, &why);

	fatal_if(json == NULL, &why);
	return json;
}

/* The file of the device, which the caller frees. */
static char *
find(const char *manifest, const char *name)
{
	json_t *json = parse(manifest);
	json_t *paths = json_object_get(json, "device_paths");
	char *directory = memory_got(path_directory(manifest)), names[512];

	if (name == NULL)
		name = json_string_value(json_object_get(json, "recommended"));
	list_keys(paths, "", " ", names, sizeof(names));
	if (name == NULL || json_text_at(paths, name)[0] == '\0')
		fatal("%s: no virtual device %s: there are %s (-n)", manifest,
		    name == NULL ? "is recommended" : name, names);
	char *file =
	    memory_got(path_absolute(directory, json_text_at(paths, name)));
	free(directory);
	json_decref(json);
	return file;
}

/* Returns {quantity, units} in units of 1 << shift bytes, or NULL when that is
 * 0 or absent. */
static json_t *
amount(const char *file, const char *key, json_t *size, unsigned shift)
{
	static const char *const units[] = {
	    "bytes", "kilobytes", "megabytes", "gigabytes", "terabytes"};
	const char *unit = json_text_at(size, "units");
	int64_t n = json_integer_value(json_object_get(size, "quantity"));
	int64_t bytes;

	if (size == NULL)
		return NULL;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(unit, units[i]) == 0 && n > 0 &&
		    !__builtin_mul_overflow(n, INT64_C(1) << (10 * i), &bytes))
			return bytes >> shift > 0 ? json_integer(bytes >> shift)
						  : NULL;
	}
	fatal("%s: hardware.%s: expected a quantity and units", file, key);
}

/* The network devices. Each port of the guest's is on a free one of the host's.
 */
static json_t *
netdevs(json_t *ports)
{
	json_t *forwards = json_array(), *port;
	const char *name;

	json_object_foreach(ports, name, port) value_append(
	    forwards, json_pack("{s:i, s:O}", "host", 0, "guest", port));
	return json_pack(
	    "[{s:s, s:o}]", "backend", "user", "forwards", forwards);
}

/* What there is to type and point with. */
static json_t *
inputs(const char *file, const char *pointing)
{
	bool none = strcmp(pointing, "none") == 0;

	if (!none && strcmp(pointing, "mouse") != 0 &&
	    strcmp(pointing, "touch") != 0)
		fatal("%s: hardware.inputs.pointing_device: expected mouse, "
		      "touch or none, not %s",
		    file, pointing);
	return json_pack("[s, s*]", "keyboard", none ? NULL : pointing);
}

/* Returns the keys of the document that describe the device's hardware. */
static json_t *
translate(const char *file, json_t *json)
{
	const char *arch = NULL, *pointing = NULL, *units = NULL;
	json_t *memory = NULL, *storage = NULL, *ports = NULL;
	json_int_t cpus = 0, cid = 0, width = 0, height = 0;
	int vsock = 0;
	json_error_t error;

	if (json_unpack_ex(json, &error, 0,
		"{s:{s?o, s:{s?{s?s, s?I}, s?o, s?o, s?{s?b, s?I}, s?{s?s}, "
		"s?{s:I, s:I, s:s}}}}",
		"data", "ports", &ports, "hardware", "cpu", "arch", &arch,
		"count", &cpus, "memory", &memory, "storage", &storage, "vsock",
		"enabled", &vsock, "cid", &cid, "inputs", "pointing_device",
		&pointing, "window_size", "width", &width, "height", &height,
		"units", &units) < 0)
		fatal("%s: %s", file, error.text);
	if (units != NULL &&
	    (strcmp(units, "pixels") != 0 || width < 1 || height < 1))
		fatal("%s: hardware.window_size: expected a width and a height "
		      "in pixels",
		    file);
	bool plain = json_object_size(ports) == 0;
	return json_pack(
	    "{s:s*, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*}", "target",
	    arch, "cpu", cpus > 0 ? json_integer(cpus) : NULL, "memory",
	    amount(file, "memory", memory, 20), "storage",
	    amount(file, "storage", storage, 0), "display",
	    units == NULL
		? NULL
		: json_pack("{s:I, s:I}", "width", width, "height", height),
	    "inputs", pointing == NULL ? NULL : inputs(file, pointing),
	    "user_networking", plain ? json_true() : NULL, "netdevs",
	    plain ? NULL : netdevs(ports), "vsock",
	    !vsock    ? NULL
	    : cid > 2 ? json_pack("{s:I}", "cid", cid)
		      : json_pack("{s:s}", "cid", "auto"));
}

void
virtual_device_add(json_t *document, const char *manifest, const char *name,
    struct reason *note)
{
	const struct reason before = *note;
	char *file = find(manifest, name), names[256];
	json_t *json = parse(file);
	json_t *keys = memory_got(translate(file, json));

	if (json_object_update_missing(document, keys) < 0)
		fatal_memory();
	list_keys(json_object_get(json_object_get(json, "data"), "hardware"),
	    " cpu memory storage vsock inputs window_size ", ", ", names,
	    sizeof(names));
	if (names[0] != '\0')
		reason_set(note, "%.400s%s%.400s: left out: %s", before.text,
		    before.text[0] == '\0' ? "" : "; ", file, names);
	json_decref(keys);
	json_decref(json);
	free(file);
}
