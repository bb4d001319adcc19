/* Firmware (UEFI's Platform Initialization specification, volume 3): a volume
 * has its file system's GUID at 16 and "_FVH" at 40. */
#include "firmware_image.h"

enum {
	ROM_UNIT = 64 << 10, /* QEMU's -bios takes multiples of this */
	ROM_MOST = 16 << 20,
	ARM_VOLUME = 0x1000, /* behind the vector that starts the code */
};

/* EFI_SYSTEM_NV_DATA_FV_GUID, as it is on disk. */
static const uint8_t variables[16] = {0x8d, 0x2b, 0xf1, 0xff, 0x96, 0x76, 0x8b,
    0x4c, 0xa9, 0x85, 0x27, 0x47, 0x07, 0x5b, 0x4f, 0x50};

void
firmware_image_for_pc(struct kind *kind, const struct source *source)
{
	kind->target = targets_named(source->targets, "x64");
	kind->other = targets_named(source->targets, "i386");
}

/* Whether a PC could begin at the last 16 bytes: they are not as erased. */
static bool
has_reset_vector(struct source *source)
{
	uint64_t end = source_64(source, source->size - 16);

	return end != 0 && end != UINT64_MAX;
}

static bool
look_volume(struct source *source, struct kind *kind)
{
	if (source->size < 64 || !source_has(source, 40, "_FVH", 4))
		return false;
	bool pc = has_reset_vector(source);
	if (pc)
		firmware_image_for_pc(kind, source);
	if (!source_has(source, 16, variables, sizeof(variables))) {
		kind->class = KIND_FLASH;
		kind->what = "UEFI firmware's code";
	} else if (pc) {
		kind->class = KIND_BIOS;
		kind->what = "UEFI firmware";
	} else {
		kind->class = KIND_VARS;
		kind->what = "UEFI's variables";
	}
	return true;
}

/* The vector is a branch: of 64 bits, or of 32. */
static bool
look_arm(struct source *source, struct kind *kind)
{
	if (!source_has(source, ARM_VOLUME + 40, "_FVH", 4))
		return false;
	uint8_t branch = source_8(source, 3);
	if (branch != 0x14 && branch != 0xea)
		return false;
	kind->target =
	    targets_named(source->targets, branch == 0x14 ? "arm64" : "arm");
	kind->class = KIND_BIOS;
	kind->what = "UEFI firmware";
	return true;
}

/* A PC starts 16 bytes below the end: with a jump into segment f000, as a BIOS
 * does, or with what U-Boot has there. */
static bool
look_rom(struct source *source, struct kind *kind)
{
	uint64_t at = source->size - 16;

	if (source->size < ROM_UNIT || source->size > ROM_MOST ||
	    source->size % ROM_UNIT != 0)
		return false;
	bool jump =
	    source_8(source, at) == 0xea && source_16(source, at + 3) == 0xf000;
	if (!jump && !source_has(source, at, "\xfa\xfc\xe9", 3))
		return false;
	kind->class = KIND_BIOS;
	kind->what = "a PC's firmware";
	firmware_image_for_pc(kind, source);
	return true;
}

bool
firmware_image_look(struct source *source, struct kind *kind)
{
	return look_volume(source, kind) || look_arm(source, kind) ||
	       look_rom(source, kind);
}
