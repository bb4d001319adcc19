#include "line.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

static char *
new_ring(size_t size)
{
	/* mmap: pages not yet written to cost nothing. */
	char *ring = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return ring == MAP_FAILED ? NULL : ring;
}

int
line_open(struct line *line, size_t size)
{
	*line = (struct line){.size = size, .log = -1};
	line->ring = new_ring(size);
	return line->ring == NULL ? -1 : 0;
}

void
line_close(struct line *line)
{
	if (line->ring != NULL)
		munmap(line->ring, line->size);
	if (line->log >= 0)
		close(line->log);
	*line = (struct line){.log = -1};
}

void
line_hold(struct line *line, struct sink *sink)
{
	line->holders[line->count++] = sink;
}

void
line_release(struct line *line, struct sink *sink)
{
	stream_close(&sink->stream);
	for (size_t i = 0; i < line->count; i++)
		if (line->holders[i] == sink)
			line->holders[i] = line->holders[--line->count];
}

size_t
line_room(const struct line *line)
{
	uint64_t oldest = line->total;

	if (line->dropped > 0)
		return 0;
	if (line->log >= 0 && !line->log_failed)
		return line->size;
	for (size_t i = 0; i < line->count; i++)
		if (line->holders[i]->at < oldest)
			oldest = line->holders[i]->at;
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
	if (size <= line->size)
		return 0;
	struct line larger = *line;
	larger.size = size;
	larger.ring = new_ring(size);
	if (larger.ring == NULL)
		return -1;
	uint64_t oldest =
	    line->total > line->size ? line->total - line->size : 0;
	for (uint64_t at = oldest; at < line->total; at++)
		larger.ring[at & (size - 1)] =
		    line->ring[at & (line->size - 1)];
	munmap(line->ring, line->size);
	*line = larger;
	return 0;
}

static int
write_log(const struct line *line, size_t len)
{
	struct iovec iov[2];
	int count = slices(line, line->total, len, iov);

	for (int i = 0; i < count; i++) {
		const char *p = iov[i].iov_base;
		size_t left = iov[i].iov_len;

		while (left > 0) {
			ssize_t n = write(line->log, p, left);

			if (n < 0 && errno == EINTR)
				continue;
			if (n < 0)
				return -1;
			p += n;
			left -= (size_t)n;
		}
	}
	return 0;
}

static enum line_result
result_of(ssize_t n)
{
	if (n > 0)
		return LINE_MORE;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return LINE_AGAIN;
	return n == 0 ? LINE_END : LINE_ERROR;
}

enum line_result
line_fill(struct line *line, int fd)
{
	struct iovec iov[2];
	int count = slices(line, line->total, line_room(line), iov);
	ssize_t n = readv(fd, iov, count);

	if (n <= 0)
		return result_of(n);
	bool failed = line->log >= 0 && !line->log_failed &&
		      write_log(line, (size_t)n) < 0;
	line->total += (uint64_t)n;
	line->log_failed |= failed;
	return failed ? LINE_LOG : LINE_MORE;
}

enum line_result
line_drop(struct line *line, int fd)
{
	char scrap[4096];
	ssize_t n = read(fd, scrap, sizeof(scrap));

	if (n > 0)
		line->dropped += (uint64_t)n;
	return result_of(n);
}

/* Gives once. Returns what was taken, or -1 with errno. */
static ssize_t
give(const struct line *line, struct sink *sink)
{
	char page[16384];
	struct iovec iov[2];
	uint64_t behind = line->total - sink->at;

	if (behind <= line->size) {
		slices(line, sink->at, (size_t)behind, iov);
		return stream_write(
		    &sink->stream, iov[0].iov_base, iov[0].iov_len);
	}
	ssize_t n = pread(line->log, page, sizeof(page), (off_t)sink->at);
	if (n > 0)
		return stream_write(&sink->stream, page, (size_t)n);
	if (n == 0)
		errno = ENODATA;
	return -1;
}

int
line_give(const struct line *line, struct sink *sink)
{
	while (sink->stream.fd >= 0 && sink->at < line->total) {
		ssize_t n = give(line, sink);

		if (n < 0)
			return errno == EAGAIN ? 0 : -1;
		sink->at += (uint64_t)n;
	}
	return 0;
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
