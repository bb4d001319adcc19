#include "stream.h"

#include "../fatal.h"
#include "../memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A pipe gives little at a time: fewer, larger blocks are cheaper. */
static size_t
fill_from_fd(struct stream *stream, const void **block)
{
	unsigned char *data = stream->state;
	size_t len = 0;

	while (len < STREAM_BLOCK) {
		ssize_t n = read(stream->fd, data + len, STREAM_BLOCK - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			fatal_errno(stream->name);
		if (n == 0)
			break;
		len += (size_t)n;
	}
	*block = data;
	return len;
}

static void
free_state(struct stream *stream)
{
	free(stream->state);
}

struct stream *
stream_above(struct stream *below,
    size_t (*fill)(struct stream *stream, const void **block), void *state)
{
	struct stream *stream = memory_got(malloc(sizeof(*stream)));

	*stream = (struct stream){.below = below,
	    .name = below == NULL ? NULL : below->name,
	    .fd = -1,
	    .fill = fill,
	    .close = free_state,
	    .state = memory_got(state)};
	return stream;
}

struct stream *
stream_open(int fd, const char *name)
{
	struct stream *stream =
	    stream_above(NULL, fill_from_fd, malloc(STREAM_BLOCK));
	struct stat st;

	stream->name = name;
	stream->fd = fd;
	stream->seekable =
	    fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISBLK(st.st_mode));
	return stream;
}

size_t
stream_next(struct stream *stream, const void **block)
{
	if (stream->back > 0) {
		stream->last += stream->length - stream->back;
		stream->length = stream->back;
		stream->back = 0;
		*block = stream->last;
		return stream->length;
	}
	*block = ""; /* at the end: not NULL, to which 0 is added */
	size_t n = stream->fill(stream, block);
	if (n > 0) {
		stream->last = *block;
		stream->length = n;
	}
	return n;
}

void
stream_give_back(struct stream *stream, size_t len)
{
	stream->back = len;
}

size_t
stream_peek(struct stream *stream, const void **block)
{
	size_t n = stream_next(stream, block);

	stream_give_back(stream, n);
	return n;
}

void
stream_gather(struct stream *stream, size_t min)
{
	unsigned char *all = NULL;
	const void *block;
	size_t n, len = 0;

	if (stream_peek(stream, &block) >= min)
		return;
	while (len < min && (n = stream_next(stream, &block)) > 0) {
		all = memory_got(realloc(all, len + n));
		memcpy(all + len, block, n);
		len += n;
	}
	free(stream->gathered);
	stream->gathered = all;
	stream->last = all;
	stream->length = stream->back = len;
}

bool
stream_skip_zeros(struct stream *stream)
{
	const void *block;
	size_t n;

	while ((n = stream_next(stream, &block)) > 0) {
		const unsigned char *p = block;

		for (size_t i = 0; i < n; i++) {
			if (p[i] == 0)
				continue;
			stream_give_back(stream, n - i);
			return true;
		}
	}
	return false;
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
	free(stream->gathered);
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
