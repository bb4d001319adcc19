/* A ZBI of any bytes: refused in one line, or well formed, and then still with
 * one more item. */
#include "zbi.h"
#include "fatal_end.h"

#include <errno.h>
#include <stdlib.h>
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

/* A ZBI that was taken takes one more item. */
static void
extend(struct zbi *zbi, unsigned before)
{
	unsigned after = 0;

	if (setjmp(fatal_end) != 0)
		abort();
	zbi_append(zbi, ZBI_CMDLINE, "abc", 4);
	zbi_open(zbi->fd, zbi->end, "z", count, &after);
	if (after != before + 1 ||
	    lseek(zbi->fd, 0, SEEK_END) != (off_t)zbi->end)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct zbi zbi;
	static unsigned before;
	int fd = memfd_create("zbi", MFD_CLOEXEC);

	before = 0;
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	errno = 0;
	if (setjmp(fatal_end) == 0) {
		zbi = zbi_open(fd, size, "z", count, &before);
		extend(&zbi, before);
	} else if (errno != 0) {
		abort(); /* of a memory file, nothing fails */
	}
	close(fd);
	return 0;
}
