#include "kernel_version.h"

#include "unpacked.h"

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* Documentation/arch/x86/boot.rst: "HdrS", and kernel_version, an
	 * offset less 0x200. */
	BZIMAGE_MAGIC = 0x202,
	BZIMAGE_VERSION = 0x20e,
	/* drivers/firmware/efi/libstub/zboot-header.S: "zimg", then the
	 * payload's offset and size. */
	ZBOOT_MAGIC = 4,
	ZBOOT_OFFSET = 8,
	ZBOOT_SIZE = 12,
	/* arch/arm/boot/compressed/head.S. */
	ZIMAGE_MAGIC = 0x24,
	ZIMAGE_NUMBER = 0x016f2818,
};

static bool
has(const uint8_t *bytes, size_t len, size_t at, const char *text)
{
	size_t n = strlen(text);

	return at + n <= len && memcmp(bytes + at, text, n) == 0;
}

static uint32_t
word_at(const uint8_t *bytes, size_t at)
{
	uint32_t value;

	memcpy(&value, bytes + at, sizeof(value));
	return le32toh(value);
}

/* Takes a version: what is printable up to a space. */
static bool
take(const uint8_t *bytes, size_t len, size_t at,
    char version[KERNEL_VERSION_BYTES])
{
	size_t n = 0;

	while (at + n < len && n < KERNEL_VERSION_BYTES - 1 &&
	       bytes[at + n] > ' ' && bytes[at + n] < 0x7f) {
		version[n] = (char)bytes[at + n];
		n++;
	}
	version[n] = '\0';
	/* A version is the name of a directory below lib/modules. */
	if (n > 0 && version[0] >= '0' && version[0] <= '9' &&
	    strchr(version, '/') == NULL)
		return true;
	version[0] = '\0';
	return false;
}

static bool
in_bzimage(const uint8_t *bytes, size_t len, char version[KERNEL_VERSION_BYTES])
{
	if (!has(bytes, len, BZIMAGE_MAGIC, "HdrS") ||
	    len < BZIMAGE_VERSION + 2)
		return false;
	size_t at = bytes[BZIMAGE_VERSION] | (size_t)bytes[BZIMAGE_VERSION + 1]
						 << 8;
	return at != 0 && take(bytes, len, at + 0x200, version);
}

/* init/version.c: "Linux version " is followed by the version. */
static bool
in_banner(const uint8_t *bytes, size_t len, char version[KERNEL_VERSION_BYTES])
{
	static const char banner[] = "Linux version ";
	const size_t size = sizeof(banner) - 1;
	const uint8_t *from = bytes, *end = bytes + len, *at;

	while (
	    (at = memmem(from, (size_t)(end - from), banner, size)) != NULL) {
		if (take(bytes, len, (size_t)(at - bytes) + size, version))
			return true;
		from = at + size;
	}
	return false;
}

/* Looks into what is packed in [at, len). What cannot be unpacked is no
 * kernel. */
static bool
in_packed(const uint8_t *bytes, size_t len, size_t at,
    char version[KERNEL_VERSION_BYTES])
{
	struct reason ignored;
	uint8_t *inside;
	size_t size;

	if (at >= len || unpacked_bytes("", bytes + at, len - at, &inside,
			     &size, &ignored) < 0)
		return false;
	bool found = in_banner(inside, size, version);
	free(inside);
	return found;
}

static bool
in_zboot(const uint8_t *bytes, size_t len, char version[KERNEL_VERSION_BYTES])
{
	if (!has(bytes, len, ZBOOT_MAGIC, "zimg") || len < ZBOOT_SIZE + 4)
		return false;
	size_t at = word_at(bytes, ZBOOT_OFFSET);
	size_t size = word_at(bytes, ZBOOT_SIZE);
	if (at > len || size > len - at)
		return false;
	return in_packed(bytes, at + size, at, version);
}

/* The gzip stream of a zImage is somewhere behind its decompressor. */
static bool
in_zimage(const uint8_t *bytes, size_t len, char version[KERNEL_VERSION_BYTES])
{
	if (len < ZIMAGE_MAGIC + 4 ||
	    word_at(bytes, ZIMAGE_MAGIC) != ZIMAGE_NUMBER)
		return false;
	const uint8_t *at = memmem(bytes, len, "\x1f\x8b\x08", 3);
	return at != NULL &&
	       in_packed(bytes, len, (size_t)(at - bytes), version);
}

int
kernel_version_read(
    const char *path, char version[KERNEL_VERSION_BYTES], struct reason *why)
{
	uint8_t *bytes;
	size_t len;

	version[0] = '\0';
	if (unpacked_file(path, &bytes, &len, why) < 0)
		return -1;
	if (!in_bzimage(bytes, len, version) &&
	    !in_zboot(bytes, len, version) && !in_zimage(bytes, len, version))
		in_banner(bytes, len, version);
	free(bytes);
	return 0;
}
