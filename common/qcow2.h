#ifndef QCOW2_H
#define QCOW2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	QCOW2_HEADER = 104, /* bytes */
	QCOW2_DATA_FILE = 1 << 2,
	QCOW2_COMPRESSION = 1 << 3, /* other than zlib's */
	QCOW2_EXTENDED = 1 << 4,    /* entries of the second level: 16 bytes */
};

/* The header of a qcow2 image (QEMU, docs/interop/qcow2.txt). */
struct qcow2_header {
	uint32_t version;     /* 2 or 3 */
	uint64_t backing;     /* where the other image's name is; 0: none */
	uint32_t backing_len; /* bytes of the name */
	uint32_t cluster_bits;
	uint64_t size;         /* of the disk, bytes */
	uint32_t crypt;        /* 0: it is not encrypted */
	uint32_t tables;       /* of the second level */
	uint64_t table;        /* where that of the first level is */
	uint64_t incompatible; /* features: QCOW2_* */
	uint32_t length;       /* of the header; extensions follow it */
};

/* Reads the header from the first len bytes of a file, QCOW2_HEADER of which
 * are enough. Returns false when they are no qcow2 image of a known version. */
bool qcow2_header_read(
    const void *bytes, size_t len, struct qcow2_header *header);

#endif
