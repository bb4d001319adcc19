#include "machine.h"

#include "../fatal.h"
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
add_image(struct draft *d, const char *type, const char *name, const char *file,
    const char *format)
{
	bool raw = format == NULL || strcmp(format, "raw") == 0;
	json_t *image =
	    json_pack("{s:s, s:s, s:o, s:s*}", "name", name, "type", type,
		"path", value_path(NULL, file), "format", raw ? NULL : format);

	value_append(d->images, image);
	return image;
}

/* The files that a disk rests on. */
static void
add_backing(struct draft *d, json_t *image, const struct file *file)
{
	json_t *paths = json_array();

	for (size_t i = 0; file->rests_on != NULL && i < d->plan->count; i++) {
		if (file->rests_on[i])
			value_append(
			    paths, value_path(NULL, d->plan->files[i].name));
	}
	size_t count = json_array_size(paths);
	if (count > 0)
		value_set(image, "backing",
		    json_incref(count == 1 ? json_array_get(paths, 0) : paths));
	json_decref(paths);
}

/* What emu-stage has to make of the file. */
static void
set_wishes(json_t *image, const struct file *file)
{
	if (file->kind.packed)
		value_set(image, "decompress", json_true());
	if (file->kind.sparse)
		value_set(image, "convert", json_string("raw"));
}

static void
add_part(struct draft *d, const struct file *file, const char *type,
    const char *name)
{
	if (file != NULL)
		set_wishes(add_image(d, type, name, file->name, NULL), file);
}

static json_t *
root_of(const struct kind *kind)
{
	return kind->root == ROOT_WHOLE ? json_true()
					: json_integer(kind->root);
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
add_drive(struct draft *d, const struct file *file, unsigned n)
{
	bool cd = file->kind.class == KIND_CDROM;
	bool starts = !cd && d->plan->kernel == NULL;
	bool floppy = starts && file->kind.floppy;
	bool small = starts && !floppy && file->kind.sectors > 0;
	const char *bus = plan_is_pc(d->plan) ? "ide" : "virtio-scsi";
	char id[40];

	snprintf(id, sizeof(id), "blk_%s%u", cd ? "cd" : "disk", n);
	json_t *image = add_image(
	    d, "blk", id + strlen("blk_"), file->name, file->kind.format);
	add_backing(d, image, file);
	set_wishes(image, file);
	json_t *drive = json_pack("{s:s, s:s*, s:s*}", "image", id, "interface",
	    cd       ? bus
	    : floppy ? "floppy"
		     : NULL,
	    "media", cd ? "cdrom" : NULL);
	value_append(d->drives, drive);
	if (small)
		value_set(drive, "options", geometry(file->kind.sectors));
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
	char *file = share_file("startup.img");

	if (file == NULL)
		fatal_memory();
	add_image(d, "blk", "startup", file, NULL);
	value_append(d->drives,
	    json_pack("{s:s, s:b}", "image", "blk_startup", "readonly", 1));
	free(file);
}

static void
add_drives(struct draft *d)
{
	unsigned n = 0;

	for (size_t i = 0; i < d->plan->count; i++) {
		const struct file *file = &d->plan->files[i];

		if (!plan_is_drive(file))
			continue;
		add_drive(d, file, n);
		if (file == d->plan->root)
			value_set(json_array_get(d->drives, n), "root",
			    root_of(&file->kind));
		n++;
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
	add_image(d, "flash", "code", code, NULL);
	if (vars != NULL)
		add_image(d, "flash", "vars", vars, NULL);
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
	for (size_t i = 0; i < plan->count; i++) {
		if (plan_is_drive(&plan->files[i]))
			add_part(d, &plan->files[i], "blk", "storage-full");
	}
	value_set(d->root, "images", json_incref(d->images));
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
	value_set(d->root, "images", json_incref(d->images));
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

	if (strcmp(plan->guest, "fuchsia") == 0) {
		machine_fuchsia(d.root, plan->target);
		fill_fuchsia(&d);
	} else {
		value_set(d.root, "guest", json_string(plan->guest));
		value_set(d.root, "target", json_string(plan->target->name));
		value_set(d.root, "kvm", json_string("auto"));
		fill(&d);
	}
	json_decref(d.images);
	json_decref(d.drives);
	return d.root;
}
