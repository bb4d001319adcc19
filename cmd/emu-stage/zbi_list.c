#include "zbi_list.h"

#include "../fatal.h"
#include "../memory.h"
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
