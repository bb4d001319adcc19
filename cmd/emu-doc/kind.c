#include "kind.h"

#include "disk.h"
#include "elf_file.h"
#include "firmware_image.h"
#include "magic.h"
#include "qcow2_disk.h"

#include <stdio.h>
#include <string.h>

enum {
	PE_EFI_APPLICATION = 10,
	PE_EFI_ROM = 13,
	PAGE = 4096,
	PARAGRAPH = 16,
	TEXT = 512,
	BLANK = 1 << 16, /* this much zero is a blank disk */
};

/* How much of the file is a bzImage's code in real mode. QEMU reads this in any
 * kernel for a PC that is no ELF. */
static uint64_t
setup_size(struct source *source)
{
	unsigned sectors = source_8(source, 0x1f1);

	return ((sectors == 0 ? 4 : sectors) + 1) * 512ULL;
}

/* Whether the version in a bzImage, if there is one, is Linux's: it says by
 * whom it was built. Memtest86+ and iPXE have that header too. */
static bool
is_linux(struct source *source)
{
	char text[128] = "";
	unsigned at = source_16(source, 0x20e);

	return at == 0 ||
	       !source_read(source, at + 0x200ULL, text, sizeof(text) - 1) ||
	       strstr(text, " (") != NULL;
}

/* Linux, Documentation/x86/boot.rst. */
static bool
look_bzimage(struct source *source, struct kind *kind)
{
	if (source_16(source, 510) != 0xaa55 ||
	    !source_has(source, 0x202, "HdrS", 4))
		return false;
	unsigned protocol = source_16(source, 0x206);
	uint64_t need = setup_size(source);
	if (protocol >= 0x204)
		need += source_32(source, 0x1f4) * 16ULL;

	kind->class = KIND_KERNEL;
	kind->what = "a bzImage";
	kind->is_linux = is_linux(source);
	kind->bios = !kind->is_linux;
	/* xloadflags: XLF_KERNEL_64 */
	bool wide = protocol >= 0x20c && (source_16(source, 0x236) & 1) != 0;
	kind->target = targets_named(source->targets, wide ? "x64" : "i386");
	/* The size is in paragraphs, rounded up. */
	if (source->size + PARAGRAPH <= need)
		kind->wrong = "cut short";
	return true;
}

static bool
is_head(struct source *source, const json_t *head, struct kind *kind)
{
	int at = 0, end[2] = {0, 0};
	const char *hex = "";
	uint8_t bytes[32];
	size_t n = 0;

	if (json_unpack((json_t *)(uintptr_t)head, "{s:i, s:s, s:s, s?[i, i]}",
		"at", &at, "hex", &hex, "what", &kind->what, "end", &end[0],
		&end[1]) < 0)
		return false;
	for (int used;
	     n < sizeof(bytes) && sscanf(hex, "%2hhx%n", &bytes[n], &used) == 1;
	     n++)
		hex += used;
	if (n == 0 || !source_has(source, (uint64_t)at, bytes, n))
		return false;
	if (end[0] > 0 &&
	    source->size < source_32(source, (uint64_t)end[0]) -
			       (uint64_t)source_32(source, (uint64_t)end[1]))
		kind->wrong = "cut short";
	return true;
}

/* What the targets say of how their kernels begin. */
static bool
look_image(struct source *source, struct kind *kind)
{
	for (const struct target *t = source->targets->list; t->name != NULL;
	     t++) {
		for (size_t j = 0; j < json_array_size(t->heads); j++) {
			if (!is_head(source, json_array_get(t->heads, j), kind))
				continue;
			kind->class = KIND_KERNEL;
			kind->target = t;
			kind->is_linux = true;
			return true;
		}
	}
	return false;
}

/* A kernel that UEFI starts and that unpacks itself (Linux,
 * drivers/firmware/efi/libstub/zboot-header.S). Where QEMU starts the Image in
 * it, emu-stage unpacks it. */
static void
judge_zboot(struct source *source, struct kind *kind)
{
	kind->class = KIND_KERNEL;
	kind->what = "an EFI zboot kernel";
	kind->is_linux = true;
	kind->packed = kind->target != NULL && kind->target->heads != NULL;
	kind->zboot = !kind->packed;
	if (kind->target != NULL &&
	    source->size <
		(uint64_t)source_32(source, 8) + source_32(source, 12))
		kind->wrong = "cut short";
}

/* A unified kernel image has its command line in a section. */
static bool
has_line(struct source *source, uint64_t pe)
{
	enum { FILE_HEADER = 24, SECTION = 40 };
	unsigned count = source_16(source, pe + 6);
	uint64_t at = pe + FILE_HEADER + source_16(source, pe + 20);

	for (unsigned i = 0; i < count; i++) {
		if (source_has(
			source, at + (uint64_t)i * SECTION, ".cmdline", 8))
			return true;
	}
	return false;
}

static void
judge_program(struct source *source, uint64_t pe, struct kind *kind)
{
	unsigned subsystem = source_16(source, pe + 24 + 68);

	kind->class = KIND_EFI;
	kind->what = "a UEFI application";
	kind->has_line = has_line(source, pe);
	if (subsystem < PE_EFI_APPLICATION || subsystem > PE_EFI_ROM) {
		kind->class = KIND_USELESS;
		kind->what = "a Windows program";
	} else if (subsystem != PE_EFI_APPLICATION) {
		kind->class = KIND_USELESS;
		kind->what = "a UEFI driver";
	} else if (kind->target != NULL &&
		   strcmp(kind->target->name, "x64") == 0 &&
		   source->size < setup_size(source)) {
		kind->wrong = "too small for QEMU's -kernel: put it on a disk, "
			      "as EFI/BOOT/BOOTX64.EFI";
	}
}

/* PE (Microsoft's specification): what UEFI starts. */
static bool
look_pe(struct source *source, struct kind *kind)
{
	uint64_t pe = source_32(source, 0x3c);
	unsigned machine = source_16(source, pe + 4);

	if (!source_has(source, 0, "MZ", 2) ||
	    !source_has(source, pe, "PE\0\0", 4))
		return false;
	for (const struct target *t = source->targets->list; t->name != NULL;
	     t++) {
		if (machine > 0 && (unsigned)t->pe == machine)
			kind->target = t;
	}
	if (kind->target == NULL)
		kind->wrong = "for no machine known here";
	if (source_has(source, 0, "MZ\0\0zimg", 8))
		judge_zboot(source, kind);
	else
		judge_program(source, pe, kind);
	return true;
}

/* "BOOT", and two magic numbers; the kernel item says what machine it is for
 * (Fuchsia, lib/zbi-format/zbi.h). */
static bool
look_zbi(struct source *source, struct kind *kind)
{
	if (source_32(source, 0) != 0x544f4f42 ||
	    source_32(source, 8) != 0x868cf7e6)
		return false;
	kind->class = KIND_ZBI;
	kind->what = "a zbi";
	for (const struct target *t = source->targets->list; t->name != NULL;
	     t++) {
		if (t->zbi != NULL &&
		    source_has(source, 32, t->zbi, strlen(t->zbi)))
			kind->target = t;
	}
	if (source_32(source, 24) != 0xb5781729)
		kind->wrong = "its header is damaged";
	else if (source->size < 32ULL + source_32(source, 4))
		kind->wrong = "cut short";
	return true;
}

/* U-Boot's wrapping (include/image.h); QEMU takes it off for arm alone. */
static bool
look_uimage(struct source *source, struct kind *kind)
{
	enum { ARCH = 29, TYPE = 30, KERNEL = 2, RAMDISK = 3 };

	if (!source_has(source, 0, "\x27\x05\x19\x56", 4))
		return false;
	int arch = source_8(source, ARCH);
	unsigned type = source_8(source, TYPE);

	kind->class = type == RAMDISK ? KIND_INITRD : KIND_KERNEL;
	kind->what = type == RAMDISK ? "an initrd in a uImage" : "a uImage";
	for (const struct target *t = source->targets->list; t->name != NULL;
	     t++) {
		if (arch > 0 && t->uimage == arch)
			kind->target = t;
	}
	kind->is_linux = type == KERNEL;
	if (type != KERNEL && type != RAMDISK)
		kind->wrong = "it holds neither a kernel nor an initrd";
	else if (kind->target == NULL)
		kind->wrong = "QEMU takes it for arm alone: take the file out "
			      "of it (dumpimage)";
	return true;
}

/* A device tree that has images in it (U-Boot, doc/uImage.FIT). */
static bool
look_fit(struct source *source, struct kind *kind)
{
	uint8_t bytes[PAGE];
	size_t n = source_head(source, bytes, sizeof(bytes));

	if (!source_has(source, 0, "\xd0\x0d\xfe\xed", 4) ||
	    memmem(bytes, n, "\0\0\0\1images\0", 11) == NULL)
		return false;
	kind->class = KIND_USELESS;
	kind->what = "a FIT image, whose parts QEMU does not start (dumpimage "
		     "takes them out)";
	return true;
}

static bool
look_json(struct source *source, struct kind *kind)
{
	char bytes[PAGE + 1] = "";

	source_head(source, bytes, PAGE);
	char c = bytes[strspn(bytes, " \t\r\n")];
	if (c != '[' && c != '{')
		return false;
	/* An array or an object goes on with a value or a name, or ends. */
	kind->class = KIND_JSON;
	kind->what = c == '[' ? "JSON, an array" : "JSON, an object";
	return true;
}

/* What a file is that begins with a magic number. */
static const enum kind_class classes[] = {
    [MAGIC_DISK] = KIND_DISK,
    [MAGIC_FUCHSIA] = KIND_DISK,
    [MAGIC_SYSTEM] = KIND_UNKNOWN, /* or a partition of that disk */
    [MAGIC_PARTITIONS] = KIND_UNKNOWN,
    [MAGIC_PACKED] = KIND_PACKED,
    [MAGIC_INITRD] = KIND_INITRD,
    [MAGIC_DTB] = KIND_DTB,
    [MAGIC_SPARSE] = KIND_DISK,
    [MAGIC_OTHER] = KIND_USELESS,
};

static bool
look_magic(struct source *source, struct kind *kind)
{
	const struct magic *magic = source_magic(source);

	if (magic == NULL || classes[magic->class] == KIND_UNKNOWN)
		return false;
	kind->class = classes[magic->class];
	kind->what = magic->what;
	kind->format = magic->format;
	kind->sparse = magic->class == MAGIC_SPARSE;
	kind->opaque = magic->class == MAGIC_DISK || kind->sparse;
	if (magic->class == MAGIC_FUCHSIA)
		kind->format = "raw";
	return true;
}

/* The first bytes of a text: nothing below a blank but tabs and line ends. */
static bool
look_text(struct source *source, struct kind *kind)
{
	uint8_t bytes[TEXT];
	size_t n = source_head(source, bytes, sizeof(bytes));

	if (n == 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] < ' ' &&
		    memchr("\t\r\n\f\33", bytes[i], 5) == NULL)
			return false;
	}
	kind->class = KIND_USELESS;
	kind->what = "text";
	return true;
}

/* Linux skips zeros before an initrd, or a part of one. */
static bool
look_padded(struct source *source, struct kind *kind)
{
	uint8_t bytes[MAGIC_BYTES];
	size_t n = source_head(source, bytes, sizeof(bytes));
	size_t at = 0;

	while (at < n && bytes[at] == 0)
		at++;
	at &= ~(size_t)3;
	const struct magic *magic = magic_find(bytes + at, n - at);
	if (at == 0 || magic == NULL ||
	    (magic->class != MAGIC_INITRD && magic->class != MAGIC_PACKED))
		return false;
	kind->class = KIND_INITRD;
	kind->what = "an initrd behind zeros";
	return true;
}

static bool
look_blank(struct source *source, struct kind *kind)
{
	if (source->size < BLANK || source->size % 512 != 0 ||
	    !source_zero(source, 0, BLANK))
		return false;
	kind->class = KIND_DISK;
	kind->what = "a blank disk";
	kind->format = "raw";
	kind->root = ROOT_NONE;
	return true;
}

/* What is on the disk counts, when it can be seen. */
static bool
look_qcow2(struct source *source, struct kind *kind)
{
	struct qcow2_disk qcow2;

	if (!source_has(source, 0, "QFI\xfb", 4))
		return false;
	bool seen =
	    qcow2_disk_open(&qcow2, source) &&
	    (disk_look(&qcow2.disk, kind) || look_blank(&qcow2.disk, kind));
	qcow2_disk_close(&qcow2);
	if (!seen)
		*kind = (struct kind){.opaque = true};
	kind->class = KIND_DISK;
	kind->what = "a qcow2 disk";
	kind->format = "qcow2";
	return true;
}

/* In this order: a bzImage may be a PE and have a boot sector's signature, an
 * iso may be a partitioned disk, a disk's boot sector may hold anything. */
static bool (*const looks[])(struct source *, struct kind *) = {
    look_bzimage,
    look_image,
    elf_file_look,
    look_pe,
    look_zbi,
    disk_look_iso,
    look_qcow2,
    firmware_image_look,
    look_uimage,
    look_fit,
    look_magic,
    disk_look,
    look_padded,
    look_json,
    look_text,
    look_blank,
};

void
kind_of(struct source *source, struct kind *kind)
{
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		*kind = (struct kind){.class = KIND_UNKNOWN};
		if (looks[i](source, kind))
			return;
	}
	*kind = (struct kind){
	    .class = KIND_UNKNOWN,
	    .what = "data",
	    .format = source->size % 512 == 0 ? "raw" : NULL,
	};
}
