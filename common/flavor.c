#include "flavor.h"

#include "document.h"
#include "share_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
flavor_read(struct flavor *flavor, const char *name, struct reason *why)
{
	char file[64];

	if (name == NULL)
		name = "2020";
	*flavor = (struct flavor){.name = name, .vectors = -1};
	if (strlen(name) > 16 ||
	    name[strspn(name, "0123456789abcdefghijklmnopqrstuvwxyz-")] != '\0')
		return reason_set(why, "flavor: there is no \"%s\"", name);
	snprintf(file, sizeof(file), "flavors/%s.json", name);
	char *path = share_file(file);
	if (path == NULL)
		return reason_memory(why);
	flavor->file = document_parse_file(path, why);
	int result = flavor->file == NULL ? -1 : 0;
	if (result == 0 &&
	    json_unpack(flavor->file,
		"{s:o, s:o, s:o, s:o, s:I, s:s, s:o, s?b, s?b, s?b, s?s, s?s, s?I, s?I}",
		"machines", &flavor->machines, "features", &flavor->features,
		"args", &flavor->args, "disks", &flavor->disks, "storage",
		&flavor->storage, "disk_id", &flavor->disk_id, "last",
		&flavor->last, "initrd_required", &flavor->initrd_required,
		"mac_first", &flavor->mac_first, "serial_chardev",
		&flavor->serial_chardev, "rng_target", &flavor->rng_target,
		"nodename", &flavor->nodename, "x64_threads",
		&flavor->x64_threads, "vectors", &flavor->vectors) < 0)
		result = reason_set(why, "%s: is not a flavor", path);
	free(path);
	return result;
}

void
flavor_free(struct flavor *flavor)
{
	json_decref(flavor->file);
}

struct image *
flavor_disk(const struct flavor *flavor, const struct images *images)
{
	for (size_t i = 0; i < json_array_size(flavor->disks); i++) {
		const char *id =
		    json_string_value(json_array_get(flavor->disks, i));
		struct image *image =
		    id == NULL ? NULL : images_find(images, id);

		if (image != NULL && image->path != NULL)
			return image;
	}
	return NULL;
}

const json_t *
flavor_machine(
    const struct flavor *flavor, const char *target, bool kvm, bool aemu)
{
	const json_t *found = NULL;

	for (size_t i = 0; i < json_array_size(flavor->machines); i++) {
		const json_t *m = json_array_get(flavor->machines, i);
		const char *its =
		    json_string_value(json_object_get(m, "target"));
		bool own = json_object_get(m, "type") != NULL;

		if (its != NULL && strcmp(its, target) == 0 &&
		    json_is_true(json_object_get(m, "kvm")) == kvm &&
		    (own ? aemu : found == NULL))
			found = json_object_get(m, "words");
	}
	return found;
}
