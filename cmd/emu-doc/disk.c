/* Raw disks: what is on them says what starts them and where the root is. */
#include "disk.h"

#include "esp.h"
#include "firmware_image.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>

enum {
	SECTOR = 512,
	BOOT_CODE = 440, /* of the first sector, before the disk's id */
	MBR_TABLE = 446,
	MBR_LINUX = 0x83,
	MBR_GPT = 0xee,
	MBR_ESP = 0xef,
	GPT_ENTRIES = 128, /* are looked at */
	CD_SECTOR = 2048,
	CYLINDER = 16 * 63 * SECTOR, /* as QEMU makes them */
};

/* The sizes of floppies, in KiB. */
static const unsigned floppies[] = {160, 180, 320, 360, 720, 1200, 1440, 2880};

/* The types of partitions that say something (UEFI 2.9, 5.3.3; the Discoverable
 * Partitions Specification), beside those of the targets. */
static const char type_esp[] = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";
static const char type_bios[] = "21686148-6449-6e6f-744e-656564454649";
static const char type_linux[] = "0fc63daf-8483-4772-8e79-3d69d8477de4";

static void
add_root(struct kind *kind, int partition)
{
	kind->root = kind->root == ROOT_NONE ? partition : ROOT_MANY;
}

/* What UEFI would start from the FAT file system there tells the target. */
static void
take_esp(struct source *source, uint64_t offset, struct kind *kind)
{
	const struct target *target = NULL;

	kind->uefi = true;
	if (esp_look(source, offset, &target) == 1 && kind->target == NULL)
		kind->target = target;
}

/* Only a PC starts by BIOS. */
static void
set_bios(const struct source *source, struct kind *kind)
{
	kind->bios = true;
	for (size_t i = 0; i < sizeof(floppies) / sizeof(floppies[0]); i++)
		kind->floppy |= source->size == floppies[i] * 1024ULL;
	if (source->size < CYLINDER)
		kind->sectors =
		    (unsigned)((source->size + SECTOR - 1) / SECTOR);
	if (kind->target == NULL)
		firmware_image_for_pc(kind, source);
}

/* Writes the GUID at the offset as usual: its first three numbers are
 * little-endian. */
static void
print_guid(struct source *source, uint64_t at, char guid[static 40])
{
	snprintf(guid, 40, "%08x-%04x-%04x-%04x-%04x%08x",
	    source_32(source, at), source_16(source, at + 4),
	    source_16(source, at + 6), htobe16(source_16(source, at + 8)),
	    htobe16(source_16(source, at + 10)),
	    htobe32(source_32(source, at + 12)));
}

static bool
is_type(const char *guid, const char *type)
{
	return type != NULL && strcmp(guid, type) == 0;
}

/* The roots of Linux that partitions are by their type. */
struct roots {
	const struct target *target; /* of the last one; NULL: none */
	int root;                    /* its number, or ROOT_MANY */
};

static void
take_partition(struct source *source, struct kind *kind, const char *guid,
    uint64_t start, int partition, struct roots *roots)
{
	if (is_type(guid, type_esp))
		take_esp(source, start, kind);
	else if (is_type(guid, type_bios))
		kind->bios = true;
	else if (is_type(guid, type_linux))
		add_root(kind, partition);
	for (const struct target *t = source->targets->list; t->name != NULL;
	     t++) {
		if (is_type(guid, t->root)) {
			roots->root =
			    roots->target == NULL ? partition : ROOT_MANY;
			roots->target = t;
		} else if (is_type(guid, t->usr) && kind->target == NULL) {
			kind->target = t;
		}
	}
}

static void
take_partitions(struct source *source, struct kind *kind, uint64_t sector)
{
	uint64_t table = source_64(source, sector + 72) * sector;
	uint32_t count = source_32(source, sector + 80);
	uint32_t size = source_32(source, sector + 84);
	struct roots roots = {NULL, ROOT_NONE};
	char guid[40];

	for (uint32_t i = 0; i < count && i < GPT_ENTRIES; i++) {
		uint64_t at = table + (uint64_t)i * size;
		uint64_t first = source_64(source, at + 32);

		print_guid(source, at, guid);
		if (first <= source->size / sector)
			take_partition(source, kind, guid, first * sector,
			    (int)i + 1, &roots);
	}
	/* A root by its type goes before what may be any Linux file system. */
	if (roots.target != NULL) {
		kind->root = roots.root;
		kind->target = roots.root == ROOT_MANY ? NULL : roots.target;
	}
}

static bool
look_gpt(struct source *source, struct kind *kind)
{
	uint64_t sector = SECTOR;

	if (!source_has(source, sector, "EFI PART", 8))
		sector = 4096;
	if (!source_has(source, sector, "EFI PART", 8))
		return false;
	kind->what = "a disk with a GPT";
	uint64_t table = source_64(source, sector + 72);
	uint32_t size = source_32(source, sector + 84);
	if (table > source->size / sector || size < 128 || size > 4096)
		kind->wrong = "its partition table is damaged";
	else
		take_partitions(source, kind, sector);
	return true;
}

/* Firmware starts a stick whose FAT partition is no ESP, too. */
static bool
is_fat(unsigned type)
{
	return type == 0x01 || type == 0x04 || type == 0x06 || type == 0x0b ||
	       type == 0x0c || type == 0x0e;
}

/* A partition's entry: status, three bytes, type, three bytes, first sector,
 * number of sectors. */
static bool
look_mbr(struct source *source, struct kind *kind)
{
	const struct target *target = NULL;
	unsigned found = 0;

	if (source_16(source, 510) != 0xaa55)
		return false;
	for (int i = 0; i < 4; i++) {
		unsigned status =
		    source_8(source, MBR_TABLE + (uint64_t)i * 16);

		if (status != 0 && status != 0x80)
			return false;
	}
	for (int i = 0; i < 4; i++) {
		uint64_t at = MBR_TABLE + (uint64_t)i * 16;
		unsigned type = source_8(source, at + 4);
		uint64_t start = source_32(source, at + 8);

		if (type == 0 || start == 0 || source_32(source, at + 12) == 0)
			continue;
		found++;
		if (type == MBR_LINUX)
			add_root(kind, i + 1);
		else if (type == MBR_ESP ||
			 (is_fat(type) &&
			     esp_look(source, start * SECTOR, &target) > 0))
			take_esp(source, start * SECTOR, kind);
	}
	kind->what = "a disk with partitions";
	return found > 0;
}

/* FAT has its name in the boot sector. UEFI starts it without partitions too.
 */
static bool
look_fat(struct source *source, struct kind *kind)
{
	const struct target *target = NULL;

	if (source_16(source, 510) != 0xaa55 ||
	    (!source_has(source, 54, "FAT", 3) &&
		!source_has(source, 82, "FAT32", 5)))
		return false;
	kind->what = "a FAT file system";
	if (esp_look(source, 0, &target) > 0)
		take_esp(source, 0, kind);
	if (esp_has_system(source))
		set_bios(source, kind);
	return true;
}

static bool
look_system(struct source *source, struct kind *kind)
{
	const struct magic *magic = source_magic(source);

	if (magic == NULL || magic->class != MAGIC_SYSTEM)
		return false;
	kind->what = magic->what;
	kind->root = ROOT_WHOLE;
	return true;
}

bool
disk_look(struct source *source, struct kind *kind)
{
	kind->class = KIND_DISK;
	kind->format = "raw";
	bool code = !source_zero(source, 0, BOOT_CODE);
	if (look_gpt(source, kind) || look_mbr(source, kind)) {
		/* Beside an ESP the code may be a tool's stub. */
		if (kind->bios || (code && !kind->uefi))
			set_bios(source, kind);
		return true;
	}
	if (look_system(source, kind) || look_fat(source, kind))
		return true;
	if (source_16(source, 510) != 0xaa55 || !code)
		return false;
	kind->what = "a boot sector";
	set_bios(source, kind);
	return true;
}

/* The boot catalogue: a header for a platform, the entry of its image; then
 * more headers, each with its entries. */
static void
take_catalogue(struct source *source, uint64_t at, struct kind *kind)
{
	unsigned platform = source_16(source, at) >> 8;

	for (uint64_t end = at + CD_SECTOR; at < end; at += 32) {
		unsigned head = source_16(source, at);

		switch (head & 0xff) {
		case 0x90:
		case 0x91:
			platform = head >> 8;
			break;
		case 0x88:
			if (platform == 0)
				kind->bios = true;
			else if (platform == 0xef)
				take_esp(source,
				    source_32(source, at + 8) *
					(uint64_t)CD_SECTOR,
				    kind);
			break;
		}
	}
	if (kind->bios)
		set_bios(source, kind);
}

/* ISO 9660 has its descriptors from sector 16 on, El Torito its boot record in
 * sector 17, which says where the catalogue is. */
bool
disk_look_iso(struct source *source, struct kind *kind)
{
	if (!source_has(source, 16 * CD_SECTOR + 1, "CD001", 5))
		return false;
	kind->class = KIND_CDROM;
	kind->what = "a CD image";
	kind->format = "raw";
	if (source_has(
		source, 17 * CD_SECTOR + 7, "EL TORITO SPECIFICATION", 23))
		take_catalogue(source,
		    source_32(source, 17 * CD_SECTOR + 71) *
			(uint64_t)CD_SECTOR,
		    kind);
	return true;
}
