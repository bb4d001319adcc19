#ifndef QCOW2_H
#define QCOW2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	QCOW2_HEADER = 104, /* bytes */
	QCOW2_DATA_FILE = 1 << 2,
	QCOW2_COMPRESSION = 1 << 3, /* not by zlib */
	QCOW2_EXTENDED = 1 << 4,    /* second-level entries of 16 bytes */
};

/* The header of a qcow2 image (QEMU, docs/interop/qcow2.txt). */
struct qcow2_header {
	uint32_t version;     /* 2 or 3 */
	uint64_t backing;     /* offset of the backing file's name; 0: none */
	uint32_t backing_len; /* bytes of the name */
	uint32_t cluster_bits;
	uint64_t size;         /* of the disk, in bytes */
	uint32_t crypt;        /* method of encryption; 0: none */
	uint32_t tables;       /* number of second-level tables */
	uint64_t table;        /* offset of the first-level table */
	uint64_t incompatible; /* features: QCOW2_* */
	uint32_t length;       /* of the header, in bytes; extensions follow */
};

/* Reads the header from the first len bytes of a file; QCOW2_HEADER bytes are
 * enough. Returns false if they are not the header of a qcow2 image of version
 * 2 or 3. */
bool qcow2_header_read(
    const void *bytes, size_t len, struct qcow2_header *header);

#endif
