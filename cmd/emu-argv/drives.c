#include "drives.h"

#include "paths.h"
#include "vocabulary.h"

#include <inttypes.h>
#include <string.h>

enum controller {
	CONTROLLER_NONE,
	CONTROLLER_SCSI,
	CONTROLLER_HCI,
	CONTROLLER_FDC,
};

/* The names that Linux gives: vda, sda, nvme0n1, fd0. */
enum disk_name { DISK_VD, DISK_SD, DISK_NVME, DISK_FD, DISK_NAMES };

struct bus {
	const char *disk;  /* device; NULL: virtio-blk, on the machine's bus */
	const char *cdrom; /* device; NULL: none */
	enum controller controller;
	const char *before; /* a -device of every drive's own, or NULL */
	const char *more;   /* properties that it always has */
	enum disk_name disk_name;
	bool iothread, pci;
	bool short_drive; /* botanist's -drive without cache and aio */
	const char *drive_more;
};

/* Indexed by enum interface. */
static const struct bus buses[] = {
    [VIRTIO_BLK] = {.disk_name = DISK_VD, .iothread = true, .pci = true},
    [VIRTIO_SCSI] = {"scsi-hd", "scsi-cd", CONTROLLER_SCSI,
	.disk_name = DISK_SD},
    [NVME] = {"nvme", .disk_name = DISK_NVME, .pci = true},
    [USB] = {"usb-storage", "usb-storage", CONTROLLER_HCI,
	.more = ",removable=on", .disk_name = DISK_SD, .short_drive = true},
    [IDE] = {"ide-hd", "ide-cd", .disk_name = DISK_SD},
    [UFS] = {"ufs-lu", .before = "ufs", .more = ",lun=0", .disk_name = DISK_SD,
	.short_drive = true, .drive_more = ",discard=unmap"},
    [FLOPPY] = {"floppy", .controller = CONTROLLER_FDC, .disk_name = DISK_FD},
};

/* The format of the image's file: what emu-stage says of the copy that it made,
 * else the drive's, else the image's. */
static void
set_format(
    const struct machine *m, struct drive *drive, const struct image *image)
{
	const char *format = m->entries[image - m->images.list].format;

	if (drive->format == NULL || (image->staged && format != NULL))
		drive->format = format;
	drive->formless = drive->format == NULL;
	if (drive->formless)
		drive->format = "raw";
}

static void
check_drive(const struct machine *m, const struct drive *drive)
{
	const struct bus *bus = &buses[drive->interface];
	const char *name = drive_interfaces[drive->interface];

	if (drive->cdrom && bus->cdrom == NULL)
		machine_fault(m, drive->place, "media",
		    "a cdrom belongs on ide, virtio-scsi or usb, not %s", name);
	if (drive->readonly && !drive->cdrom && drive->interface == IDE)
		machine_fault(m, drive->place, "readonly",
		    "a disk on ide cannot be read-only; \"snapshot\" "
		    "discards what is written");
	if (drive->pci_address != NULL && !bus->pci &&
	    m->guest != GUEST_FUCHSIA)
		machine_fault(m, drive->place, "pci_address",
		    "a drive on %s has none of its own", name);
	if (drive->interface == FLOPPY && (m->kind == NULL || !m->kind->isa))
		machine_fault(m, drive->place, "interface",
		    "the machine has no bus for a floppy drive");
}

/* The letters of the disk number n: a, b ... z, aa, ab ... */
static const char *
disk_letters(unsigned n, char text[static 8])
{
	char *p = text + 7;

	*p = '\0';
	for (n++; n > 0; n /= 26)
		*--p = (char)('a' + --n % 26);
	return p;
}

/* What a Linux is told as its root, its disk of the name being the number n. */
static const char *
root_device(struct machine *m, const struct drive *drive, unsigned n)
{
	enum disk_name name = buses[drive->interface].disk_name;
	const char *disk, *partition = "";
	char letters[8];

	if (drive->root == NULL || json_is_false(drive->root))
		return NULL;
	if (json_is_string(drive->root))
		return json_string_value(drive->root);
	if (name == DISK_NVME)
		disk = machine_text(m, "nvme%un1", n);
	else if (name == DISK_FD)
		disk = machine_text(m, "fd%u", n);
	else
		disk = machine_text(m, "%s%s", name == DISK_VD ? "vd" : "sd",
		    disk_letters(n, letters));
	if (json_is_integer(drive->root))
		partition =
		    machine_text(m, "%s%lld", name == DISK_NVME ? "p" : "",
			(long long)json_integer_value(drive->root));
	return machine_text(m, "/dev/%s%s", disk, partition);
}

/* Adds a drive of botanist's as the first one. */
static struct drive *
add_first(struct machine *m, const char *place, const char *id)
{
	struct drive *drive = machine_take(m, sizeof(*drive));

	*drive = (struct drive){
	    .place = place, .next = m->drives, .id = id, .boot = -1};
	machine_take_id(m, place, "drive", 0, &drive->id);
	m->drives = drive;
	return drive;
}

/* Botanist's: the disk of its era, and minfs behind it. */
static void
add_botanist(struct machine *m)
{
	const struct image *image = flavor_disk(&m->flavor, &m->images);
	struct drive *drive;
	int error;

	if (m->minfs != NULL) {
		drive = add_first(m, "minfs", "testdisk");
		drive->format = "raw";
		drive->pci_address = m->minfs->pci_address;
		drive->file.path = paths_existing(m, m->minfs->image, &error);
		if (error != 0)
			machine_fault(m, "minfs", "image", "%s: %s",
			    drive->file.path, strerror(error));
	}
	if (image != NULL) {
		drive = add_first(m,
		    machine_text(m, "images[%zu].path", image->index),
		    m->flavor.disk_id);
		drive->file.place = drive->place;
		drive->file.path = machine_path(m, image->path);
		set_format(m, drive, image);
	}
}

static void
complete_drive(struct machine *m, struct drive *drive, size_t number)
{
	set_format(m, drive, drive->file.image);
	if (drive->readonly < 0)
		drive->readonly = drive->cdrom;
	machine_take_id(m, drive->place, "drive", number, &drive->id);
	if (drive->serial == NULL && drive->interface == NVME)
		drive->serial = drive->id; /* the device demands one */
	check_drive(m, drive);
}

void
drives_complete(struct machine *m)
{
	struct drive *drive = m->drives;
	unsigned disks[DISK_NAMES] = {0};
	const char *id = "uefi";
	int ide = 0;

	add_botanist(m);
	for (size_t i = 0; drive != NULL; drive = drive->next, i++) {
		unsigned *n = &disks[buses[drive->interface].disk_name];

		complete_drive(m, drive, i);
		if (drive->interface == IDE && m->kind != NULL &&
		    m->guest != GUEST_FUCHSIA) {
			drive->ide_units = m->kind->ide_units;
			drive->ide = ide++;
		}
		drive->root_device = root_device(m, drive, *n);
		drive->root_place = machine_text(m, "%s.root", drive->place);
		*n += !drive->cdrom;
	}
	if (m->flash != NULL && m->flash->disk.image != NULL)
		machine_take_id(m, "flash.disk", "drive", 0, &id);
}

/* Off PCI an iothread needs KVM. */
static bool
has_iothread(const struct machine *m, const struct drive *drive)
{
	return buses[drive->interface].iothread && strcmp(m->bus, "pci") == 0;
}

static void
backend_words(
    const struct machine *m, const struct drive *drive, struct words *words)
{
	const struct bus *bus = &buses[drive->interface];

	if (has_iothread(m, drive)) {
		words_format(words, drive->place, "-object",
		    "iothread,id=iothread-%s", drive->id);
	}
	words_format(words, drive->place, "-drive", "%sid=%s",
	    bus->short_drive ? "if=none," : "", drive->id);
	words_text(words, ",file=", drive->file.path);
	words_text(words, ",format=", drive->format);
	if (!bus->short_drive)
		words_more(words, ",if=none,cache=unsafe,aio=threads");
	if (bus->drive_more != NULL)
		words_more(words, bus->drive_more);
	if (drive->readonly)
		words_more(words, ",readonly=on");
	if (drive->snapshot)
		words_more(words, ",snapshot=on");
}

static void
device_words(
    const struct machine *m, const struct drive *drive, struct words *words)
{
	const struct bus *bus = &buses[drive->interface];
	const char *device = drive->cdrom ? bus->cdrom : bus->disk;

	words_format(words, drive->place, "-device", "%s%s,drive=%s",
	    device == NULL ? "virtio-blk-" : device,
	    device == NULL ? m->bus : "", drive->id);
	if (has_iothread(m, drive))
		words_text(words, ",iothread=iothread-", drive->id);
	if (bus->more != NULL)
		words_more(words, bus->more);
	if (drive->ide_units == 1) {
		words_number(words, ",bus=ide.", drive->ide);
	} else if (drive->ide_units == 2) {
		words_number(words, ",bus=ide.", drive->ide / 2);
		words_number(words, ",unit=", drive->ide % 2);
	}
	if (bus->pci)
		words_text(words, ",addr=", drive->pci_address);
	words_text(words, ",serial=", drive->serial);
	if (drive->interface != FLOPPY)
		words_number(words, ",bootindex=", drive->boot);
	words_properties(words, drive->options);
}

/* The controller has the boot index of its drives. */
static void
floppy_words(const struct machine *m, const struct drive *drive, bool first,
    struct words *words)
{
	if (first && !m->kind->fdc)
		words_option(words, drive->place, "-device", "isa-fdc");
	if (drive->boot < 0)
		return;
	words_format(words, drive->place, "-global",
	    "isa-fdc.bootindex%c=%" PRId64, first ? 'A' : 'B', drive->boot);
}

void
drives_words(const struct machine *m, struct words *words)
{
	bool has_hci = m->hci >= 0; /* false: none, even for USB drives */
	bool has_scsi = false, has_fdc = false;

	if (m->hci == 0)
		words_option(words, "hci", "-device", "qemu-xhci,id=xhci");
	for (const struct drive *drive = m->drives; drive != NULL;
	     drive = drive->next) {
		const struct bus *bus = &buses[drive->interface];

		if (bus->controller == CONTROLLER_SCSI && !has_scsi) {
			words_format(words, drive->place, "-device",
			    "virtio-scsi-%s,id=scsi0", m->bus);
			has_scsi = true;
		} else if (bus->controller == CONTROLLER_HCI && !has_hci) {
			words_option(words, drive->place, "-device",
			    "qemu-xhci,id=xhci");
			has_hci = true;
		} else if (bus->controller == CONTROLLER_FDC) {
			floppy_words(m, drive, !has_fdc, words);
			has_fdc = true;
		}
		if (bus->before != NULL)
			words_option(
			    words, drive->place, "-device", bus->before);
		backend_words(m, drive, words);
		device_words(m, drive, words);
	}
}

/* Botanist's disk to boot: on USB unless there is a virtio disk. */
static void
boot_disk_words(const struct machine *m, const char *file, struct words *words)
{
	bool virtio = false;

	for (const struct drive *d = m->drives; d != NULL; d = d->next)
		virtio |= d->interface == VIRTIO_BLK;
	words_option(words, "flash.disk", "-drive", "if=none,format=raw");
	words_text(words, ",file=", file);
	words_more(words, ",id=uefi");
	if (!virtio)
		words_option(
		    words, "flash.disk", "-device", "nec-usb-xhci,id=xhci0");
	words_option(words, "flash.disk", "-device",
	    virtio ? "virtio-blk-pci,drive=uefi,bootindex=0"
		   : "usb-storage,bus=xhci0.0,drive=uefi,removable=on,"
		     "bootindex=0");
}

void
drives_flash_words(const struct machine *m, struct words *words)
{
	const struct flash *flash = m->flash;

	if (flash == NULL)
		return;
	words_option(
	    words, "flash.code", "-drive", "if=pflash,format=raw,readonly=on");
	words_text(words, ",file=", flash->code.path);
	if (flash->vars.image != NULL) {
		words_option(
		    words, "flash.vars", "-drive", "if=pflash,format=raw");
		if (m->guest == GUEST_FUCHSIA || !flash->vars.image->staged)
			words_more(words, ",snapshot=on");
		words_text(words, ",file=", flash->vars.path);
	}
	if (flash->disk.image != NULL)
		boot_disk_words(m, flash->disk.path, words);
}

void
drives_root_args(const struct machine *m, struct words *args)
{
	for (const struct drive *d = m->drives; d != NULL; d = d->next) {
		if (d->root_device == NULL)
			continue;
		words_add(args, d->root_place, "root=");
		words_more(args, d->root_device);
		words_add(args, d->root_place, d->readonly ? "ro" : "rw");
		if (buses[d->interface].controller == CONTROLLER_HCI)
			words_add(args, d->root_place, "rootwait");
	}
}
