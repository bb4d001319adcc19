#include "load.h"

#include "../fatal.h"
#include "devices.h"
#include "drives.h"
#include "duration.h"
#include "emulator.h"
#include "kvm.h"
#include "network.h"
#include "paths.h"
#include "reader.h"
#include "serial.h"
#include "shares.h"
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
			warnx("%s: %s: has no effect here%s", m->document->name,
			    keys[i],
			    i == 0 ? "" : "; \"flash\" names the firmware");
	}
}

/* What the entries of the images say to this command. */
static void
read_entries(struct machine *m)
{
	size_t count = m->images.count;

	m->entries = machine_take(m, count * sizeof(*m->entries));
	for (size_t i = 0; i < count; i++) {
		const struct image *image = &m->images.list[i];

		reader_object(m, &image_kind,
		    machine_text(m, "images[%zu]", image->index), image->entry,
		    &m->entries[i]);
	}
}

static void
find_target(struct machine *m)
{
	struct reason why;
	char names[256];

	fatal_if(targets_read(&m->targets, &why) < 0, &why);
	m->target = targets_named(&m->targets, m->target_text);
	if (m->target == NULL) {
		targets_list(&m->targets, names, sizeof(names));
		machine_fault(m, "target", "", "expected one of %s, not \"%s\"",
		    names, m->target_text);
	}
	const char *machine =
	    m->machine != NULL ? m->machine : m->target->machine;
	m->kind = targets_machine(&m->targets, machine);
	const struct machine_kind *kind =
	    m->kind != NULL ? m->kind : m->target->kind;
	m->bus = m->kind != NULL ? m->kind->bus : "pci";
	m->isa = kind != NULL && kind->isa;
	m->panic = kind == NULL ? NULL : kind->panic;
}

/* A guest fuchsia's machine is that of its era. */
static void
read_flavor(struct machine *m)
{
	struct reason why;

	if (m->aemu && m->guest != GUEST_FUCHSIA)
		machine_fault(
		    m, "type", "", "\"aemu\" is for guest \"fuchsia\" alone");
	if (m->guest != GUEST_FUCHSIA)
		return;
	fatal_if(flavor_read(&m->flavor, flavor_names[m->era], &why) < 0, &why);
	if (flavor_machine(&m->flavor, m->target->name, false, false) == NULL)
		machine_fault(m, "target", "",
		    "a guest fuchsia of flavor %s has no target \"%s\"",
		    m->flavor.name, m->target->name);
}

/* Names the emulator: in the document's "path", which has to hold it, or the
 * bare name. */
static void
find_emulator(struct machine *m)
{
	int error = 0;

	m->emulator = m->aemu ? "emulator" : m->target->emulator;
	if (m->path == NULL)
		return;
	m->emulator = paths_existing(
	    m, machine_text(m, "%s/%s", m->path, m->emulator), &error);
	if (error != 0)
		machine_fault(
		    m, "path", "", "%s: %s", m->emulator, strerror(error));
}

/* What the machine starts from, where no key names it: for a guest fuchsia the
 * image called id (NULL: none), for the others the only image of the type. */
static void
default_file(struct machine *m, const char *type, const char *id,
    struct image_file *file)
{
	if (file->path != NULL)
		return;
	for (size_t i = 0; i < m->images.count; i++) {
		const struct image *image = &m->images.list[i];

		if (m->guest == GUEST_FUCHSIA
			? id == NULL || strcmp(image->id, id) != 0
			: strcmp(image->type, type) != 0)
			continue;
		if (file->image != NULL)
			machine_fault(m, type, "",
			    "%s or %s? Several images are of type \"%s\"",
			    file->image->id, image->id, type);
		file->image = image;
	}
	if (file->image != NULL)
		reader_file(m, file);
}

static const char kernel_id[] = "kernel_qemu-kernel";
static const char zbi_id[] = "zbi_zircon-a";

/* Botanist starts from a kernel and a zbi; in later eras from a kernel, or
 * firmware, or firmware and a disk without either. */
static void
check_fuchsia(const struct machine *m)
{
	bool kernel = m->kernel.image != NULL, initrd = m->initrd.image != NULL;
	bool old = m->flavor.initrd_required;

	if (!kernel && (m->flash == NULL || old))
		machine_fault(m, "images", "", "no image \"%s\"", kernel_id);
	if (!initrd && old)
		machine_fault(m, "images", "", "no image \"%s\"", zbi_id);
	if ((kernel || initrd) && m->flash != NULL &&
	    m->flash->disk.image != NULL)
		machine_fault(m, "flash.disk", "",
		    "excludes a kernel and an initrd, and there is %s",
		    kernel ? kernel_id : zbi_id);
}

static void
find_files(struct machine *m)
{
	default_file(m, "kernel", kernel_id, &m->kernel);
	if (m->modules == NULL)
		default_file(m, "initrd", zbi_id, &m->initrd);
	else if (m->initrd.path != NULL)
		machine_fault(m, "modules", "", "excludes \"initrd\"");
	default_file(m, "dtb", NULL, &m->dtb);
	default_file(m, "bios", NULL, &m->bios);
	if (m->guest == GUEST_FUCHSIA)
		check_fuchsia(m);
}

/* Arguments want a kernel that reads them. */
static void
check_args(const struct machine *m)
{
	const char *place = m->args != NULL ? "args[0]" : NULL;
	const struct drive *d = m->drives;

	if (m->kernel.image != NULL || m->guest == GUEST_FUCHSIA)
		return;
	while (d != NULL && d->root_device == NULL)
		d = d->next;
	if (d != NULL)
		place = d->root_place;
	if (place != NULL)
		machine_fault(m, place, "", "there is no kernel to read it");
}

static void
make_entropy(struct machine *m)
{
	unsigned char bytes[32];
	char *digits;

	if (m->entropy != NULL || m->guest != GUEST_FUCHSIA)
		return;
	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		machine_fault(m, "entropy", "", "no random numbers");
	m->entropy = digits = machine_take(m, 2 * sizeof(bytes) + 1);
	for (size_t i = 0; i < sizeof(bytes); i++) {
		digits[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
		digits[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
	}
}

void
load_machine(
    struct machine *m, const struct document *document, enum monitor monitor)
{
	const char *qmp = "qmp0";
	struct reason why;

	*m = (struct machine){
	    .document = document, .monitor = monitor, .ids = json_object()};
	fatal_if(duration_scale(&m->scale, &why) < 0 ||
		     images_collect(document, &m->images, &why) < 0,
	    &why);
	machine_take_id(m, "", "char", 0, &qmp);
	reader_object(m, &document_kind, "", document->root, m);
	m->rule = rules[m->guest];
	read_entries(m);
	find_target(m);
	read_flavor(m);
	find_emulator(m);
	kvm_decide(m);
	find_files(m);
	drives_complete(m);
	network_complete(m);
	serial_complete(m);
	devices_complete(m);
	shares_complete(m);
	check_args(m);
	make_entropy(m);
	emulator_look(m);
	tell_unused(m);
}
