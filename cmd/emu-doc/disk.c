/* Raw disks: what is on them says what starts them and where the root is. */
#include "disk.h"

#include "esp.h"

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

/* The types of partitions that say something (UEFI 2.9, 5.3.3; the Discoverable
 * Partitions Specification), as they are on disk. */
static const struct {
	uint8_t guid[16];
	const char *target; /* of whose root it is; NULL: of any */
	enum { ESP, BIOS_BOOT, ROOT, USR, LINUX } role;
} types[] = {
    {{0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11, 0xba, 0x4b, 0x00, 0xa0,
	 0xc9, 0x3e, 0xc9, 0x3b},
	NULL, ESP},
    {"Hah!IdontNeedEFI", NULL, BIOS_BOOT},
    {{0xaf, 0x3d, 0xc6, 0x0f, 0x83, 0x84, 0x72, 0x47, 0x8e, 0x79, 0x3d, 0x69,
	 0xd8, 0x47, 0x7d, 0xe4},
	NULL, LINUX},
    {{0xe3, 0xbc, 0x68, 0x4f, 0xcd, 0xe8, 0xb1, 0x4d, 0x96, 0xe7, 0xfb, 0xca,
	 0xf9, 0x84, 0xb7, 0x09},
	"x64", ROOT},
    {{0x45, 0xb0, 0x21, 0xb9, 0xf0, 0x1d, 0xc3, 0x41, 0xaf, 0x44, 0x4c, 0x6f,
	 0x28, 0x0d, 0x3f, 0xae},
	"arm64", ROOT},
    {{0xa6, 0x70, 0xec, 0x72, 0x74, 0xcf, 0xe6, 0x40, 0xbd, 0x49, 0x4b, 0xda,
	 0x08, 0xe8, 0xf2, 0x24},
	"riscv64", ROOT},
    {{0x40, 0x95, 0x47, 0x44, 0x97, 0xf2, 0xb2, 0x41, 0x9a, 0xf7, 0xd1, 0x31,
	 0xd5, 0xf0, 0x45, 0x8a},
	"i386", ROOT},
    {{0x10, 0xd7, 0xda, 0x69, 0xe4, 0x2c, 0x3c, 0x4e, 0xb1, 0x6c, 0x21, 0xa1,
	 0xd4, 0x9a, 0xbe, 0xd3},
	"arm", ROOT},
    {{0x0c, 0x68, 0x84, 0x84, 0x21, 0x95, 0xc6, 0x48, 0x9c, 0x11, 0xb0, 0x72,
	 0x06, 0x56, 0xf6, 0x9e},
	"x64", USR},
};

static void
add_root(struct kind *kind, int partition)
{
	kind->root = kind->root == ROOT_NONE ? partition : ROOT_MANY;
}

/* What UEFI would start from the FAT file system there tells the target. */
static void
take_esp(struct source *source, uint64_t offset, struct kind *kind)
{
	const char *target = NULL;

	kind->uefi = true;
	if (esp_look(source, offset, &target) == 1 && kind->target == NULL)
		kind->target = target;
}

/* Only a PC starts by BIOS. */
static void
set_bios(const struct source *source, struct kind *kind)
{
	kind->bios = true;
	if (source->size < CYLINDER)
		kind->sectors =
		    (unsigned)((source->size + SECTOR - 1) / SECTOR);
	if (kind->target == NULL) {
		kind->target = "x64";
		kind->other = "i386";
	}
}

/* A partition of a GPT that starts at offset. Returns its role's target when it
 * is of the type of a root. */
static const char *
take_partition(struct source *source, struct kind *kind, const uint8_t *guid,
    int number, uint64_t offset)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (memcmp(types[i].guid, guid, sizeof(types[i].guid)) != 0)
			continue;
		switch (types[i].role) {
		case ESP:
			take_esp(source, offset, kind);
			break;
		case BIOS_BOOT:
			kind->bios = true;
			break;
		case LINUX:
			add_root(kind, number);
			break;
		case USR:
			if (kind->target == NULL)
				kind->target = types[i].target;
			return NULL;
		case ROOT:
			break;
		}
		return types[i].target;
	}
	return NULL;
}

static void
take_partitions(struct source *source, struct kind *kind, uint64_t sector)
{
	uint64_t table = source_64(source, sector + 72) * sector;
	uint32_t count = source_32(source, sector + 80);
	uint32_t size = source_32(source, sector + 84);
	const char *target = NULL;
	int root = ROOT_NONE;

	for (uint32_t i = 0; i < count && i < GPT_ENTRIES; i++) {
		uint64_t at = table + (uint64_t)i * size;
		uint64_t first = source_64(source, at + 32);
		uint8_t guid[16];

		if (!source_read(source, at, guid, sizeof(guid)) ||
		    first > source->size / sector)
			continue;
		const char *t = take_partition(
		    source, kind, guid, (int)i + 1, first * sector);
		if (t == NULL)
			continue;
		root = target == NULL ? (int)i + 1 : ROOT_MANY;
		target = t;
	}
	/* A root by its type goes before what may be any Linux file system. */
	if (target != NULL) {
		kind->root = root;
		kind->target = root == ROOT_MANY ? NULL : target;
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
	const char *target = NULL;
	unsigned found = 0;

	if (source_16(source, 510) != 0xaa55)
		return false;
	for (int i = 0; i < 4; i++) {
		unsigned status =
		    source_16(source, MBR_TABLE + (uint64_t)i * 16) & 0xff;

		if (status != 0 && status != 0x80)
			return false;
	}
	for (int i = 0; i < 4; i++) {
		uint64_t at = MBR_TABLE + (uint64_t)i * 16;
		unsigned type = source_16(source, at + 4) & 0xff;
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
	const char *target = NULL;

	if (source_16(source, 510) != 0xaa55 ||
	    (!source_has(source, 54, "FAT", 3) &&
		!source_has(source, 82, "FAT32", 5)))
		return false;
	kind->what = "a FAT file system";
	if (esp_look(source, 0, &target) > 0)
		take_esp(source, 0, kind);
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
