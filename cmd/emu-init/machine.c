#include "machine.h"

#include "field.h"
#include "image.h"

#include <stdio.h>
#include <string.h>

static int
find_images(const struct document *document, struct machine *machine,
    struct reason *why)
{
	struct images images;
	int result = images_collect(document, &images, why);

	for (size_t i = 0; result == 0 && i < images.count; i++) {
		const struct image *image = &images.list[i];

		if (strcmp(image->type, "initrd") == 0)
			result = reason_set(why,
			    "%s: images[%zu]: an initrd, whose place the one "
			    "of the command takes",
			    document->name, image->index);
		else if (strcmp(image->type, "kernel") == 0)
			machine->kernel = image->path;
	}
	images_free(&images);
	if (result == 0 && machine->kernel == NULL)
		return reason_set(
		    why, "%s: no kernel to run the command in", document->name);
	return result;
}

int
machine_read(const struct document *document, struct machine *machine,
    struct reason *why)
{
	const char *guest = "fuchsia";
	json_t *devices = NULL;
	bool user = false;

	*machine = (struct machine){0};
	if (field_string(document, document->root, "", "guest", &guest, why) <
		0 ||
	    field_string(document, document->root, "", "target",
		&machine->target, why) < 0 ||
	    field_bool(document, document->root, "", "user_networking", &user,
		why) < 0 ||
	    field_array(
		document, document->root, "", "netdevs", &devices, why) < 0)
		return -1;
	machine->network = user || json_array_size(devices) > 0;
	if (strcmp(guest, "linux") != 0)
		return reason_set(why,
		    "%s: guest: \"%s\": a command runs in a Linux kernel",
		    document->name, guest);
	if (machine->target == NULL)
		return reason_set(why, "%s: target: missing", document->name);
	return find_images(document, machine, why);
}

/* The array of that name, made when there is none; borrowed. */
static json_t *
array(struct document *document, const char *key)
{
	json_t *list = json_object_get(document->root, key);

	if (json_is_array(list))
		return list;
	if (json_object_set_new(document->root, key, json_array()) < 0)
		return NULL;
	return json_object_get(document->root, key);
}

static int
add_share(json_t *shares, const char *path, const char *tag, bool readonly,
    const char *driver)
{
	return json_array_append_new(
	    shares, json_pack("{s:s, s:s, s:b, s:s*}", "path", path, "tag", tag,
			"readonly", readonly, "driver", driver));
}

static int
add_shares(json_t *shares, const struct guest *guest)
{
	if (add_share(shares, guest->root, "emu-root", true, guest->driver) < 0)
		return -1;
	for (size_t i = 0; i < guest->bind_count; i++) {
		char tag[32];

		snprintf(tag, sizeof(tag), "emu-bind%zu", i);
		if (add_share(shares, guest->binds[i], tag, false, NULL) < 0)
			return -1;
	}
	return 0;
}

int
machine_extend(struct document *document, const char *initrd,
    const struct guest *guest, struct reason *why)
{
	json_t *images = array(document, "images");
	json_t *shares = array(document, "shares");

	/* emu-stage need not copy what is private already. */
	if (images == NULL || shares == NULL ||
	    json_array_append_new(images,
		json_pack("{s:s, s:s, s:s, s:b}", "name", "emu-init", "type",
		    "initrd", "path", initrd, "staged", 1)) < 0 ||
	    add_shares(shares, guest) < 0 ||
	    json_object_set_new(document->root, "command_ports", json_true()) <
		0)
		return reason_set(why,
		    "%s: a path that is not UTF-8, or no "
		    "memory for the additions",
		    document->name);
	return 0;
}
