#ifndef ZBI_H
#define ZBI_H

#include <stddef.h>
#include <stdint.h>

/* Zircon Boot Images (zircon/boot/image.h): a container's header, then items,
 * each with a header of 32 bytes and a payload padded to 8; little-endian. */
enum {
	ZBI_HEADER = 32,
	ZBI_CMDLINE = 0x4c444d43, /* "CMDL": text, NUL at the end or not */
	ZBI_FILE = 0x4c465442,    /* "BTFL": length of a name, name, bytes */
	ZBI_ENTROPY = 0x444e4152, /* "RAND" */
};

struct zbi_item {
	uint64_t at; /* of its header, in the file */
	uint32_t type, length, extra, flags, crc;
};

/* A ZBI in a file. */
struct zbi {
	int fd;
	const char *name; /* messages call it; borrowed */
	uint64_t end;     /* of its last item, padded: multiple of 8 */
};

/* Reads the ZBI in a file of `size` bytes, and checks its headers, and the
 * checksums of the items that have one. Bytes behind the container's end are
 * not a part of the ZBI. `see` is called with every item, unless it is NULL.
 * These functions end the program when something is wrong, with a message that
 * names the offset. */
struct zbi zbi_open(int fd, uint64_t size, const char *name,
    void (*see)(void *context, const struct zbi_item *item), void *context);

/* Appends an item of len bytes, without a checksum, which the format allows.
 * The file ends with it. */
void zbi_append(struct zbi *zbi, uint32_t type, const void *bytes, size_t len);

/* Prints the items of the ZBI at path as JSON on stdout: type, offset, length,
 * extra and flags of each, the text of a command line, and the name of a boot
 * loader's file. */
void zbi_list(const char *path);

#endif
