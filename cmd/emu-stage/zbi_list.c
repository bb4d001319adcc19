#include "zbi_list.h"

#include "file_io.h"
#include "json_text.h"
#include "zbi.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_MOST = 64 << 10 };

struct listing {
	int fd;
	json_t *items; /* NULL: memory is short */
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
		    "text", text, "name", name)) < 0) {
		json_decref(listing->items);
		listing->items = NULL;
	}
}

static int
print(const struct listing *listing, const struct zbi *zbi, struct reason *why)
{
	json_t *all = json_pack("{s:s, s:I, s:O}", "image", zbi->name, "end",
	    (json_int_t)zbi->end, "items", listing->items);
	char *text = all == NULL ? NULL : json_text(all, JSON_INDENT(2));

	json_decref(all);
	if (text == NULL)
		return reason_memory(why);
	int result = puts(text) < 0 ? reason_errno(why, "<stdout>") : 0;
	free(text);
	return result;
}

int
zbi_list(const char *path, struct reason *why)
{
	struct listing listing = {
	    .fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC),
	    .items = json_array()};
	struct zbi zbi;
	struct stat st;
	int result = -1;

	if (listing.fd < 0 || fstat(listing.fd, &st) < 0)
		reason_errno(why, "%s", path);
	else if (!S_ISREG(st.st_mode))
		reason_set(why, "%s: not a regular file", path);
	else if (zbi_open(&zbi, listing.fd, (uint64_t)st.st_size, path,
		     add_item, &listing, why) == 0)
		result = print(&listing, &zbi, why);
	json_decref(listing.items);
	if (listing.fd >= 0)
		close(listing.fd);
	return result;
}
