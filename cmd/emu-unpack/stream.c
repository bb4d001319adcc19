#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A pipe gives little at a time: fewer, larger blocks are cheaper. */
static ssize_t
fill_from_fd(struct stream *stream, const void **block, struct reason *why)
{
	unsigned char *data = stream->state;
	size_t len = 0;

	while (len < STREAM_BLOCK) {
		ssize_t n = read(stream->fd, data + len, STREAM_BLOCK - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return reason_errno(why, "%s", stream->name);
		if (n == 0)
			break;
		len += (size_t)n;
	}
	*block = data;
	return (ssize_t)len;
}

static void
free_state(struct stream *stream)
{
	free(stream->state);
}

struct stream *
stream_open(int fd, const char *name, struct reason *why)
{
	struct stream *stream = malloc(sizeof(*stream));
	void *data = malloc(STREAM_BLOCK);
	struct stat st;

	if (stream == NULL || data == NULL) {
		reason_memory(why);
		free(stream);
		free(data);
		return NULL;
	}
	*stream = (struct stream){.name = name,
	    .fd = fd,
	    .seekable = fstat(fd, &st) == 0 &&
			(S_ISREG(st.st_mode) || S_ISBLK(st.st_mode)),
	    .fill = fill_from_fd,
	    .close = free_state,
	    .state = data};
	return stream;
}

struct stream *
stream_above(struct stream *below, struct reason *why)
{
	struct stream *stream = malloc(sizeof(*stream));

	if (stream == NULL) {
		reason_memory(why);
		return NULL;
	}
	*stream =
	    (struct stream){.below = below, .name = below->name, .fd = -1};
	return stream;
}

ssize_t
stream_next(struct stream *stream, const void **block, struct reason *why)
{
	if (stream->back > 0) {
		stream->last += stream->length - stream->back;
		stream->length = stream->back;
		stream->back = 0;
		*block = stream->last;
		return (ssize_t)stream->length;
	}
	*block = ""; /* at the end: not NULL, to which 0 is added */
	ssize_t n = stream->fill(stream, block, why);
	if (n > 0) {
		stream->last = *block;
		stream->length = (size_t)n;
	}
	return n;
}

void
stream_give_back(struct stream *stream, size_t len)
{
	stream->back = len;
}

ssize_t
stream_peek(struct stream *stream, const void **block, struct reason *why)
{
	ssize_t n = stream_next(stream, block, why);

	if (n > 0)
		stream_give_back(stream, (size_t)n);
	return n;
}

int
stream_skip_zeros(struct stream *stream, struct reason *why)
{
	const void *block;
	ssize_t n;

	while ((n = stream_next(stream, &block, why)) > 0) {
		const unsigned char *p = block;

		for (ssize_t i = 0; i < n; i++) {
			if (p[i] == 0)
				continue;
			stream_give_back(stream, (size_t)(n - i));
			return 1;
		}
	}
	return (int)n;
}

bool
stream_is_empty(const struct stream *stream)
{
	return stream->last == NULL;
}

bool
stream_has_rest(const struct stream *stream)
{
	return stream->below != NULL && stream->below->back > 0;
}

struct stream *
stream_remove(struct stream *stream)
{
	struct stream *below = stream->below;

	stream->close(stream);
	free(stream);
	return below;
}

off_t
stream_seek(struct stream *stream, off_t at, int whence)
{
	if (whence == SEEK_CUR)
		at -= (off_t)stream->back;
	stream->back = 0;
	return lseek(stream->fd, at, whence);
}

void
stream_close(struct stream *stream)
{
	while (stream != NULL)
		stream = stream_remove(stream);
}
