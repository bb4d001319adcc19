/* ELF files: kernels, and the many that are not. */
#include "elf_file.h"

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
	struct source *source;
	bool wide;        /* 64 bits */
	bool big;         /* the order of its bytes */
	unsigned type;    /* ET_* */
	unsigned machine; /* EM_* */
	bool interpreter; /* it is a program for an operating system */
	bool pvh;
	bool is_linux;
	uint64_t start; /* the lowest physical address that is loaded */
};

/* Returns the number in that many bytes at the offset. */
static uint64_t
number(const struct elf *elf, uint64_t offset, unsigned bytes)
{
	uint8_t raw[8] = {0};
	uint64_t n = 0;

	source_read(elf->source, offset, raw, bytes);
	for (unsigned i = 0; i < bytes; i++)
		n = n << 8 | raw[elf->big ? i : bytes - 1 - i];
	return n;
}

/* The same for an address or an offset in the file. */
static uint64_t
word(const struct elf *elf, uint64_t offset)
{
	return number(elf, offset, elf->wide ? 8 : 4);
}

static bool
named(const struct elf *elf, uint64_t note, const char *name, size_t size)
{
	return number(elf, note, 4) == size &&
	       source_has(elf->source, note + 12, name, size);
}

/* Notes are {name size, descriptor size, type, name, descriptor}, the last two
 * padded to 4 bytes. */
static void
read_notes(struct elf *elf, uint64_t at, uint64_t size)
{
	uint64_t end = at + (size < NOTES_SIZE ? size : NOTES_SIZE);

	while (at < end && end - at >= 12) {
		uint64_t name = number(elf, at, 4);
		uint64_t desc = number(elf, at + 4, 4);
		uint64_t type = number(elf, at + 8, 4);

		if (named(elf, at, "Xen", 4) && type == NOTE_PVH)
			elf->pvh = true;
		else if (named(elf, at, "Linux", 6))
			elf->is_linux = true;
		else if (named(elf, at, "GNU", 4) && type == NT_GNU_ABI_TAG)
			elf->interpreter = true;
		at += 12 + ((name + 3) & ~3ULL) + ((desc + 3) & ~3ULL);
	}
}

static void
read_segments(struct elf *elf)
{
	bool wide = elf->wide;
	uint64_t table = word(elf, wide ? 32 : 28);
	uint64_t size = number(elf, wide ? 54 : 42, 2);
	uint64_t count = number(elf, wide ? 56 : 44, 2);

	if (count > SEGMENTS)
		count = SEGMENTS;
	for (uint64_t i = 0; i < count && table < elf->source->size; i++) {
		uint64_t at = table + i * size;
		uint64_t offset = word(elf, at + (wide ? 8 : 4));
		uint64_t start = word(elf, at + (wide ? 24 : 12));
		uint64_t type = number(elf, at, 4);

		if (type == PT_INTERP)
			elf->interpreter = true;
		else if (type == PT_LOAD && start < elf->start)
			elf->start = start;
		else if (type == PT_NOTE && offset < elf->source->size)
			read_notes(
			    elf, offset, word(elf, at + (wide ? 32 : 16)));
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
x86_wrong(const struct elf *elf)
{
	if (elf->pvh)
		return NULL;
	if (has_multiboot(elf->source, multiboot, MULTIBOOT_WITHIN))
		return elf->wide ? "QEMU starts 32-bit multiboot kernels, "
				   "and 64-bit ones with a PVH note"
				 : NULL;
	if (has_multiboot(elf->source, multiboot2, MULTIBOOT2_WITHIN))
		return "QEMU does not start multiboot 2 kernels: make a "
		       "bootable image of it";
	return "it has neither a PVH note nor a multiboot header";
}

static void
judge(const struct elf *elf, struct kind *kind)
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
		kind->wrong = x86_wrong(elf);
		kind->multiboot =
		    !elf->wide &&
		    has_multiboot(elf->source, multiboot, MULTIBOOT_WITHIN);
	} else if (elf->machine == EM_RISCV && elf->start == riscv_ram) {
		/* In machine mode, in place of OpenSBI. */
		kind->class = KIND_BIOS;
		kind->what = "an ELF file of firmware";
	}
}

static bool
is_among(const struct elf *elf, const json_t *list)
{
	size_t i;
	json_t *row;

	json_array_foreach(list, i, row)
	{
		int machine = 0, bits = 0, big = 0;

		json_unpack(row, "[i, i, b]", &machine, &bits, &big);
		if (machine == (int)elf->machine && (bits == 64) == elf->wide &&
		    (big != 0) == elf->big)
			return true;
	}
	return false;
}

bool
elf_file_look(struct source *source, struct kind *kind)
{
	if (!source_has(source, 0, ELFMAG, SELFMAG))
		return false;
	kind->class = KIND_KERNEL;
	kind->what = "an ELF kernel";
	if (source->size < 52) {
		kind->wrong = "cut short";
		return true;
	}
	struct elf elf = {.source = source,
	    .wide = source_8(source, EI_CLASS) == ELFCLASS64,
	    .big = source_8(source, EI_DATA) == ELFDATA2MSB,
	    .start = UINT64_MAX};
	elf.type = (unsigned)number(&elf, 16, 2);
	elf.machine = (unsigned)number(&elf, 18, 2);
	read_segments(&elf);
	/* The first two targets whose kernels it may be among. */
	for (const struct target *t = source->targets->list; t->name != NULL;
	     t++) {
		if (!is_among(&elf, t->elf))
			continue;
		if (kind->target == NULL)
			kind->target = t;
		else if (kind->other == NULL)
			kind->other = t;
	}
	kind->is_linux =
	    elf.is_linux || (kind->target != NULL && kind->target->elf_linux);
	judge(&elf, kind);
	return true;
}
