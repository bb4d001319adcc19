#ifndef MAGIC_H
#define MAGIC_H

#include <stddef.h>
#include <stdint.h>

/* The number of bytes at the beginning of a file that magic_find looks at. */
enum { MAGIC_BYTES = 65608 };

enum magic_class {
	MAGIC_DISK,       /* a disk image in a format of QEMU's own */
	MAGIC_FUCHSIA,    /* a disk of Fuchsia */
	MAGIC_SYSTEM,     /* a file system that Linux may have as its root */
	MAGIC_PARTITIONS, /* a raw disk with partitions */
	MAGIC_PACKED,     /* compressed; `format` names the program */
	MAGIC_INITRD,
	MAGIC_DTB,
	MAGIC_SPARSE, /* a disk that must be expanded first */
	MAGIC_OTHER,  /* not part of a machine */
};

/* A kind of file that has a magic number. */
struct magic {
	uint32_t offset;
	uint8_t len;
	char bytes[24];
	enum magic_class class;
	const char *format; /* its short name; of a disk QEMU's, "qcow2"; or
			       NULL */
	const char *what;   /* for messages: "a qcow2 disk" */
	const char *hint;   /* advice: "unpack it with xz -d"; or NULL */
};

/* Returns the kind of a file from its first len bytes, of which MAGIC_BYTES are
 * enough, or NULL. A raw disk may be taken for another kind because of the
 * content of its boot sector, but not for a MAGIC_DISK. */
const struct magic *magic_find(const uint8_t *bytes, size_t len);

#endif
