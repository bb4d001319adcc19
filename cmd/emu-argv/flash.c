#include "flash.h"

#include <string.h>

static const char *const flash_keys[] = {"code", "vars", "disk", NULL};

/* True when the guest fuchsia has a virtio disk. */
static bool
has_virtio(const struct build *build)
{
	const json_t *drives = json_object_get(build->root.object, "drives");

	for (size_t i = 0; i < json_array_size(drives); i++) {
		const char *interface = json_string_value(
		    json_object_get(json_array_get(drives, i), "interface"));

		if (interface == NULL || strcmp(interface, "virtio-blk") == 0)
			return true;
	}
	return images_find(&build->images, "blk_storage-full") != NULL ||
	       place_has(&build->root, "minfs");
}

/* Botanist's disk to boot: on USB unless there is a virtio disk. */
static void
add_boot_disk(struct build *build, const char *file)
{
	struct words *words = &build->words;
	bool virtio = has_virtio(build);

	build_take_id(build, "drive", "uefi");
	words_option(words, "flash.disk", "-drive",
	    "if=none,format=raw,file=%s,id=uefi", words_commas(words, file));
	if (!virtio)
		words_option(
		    words, "flash.disk", "-device", "nec-usb-xhci,id=xhci0");
	words_option(words, "flash.disk", "-device",
	    "%s,drive=uefi%s,bootindex=0",
	    virtio ? "virtio-blk-pci" : "usb-storage,bus=xhci0.0",
	    virtio ? "" : ",removable=on");
}

void
flash_add(struct build *build)
{
	struct place flash = place_object(&build->root, "flash");
	struct words *words = &build->words;
	const struct image *image = NULL;

	if (flash.object == NULL)
		return;
	place_check(&flash, flash_keys, true);
	place_need(&flash, "code");
	const char *code = build_image(build, &flash, "code", NULL);
	const char *vars = build_image(build, &flash, "vars", &image);
	const char *disk = build_image(build, &flash, "disk", NULL);
	if (disk != NULL && build->guest != GUEST_FUCHSIA)
		place_fault(&flash, "disk",
		    "is for guest \"fuchsia\" alone; others have \"drives\"");
	if (build->reader.failed)
		return;
	words_option(words, "flash.code", "-drive",
	    "if=pflash,format=raw,readonly=on,file=%s",
	    words_commas(words, code));
	if (vars != NULL)
		words_option(words, "flash.vars", "-drive",
		    "if=pflash,format=raw%s,file=%s",
		    build->guest == GUEST_FUCHSIA || !image->staged
			? ",snapshot=on"
			: "",
		    words_commas(words, vars));
	if (disk != NULL)
		add_boot_disk(build, disk);
}
