#include "writer.h"

#include "../fatal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

void
writer_open(struct writer *writer, struct content *content, uint64_t max,
    const char *what)
{
	*writer = (struct writer){.content = content,
	    .out = {.fd = content->file->whole.fd},
	    .max = max,
	    .what = what};
}

/* Lets the content have this size: what was not written is a hole. */
static void
set_size(struct writer *writer, uint64_t size)
{
	uint64_t end;

	if (__builtin_add_overflow(writer->content->at, size, &end) ||
	    end > INT64_MAX)
		fatal("%s: File too large", writer->what);
	if (ftruncate(writer->out.fd, (off_t)end) < 0)
		fatal_errno(writer->what);
}

static void
check_max(const struct writer *writer, uint64_t size)
{
	if (size > writer->max)
		fatal("%s: larger than %" PRIu64 " bytes", writer->what,
		    writer->max);
}

void
writer_expect(struct writer *writer, uint64_t size, uint64_t data)
{
	struct statvfs fs;

	check_max(writer, size);
	/* Behind the end, ext4 gives back no space. */
	set_size(writer, size);
	if (fstatvfs(writer->out.fd, &fs) < 0 || fs.f_blocks == 0)
		return;
	uint64_t room =
	    (geteuid() == 0 ? fs.f_bfree : fs.f_bavail) * fs.f_frsize;
	if (data > room)
		fatal("%s: No space left on device: it needs %" PRIu64
		      " MiB, %" PRIu64 " are free",
		    writer->what, (data >> 20) + 1, room >> 20);
}

void
writer_write(struct writer *writer, const void *data, size_t len, uint64_t at,
    uint64_t limit)
{
	const uint64_t start = writer->content->at;
	uint64_t end;

	if (__builtin_add_overflow(at, len, &end) ||
	    end > (uint64_t)INT64_MAX - start || at < writer->at)
		fatal("%s: its pieces are out of order", writer->what);
	check_max(writer, end);
	if (limit < end || limit > (uint64_t)INT64_MAX - start)
		limit = end;
	writer->at = end;
	if (sparse_write(&writer->out, data, len, (off_t)(start + at),
		(off_t)(start + limit)) < 0)
		fatal_errno(writer->what);
}

void
writer_finish(struct writer *writer, uint64_t size)
{
	struct content *content = writer->content;

	if (size < writer->at)
		fatal("%s: longer than its header says", writer->what);
	set_size(writer, size);
	content->size = size;
	content->written = writer->out.written;
}
