#include "machine.h"

#include "../fatal.h"
#include "../memory.h"
#include "firmware.h"
#include "share_file.h"
#include "value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	FUCHSIA_CPUS = 4,
	FUCHSIA_MEMORY = 4096,
};

/* The document while it is made. */
struct draft {
	json_t *root, *images, *drives;
	const struct plan *plan;
};

static json_t *
add_image(struct draft *d, const char *type, const char *name, const char *path)
{
	json_t *image = json_pack("{s:s, s:s, s:o}", "name", name, "type", type,
	    "path", value_path(NULL, path));

	value_append(d->images, image);
	return image;
}

/* Adds the file as an image, with what emu-stage has to make of it. */
static json_t *
add_part(struct draft *d, const struct file *file, const char *type,
    const char *name)
{
	if (file == NULL)
		return NULL;
	json_t *image = add_image(
	    d, type, name, file->found != NULL ? file->found : file->name);
	if (file->kind.packed)
		value_set(image, "decompress", json_true());
	if (file->kind.sparse)
		value_set(image, "convert", json_string("raw"));
	return image;
}

/* SeaBIOS starts no disk without a cylinder, and QEMU gives a small one none.
 */
static json_t *
geometry(unsigned sectors)
{
	int secs = sectors < 63 ? (int)sectors : 63;

	return json_pack("{s:i, s:i, s:i}", "cyls", 1, "heads",
	    (int)sectors / secs, "secs", secs);
}

static void
add_drive(struct draft *d, const struct file *file)
{
	const struct kind *kind = &file->kind;
	bool cd = kind->class == KIND_CDROM;
	bool starts = !cd && d->plan->kernel == NULL;
	bool floppy = starts && kind->floppy;
	bool small = starts && !floppy && kind->sectors > 0;
	const char *bus = plan_is_pc(d->plan) ? "ide" : "virtio-scsi";
	json_t *root = NULL;
	char id[40];

	snprintf(id, sizeof(id), "blk_%s%zu", cd ? "cd" : "disk",
	    json_array_size(d->drives));
	json_t *image = add_part(d, file, "blk", id + strlen("blk_"));
	bool raw = kind->format == NULL || strcmp(kind->format, "raw") == 0;
	if (json_object_update_new(image,
		json_pack("{s:s*, s:O*}", "format", raw ? NULL : kind->format,
		    "backing", file->backing)) < 0)
		fatal_memory();
	if (file == d->plan->root)
		root = kind->root == ROOT_WHOLE ? json_true()
						: json_integer(kind->root);
	value_append(d->drives,
	    json_pack("{s:s, s:s*, s:s*, s:o*, s:o*}", "image", id, "interface",
		cd       ? bus
		: floppy ? "floppy"
			 : NULL,
		"media", cd ? "cdrom" : NULL, "options",
		small ? geometry(kind->sectors) : NULL, "root", root));
}

/* With several drives, they are tried in the order in which they were named; a
 * floppy is tried before the hard disk that is not there. */
static void
set_boot_order(struct draft *d)
{
	size_t i;
	json_t *drive;

	if (d->plan->kernel != NULL ||
	    (json_array_size(d->drives) < 2 && !d->plan->files[0].kind.floppy))
		return;
	json_array_foreach(d->drives, i, drive)
	    value_set(drive, "boot", json_integer((json_int_t)i));
}

/* The firmware starts its shell when an application returns: a disk behind all
 * others has a script that powers off. */
static void
add_startup(struct draft *d)
{
	char *file = memory_got(share_file("startup.img"));

	add_image(d, "blk", "startup", file);
	value_append(d->drives,
	    json_pack("{s:s, s:b}", "image", "blk_startup", "readonly", 1));
	free(file);
}

static void
add_drives(struct draft *d)
{
	for (const struct file *file = d->plan->files; file < d->plan->end;
	     file++) {
		if (plan_is_drive(file))
			add_drive(d, file);
	}
	set_boot_order(d);
	if (d->plan->efi != NULL)
		add_startup(d);
	if (json_array_size(d->drives) > 0)
		value_set(d->root, "drives", json_incref(d->drives));
}

static void
add_flash(struct draft *d, const char *code, const char *vars)
{
	add_image(d, "flash", "code", code);
	if (vars != NULL)
		add_image(d, "flash", "vars", vars);
	value_set(d->root, "flash",
	    json_pack("{s:s, s:s*}", "code", "flash_code", "vars",
		vars == NULL ? NULL : "flash_vars"));
}

/* Firmware of the user's, or what is found for the target. With variables, what
 * could be a BIOS is in flash memory too. */
static void
add_firmware(struct draft *d)
{
	const struct plan *plan = d->plan;
	const struct file *code = plan->code;

	if (code == NULL && plan->vars != NULL)
		code = plan->bios;
	else
		add_part(d, plan->bios, "bios", "guest");
	if (code != NULL)
		add_flash(d, code->name,
		    plan->vars == NULL ? NULL : plan->vars->name);
	if (!plan->uefi)
		return;
	const char *found, *vars;
	json_t *descriptor =
	    firmware_find(plan->target, plan->files[0].name, &found, &vars);
	add_flash(d, found, vars);
	json_decref(descriptor);
}

static void
fill_fuchsia(struct draft *d)
{
	const struct plan *plan = d->plan;

	add_part(d, plan->kernel, "kernel", "qemu-kernel");
	add_part(d, plan->zbi, "zbi", "zircon-a");
	for (const struct file *file = plan->files; file < plan->end; file++) {
		if (plan_is_drive(file))
			add_part(d, file, "blk", "storage-full");
	}
}

/* What such a kernel writes by the BIOS goes to the serial line without
 * graphics; where it boots nothing, the BIOS would wait for ever, and resets.
 */
static void
set_screen(struct draft *d)
{
	char text[64];

	snprintf(
	    text, sizeof(text), "%s,graphics=off", d->plan->target->machine);
	value_set(d->root, "machine", json_string(text));
	value_set(d->root, "extra",
	    json_pack("[s, s]", "-boot", "reboot-timeout=1000"));
}

/* Xen's console, its Linux and that one's initrd. Under QEMU 7.2's TCG Xen
 * cannot deal with SMAP. */
static void
add_modules(struct draft *d)
{
	json_t *modules = json_pack("[{s:s, s:s}]", "image", "kernel_dom0",
	    "args", "console=hvc0 panic=-1");

	if (d->plan->initrd != NULL)
		value_append(
		    modules, json_pack("{s:s}", "image", "initrd_guest"));
	value_set(d->root, "kernel", json_string("kernel_guest"));
	value_set(d->root, "modules", modules);
	value_set(
	    d->root, "args", json_pack("[s, s]", "console=com1", "smap=0"));
}

static void
fill(struct draft *d)
{
	const struct plan *plan = d->plan;

	add_part(d, plan->kernel, "kernel", "guest");
	add_part(d, plan->module, "kernel", "dom0");
	add_part(d, plan->efi, "kernel", "guest");
	add_part(d, plan->initrd, "initrd", "guest");
	add_part(d, plan->dtb, "dtb", "guest");
	add_drives(d);
	add_firmware(d);
	if (plan->module != NULL)
		add_modules(d);
	if (plan->kernel != NULL && plan->kernel->kind.bios)
		set_screen(d);
	/* How a bare kernel tells its status. */
	if (plan->kernel != NULL && strcmp(plan->guest, "none") == 0 &&
	    plan_is_pc(plan))
		value_set(d->root, "isa_debug_exit", json_true());
}

void
machine_fuchsia(json_t *document, const struct target *target)
{
	json_t *more = json_pack("{s:s, s:s, s:i, s:i}", "guest", "fuchsia",
	    "kvm", "auto", "cpu", FUCHSIA_CPUS, "memory", FUCHSIA_MEMORY);

	value_set(document, "target", json_string(target->name));
	if (json_object_update_missing(document, more) < 0)
		fatal_memory();
	json_decref(more);
}

json_t *
machine_document(const struct plan *plan)
{
	struct draft d = {json_object(), json_array(), json_array(), plan};
	bool fuchsia = strcmp(plan->guest, "fuchsia") == 0;

	if (fuchsia)
		machine_fuchsia(d.root, plan->target);
	else if (json_object_update_new(d.root,
		     json_pack("{s:s, s:s, s:s}", "guest", plan->guest,
			 "target", plan->target->name, "kvm", "auto")) < 0)
		fatal_memory();
	value_set(d.root, "images", d.images);
	if (fuchsia)
		fill_fuchsia(&d);
	else
		fill(&d);
	json_decref(d.drives);
	return d.root;
}
