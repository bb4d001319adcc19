#ifndef KIND_H
#define KIND_H

#include "source.h"

enum kind_class {
	KIND_UNKNOWN,
	KIND_USELESS, /* known, and nothing that a machine starts from */
	KIND_KERNEL,
	KIND_INITRD,
	KIND_ZBI,
	KIND_DTB,
	KIND_BIOS,
	KIND_FLASH, /* firmware that has to be in flash memory */
	KIND_VARS,  /* its variables, likewise */
	KIND_DISK,
	KIND_BACKING, /* a disk that another one rests on */
	KIND_CDROM,
	KIND_EFI, /* a UEFI application */
	KIND_JSON,
	KIND_PACKED, /* compressed: what it holds is to be looked at */
};

enum {
	ROOT_NONE = 0,   /* no Linux file system seen */
	ROOT_WHOLE = -1, /* the whole disk is one */
	ROOT_MANY = -2,  /* more than one partition could be it */
};

/* What a file is. Strings are constants. */
struct kind {
	enum kind_class class;
	const char *what;            /* for messages: "a bzImage" */
	const char *wrong;           /* why it is no use; NULL: it may be */
	const struct target *target; /* NULL: does not say */
	const struct target *other;  /* it could be for as well; NULL: none */
	const char *format; /* of a disk; or the program that unpacks it */
	bool packed;        /* emu-stage has to decompress it */
	bool zboot;         /* a kernel: UEFI has to unpack it */
	bool has_line;      /* a UEFI application: with a command line */
	bool is_linux;      /* a kernel: Linux, or booted as Linux is */
	bool opaque;        /* a disk: what is on it is not looked at */
	bool sparse;        /* a disk: an Android sparse image */
	bool bios;          /* a disk: starts by BIOS */
	bool uefi;          /* a disk: starts by UEFI */
	unsigned sectors;   /* a disk too small to have a geometry; else 0 */
	int root;           /* a disk: the partition from 1, or ROOT_* */
};

/* Tells what the bytes are. What it cannot tell is KIND_UNKNOWN, with a format
 * when its size would do for a disk. */
void kind_of(struct source *source, struct kind *kind);

#endif
