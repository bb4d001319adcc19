#ifndef KIND_H
#define KIND_H

#include "source.h"

enum kind_class {
	KIND_UNKNOWN,
	KIND_USELESS, /* known, and of no use to a machine */
	KIND_KERNEL,
	KIND_INITRD,
	KIND_ZBI,
	KIND_DTB,
	KIND_BIOS,
	KIND_FLASH, /* firmware that must be in flash memory */
	KIND_VARS,  /* the variables of such firmware */
	KIND_DISK,
	KIND_BACKING, /* the backing file of another operand */
	KIND_CDROM,
	KIND_EFI, /* a UEFI application */
	KIND_JSON,
	KIND_PACKED, /* compressed; packed_look looks inside */
};

enum {
	ROOT_NONE = 0,   /* no Linux file system seen */
	ROOT_WHOLE = -1, /* the whole disk is one */
	ROOT_MANY = -2,  /* more than one partition could be it */
};

/* What a file is. Strings are constants. */
struct kind {
	enum kind_class class;
	const char *what;  /* for messages: "a bzImage" */
	const char *wrong; /* why no machine can use it; NULL: one can */
	const struct target *target; /* NULL: the file does not say */
	const struct target
	    *other; /* a second target it could be for; or NULL */
	const char
	    *format;    /* QEMU's, of a disk; or the program that unpacks it */
	bool packed;    /* emu-stage must decompress it */
	bool multiboot; /* a kernel: takes modules */
	bool zboot;     /* a kernel: UEFI must unpack it */
	bool has_line;  /* a UEFI application: has a command line */
	bool is_linux;  /* a kernel: Linux, or one that is booted like Linux */
	bool opaque;    /* a disk: its content cannot be read */
	bool sparse;    /* a disk: an Android sparse image */
	bool bios;      /* a disk: starts by BIOS; a kernel: calls it */
	bool uefi;      /* a disk: starts by UEFI */
	bool floppy;    /* a disk: has the size of a floppy */
	unsigned sectors; /* of a disk too small for a geometry; else 0 */
	int root;         /* of a disk: number of the partition, or ROOT_* */
};

/* Stores what kind of file the source is. If that is unknown, the class is
 * KIND_UNKNOWN, and format is "raw" if the size is one that a disk may have. */
void kind_of(struct source *source, struct kind *kind);

#endif
