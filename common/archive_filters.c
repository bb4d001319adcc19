#include "archive_filters.h"

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* A dictionary's size behind any byte is LZMA to libarchive, and so is the jump
 * that a raw riscv64 Image may begin with. The size behind it (13 bytes make
 * the header) is unknown, all ones, or credible: liblzma's limit is 256 GiB. */
static bool
may_be_lzma(const unsigned char *start, size_t len)
{
	uint64_t size;

	if (len < 13)
		return false;
	memcpy(&size, start + 5, sizeof(size));
	size = le64toh(size);
	return size == UINT64_MAX || size < UINT64_C(1) << 38;
}

int
archive_filters_add(struct archive *archive, const void *start, size_t len)
{
	static int (*const filters[])(struct archive *) = {
	    archive_read_support_filter_bzip2,
	    archive_read_support_filter_compress,
	    archive_read_support_filter_lz4,
	    archive_read_support_filter_lzip,
	    archive_read_support_filter_lzma,
	    archive_read_support_filter_rpm,
	    archive_read_support_filter_xz,
	    archive_read_support_filter_zstd,
	};

	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++) {
		if (filters[i] == archive_read_support_filter_lzma &&
		    !may_be_lzma(start, len))
			continue;
		if (filters[i](archive) != ARCHIVE_OK)
			return -1;
	}
	return 0;
}
