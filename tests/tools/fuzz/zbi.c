/* A ZBI of any bytes: refused in one line, or well formed, and then still with
 * one more item. */
#include "zbi.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
count(void *context, const struct zbi_item *item)
{
	unsigned *items = context;

	if (item->at < ZBI_HEADER || item->at % 8 != 0)
		abort();
	(*items)++;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("zbi", MFD_CLOEXEC);
	unsigned before = 0, after = 0;
	struct reason why = {""};
	struct zbi zbi;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	if (zbi_open(&zbi, fd, size, "z", count, &before, &why) < 0) {
		if (why.text[0] == '\0' || strchr(why.text, '\n') != NULL)
			abort();
	} else {
		if (zbi_append(&zbi, ZBI_CMDLINE, "abc", 4, &why) < 0 ||
		    zbi_open(&zbi, fd, zbi.end, "z", count, &after, &why) < 0 ||
		    after != before + 1 ||
		    lseek(fd, 0, SEEK_END) != (off_t)zbi.end)
			abort();
	}
	close(fd);
	return 0;
}
