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

/* Adds the keys of an object, but those of `but` (ended by NULL), to a list. */
static void
list_keys(const json_t *object, const char *const but[], const char *between,
    char *list, size_t size)
{
	size_t used = 0, i;
	const char *key;
	json_t *value;

	list[0] = '\0';
	json_object_foreach((json_t *)(uintptr_t)object, key, value)
	{
		for (i = 0; but[i] != NULL && strcmp(key, but[i]) != 0; i++)
			;
		if (but[i] != NULL || used >= size)
			continue;
		int n = snprintf(list + used, size - used, "%s%s",
		    used > 0 ? between : "", key);
		used += n > 0 ? (size_t)n : 0;
	}
}

/* The path of the device in the manifest; the names that there are go into the
 * reason. */
static const char *
choose(const json_t *manifest, const char *file, const char *name,
    struct reason *why)
{
	static const char *const all[] = {NULL};
	const json_t *paths = json_object_get(manifest, "device_paths");
	char names[512];

	if (name == NULL)
		name =
		    json_string_value(json_object_get(manifest, "recommended"));
	const char *path =
	    name == NULL ? NULL
			 : json_string_value(json_object_get(paths, name));
	list_keys(paths, all, " ", names, sizeof(names));
	if (path == NULL)
		reason_set(why, "%s: no virtual device %s: there are %s (-n)",
		    file, name == NULL ? "is recommended" : name, names);
	return path;
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

/* The networks of the machine: each port of the guest's on a free one of the
 * host's. NULL when memory is short. */
static json_t *
netdevs(json_t *ports)
{
	json_t *forwards = json_array(), *port;
	const char *name;
	bool bad = false;

	json_object_foreach(ports, name, port)
	{
		bad |=
		    json_array_append_new(forwards,
			json_pack("{s:i, s:O}", "host", 0, "guest", port)) < 0;
	}
	if (!bad)
		return json_pack(
		    "[{s:s, s:o}]", "backend", "user", "forwards", forwards);
	json_decref(forwards);
	return NULL;
}

/* Puts what the device has into the document. Returns false when memory is
 * short. */
static bool
fill(json_t *root, const struct virtual_device *device, int64_t memory,
    int64_t storage)
{
	const json_t *count =
	    json_object_get(json_object_get(hardware(device), "cpu"), "count");
	const json_t *vsock = json_object_get(hardware(device), "vsock");
	json_int_t cid = json_integer_value(json_object_get(vsock, "cid"));
	json_t *ports =
	    json_object_get(json_object_get(device->json, "data"), "ports");
	bool bad = false;

	if (json_integer_value(count) > 0)
		bad |= json_object_set_new(root, "cpu",
			   json_integer(json_integer_value(count))) < 0;
	if (memory >> 20 > 0)
		bad |= json_object_set_new(
			   root, "memory", json_integer(memory >> 20)) < 0;
	if (storage > 0)
		bad |= json_object_set_new(
			   root, "storage", json_integer(storage)) < 0;
	if (json_object_size(ports) > 0)
		bad |= json_object_set_new(root, "netdevs", netdevs(ports)) < 0;
	else
		bad |= json_object_set_new(
			   root, "user_networking", json_true()) < 0;
	if (json_is_true(json_object_get(vsock, "enabled")))
		bad |= json_object_set_new(root, "vsock",
			   cid > 2 ? json_pack("{s:I}", "cid", cid)
				   : json_pack("{s:s}", "cid", "auto")) < 0;
	return !bad;
}

int
virtual_device_add(const struct virtual_device *device,
    struct document *document, struct reason *note, struct reason *why)
{
	static const char *const taken[] = {
	    "cpu", "memory", "storage", "vsock", NULL};
	const struct reason before = *note;
	char names[256];

	if (device->json == NULL)
		return 0;
	/* There is no screen here, and nothing to point with. */
	list_keys(hardware(device), taken, ", ", names, sizeof(names));
	if (names[0] != '\0')
		reason_set(note, "%.400s%s%.400s: left out: %s", before.text,
		    before.text[0] == '\0' ? "" : "; ", device->file, names);
	int64_t memory = bytes(device, "memory", why);
	int64_t storage = bytes(device, "storage", why);
	if (memory < 0 || storage < 0)
		return -1;
	return fill(document->root, device, memory, storage)
		   ? 0
		   : reason_memory(why);
}
