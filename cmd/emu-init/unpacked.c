#include "unpacked.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>

enum { BLOCK = 1 << 17 };

static int
grow(uint8_t **bytes, size_t *room)
{
	size_t more = *room == 0 ? BLOCK : *room * 2;
	uint8_t *larger = realloc(*bytes, more);

	if (larger == NULL)
		return -1;
	*bytes = larger;
	*room = more;
	return 0;
}

static int
take_data(struct archive *a, const char *name, uint8_t **bytes, size_t *len,
    struct reason *why)
{
	size_t room = 0;

	for (;;) {
		if (*len + BLOCK > room && grow(bytes, &room) < 0)
			return reason_errno(why, "%s", name);
		la_ssize_t n = archive_read_data(a, *bytes + *len, BLOCK);
		if (n < 0)
			return reason_set(
			    why, "%s: %s", name, archive_error_string(a));
		if (n == 0)
			return 0;
		*len += (size_t)n;
		if (*len > UNPACKED_MOST)
			return reason_set(why,
			    "%s: larger than %d MiB unpacked", name,
			    UNPACKED_MOST >> 20);
	}
}

/* A file that is one stream: any filter, no archive around it. */
static struct archive *
new_reader(void)
{
	struct archive *a = archive_read_new();

	if (a != NULL) {
		archive_read_support_filter_all(a);
		archive_read_support_format_raw(a);
		archive_read_support_format_empty(a);
	}
	return a;
}

static int
take(struct archive *a, int opened, const char *name, uint8_t **bytes,
    size_t *len, struct reason *why)
{
	struct archive_entry *entry;
	int result = -1;

	*bytes = NULL;
	*len = 0;
	if (opened != ARCHIVE_OK) {
		reason_set(why, "%s: %s", name, archive_error_string(a));
	} else {
		int r = archive_read_next_header(a, &entry);

		if (r == ARCHIVE_EOF)
			result = 0;
		else if (r < ARCHIVE_WARN)
			reason_set(
			    why, "%s: %s", name, archive_error_string(a));
		else
			result = take_data(a, name, bytes, len, why);
	}
	archive_read_free(a);
	if (result < 0) {
		free(*bytes);
		*bytes = NULL;
	}
	return result;
}

int
unpacked_file(
    const char *path, uint8_t **bytes, size_t *len, struct reason *why)
{
	struct archive *a = new_reader();

	if (a == NULL)
		return reason_errno(why, "%s", path);
	return take(a, archive_read_open_filename(a, path, BLOCK), path, bytes,
	    len, why);
}

int
unpacked_bytes(const char *name, const uint8_t *packed, size_t packed_len,
    uint8_t **bytes, size_t *len, struct reason *why)
{
	struct archive *a = new_reader();

	if (a == NULL)
		return reason_errno(why, "%s", name);
	return take(a, archive_read_open_memory(a, packed, packed_len), name,
	    bytes, len, why);
}
