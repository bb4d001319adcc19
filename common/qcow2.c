#include "qcow2.h"

#include <endian.h>
#include <string.h>

enum { HEADER_2 = 72 }; /* of version 2, bytes */

static uint32_t
get_32(const unsigned char *p)
{
	uint32_t n;

	memcpy(&n, p, sizeof(n));
	return be32toh(n);
}

static uint64_t
get_64(const unsigned char *p)
{
	uint64_t n;

	memcpy(&n, p, sizeof(n));
	return be64toh(n);
}

bool
qcow2_header_read(const void *bytes, size_t len, struct qcow2_header *header)
{
	const unsigned char *p = bytes;

	if (len < HEADER_2 || memcmp(p, "QFI\xfb", 4) != 0)
		return false;
	*header = (struct qcow2_header){
	    .version = get_32(p + 4),
	    .backing = get_64(p + 8),
	    .backing_len = get_32(p + 16),
	    .cluster_bits = get_32(p + 20),
	    .size = get_64(p + 24),
	    .crypt = get_32(p + 32),
	    .tables = get_32(p + 36),
	    .table = get_64(p + 40),
	    .length = HEADER_2,
	};
	if (header->version == 2)
		return true;
	if (header->version != 3 || len < QCOW2_HEADER)
		return false;
	header->incompatible = get_64(p + 72);
	header->length = get_32(p + 100);
	return true;
}
