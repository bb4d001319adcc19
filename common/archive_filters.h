#ifndef ARCHIVE_FILTERS_H
#define ARCHIVE_FILTERS_H

#include <archive.h>
#include <stddef.h>

/* Lets libarchive decompress whatever it decompresses itself, but for gzip,
 * which the caller adds in its own way. The filters that libarchive has from
 * other programs (lrzip, grzip, lzop) are left out: a stranger's file would
 * start them. start has the first len bytes of the file, which decide whether
 * it may be LZMA. Returns 0, or -1 when memory is short. */
int archive_filters_add(struct archive *archive, const void *start, size_t len);

#endif
