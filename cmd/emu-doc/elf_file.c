/* ELF files: kernels, and the many that are not. */
#include "elf_file.h"

#include <byteswap.h>
#include <elf.h>
#include <string.h>

enum {
	NOTES_SIZE = 1 << 16,    /* of notes are looked at */
	SEGMENTS = 64,           /* and of segments */
	MULTIBOOT_WITHIN = 8192, /* Multiboot specification 0.6.96, 3.1 */
	MULTIBOOT2_WITHIN = 32768,
	NOTE_PVH = 18, /* XEN_ELFNOTE_PHYS32_ENTRY */
};

/* Where the memory of RISC-V machines begins. */
static const uint64_t riscv_ram = 0x80000000;

static const uint8_t multiboot[] = {0x02, 0xb0, 0xad, 0x1b};
static const uint8_t multiboot2[] = {0xd6, 0x50, 0x52, 0xe8};

struct elf {
	bool wide;        /* 64 bits */
	bool big;         /* the order of its bytes */
	uint16_t type;    /* ET_* */
	uint16_t machine; /* EM_* */
	bool interpreter; /* it is a program for an operating system */
	bool pvh;
	bool is_linux;
	uint64_t start; /* the lowest physical address that is loaded */
};

static unsigned
read_16(struct source *source, const struct elf *elf, uint64_t offset)
{
	uint16_t n = source_16(source, offset);

	return elf->big ? bswap_16(n) : n;
}

static uint32_t
read_32(struct source *source, const struct elf *elf, uint64_t offset)
{
	uint32_t n = source_32(source, offset);

	return elf->big ? bswap_32(n) : n;
}

static uint64_t
word(struct source *source, const struct elf *elf, uint64_t offset)
{
	uint64_t n = source_64(source, offset);

	if (!elf->wide)
		return read_32(source, elf, offset);
	return elf->big ? bswap_64(n) : n;
}

static bool
named(struct source *source, const struct elf *elf, uint64_t note,
    const char *name, size_t size)
{
	return read_32(source, elf, note) == size &&
	       source_has(source, note + 12, name, size);
}

/* Notes are {name size, descriptor size, type, name, descriptor}, the last two
 * padded to 4 bytes. */
static void
read_notes(struct source *source, uint64_t at, uint64_t size, struct elf *elf)
{
	uint64_t end = at + (size < NOTES_SIZE ? size : NOTES_SIZE);

	while (at < end && end - at >= 12) {
		uint64_t name = read_32(source, elf, at);
		uint64_t desc = read_32(source, elf, at + 4);
		uint32_t type = read_32(source, elf, at + 8);

		if (named(source, elf, at, "Xen", 4) && type == NOTE_PVH)
			elf->pvh = true;
		else if (named(source, elf, at, "Linux", 6))
			elf->is_linux = true;
		else if (named(source, elf, at, "GNU", 4) &&
			 type == NT_GNU_ABI_TAG)
			elf->interpreter = true;
		at += 12 + ((name + 3) & ~3ULL) + ((desc + 3) & ~3ULL);
	}
}

static uint64_t
lower(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void
read_segments(struct source *source, struct elf *elf)
{
	uint64_t table = word(source, elf, elf->wide ? 32 : 28);
	unsigned size = read_16(source, elf, elf->wide ? 54 : 42);
	unsigned count = read_16(source, elf, elf->wide ? 56 : 44);

	if (count > SEGMENTS)
		count = SEGMENTS;
	for (unsigned i = 0; i < count && table < source->size; i++) {
		uint64_t at = table + (uint64_t)i * size;
		uint64_t offset = word(source, elf, at + (elf->wide ? 8 : 4));

		switch (read_32(source, elf, at)) {
		case PT_INTERP:
			elf->interpreter = true;
			break;
		case PT_LOAD:
			elf->start = lower(elf->start,
			    word(source, elf, at + (elf->wide ? 24 : 12)));
			break;
		case PT_NOTE:
			if (offset < source->size)
				read_notes(source, offset,
				    word(source, elf,
					at + (elf->wide ? 32 : 16)),
				    elf);
			break;
		}
	}
}

static bool
has_multiboot(struct source *source, const uint8_t *magic, unsigned within)
{
	for (unsigned at = 0; at < within && at < source->size; at += 4) {
		if (source_has(source, at, magic, 4))
			return true;
	}
	return false;
}

/* Why QEMU's -kernel would not start an x86 kernel, or NULL. */
static const char *
x86_wrong(struct source *source, const struct elf *elf)
{
	if (elf->pvh)
		return NULL;
	if (has_multiboot(source, multiboot, MULTIBOOT_WITHIN))
		return elf->wide ? "QEMU starts 32-bit multiboot kernels, "
				   "and 64-bit ones with a PVH note"
				 : NULL;
	if (has_multiboot(source, multiboot2, MULTIBOOT2_WITHIN))
		return "QEMU does not start multiboot 2 kernels: make a "
		       "bootable image of it";
	return "it has neither a PVH note nor a multiboot header";
}

static void
judge(struct source *source, const struct elf *elf, struct kind *kind)
{
	bool x86 = elf->machine == EM_386 || elf->machine == EM_X86_64;

	if (elf->type == ET_CORE) {
		kind->what = "an ELF core dump";
		kind->class = KIND_USELESS;
	} else if (elf->type == ET_REL) {
		kind->what = "an ELF object, not linked";
		kind->class = KIND_USELESS;
	} else if (elf->interpreter) {
		kind->what = "an ELF program for an operating system";
		kind->class = KIND_USELESS;
	} else if (kind->target == NULL) {
		kind->wrong = "for no machine known here";
	} else if (x86) {
		kind->wrong = x86_wrong(source, elf);
		kind->multiboot = !elf->wide && has_multiboot(source, multiboot,
						    MULTIBOOT_WITHIN);
	} else if (elf->machine == EM_RISCV && elf->start == riscv_ram) {
		/* In machine mode, in place of OpenSBI. */
		kind->class = KIND_BIOS;
		kind->what = "an ELF file of firmware";
	}
}

/* The first two targets whose kernels it may be among. */
static void
find_targets(
    const struct source *source, const struct elf *elf, struct kind *kind)
{
	for (size_t i = source->targets->count; i-- > 0;) {
		const struct target *t = &source->targets->list[i];

		for (size_t j = 0; j < json_array_size(t->elf); j++) {
			int machine = 0, bits = 0, big = 0;

			json_unpack(json_array_get(t->elf, j), "[i, i, b]",
			    &machine, &bits, &big);
			if (machine != elf->machine ||
			    (bits == 64) != elf->wide || (big != 0) != elf->big)
				continue;
			kind->other = kind->target;
			kind->target = t;
		}
	}
}

bool
elf_file_look(struct source *source, struct kind *kind)
{
	uint8_t ident[EI_NIDENT];

	if (!source_has(source, 0, ELFMAG, SELFMAG))
		return false;
	kind->class = KIND_KERNEL;
	kind->what = "an ELF kernel";
	if (!source_read(source, 0, ident, sizeof(ident)) ||
	    source->size < 52) {
		kind->wrong = "cut short";
		return true;
	}
	struct elf elf = {
	    .wide = ident[EI_CLASS] == ELFCLASS64, .start = UINT64_MAX};
	elf.big = ident[EI_DATA] == ELFDATA2MSB;
	elf.type = (uint16_t)read_16(source, &elf, 16);
	elf.machine = (uint16_t)read_16(source, &elf, 18);
	read_segments(source, &elf);
	find_targets(source, &elf, kind);
	kind->is_linux =
	    elf.is_linux || (kind->target != NULL && kind->target->elf_linux);
	judge(source, &elf, kind);
	return true;
}
