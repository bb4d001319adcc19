#include "kernel_version.h"

#include "../fatal.h"
#include "file_io.h"
#include "unpacked.h"

#include <endian.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	/* Documentation/arch/x86/boot.rst: "HdrS", and kernel_version, an
	 * offset less 0x200. */
	BZIMAGE_MAGIC = 0x202,
	BZIMAGE_VERSION = 0x20e,
	BZIMAGE_BYTES = 0x200 + UINT16_MAX + KERNEL_VERSION_BYTES,
	/* drivers/firmware/efi/libstub/zboot-header.S: "zimg", then the
	 * payload's offset and size. */
	ZBOOT_MAGIC = 4,
	ZBOOT_OFFSET = 8,
	ZBOOT_SIZE = 12,
	/* arch/arm/boot/compressed/head.S. */
	ZIMAGE_MAGIC = 0x24,
	ZIMAGE_NUMBER = 0x016f2818,
};

static uint32_t
word_at(const char *bytes, size_t at)
{
	uint32_t value;

	memcpy(&value, bytes + at, sizeof(value));
	return le32toh(value);
}

/* Takes a version: what is printable up to a space. */
static bool
take(const char *bytes, size_t len, size_t at,
    char version[KERNEL_VERSION_BYTES])
{
	size_t n = 0;

	while (at + n < len && n < KERNEL_VERSION_BYTES - 1 &&
	       bytes[at + n] > ' ' && bytes[at + n] < 0x7f) {
		version[n] = bytes[at + n];
		n++;
	}
	version[n] = '\0';
	/* A version is the name of a directory below lib/modules. */
	if (version[0] >= '0' && version[0] <= '9' &&
	    strchr(version, '/') == NULL)
		return true;
	version[0] = '\0';
	return false;
}

/* The header of a bzImage says it; the rest need not be read. */
static bool
in_bzimage(int fd, const char *path, char version[KERNEL_VERSION_BYTES])
{
	char head[BZIMAGE_BYTES];
	ssize_t len = file_start(fd, head, sizeof(head));

	if (len < 0)
		fatal_errno(path);
	if ((size_t)len < BZIMAGE_VERSION + sizeof(uint32_t) ||
	    memcmp(head + BZIMAGE_MAGIC, "HdrS", 4) != 0)
		return false;
	size_t at = word_at(head, BZIMAGE_VERSION) & UINT16_MAX;
	return at != 0 && take(head, (size_t)len, at + 0x200, version);
}

/* init/version.c: "Linux version " is followed by the version. */
static bool
in_banner(const char *bytes, size_t len, char version[KERNEL_VERSION_BYTES])
{
	static const char banner[] = "Linux version ";
	const size_t size = sizeof(banner) - 1;
	const char *from = bytes, *end = bytes + len, *at;

	while (
	    (at = memmem(from, (size_t)(end - from), banner, size)) != NULL) {
		from = at + size;
		if (take(bytes, len, (size_t)(from - bytes), version))
			return true;
	}
	return false;
}

/* Finds the compressed kernel that a file of its own kind holds: that of an EFI
 * zboot image, and the gzip stream behind a zImage's decompressor. */
static bool
find_packed(const char *bytes, size_t *at, size_t *len)
{
	if (*len >= ZBOOT_SIZE + 4 &&
	    memcmp(bytes + ZBOOT_MAGIC, "zimg", 4) == 0) {
		size_t size = word_at(bytes, ZBOOT_SIZE);

		*at = word_at(bytes, ZBOOT_OFFSET);
		if (*at > *len || size > *len - *at)
			return false;
		*len = size;
		return true;
	}
	if (*len < ZIMAGE_MAGIC + 4 ||
	    word_at(bytes, ZIMAGE_MAGIC) != ZIMAGE_NUMBER)
		return false;
	const char *gzip = memmem(bytes, *len, "\x1f\x8b\x08", 3);
	if (gzip == NULL)
		return false;
	*at = (size_t)(gzip - bytes);
	*len -= *at;
	return true;
}

/* Looks for the version in the whole file, unpacked. */
static void
search(int fd, const char *path, char version[KERNEL_VERSION_BYTES])
{
	size_t len, at;
	struct reason ignored; /* what cannot be unpacked is no kernel */
	char *bytes = unpacked_file(fd, path, &len), *inside = NULL;

	if (!in_banner(bytes, len, version) && find_packed(bytes, &at, &len))
		inside = unpacked_bytes(bytes + at, len, &len, &ignored);
	if (inside != NULL)
		in_banner(inside, len, version);
	free(inside);
	free(bytes);
}

void
kernel_version_read(const char *path, char version[KERNEL_VERSION_BYTES])
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		fatal_errno(path);
	/* What is read from a FIFO would be missing when it is staged. */
	if (!S_ISREG(st.st_mode))
		fatal("%s: not a regular file", path);
	version[0] = '\0';
	if (!in_bzimage(fd, path, version))
		search(fd, path, version);
	close(fd);
}
