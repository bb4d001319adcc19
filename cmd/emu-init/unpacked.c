#include "unpacked.h"

#include "../fatal.h"
#include "../memory.h"
#include "archive_filters.h"
#include "input.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>

/* Reads a file that is one stream: any filter, no archive around it. */
static int
copy(struct archive *a, FILE *to, struct reason *why)
{
	struct archive_entry *entry;
	const void *block;
	la_int64_t at;
	size_t size;
	int r = archive_read_next_header(a, &entry);

	while (r == ARCHIVE_OK) {
		r = archive_read_data_block(a, &block, &size, &at);
		if (r != ARCHIVE_OK)
			break;
		if (at + (la_int64_t)size > UNPACKED_MOST)
			return reason_set(why, "larger than %d MiB unpacked",
			    UNPACKED_MOST >> 20);
		if (fwrite(block, 1, size, to) != size)
			fatal_memory();
	}
	return r == ARCHIVE_EOF
		   ? 0
		   : reason_set(why, "%s", archive_error_string(a));
}

char *
unpacked_bytes(
    const char *packed, size_t packed_len, size_t *len, struct reason *why)
{
	struct archive *a = memory_got(archive_read_new());
	char *bytes = NULL;
	FILE *to = memory_got(open_memstream(&bytes, len));

	archive_read_support_filter_gzip(a);
	if (archive_filters_add(a, packed, packed_len) < 0)
		fatal_memory();
	archive_read_support_format_raw(a);
	archive_read_support_format_empty(a);
	int result =
	    archive_read_open_memory(a, packed, packed_len) == ARCHIVE_OK
		? copy(a, to, why)
		: reason_set(why, "%s", archive_error_string(a));
	archive_read_free(a);
	if (fclose(to) != 0)
		fatal_memory();
	if (result == 0)
		return bytes;
	free(bytes);
	return NULL;
}

char *
unpacked_file(int fd, const char *path, size_t *len)
{
	struct reason why;
	char *packed;

	fatal_if(input_read_fd(fd, path, UNPACKED_MOST, &packed, len, &why) < 0,
	    &why);
	char *bytes = unpacked_bytes(packed, *len, len, &why);
	if (bytes == NULL)
		fatal("%s: %s", path, why.text);
	free(packed);
	return bytes;
}
