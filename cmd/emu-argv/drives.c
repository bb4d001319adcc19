#include "drives.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum controller { CONTROLLER_NONE, CONTROLLER_SCSI, CONTROLLER_HCI };

/* The names that Linux gives: vda, sda, nvme0n1. */
enum disk_name { DISK_VD, DISK_SD, DISK_NVME };

struct interface {
	const char *name;
	const char *disk;  /* device; NULL: the name, on the machine's bus */
	const char *cdrom; /* device; NULL: none */
	enum controller controller;
	const char *before; /* a -device of every drive's own, or NULL */
	const char *more;   /* properties that it always has */
	enum disk_name disk_name;
	bool iothread, pci;
	bool short_drive; /* botanist's -drive without cache and aio */
	const char *drive_more;
};

/* The order is that of interface_names. */
enum { VIRTIO_BLK, VIRTIO_SCSI, NVME, USB, IDE, UFS };

static const struct interface interfaces[] = {
    {"virtio-blk", NULL, NULL, .disk_name = DISK_VD, .iothread = true,
	.pci = true},
    {"virtio-scsi", "scsi-hd", "scsi-cd", CONTROLLER_SCSI,
	.disk_name = DISK_SD},
    {"nvme", "nvme", NULL, .disk_name = DISK_NVME, .pci = true},
    {"usb", "usb-storage", "usb-storage", CONTROLLER_HCI,
	.more = ",removable=on", .disk_name = DISK_SD, .short_drive = true},
    {"ide", "ide-hd", "ide-cd", .disk_name = DISK_SD},
    {"ufs", "ufs-lu", NULL, .before = "ufs", .more = ",lun=0",
	.disk_name = DISK_SD, .short_drive = true,
	.drive_more = ",discard=unmap"},
};

static const char *const interface_names[] = {
    "virtio-blk", "virtio-scsi", "nvme", "usb", "ide", "ufs", NULL};
static const char *const media_names[] = {"disk", "cdrom", NULL};

static const char *const drive_keys[] = {"image", "id", "interface", "format",
    "media", "readonly", "snapshot", "pci_address", "boot", "serial", "root",
    "options", NULL};
static const char *const minfs_keys[] = {"image", "pci_address", NULL};
static const char *const hci_names[] = {"xhci", NULL};

/* A drive as it is made; those of botanist have no place of their own. */
struct drive {
	struct place place;
	const char *origin;
	const struct interface *interface;
	const char *id, *file, *format, *address;
	bool cdrom, readonly, snapshot;
};

static void
add_controller(struct build *build, const struct drive *drive)
{
	struct words *words = &build->words;

	if (drive->interface->controller == CONTROLLER_SCSI &&
	    !build->has_scsi) {
		words_option(words, drive->origin, "-device", "%s,id=scsi0",
		    build_virtio(build, "virtio-scsi"));
		build->has_scsi = true;
	}
	if (drive->interface->controller == CONTROLLER_HCI && !build->has_hci) {
		words_option(
		    words, drive->origin, "-device", "qemu-xhci,id=xhci");
		build->has_hci = true;
	}
	if (drive->interface->before != NULL)
		words_option(words, drive->origin, "-device", "%s",
		    drive->interface->before);
}

/* Off PCI an iothread needs KVM. */
static bool
has_iothread(const struct build *build, const struct drive *drive)
{
	return drive->interface->iothread && strcmp(build->bus, "pci") == 0;
}

static void
add_backend(struct build *build, const struct drive *drive)
{
	struct words *words = &build->words;
	const char *file = words_commas(words, drive->file);

	if (has_iothread(build, drive))
		words_option(words, drive->origin, "-object",
		    "iothread,id=iothread-%s", drive->id);
	if (drive->interface->short_drive)
		words_option(words, drive->origin, "-drive",
		    "if=none,id=%s,file=%s,format=%s", drive->id, file,
		    drive->format);
	else
		words_option(words, drive->origin, "-drive",
		    "id=%s,file=%s,format=%s,if=none,cache=unsafe,aio=threads",
		    drive->id, file, drive->format);
	if (drive->interface->drive_more != NULL)
		words_more(words, "%s", drive->interface->drive_more);
	if (drive->readonly)
		words_more(words, ",readonly=on");
	if (drive->snapshot)
		words_more(words, ",snapshot=on");
}

static void
add_device(struct build *build, const struct drive *drive)
{
	const struct interface *i = drive->interface;
	struct words *words = &build->words;
	const struct place *place = &drive->place;

	const char *device = drive->cdrom ? i->cdrom : i->disk;

	if (device == NULL)
		device = build_virtio(build, i->name);
	words_option(
	    words, drive->origin, "-device", "%s,drive=%s", device, drive->id);
	if (has_iothread(build, drive))
		words_more(words, ",iothread=iothread-%s", drive->id);
	if (i->more != NULL)
		words_more(words, "%s", i->more);
	if (drive->address != NULL && i->pci)
		words_more(words, ",addr=%s", drive->address);
	if (place->object == NULL)
		return;
	const char *serial = place_text(place, "serial", NULL);
	if (serial == NULL && i->disk_name == DISK_NVME)
		serial = drive->id; /* the device demands one */
	if (serial != NULL)
		words_more(words, ",serial=%s", words_commas(words, serial));
	int64_t boot = place_integer(place, "boot", 0, INT32_MAX, -1);
	if (boot >= 0)
		words_more(words, ",bootindex=%lld", (long long)boot);
	build_options(build, place);
}

static const char *
linux_disk(struct build *build, const struct interface *interface, int64_t part)
{
	static const char *const formats[] = {"vd%c", "sd%c", "nvme%dn1"};
	unsigned n = build->disks[interface->disk_name];
	char disk[32], partition[24] = "";

	if (interface->disk_name == DISK_NVME)
		snprintf(disk, sizeof(disk), "nvme%un1", n);
	else
		snprintf(disk, sizeof(disk), "%.2s%c",
		    formats[interface->disk_name], 'a' + (int)(n % 26));
	if (part > 0)
		snprintf(partition, sizeof(partition), "%s%lld",
		    interface->disk_name == DISK_NVME ? "p" : "",
		    (long long)part);
	return words_scratch(&build->words, "/dev/%s%s", disk, partition);
}

/* root= and what goes with it. */
static void
add_root(struct build *build, const struct drive *drive)
{
	const struct place *place = &drive->place;
	const json_t *root = json_object_get(place->object, "root");
	const char *origin = build_origin(build, place, "root");
	const char *device = NULL;

	if (!place_has(place, "root") || json_is_false(root))
		return;
	if (build->guest != GUEST_LINUX)
		place_fault(place, "root", "is for guest \"linux\" alone");
	if (json_is_string(root))
		device = place_text(place, "root", NULL);
	else if (json_is_true(root))
		device = linux_disk(build, drive->interface, 0);
	else if (json_is_integer(root) || json_is_real(root))
		device = linux_disk(build, drive->interface,
		    place_integer(place, "root", 1, 255, 1));
	if (device == NULL) {
		place_fault(place, "root",
		    "expected true, a partition's number or what the kernel "
		    "shall be told");
		return;
	}
	words_add(&build->args, origin,
	    words_scratch(&build->words, "root=%s", device));
	words_add(&build->args, origin, drive->readonly ? "ro" : "rw");
	if (drive->interface->controller == CONTROLLER_HCI)
		words_add(&build->args, origin, "rootwait");
}

static void
add_drive(struct build *build, const struct drive *drive)
{
	if (drive->place.object == NULL)
		build_take_id(build, "drive", drive->id);
	add_controller(build, drive);
	add_backend(build, drive);
	add_device(build, drive);
	if (drive->place.object != NULL)
		add_root(build, drive);
	if (!drive->cdrom)
		build->disks[drive->interface->disk_name]++;
}

/* The format of the image's file: what emu-stage says of the copy that it made,
 * else the drive's, else the image's. place may be NULL. */
static const char *
read_format(const struct build *build, const struct place *place,
    const struct image *image)
{
	const char *own =
	    place == NULL ? NULL : place_text(place, "format", NULL);
	struct place entry = {.reader = build->root.reader};

	if (image == NULL)
		return own;
	entry.object = image->entry;
	const char *format = place_text(&entry, "format", NULL);
	if (own == NULL || (image->staged && format != NULL))
		own = format;
	return own == NULL ? "raw" : own;
}

static void
read_drive(struct build *build, struct drive *drive, size_t i)
{
	const struct place *place = &drive->place;
	const struct image *image = NULL;

	place_check(place, drive_keys, true);
	if (place_need(place, "image") != NULL)
		drive->file = build_image(build, place, "image", &image);
	drive->format = read_format(build, place, image);
	drive->id = build_id(build, place, "drive", i);
	drive->interface =
	    &interfaces[place_choice(place, "interface", interface_names, 0)];
	drive->cdrom = place_choice(place, "media", media_names, 0) == 1;
	drive->readonly = place_bool(place, "readonly", drive->cdrom);
	drive->snapshot = place_bool(place, "snapshot", false);
	drive->address = place_text(place, "pci_address", NULL);
	drive->origin = build_origin(build, place, "");
	if (drive->cdrom && drive->interface->cdrom == NULL)
		place_fault(place, "media",
		    "a cdrom belongs on ide, virtio-scsi or usb, not %s",
		    drive->interface->name);
	if (drive->readonly && !drive->cdrom &&
	    drive->interface == &interfaces[IDE])
		place_fault(place, "readonly",
		    "a disk on ide cannot be; \"snapshot\" throws away what "
		    "is written");
	if (drive->address != NULL && !drive->interface->pci &&
	    build->guest != GUEST_FUCHSIA)
		place_fault(place, "pci_address",
		    "a drive on %s has none of its own",
		    drive->interface->name);
}

/* Botanist's: the disk named storage-full, and minfs. */
static void
add_fuchsia(struct build *build)
{
	const struct image *image =
	    images_find(&build->images, "blk_storage-full");
	struct drive drive = {
	    .interface = &interfaces[VIRTIO_BLK], .format = "raw"};

	if (image != NULL && image->path != NULL) {
		drive.id = "maindisk";
		drive.format = read_format(build, NULL, image);
		drive.file = build_path(build, image->path);
		drive.origin = words_scratch(
		    &build->words, "images[%zu].path", image->index);
		add_drive(build, &drive);
	}
	struct place minfs = place_object(&build->root, "minfs");
	place_check(&minfs, minfs_keys, true);
	const char *file =
	    minfs.object == NULL ? NULL : place_need(&minfs, "image");
	if (file == NULL)
		return;
	drive.id = "testdisk";
	drive.format = "raw";
	drive.file = build_existing(build, &minfs, "image", file);
	drive.address = place_text(&minfs, "pci_address", NULL);
	drive.origin = "minfs";
	add_drive(build, &drive);
}

static void
add_hci(struct build *build)
{
	if (json_is_false(json_object_get(build->root.object, "hci"))) {
		build->has_hci = true; /* none, even for USB drives */
		return;
	}
	if (place_choice(&build->root, "hci", hci_names, -1) < 0)
		return;
	words_option(&build->words, "hci", "-device", "qemu-xhci,id=xhci");
	build->has_hci = true;
}

void
drives_add(struct build *build)
{
	const json_t *array = place_array(&build->root, "drives");

	add_hci(build);
	if (build->guest == GUEST_FUCHSIA)
		add_fuchsia(build);
	else if (place_has(&build->root, "minfs"))
		place_fault(&build->root, "minfs",
		    "is for guest \"fuchsia\" alone; others have \"drives\"");
	for (size_t i = 0; i < json_array_size(array); i++) {
		struct drive drive = {
		    .place = place_element(&build->root, "drives",
			json_object_get(build->root.object, "drives"), i)};

		read_drive(build, &drive, i);
		if (build->reader.failed)
			return;
		add_drive(build, &drive);
	}
}
