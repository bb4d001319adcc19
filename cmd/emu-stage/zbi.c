#include "zbi.h"

#include "file_io.h"

#include <assert.h>
#include <endian.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const uint32_t container_type = 0x544f4f42; /* "BOOT" */
static const uint32_t container_magic = 0x868cf7e6;
static const uint32_t item_magic = 0xb5781729;
static const uint32_t flag_version = 0x00010000, flag_crc = 0x00020000;
static const uint32_t no_crc = 0x4a87e8d6; /* where there is no checksum */

struct header {
	uint32_t type, length, extra, flags, reserved[2], magic, crc;
};

static_assert(sizeof(struct header) == ZBI_HEADER, "zbi_header_t");

static uint64_t
padded(uint64_t n)
{
	return (n + 7) & ~UINT64_C(7);
}

static int
refuse(const struct zbi *zbi, uint64_t at, const char *what, struct reason *why)
{
	return reason_set(why, "%s: byte %" PRIu64 ": %s", zbi->name, at, what);
}

/* Reads a header and checks what all have in common. */
static int
read_header(const struct zbi *zbi, uint64_t at, struct zbi_item *item,
    struct reason *why)
{
	struct header h;

	if (file_read(zbi->fd, &h, sizeof(h), at) < 0)
		return reason_errno(why, "%s", zbi->name);
	*item = (struct zbi_item){.at = at,
	    .type = le32toh(h.type),
	    .length = le32toh(h.length),
	    .extra = le32toh(h.extra),
	    .flags = le32toh(h.flags),
	    .crc = le32toh(h.crc)};
	if (le32toh(h.magic) != item_magic)
		return refuse(zbi, at, "not the header of a ZBI's item", why);
	if ((item->flags & flag_version) == 0)
		return refuse(zbi, at, "an item of an unknown version", why);
	if ((item->flags & flag_crc) == 0 && item->crc != no_crc)
		return refuse(
		    zbi, at, "a checksum that its flags do not know", why);
	return 0;
}

/* The table of the CRC-32 of zlib and gzip (RFC 1952, 8). */
static void
make_crc_table(uint32_t table[static 256])
{
	for (uint32_t i = 0; i < 256; i++) {
		table[i] = i;
		for (int bit = 0; bit < 8; bit++)
			table[i] =
			    table[i] >> 1 ^ (table[i] & 1 ? 0xedb88320 : 0);
	}
}

/* Goes on with a CRC-32, which begins and is kept with all bits inverted. */
static uint32_t
crc_add(const uint32_t table[static 256], uint32_t crc,
    const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		crc = table[(crc ^ bytes[i]) & 0xff] ^ crc >> 8;
	return crc;
}

/* Checks an item's checksum: of the header, as if it had none, and of the
 * payload (Fuchsia's zbitl/view.h). */
static int
check_crc(
    const struct zbi *zbi, const struct zbi_item *item, struct reason *why)
{
	unsigned char bytes[65536];
	uint64_t at = item->at, end = at + ZBI_HEADER + item->length;
	uint32_t crc = UINT32_MAX, table[256];

	make_crc_table(table);
	for (size_t n; at < end; at += n) {
		n = end - at < sizeof(bytes) ? (size_t)(end - at)
					     : sizeof(bytes);
		if (file_read(zbi->fd, bytes, n, at) < 0)
			return reason_errno(why, "%s", zbi->name);
		if (at == item->at)
			memset(bytes + offsetof(struct header, crc), 0, 4);
		crc = crc_add(table, crc, bytes, n);
	}
	return ~crc == item->crc
		   ? 0
		   : refuse(zbi, item->at,
			 "an item whose checksum is not that of its bytes",
			 why);
}

static int
read_container(struct zbi *zbi, uint64_t size, struct reason *why)
{
	struct zbi_item item;

	if (size < ZBI_HEADER)
		return reason_set(why, "%s: not a ZBI: too short", zbi->name);
	if (read_header(zbi, 0, &item, why) < 0)
		return -1;
	if (item.type != container_type || item.extra != container_magic)
		return refuse(zbi, 0, "not a ZBI's container", why);
	/* The items have their own. */
	if ((item.flags & flag_crc) != 0)
		return refuse(zbi, 0, "a container with a checksum", why);
	zbi->end = ZBI_HEADER + (uint64_t)item.length;
	if (item.length % 8 != 0)
		return refuse(
		    zbi, 4, "a length that is not a multiple of 8", why);
	if (zbi->end > size)
		return reason_set(why,
		    "%s: byte 4: ends at %" PRIu64 ", the file at %" PRIu64,
		    zbi->name, zbi->end, size);
	return 0;
}

int
zbi_open(struct zbi *zbi, int fd, uint64_t size, const char *name,
    void (*see)(void *context, const struct zbi_item *item), void *context,
    struct reason *why)
{
	struct zbi_item item;

	*zbi = (struct zbi){.fd = fd, .name = name};
	if (read_container(zbi, size, why) < 0)
		return -1;
	for (uint64_t at = ZBI_HEADER; at < zbi->end;
	     at += ZBI_HEADER + padded(item.length)) {
		if (zbi->end - at < ZBI_HEADER)
			return refuse(zbi, at, "a header cut short", why);
		if (read_header(zbi, at, &item, why) < 0)
			return -1;
		if (item.type == container_type)
			return refuse(zbi, at, "a ZBI within a ZBI", why);
		if (padded(item.length) > zbi->end - at - ZBI_HEADER)
			return refuse(zbi, at,
			    "an item that ends behind the ZBI's end", why);
		if ((item.flags & flag_crc) != 0 &&
		    check_crc(zbi, &item, why) < 0)
			return -1;
		if (see != NULL)
			see(context, &item);
	}
	return 0;
}

int
zbi_append(struct zbi *zbi, uint32_t type, const void *bytes, size_t len,
    struct reason *why)
{
	const struct header h = {.type = htole32(type),
	    .length = htole32((uint32_t)len),
	    .flags = htole32(flag_version),
	    .magic = htole32(item_magic),
	    .crc = htole32(no_crc)};
	uint64_t end = zbi->end + ZBI_HEADER + padded(len);

	if (len > UINT32_MAX || end - ZBI_HEADER > UINT32_MAX)
		return reason_set(
		    why, "%s: larger than a ZBI may be", zbi->name);
	uint32_t length = htole32((uint32_t)(end - ZBI_HEADER));
	/* The padding is zeros, whatever was behind the end. */
	if (ftruncate(zbi->fd, (off_t)zbi->end) < 0 ||
	    ftruncate(zbi->fd, (off_t)end) < 0 ||
	    file_write(zbi->fd, &h, sizeof(h), zbi->end) < 0 ||
	    file_write(zbi->fd, bytes, len, zbi->end + ZBI_HEADER) < 0 ||
	    file_write(zbi->fd, &length, sizeof(length), 4) < 0)
		return reason_errno(why, "%s", zbi->name);
	zbi->end = end;
	return 0;
}
