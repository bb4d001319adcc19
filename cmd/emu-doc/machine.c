#include "machine.h"

#include "firmware.h"
#include "path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	FUCHSIA_CPUS = 4,
	FUCHSIA_MEMORY = 4096,
};

/* The document while it is made. */
struct machine {
	json_t *root, *images, *drives;
	const struct plan *plan;
	struct reason *why;
	bool bad;
};

static void
fail(struct machine *m)
{
	if (!m->bad)
		reason_memory(m->why);
	m->bad = true;
}

/* Takes the value. */
static void
set(struct machine *m, const char *key, json_t *value)
{
	if (json_object_set_new(m->root, key, value) < 0)
		fail(m);
}

/* The file's path, absolute; NULL when it failed. */
static json_t *
path_text(struct machine *m, const char *file)
{
	char *path = path_absolute(NULL, file);
	json_t *text = path == NULL ? NULL : json_string(path);

	if (path != NULL && text == NULL && !m->bad) {
		reason_set(m->why,
		    "%s: its path is not UTF-8, as a document has to be", file);
		m->bad = true;
	}
	free(path);
	return text;
}

static json_t *
add_image(struct machine *m, const char *type, const char *name,
    const char *file, const char *format)
{
	bool raw = format == NULL || strcmp(format, "raw") == 0;
	json_t *image = json_pack("{s:s, s:s, s:o, s:s*}", "name", name, "type",
	    type, "path", path_text(m, file), "format", raw ? NULL : format);

	if (json_array_append_new(m->images, image) < 0)
		fail(m);
	return image;
}

/* The files that a disk rests on. */
static void
add_backing(struct machine *m, json_t *image, const struct file *file)
{
	json_t *paths = json_array();

	for (size_t i = 0; file->rests_on != NULL && i < m->plan->count; i++) {
		if (file->rests_on[i] &&
		    json_array_append_new(
			paths, path_text(m, m->plan->files[i].name)) < 0)
			fail(m);
	}
	json_t *one = json_array_get(paths, 0);
	size_t count = json_array_size(paths);
	if (count > 0 &&
	    json_object_set(image, "backing", count == 1 ? one : paths) < 0)
		fail(m);
	json_decref(paths);
}

/* What emu-stage has to make of the file. */
static void
set_wishes(struct machine *m, json_t *image, const struct file *file)
{
	if ((file->kind.packed &&
		json_object_set_new(image, "decompress", json_true()) < 0) ||
	    (file->kind.sparse &&
		json_object_set_new(image, "convert", json_string("raw")) < 0))
		fail(m);
}

static void
add_part(struct machine *m, const struct file *file, const char *type,
    const char *name)
{
	if (file != NULL)
		set_wishes(m, add_image(m, type, name, file->name, NULL), file);
}

/* The root of a Linux: the first disk that has one, unless the user says. */
static json_t *
root_of(const struct kind *kind)
{
	return kind->root == ROOT_WHOLE ? json_true()
					: json_integer(kind->root);
}

static bool
says_root(const struct options *options)
{
	for (size_t i = 0; i < options->args.count; i++) {
		if (strncmp(options->args.list[i], "root=", 5) == 0)
			return true;
	}
	return false;
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
add_drive(struct machine *m, const struct file *file, unsigned n)
{
	bool cd = file->kind.class == KIND_CDROM;
	bool small = !cd && m->plan->kernel == NULL && file->kind.sectors > 0;
	const char *bus = plan_is_pc(m->plan) ? "ide" : "virtio-scsi";
	char id[40];

	snprintf(id, sizeof(id), "blk_%s%u", cd ? "cd" : "disk", n);
	json_t *image = add_image(
	    m, "blk", id + strlen("blk_"), file->name, file->kind.format);
	add_backing(m, image, file);
	set_wishes(m, image, file);
	json_t *drive = json_pack("{s:s, s:s*, s:s*}", "image", id, "interface",
	    cd ? bus : NULL, "media", cd ? "cdrom" : NULL);
	if (json_array_append_new(m->drives, drive) < 0 ||
	    (small && json_object_set_new(
			  drive, "options", geometry(file->kind.sectors)) < 0))
		fail(m);
}

/* With several drives, they are tried in the order in which they were named. */
static void
set_boot_order(struct machine *m)
{
	size_t i;
	json_t *drive;

	if (m->plan->kernel != NULL || json_array_size(m->drives) < 2)
		return;
	json_array_foreach(m->drives, i, drive)
	{
		if (json_object_set_new(
			drive, "boot", json_integer((json_int_t)i)) < 0)
			fail(m);
	}
}

static void
add_drives(struct machine *m, const struct options *options)
{
	bool is_linux = strcmp(m->plan->guest, "linux") == 0;
	bool rooted = !is_linux || says_root(options);
	unsigned n = 0;

	for (size_t i = 0; i < m->plan->count; i++) {
		const struct file *file = &m->plan->files[i];

		if (!plan_is_drive(file))
			continue;
		add_drive(m, file, n);
		if (!rooted &&
		    (file->kind.root == ROOT_WHOLE || file->kind.root > 0)) {
			rooted = true;
			if (json_object_set_new(json_array_get(m->drives, n),
				"root", root_of(&file->kind)) < 0)
				fail(m);
		}
		n++;
	}
	set_boot_order(m);
	if (n > 0 && json_object_set(m->root, "drives", m->drives) < 0)
		fail(m);
}

static void
add_flash(struct machine *m, const char *code, const char *vars)
{
	add_image(m, "flash", "code", code, NULL);
	if (vars != NULL)
		add_image(m, "flash", "vars", vars, NULL);
	set(m, "flash",
	    json_pack("{s:s, s:s*}", "code", "flash_code", "vars",
		vars == NULL ? NULL : "flash_vars"));
}

/* Firmware of the user's, or what is found for the target. With variables, what
 * could be a BIOS is in flash memory too. */
static void
add_firmware(struct machine *m)
{
	const struct plan *plan = m->plan;
	const struct file *code = plan->code;
	struct firmware firmware;
	struct reason why = {""};

	if (code == NULL && plan->vars != NULL)
		code = plan->bios;
	else
		add_part(m, plan->bios, "bios", "guest");
	if (code != NULL)
		add_flash(m, code->name,
		    plan->vars == NULL ? NULL : plan->vars->name);
	if (!plan->uefi || m->bad)
		return;
	if (firmware_find(plan->target, &firmware, &why) < 0) {
		reason_set(m->why, "%s: %s", plan->files[0].name, why.text);
		m->bad = true;
		return;
	}
	add_flash(m, firmware.code, firmware.vars);
	firmware_free(&firmware);
}

static void
fill_fuchsia(struct machine *m)
{
	const struct plan *plan = m->plan;

	add_part(m, plan->kernel, "kernel", "qemu-kernel");
	add_part(m, plan->zbi, "zbi", "zircon-a");
	for (size_t i = 0; i < plan->count; i++) {
		if (plan_is_drive(&plan->files[i]))
			add_part(m, &plan->files[i], "blk", "storage-full");
	}
	if (json_object_set(m->root, "images", m->images) < 0)
		fail(m);
}

static void
fill(struct machine *m, const struct options *options)
{
	const struct plan *plan = m->plan;

	add_part(m, plan->kernel, "kernel", "guest");
	add_part(m, plan->efi, "kernel", "guest");
	add_part(m, plan->initrd, "initrd", "guest");
	add_part(m, plan->dtb, "dtb", "guest");
	set(m, "images", json_incref(m->images));
	add_drives(m, options);
	add_firmware(m);
	/* How a bare kernel tells its status. */
	if (plan->kernel != NULL && strcmp(plan->guest, "none") == 0 &&
	    plan_is_pc(plan))
		set(m, "isa_debug_exit", json_true());
}

int
machine_fuchsia(
    struct document *document, const struct target *target, struct reason *why)
{
	json_t *more = json_pack("{s:s, s:s, s:s, s:i, s:i}", "guest",
	    "fuchsia", "target", target->name, "kvm", "auto", "cpu",
	    FUCHSIA_CPUS, "memory", FUCHSIA_MEMORY);
	int result = json_object_update(document->root, more);

	json_decref(more);
	return result < 0 ? reason_memory(why) : 0;
}

json_t *
machine_document(
    const struct plan *plan, const struct options *options, struct reason *why)
{
	struct document document = {json_object(), NULL};
	struct machine m = {
	    document.root, json_array(), json_array(), plan, why, false};

	if (strcmp(plan->guest, "fuchsia") == 0) {
		m.bad = machine_fuchsia(&document, plan->target, why) < 0;
		fill_fuchsia(&m);
	} else {
		set(&m, "guest", json_string(plan->guest));
		set(&m, "target", json_string(plan->target->name));
		set(&m, "kvm", json_string("auto"));
		fill(&m, options);
	}
	json_decref(m.images);
	json_decref(m.drives);
	if (!m.bad)
		return m.root;
	json_decref(m.root);
	return NULL;
}
