#include "load.h"

#include "devices.h"
#include "drives.h"
#include "duration.h"
#include "emulator.h"
#include "kvm.h"
#include "network.h"
#include "paths.h"
#include "reader.h"
#include "serial.h"
#include "vocabulary.h"

#include <err.h>
#include <string.h>
#include <sys/random.h>

static const char *const rules[] = {
    "(guest fuchsia)", "(guest linux)", "(guest none)"};

/* Botanist's keys that have no effect here. */
static void
tell_unused(const struct machine *m)
{
	static const char *const keys[] = {
	    "zbi_tool", "edk2_dir", "firmware_dir"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (machine_has(m, keys[i]))
			warnx("%s: %s: of no effect here%s", m->document->name,
			    keys[i],
			    i == 0 ? "" : "; \"flash\" names the firmware");
	}
}

/* What the entries of the images say to this command. */
static int
read_entries(struct machine *m, const struct reader *reader)
{
	size_t count = m->images.count;

	m->entries = arena_take(&m->arena, count * sizeof(*m->entries));
	if (m->entries == NULL)
		return reason_memory(reader->why);
	for (size_t i = 0; i < count; i++) {
		const struct image *image = &m->images.list[i];
		const char *place =
		    arena_text(&m->arena, "images[%zu]", image->index);

		if (reader_object(reader, vocabulary[1], place, image->entry,
			&m->entries[i]) < 0)
			return -1;
	}
	return 0;
}

static int
find_target(struct machine *m, struct reason *why)
{
	char names[256];

	if (targets_read(&m->targets, why) < 0)
		return -1;
	m->target = targets_named(&m->targets, m->target_text);
	if (m->target == NULL) {
		targets_list(&m->targets, names, sizeof(names));
		return machine_fault(m, "target", "", why,
		    "expected one of %s, not \"%s\"", names, m->target_text);
	}
	const char *machine =
	    m->machine != NULL ? m->machine : m->target->machine;
	m->kind = targets_machine(&m->targets, machine);
	const struct machine_kind *kind =
	    m->kind != NULL ? m->kind : m->target->kind;
	m->bus = m->kind != NULL ? m->kind->bus : "pci";
	m->isa = kind != NULL && kind->isa;
	m->panic = kind == NULL ? NULL : kind->panic;
	return 0;
}

/* A guest fuchsia's machine is that of its era. */
static int
read_flavor(struct machine *m, struct reason *why)
{
	if (m->aemu && m->guest != GUEST_FUCHSIA)
		return machine_fault(m, "type", "", why,
		    "\"aemu\" is for guest \"fuchsia\" alone");
	if (m->guest != GUEST_FUCHSIA)
		return 0;
	if (flavor_read(&m->flavor, flavor_names[m->era], why) < 0)
		return -1;
	if (flavor_machine(&m->flavor, m->target->name, false, false) == NULL)
		return machine_fault(m, "target", "", why,
		    "a guest fuchsia of flavor %s has no target \"%s\"",
		    m->flavor.name, m->target->name);
	return 0;
}

/* Names the emulator: in the document's "path", which has to hold it, or the
 * bare name. */
static int
find_emulator(struct machine *m, struct reason *why)
{
	int error = 0;

	m->emulator = m->aemu ? "emulator" : m->target->emulator;
	if (m->path == NULL)
		return 0;
	m->emulator = paths_existing(&m->arena,
	    arena_text(&m->arena, "%s/%s", m->path, m->emulator), &error);
	if (error == 0)
		return 0;
	return machine_fault(
	    m, "path", "", why, "%s: %s", m->emulator, strerror(error));
}

/* What the machine starts from, where no key names it: for a guest fuchsia the
 * image called id (NULL: none), for the others the only image of the type. */
static int
default_file(struct machine *m, const struct reader *reader, const char *type,
    const char *id, struct file *file)
{
	if (file->path != NULL)
		return 0;
	for (size_t i = 0; i < m->images.count; i++) {
		const struct image *image = &m->images.list[i];

		if (m->guest == GUEST_FUCHSIA
			? id == NULL || strcmp(image->id, id) != 0
			: strcmp(image->type, type) != 0)
			continue;
		if (file->image != NULL)
			return machine_fault(m, type, "", reader->why,
			    "%s or %s? Several images are of type \"%s\"",
			    file->image->id, image->id, type);
		file->image = image;
	}
	return file->image == NULL ? 0 : reader_file(reader, file);
}

static const char kernel_id[] = "kernel_qemu-kernel";
static const char zbi_id[] = "zbi_zircon-a";

/* Botanist starts from a kernel and a zbi; in later eras from a kernel, or
 * firmware, or firmware and a disk without either. */
static int
check_fuchsia(const struct machine *m, struct reason *why)
{
	bool kernel = m->kernel.image != NULL, initrd = m->initrd.image != NULL;
	bool old = m->flavor.initrd_required;

	if (!kernel && (m->flash == NULL || old))
		return machine_fault(
		    m, "images", "", why, "no image \"%s\"", kernel_id);
	if (!initrd && old)
		return machine_fault(
		    m, "images", "", why, "no image \"%s\"", zbi_id);
	if ((kernel || initrd) && m->flash != NULL &&
	    m->flash->disk.image != NULL)
		return machine_fault(m, "flash.disk", "", why,
		    "excludes a kernel and an initrd, and there is %s",
		    kernel ? kernel_id : zbi_id);
	return 0;
}

static int
find_files(struct machine *m, const struct reader *reader, struct reason *why)
{
	if (default_file(m, reader, "kernel", kernel_id, &m->kernel) < 0 ||
	    default_file(m, reader, "initrd", zbi_id, &m->initrd) < 0 ||
	    default_file(m, reader, "dtb", NULL, &m->dtb) < 0 ||
	    default_file(m, reader, "bios", NULL, &m->bios) < 0)
		return -1;
	return m->guest == GUEST_FUCHSIA ? check_fuchsia(m, why) : 0;
}

/* Arguments want a kernel that reads them. */
static int
check_args(const struct machine *m, struct reason *why)
{
	const struct drive *drives = m->drives.items;
	const char *place = m->args.count > 0 ? "args[0]" : NULL;

	if (m->kernel.image != NULL || m->guest == GUEST_FUCHSIA)
		return 0;
	for (size_t i = m->drives.count; i-- > 0;) {
		if (drives[i].root_device != NULL)
			place = drives[i].root_place;
	}
	if (place == NULL)
		return 0;
	return machine_fault(
	    m, place, "", why, "there is no kernel to read it");
}

static int
make_entropy(struct machine *m, struct reason *why)
{
	unsigned char bytes[32];
	char *digits;

	if (m->entropy != NULL || m->guest != GUEST_FUCHSIA)
		return 0;
	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return machine_fault(
		    m, "entropy", "", why, "no random numbers");
	m->entropy = digits = arena_take(&m->arena, 2 * sizeof(bytes) + 1);
	for (size_t i = 0; digits != NULL && i < sizeof(bytes); i++) {
		digits[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
		digits[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
	}
	return 0;
}

int
load_machine(struct machine *m, const struct document *document,
    enum monitor monitor, struct reason *why)
{
	const struct reader reader = {
	    document, &m->images, &m->arena, &m->guest, why};
	const char *qmp = "qmp0";

	*m = (struct machine){
	    .document = document, .monitor = monitor, .ids = json_object()};
	if (m->ids == NULL)
		return reason_memory(why);
	if (duration_scale(&m->scale, why) < 0 ||
	    images_collect(document, &m->images, why) < 0 ||
	    machine_take_id(m, "", "char", 0, &qmp, why) < 0 ||
	    reader_object(&reader, vocabulary[0], "", document->root, m) < 0)
		return -1;
	m->rule = rules[m->guest];
	if (read_entries(m, &reader) < 0 || find_target(m, why) < 0 ||
	    read_flavor(m, why) < 0 || find_emulator(m, why) < 0 ||
	    kvm_decide(m, why) < 0 || find_files(m, &reader, why) < 0 ||
	    drives_complete(m, why) < 0 || network_complete(m, why) < 0 ||
	    serial_complete(m, why) < 0 || devices_complete(m, why) < 0 ||
	    check_args(m, why) < 0 || make_entropy(m, why) < 0 ||
	    emulator_look(m, why) < 0)
		return -1;
	tell_unused(m);
	return m->arena.failed ? reason_memory(why) : 0;
}
