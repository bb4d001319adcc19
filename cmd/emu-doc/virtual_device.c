#include "virtual_device.h"

#include "../fatal.h"
#include "document.h"
#include "path.h"
#include "value.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is in a device's file; absent: NULL or 0. */
struct device {
	const char *file;
	const char *arch, *pointing, *window_units;
	json_t *hardware, *memory, *storage, *ports;
	json_int_t cpus, cid, width, height;
	int vsock;
};

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

/* The file of the device, which the caller frees. */
static char *
find(const char *manifest, const char *name)
{
	struct reason why;
	json_t *json = document_parse_file(manifest, &why);
	json_t *paths = json_object_get(json, "device_paths");
	char *directory = path_directory(manifest), names[512];

	fatal_if(json == NULL, &why);
	if (name == NULL)
		name = json_string_value(json_object_get(json, "recommended"));
	list_keys(paths, "", " ", names, sizeof(names));
	if (name == NULL || value_text(paths, name)[0] == '\0')
		fatal("%s: no virtual device %s: there are %s (-n)", manifest,
		    name == NULL ? "is recommended" : name, names);
	char *file = directory == NULL
			 ? NULL
			 : path_absolute(directory, value_text(paths, name));
	if (file == NULL)
		fatal_memory();
	free(directory);
	json_decref(json);
	return file;
}

static void
unpack(struct device *device, json_t *json)
{
	json_error_t error;

	if (json_unpack_ex(json, &error, 0,
		"{s:{s?o, s:o, s:{s?{s?s, s?I}, s?o, s?o, s?{s?b, s?I}, "
		"s?{s?s}, s?{s:I, s:I, s:s}}}}",
		"data", "ports", &device->ports, "hardware", &device->hardware,
		"hardware", "cpu", "arch", &device->arch, "count",
		&device->cpus, "memory", &device->memory, "storage",
		&device->storage, "vsock", "enabled", &device->vsock, "cid",
		&device->cid, "inputs", "pointing_device", &device->pointing,
		"window_size", "width", &device->width, "height",
		&device->height, "units", &device->window_units) < 0)
		fatal("%s: %s", device->file, error.text);
	if (device->window_units != NULL &&
	    (strcmp(device->window_units, "pixels") != 0 || device->width < 1 ||
		device->height < 1))
		fatal("%s: hardware.window_size: expected a width and a height "
		      "in pixels",
		    device->file);
}

/* {quantity, units} in bytes; 0: absent. */
static int64_t
bytes(const struct device *device, const char *key, json_t *size)
{
	static const char *const units[] = {
	    "bytes", "kilobytes", "megabytes", "gigabytes", "terabytes"};
	const char *unit = value_text(size, "units");
	int64_t n = json_integer_value(json_object_get(size, "quantity"));
	int64_t result;

	if (size == NULL)
		return 0;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(unit, units[i]) == 0 && n > 0 &&
		    !__builtin_mul_overflow(n, INT64_C(1) << (10 * i), &result))
			return result;
	}
	fatal("%s: hardware.%s: expected a quantity and units", device->file,
	    key);
}

/* Each port of the guest's is on a free one of the host's. */
static void
add_network(json_t *document, json_t *ports)
{
	json_t *forwards = json_array(), *port;
	const char *name;

	if (json_object_size(ports) == 0) {
		value_set(document, "user_networking", json_true());
	} else {
		json_object_foreach(ports, name, port) value_append(forwards,
		    json_pack("{s:i, s:O}", "host", 0, "guest", port));
		value_set(document, "netdevs",
		    json_pack("[{s:s, s:O}]", "backend", "user", "forwards",
			forwards));
	}
	json_decref(forwards);
}

/* The screen, and what there is to type and point with. */
static void
add_display(json_t *document, const struct device *device)
{
	const char *pointing = device->pointing;

	if (device->window_units != NULL)
		value_set(document, "display",
		    json_pack("{s:I, s:I}", "width", device->width, "height",
			device->height));
	if (pointing == NULL)
		return;
	bool none = strcmp(pointing, "none") == 0;
	if (!none && strcmp(pointing, "mouse") != 0 &&
	    strcmp(pointing, "touch") != 0)
		fatal("%s: hardware.inputs.pointing_device: expected mouse, "
		      "touch or none, not %s",
		    device->file, pointing);
	value_set(document, "inputs",
	    json_pack("[s, s*]", "keyboard", none ? NULL : pointing));
}

static void
add(json_t *document, const struct device *device)
{
	int64_t memory = bytes(device, "memory", device->memory);
	int64_t storage = bytes(device, "storage", device->storage);

	if (device->arch != NULL && json_object_get(document, "target") == NULL)
		value_set(document, "target", json_string(device->arch));
	if (device->cpus > 0)
		value_set(document, "cpu", json_integer(device->cpus));
	if (memory >> 20 > 0)
		value_set(document, "memory", json_integer(memory >> 20));
	if (storage > 0)
		value_set(document, "storage", json_integer(storage));
	add_display(document, device);
	add_network(document, device->ports);
	if (device->vsock)
		value_set(document, "vsock",
		    device->cid > 2 ? json_pack("{s:I}", "cid", device->cid)
				    : json_pack("{s:s}", "cid", "auto"));
}

void
virtual_device_add(json_t *document, const char *manifest, const char *name,
    struct reason *note)
{
	const struct reason before = *note;
	char *file = find(manifest, name), names[256];
	struct device device = {.file = file};
	struct reason why;
	json_t *json = document_parse_file(file, &why);

	fatal_if(json == NULL, &why);
	unpack(&device, json);
	list_keys(device.hardware,
	    " cpu memory storage vsock inputs window_size ", ", ", names,
	    sizeof(names));
	if (names[0] != '\0')
		reason_set(note, "%.400s%s%.400s: left out: %s", before.text,
		    before.text[0] == '\0' ? "" : "; ", file, names);
	add(document, &device);
	json_decref(json);
	free(file);
}
