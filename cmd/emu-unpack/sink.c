#include "sink.h"

#include "../fatal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

void
sink_open(
    struct sink *sink, struct content *content, uint64_t max, const char *what)
{
	*sink = (struct sink){.content = content,
	    .out = {.fd = content->file->whole.fd},
	    .max = max,
	    .what = what};
}

/* Lets the content have this size: what was not written is a hole. */
static void
set_size(struct sink *sink, uint64_t size)
{
	uint64_t end;

	if (__builtin_add_overflow(sink->content->at, size, &end) ||
	    end > INT64_MAX)
		fatal("%s: File too large", sink->what);
	if (ftruncate(sink->out.fd, (off_t)end) < 0)
		fatal_errno(sink->what);
}

static void
check_max(const struct sink *sink, uint64_t size)
{
	if (size > sink->max)
		fatal(
		    "%s: larger than %" PRIu64 " bytes", sink->what, sink->max);
}

void
sink_expect(struct sink *sink, uint64_t size, uint64_t data)
{
	struct statvfs fs;

	check_max(sink, size);
	/* Behind the end, ext4 gives back no space. */
	set_size(sink, size);
	if (fstatvfs(sink->out.fd, &fs) < 0 || fs.f_blocks == 0)
		return;
	uint64_t room =
	    (geteuid() == 0 ? fs.f_bfree : fs.f_bavail) * fs.f_frsize;
	if (data > room)
		fatal("%s: No space left on device: it needs %" PRIu64
		      " MiB, %" PRIu64 " are free",
		    sink->what, (data >> 20) + 1, room >> 20);
}

void
sink_write(struct sink *sink, const void *data, size_t len, uint64_t at,
    uint64_t limit)
{
	const uint64_t start = sink->content->at;
	uint64_t end;

	if (__builtin_add_overflow(at, len, &end) ||
	    end > (uint64_t)INT64_MAX - start || at < sink->at)
		fatal("%s: its pieces are out of order", sink->what);
	check_max(sink, end);
	if (limit < end || limit > (uint64_t)INT64_MAX - start)
		limit = end;
	sink->at = end;
	if (sparse_write(&sink->out, data, len, (off_t)(start + at),
		(off_t)(start + limit)) < 0)
		fatal_errno(sink->what);
}

void
sink_finish(struct sink *sink, uint64_t size)
{
	struct content *content = sink->content;

	if (size < sink->at)
		fatal("%s: longer than its header says", sink->what);
	set_size(sink, size);
	content->size = size;
	content->written = sink->out.written;
}
