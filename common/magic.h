#ifndef MAGIC_H
#define MAGIC_H

#include <stddef.h>
#include <stdint.h>

enum { MAGIC_BYTES = 65608 }; /* of a file's beginning tell all there is */

enum magic_class {
	MAGIC_DISK,       /* a disk image in a format of QEMU's own */
	MAGIC_FUCHSIA,    /* what a disk of Fuchsia's begins with */
	MAGIC_SYSTEM,     /* a file system that Linux may have as its root */
	MAGIC_PARTITIONS, /* a raw disk with partitions */
	MAGIC_PACKED,     /* compressed, by a program that format names */
	MAGIC_INITRD,
	MAGIC_DTB,
	MAGIC_SPARSE, /* a disk that has to be written out first */
	MAGIC_OTHER,  /* no part of a machine */
};

/* A kind of file that is told by its magic number. */
struct magic {
	uint32_t offset;
	uint8_t len;
	char bytes[24];
	enum magic_class class;
	const char *format; /* its short name; of a disk QEMU's, "qcow2"; or
			       NULL */
	const char *what;   /* for messages: "a qcow2 disk" */
	const char *hint;   /* what makes use of it: "unpack it with xz -d"; or
			       NULL */
};

/* What begins with these bytes, the first len of a file (MAGIC_BYTES are
 * enough), or NULL. A raw disk whose boot sector holds anything may look like
 * something else, but not like a MAGIC_DISK. */
const struct magic *magic_find(const uint8_t *bytes, size_t len);

#endif
