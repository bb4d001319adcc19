#include "zbi.h"

#include "../fatal.h"
#include "../memory.h"
#include "file_io.h"
#include "json_text.h"

#include <assert.h>
#include <endian.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

static _Noreturn void
refuse(const struct zbi *zbi, uint64_t at, const char *what)
{
	fatal("%s: byte %" PRIu64 ": %s", zbi->name, at, what);
}

/* Reads a header and checks what all have in common. */
static struct zbi_item
read_header(const struct zbi *zbi, uint64_t at)
{
	struct header h;

	if (file_read(zbi->fd, &h, sizeof(h), at) < 0)
		fatal_errno(zbi->name);
	struct zbi_item item = {.at = at,
	    .type = le32toh(h.type),
	    .length = le32toh(h.length),
	    .extra = le32toh(h.extra),
	    .flags = le32toh(h.flags),
	    .crc = le32toh(h.crc)};
	if (le32toh(h.magic) != item_magic)
		refuse(zbi, at, "not the header of a ZBI's item");
	if ((item.flags & flag_version) == 0)
		refuse(zbi, at, "an item of an unknown version");
	if ((item.flags & flag_crc) == 0 && item.crc != no_crc)
		refuse(zbi, at, "a checksum that its flags do not know");
	return item;
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
static void
check_crc(const struct zbi *zbi, const struct zbi_item *item)
{
	unsigned char bytes[65536];
	uint64_t at = item->at, end = at + ZBI_HEADER + item->length;
	uint32_t crc = UINT32_MAX, table[256];

	make_crc_table(table);
	for (size_t n; at < end; at += n) {
		n = end - at < sizeof(bytes) ? (size_t)(end - at)
					     : sizeof(bytes);
		if (file_read(zbi->fd, bytes, n, at) < 0)
			fatal_errno(zbi->name);
		if (at == item->at)
			memset(bytes + offsetof(struct header, crc), 0, 4);
		crc = crc_add(table, crc, bytes, n);
	}
	if (~crc != item->crc)
		refuse(zbi, item->at,
		    "an item whose checksum is not that of its bytes");
}

static void
read_container(struct zbi *zbi, uint64_t size)
{
	if (size < ZBI_HEADER)
		fatal("%s: not a ZBI: too short", zbi->name);
	struct zbi_item item = read_header(zbi, 0);
	if (item.type != container_type || item.extra != container_magic)
		refuse(zbi, 0, "not a ZBI's container");
	/* The items have their own. */
	if ((item.flags & flag_crc) != 0)
		refuse(zbi, 0, "a container with a checksum");
	zbi->end = ZBI_HEADER + (uint64_t)item.length;
	if (item.length % 8 != 0)
		refuse(zbi, 4, "a length that is not a multiple of 8");
	if (zbi->end > size)
		fatal("%s: byte 4: ends at %" PRIu64 ", the file at %" PRIu64,
		    zbi->name, zbi->end, size);
}

struct zbi
zbi_open(int fd, uint64_t size, const char *name,
    void (*see)(void *context, const struct zbi_item *item), void *context)
{
	struct zbi zbi = {.fd = fd, .name = name};
	struct zbi_item item;

	read_container(&zbi, size);
	for (uint64_t at = ZBI_HEADER; at < zbi.end;
	     at += ZBI_HEADER + padded(item.length)) {
		if (zbi.end - at < ZBI_HEADER)
			refuse(&zbi, at, "a header cut short");
		item = read_header(&zbi, at);
		if (item.type == container_type)
			refuse(&zbi, at, "a ZBI within a ZBI");
		if (padded(item.length) > zbi.end - at - ZBI_HEADER)
			refuse(
			    &zbi, at, "an item that ends behind the ZBI's end");
		if ((item.flags & flag_crc) != 0)
			check_crc(&zbi, &item);
		if (see != NULL)
			see(context, &item);
	}
	return zbi;
}

void
zbi_append(struct zbi *zbi, uint32_t type, const void *bytes, size_t len)
{
	const struct header h = {.type = htole32(type),
	    .length = htole32((uint32_t)len),
	    .flags = htole32(flag_version),
	    .magic = htole32(item_magic),
	    .crc = htole32(no_crc)};
	uint64_t end = zbi->end + ZBI_HEADER + padded(len);

	if (len > UINT32_MAX || end - ZBI_HEADER > UINT32_MAX)
		fatal("%s: larger than a ZBI may be", zbi->name);
	uint32_t length = htole32((uint32_t)(end - ZBI_HEADER));
	/* The padding is zeros, whatever was behind the end. */
	if (ftruncate(zbi->fd, (off_t)zbi->end) < 0 ||
	    ftruncate(zbi->fd, (off_t)end) < 0 ||
	    file_write(zbi->fd, &h, sizeof(h), zbi->end) < 0 ||
	    file_write(zbi->fd, bytes, len, zbi->end + ZBI_HEADER) < 0 ||
	    file_write(zbi->fd, &length, sizeof(length), 4) < 0)
		fatal_errno(zbi->name);
	zbi->end = end;
}

enum { TEXT_MOST = 64 << 10 }; /* of a payload that is shown, bytes */

struct listing {
	int fd;
	json_t *items;
};

/* The type as its four letters where they are letters, else as a number. */
static json_t *
type_json(uint32_t type)
{
	char letters[5] = "";

	for (int i = 0; i < 4; i++) {
		char c = (char)(type >> (8 * i));

		if (c < '0' || c > 'z')
			return json_sprintf("0x%08x", type);
		letters[i] = c;
	}
	return json_string(letters);
}

/* A part of the payload as a string, or NULL where it is none. */
static json_t *
text_json(int fd, uint64_t at, size_t len)
{
	char *text = len > TEXT_MOST ? NULL : malloc(len + 1);
	json_t *json = NULL;

	if (text != NULL && file_read(fd, text, len, at) == 0) {
		while (len > 0 && text[len - 1] == '\0')
			len--;
		json = json_stringn(text, len);
	}
	free(text);
	return json;
}

static void
add_item(void *context, const struct zbi_item *item)
{
	struct listing *listing = context;
	uint64_t payload = item->at + ZBI_HEADER;
	json_t *text = NULL, *name = NULL;
	uint8_t len = 0;

	if (item->type == ZBI_CMDLINE)
		text = text_json(listing->fd, payload, item->length);
	else if (item->type == ZBI_FILE &&
		 file_read(listing->fd, &len, 1, payload) == 0 &&
		 len < item->length)
		name = text_json(listing->fd, payload + 1, len);
	if (json_array_append_new(listing->items,
		json_pack("{s:o, s:I, s:I, s:I, s:I, s:o*, s:o*}", "type",
		    type_json(item->type), "offset", (json_int_t)item->at,
		    "length", (json_int_t)item->length, "extra",
		    (json_int_t)item->extra, "flags", (json_int_t)item->flags,
		    "text", text, "name", name)) < 0)
		fatal_memory();
}

void
zbi_list(const char *path)
{
	struct listing listing = {
	    .fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC),
	    .items = json_array()};
	struct stat st;

	if (listing.fd < 0 || fstat(listing.fd, &st) < 0)
		fatal_errno(path);
	if (!S_ISREG(st.st_mode))
		fatal("%s: not a regular file", path);
	struct zbi zbi = zbi_open(
	    listing.fd, (uint64_t)st.st_size, path, add_item, &listing);
	json_t *all = memory_got(json_pack("{s:s, s:I, s:o}", "image", path,
	    "end", (json_int_t)zbi.end, "items", listing.items));
	char *text = memory_got(json_text(all, JSON_INDENT(2)));
	if (puts(text) < 0)
		fatal_errno("<stdout>");
	json_decref(all);
	free(text);
	close(listing.fd);
}
