#include "virtual_device.h"

#include "path.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const json_t *
hardware(const struct virtual_device *device)
{
	return json_object_get(
	    json_object_get(device->json, "data"), "hardware");
}

/* The path of the device in the manifest; the names that there are go into the
 * reason. */
static const char *
choose(const json_t *manifest, const char *file, const char *name,
    struct reason *why)
{
	const json_t *paths = json_object_get(manifest, "device_paths");
	char names[512] = "";
	size_t used = 0;
	const char *key;
	json_t *value;

	if (name == NULL)
		name =
		    json_string_value(json_object_get(manifest, "recommended"));
	const char *path =
	    name == NULL ? NULL
			 : json_string_value(json_object_get(paths, name));
	if (path != NULL)
		return path;
	json_object_foreach((json_t *)(uintptr_t)paths, key, value)
	{
		int n =
		    snprintf(names + used, sizeof(names) - used, " %s", key);
		if (n > 0 && (size_t)n < sizeof(names) - used)
			used += (size_t)n;
	}
	reason_set(why, "%s: no virtual device %s: there are%s (-n)", file,
	    name == NULL ? "is recommended" : name, names);
	return NULL;
}

/* base's directory, joined with path. Owned by the caller. */
static char *
beside(const char *base, const char *path)
{
	char *directory = path_directory(base);
	char *joined =
	    directory == NULL ? NULL : path_absolute(directory, path);

	free(directory);
	return joined;
}

int
virtual_device_find(struct virtual_device *device, const char *directory,
    const char *path, const char *name, struct reason *why)
{
	char *file = NULL;
	json_t *manifest = NULL;

	*device = (struct virtual_device){0};
	if (path[0] == '\0')
		return name == NULL
			   ? 0
			   : reason_set(why,
				 "-n %s: the bundle has no virtual devices",
				 name);
	file = path_absolute(directory, path);
	if (file != NULL)
		manifest = document_parse_file(file, why);
	else
		reason_memory(why);
	const char *chosen =
	    manifest == NULL ? NULL : choose(manifest, file, name, why);
	if (chosen != NULL) {
		device->file = beside(file, chosen);
		if (device->file == NULL)
			reason_memory(why);
		else
			device->json = document_parse_file(device->file, why);
	}
	json_decref(manifest);
	free(file);
	return device->json == NULL ? -1 : 0;
}

void
virtual_device_free(struct virtual_device *device)
{
	json_decref(device->json);
	free(device->file);
}

const struct target *
virtual_device_target(
    const struct virtual_device *device, const struct targets *targets)
{
	const char *arch = json_string_value(
	    json_object_get(json_object_get(hardware(device), "cpu"), "arch"));

	return targets_named(targets, arch);
}

/* {quantity, units} in bytes; 0: absent; -1 with the reason. */
static int64_t
bytes(const struct virtual_device *device, const char *key, struct reason *why)
{
	static const char *const units[] = {
	    "bytes", "kilobytes", "megabytes", "gigabytes", "terabytes"};
	const json_t *size = json_object_get(hardware(device), key);
	const char *unit = json_string_value(json_object_get(size, "units"));
	int64_t n = json_integer_value(json_object_get(size, "quantity"));

	if (size == NULL)
		return 0;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		int64_t result;

		if (unit != NULL && strcmp(unit, units[i]) == 0 && n > 0 &&
		    !__builtin_mul_overflow(n, INT64_C(1) << (10 * i), &result))
			return result;
	}
	return reason_set(why, "%s: hardware.%s: expected a quantity and units",
	    device->file, key);
}

static int
set(struct document *document, const char *key, json_t *value,
    struct reason *why)
{
	return json_object_set_new(document->root, key, value) < 0
		   ? reason_memory(why)
		   : 0;
}

static int
add_sizes(const struct virtual_device *device, struct document *document,
    struct reason *why)
{
	const json_t *count =
	    json_object_get(json_object_get(hardware(device), "cpu"), "count");
	int64_t memory = bytes(device, "memory", why);
	int64_t storage = bytes(device, "storage", why);

	if (memory < 0 || storage < 0)
		return -1;
	if (json_integer_value(count) > 0 &&
	    set(document, "cpu", json_integer(json_integer_value(count)), why) <
		0)
		return -1;
	if (memory >> 20 > 0 &&
	    set(document, "memory", json_integer(memory >> 20), why) < 0)
		return -1;
	return storage == 0
		   ? 0
		   : set(document, "storage", json_integer(storage), why);
}

/* Each port of the guest's on a free one of the host's. */
static int
add_ports(const struct virtual_device *device, struct document *document,
    struct reason *why)
{
	json_t *forwards = json_array(), *port;
	json_t *ports =
	    json_object_get(json_object_get(device->json, "data"), "ports");
	const char *name;

	json_object_foreach(ports, name, port)
	{
		json_t *forward = json_pack("{s:i, s:I}", "host", 0, "guest",
		    (json_int_t)json_integer_value(port));

		if (json_array_append_new(forwards, forward) < 0) {
			json_decref(forwards);
			return reason_memory(why);
		}
	}
	if (json_array_size(forwards) == 0) {
		json_decref(forwards);
		return set(document, "user_networking", json_true(), why);
	}
	return set(document, "netdevs",
	    json_pack("[{s:s, s:o}]", "backend", "user", "forwards", forwards),
	    why);
}

static int
add_vsock(const struct virtual_device *device, struct document *document,
    struct reason *why)
{
	const json_t *vsock = json_object_get(hardware(device), "vsock");
	json_int_t cid = json_integer_value(json_object_get(vsock, "cid"));

	if (!json_is_true(json_object_get(vsock, "enabled")))
		return 0;
	return set(document, "vsock",
	    cid > 2 ? json_pack("{s:I}", "cid", cid)
		    : json_pack("{s:s}", "cid", "auto"),
	    why);
}

/* There is no screen here, and nothing to point with. */
static void
note_rest(const struct virtual_device *device, struct reason *note)
{
	static const char *const taken[] = {
	    "cpu", "memory", "storage", "vsock"};
	struct reason before = *note;
	char names[256] = "";
	size_t used = 0;
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)hardware(device), key, value)
	{
		bool known = false;

		for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
			known |= strcmp(key, taken[i]) == 0;
		int n = known ? 0
			      : snprintf(names + used, sizeof(names) - used,
				    "%s%s", used > 0 ? ", " : "", key);
		if (n > 0 && (size_t)n < sizeof(names) - used)
			used += (size_t)n;
	}
	if (used > 0)
		reason_set(note, "%.400s%s%.400s: left out: %s", before.text,
		    before.text[0] == '\0' ? "" : "; ", device->file, names);
}

int
virtual_device_add(const struct virtual_device *device,
    struct document *document, struct reason *note, struct reason *why)
{
	if (device->json == NULL)
		return 0;
	note_rest(device, note);
	if (add_sizes(device, document, why) < 0 ||
	    add_ports(device, document, why) < 0)
		return -1;
	return add_vsock(device, document, why);
}
