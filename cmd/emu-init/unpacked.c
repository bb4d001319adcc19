#include "unpacked.h"

#include "input.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>

/* Reads a file that is one stream: any filter, no archive around it. */
static int
take(struct archive *a, const char *name, FILE *to, struct reason *why)
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
			return reason_set(why,
			    "%s: larger than %d MiB unpacked", name,
			    UNPACKED_MOST >> 20);
		if (fwrite(block, 1, size, to) != size)
			return reason_memory(why);
	}
	if (r == ARCHIVE_EOF)
		return 0;
	return reason_set(why, "%s: %s", name, archive_error_string(a));
}

int
unpacked_bytes(const char *name, const char *packed, size_t packed_len,
    char **bytes, size_t *len, struct reason *why)
{
	struct archive *a = archive_read_new();
	FILE *to = open_memstream(bytes, len);
	int result = -1;

	if (a == NULL || to == NULL) {
		reason_memory(why);
	} else {
		archive_read_support_filter_all(a);
		archive_read_support_format_raw(a);
		archive_read_support_format_empty(a);
		if (archive_read_open_memory(a, packed, packed_len) ==
		    ARCHIVE_OK)
			result = take(a, name, to, why);
		else
			reason_set(
			    why, "%s: %s", name, archive_error_string(a));
	}
	archive_read_free(a);
	if (to != NULL && fclose(to) != 0)
		result = reason_memory(why);
	if (to != NULL && result < 0)
		free(*bytes);
	return result;
}

int
unpacked_file(const char *path, char **bytes, size_t *len, struct reason *why)
{
	char *packed;
	size_t packed_len;

	if (input_read(path, UNPACKED_MOST, &packed, &packed_len, why) < 0)
		return -1;
	int result = unpacked_bytes(path, packed, packed_len, bytes, len, why);
	free(packed);
	return result;
}
