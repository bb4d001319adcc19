#include "line.h"

#include "file_io.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <sys/uio.h>
#include <unistd.h>

void
line_init(struct line *line)
{
	*line = (struct line){.log = -1};
	for (int i = 0; i < SINKS; i++)
		line->sinks[i].stream.fd = -1;
}

void
line_release(struct sink *sink, int error)
{
	nonblocking_close(&sink->stream);
	sink->error = error;
}

size_t
line_room(const struct line *line)
{
	uint64_t oldest = line->total;

	if (line->dropped > 0)
		return 0;
	if (line->log >= 0 && line->log_error == 0)
		return line->size;
	for (int i = 0; i < SINK_CLIENTS; i++)
		if (line->sinks[i].stream.fd >= 0 && line->sinks[i].at < oldest)
			oldest = line->sinks[i].at;
	uint64_t held = line->total - oldest;
	return held < line->size ? line->size - (size_t)held : 0;
}

uint64_t
line_oldest(const struct line *line)
{
	if (line->log >= 0 || line->total < line->size)
		return 0;
	return line->total - line->size;
}

/* The part of the ring for bytes from number `at`, up to len of them. */
static int
slices(const struct line *line, uint64_t at, size_t len, struct iovec iov[2])
{
	size_t start = (size_t)(at & (line->size - 1));
	size_t first = line->size - start;

	if (first >= len) {
		iov[0] = (struct iovec){line->ring + start, len};
		return 1;
	}
	iov[0] = (struct iovec){line->ring + start, first};
	iov[1] = (struct iovec){line->ring, len - first};
	return 2;
}

int
line_grow(struct line *line, size_t size)
{
	struct line larger = *line;
	uint64_t oldest =
	    line->total > line->size ? line->total - line->size : 0;

	if (size <= line->size)
		return 0;
	larger.size = size;
	/* mmap: pages not yet written to cost nothing. */
	larger.ring = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (larger.ring == MAP_FAILED)
		return -1;
	for (uint64_t at = oldest; at < line->total; at++)
		larger.ring[at & (size - 1)] =
		    line->ring[at & (line->size - 1)];
	if (line->ring != NULL)
		munmap(line->ring, line->size);
	*line = larger;
	return 0;
}

/* Writes what comes next, len bytes, to the log. Returns 0, or -1 with errno.
 */
static int
write_log(const struct line *line, size_t len)
{
	struct iovec iov[2];
	int count = slices(line, line->total, len, iov);
	uint64_t at = line->total;

	for (int i = 0; i < count; at += iov[i++].iov_len)
		if (file_write(line->log, iov[i].iov_base, iov[i].iov_len, at) <
		    0)
			return -1;
	return 0;
}

ssize_t
line_drop(struct line *line, int fd)
{
	char scrap[4096];
	ssize_t n = read(fd, scrap, sizeof(scrap));

	if (n > 0)
		line->dropped += (uint64_t)n;
	return n;
}

static bool
is_awaited(const struct line *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (line->ring[(line->looked + i) & (line->size - 1)] !=
		    line->awaited[i])
			return false;
	return true;
}

/* Whether the awaited text has come. */
static void
look(struct line *line)
{
	size_t len = strlen(line->awaited);

	while (line->awaited != NULL && line->looked + len <= line->total) {
		if (is_awaited(line, len))
			line->awaited = NULL;
		line->looked++;
	}
}

ssize_t
line_fill(struct line *line, int fd)
{
	struct iovec iov[2];
	size_t room = line_room(line);

	if (room == 0)
		return line_drop(line, fd);
	/* What was looked at before stays in the ring. */
	if (line->awaited != NULL)
		room = MIN(room, line->size / 2);
	int count = slices(line, line->total, room, iov);
	ssize_t n = readv(fd, iov, count);
	if (n <= 0)
		return n;
	if (line->log >= 0 && line->log_error == 0 &&
	    write_log(line, (size_t)n) < 0)
		line->log_error = errno;
	line->total += (uint64_t)n;
	if (line->awaited != NULL)
		look(line);
	return n;
}

/* Gives once. Returns what was taken, or -1 with errno. */
static ssize_t
give(const struct line *line, struct sink *sink)
{
	char page[16384];
	struct iovec iov[2];
	uint64_t behind = line->total - sink->at;

	if (sink->at < line_oldest(line)) {
		errno = EOVERFLOW;
		return -1;
	}
	if (behind <= line->size) {
		slices(line, sink->at, (size_t)behind, iov);
		return nonblocking_write(
		    &sink->stream, iov[0].iov_base, iov[0].iov_len);
	}
	ssize_t n = pread(line->log, page, sizeof(page), (off_t)sink->at);
	if (n > 0)
		return nonblocking_write(&sink->stream, page, (size_t)n);
	if (n == 0)
		errno = ENODATA;
	return -1;
}

void
line_give(struct line *line)
{
	for (int i = 0; i < SINKS; i++) {
		struct sink *sink = &line->sinks[i];
		ssize_t n = 0;

		while (
		    sink->stream.fd >= 0 && n >= 0 && sink->at < line->total) {
			n = give(line, sink);
			if (n > 0)
				sink->at += (uint64_t)n;
		}
		if (n < 0 && errno != EAGAIN)
			line_release(sink, errno);
	}
}

bool
line_given(const struct line *line, const struct sink *sink)
{
	return sink->stream.fd < 0 || sink->at == line->total;
}

size_t
line_tail(const struct line *line, char *buf, size_t len)
{
	struct iovec iov[2];
	size_t have =
	    line->total < line->size ? (size_t)line->total : line->size;

	if (len > have)
		len = have;
	if (len == 0)
		return 0;
	int count = slices(line, line->total - len, len, iov);
	for (int i = 0; i < count; i++) {
		memcpy(buf, iov[i].iov_base, iov[i].iov_len);
		buf += iov[i].iov_len;
	}
	return len;
}
