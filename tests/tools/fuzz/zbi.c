/* A ZBI of any bytes: refused in one line, or well formed, and then still with
 * one more item. */
#include "zbi.h"
#include "../../../cmd/fatal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Where the end of emu-stage goes on here. */
static jmp_buf end;

/* In place of cmd/fatal.c. */
void
fatal(const char *format, ...)
{
	struct reason why;
	va_list ap;

	va_start(ap, format);
	reason_vset(&why, format, ap);
	va_end(ap);
	if (why.text[0] == '\0')
		abort();
	longjmp(end, 1);
}

void
fatal_errno(const char *what)
{
	(void)what;
	abort();
}

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

	if (setjmp(end) != 0)
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
	if (setjmp(end) == 0) {
		zbi = zbi_open(fd, size, "z", count, &before);
		extend(&zbi, before);
	}
	close(fd);
	return 0;
}
