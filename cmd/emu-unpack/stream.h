#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The size of the blocks that are read; fuzzing has smaller ones. */
#ifndef STREAM_BLOCK_BYTES
#define STREAM_BLOCK_BYTES (256 << 10)
#endif
enum { STREAM_BLOCK = STREAM_BLOCK_BYTES };

/* A sequence of bytes: those of a descriptor, or those that the stream below
 * decompresses to. A failure of a stream ends the program. */
struct stream {
	struct stream *below; /* owned; NULL: it reads fd */
	const char *name;     /* what messages call it; borrowed */
	int fd;               /* borrowed */
	bool seekable;        /* it reads fd, and fd is a file or a disk */

	/* Stores the next block, valid until the next call. Returns its length,
	 * 0 at the end. */
	size_t (*fill)(struct stream *stream, const void **block);
	void (*close)(struct stream *stream); /* frees state */
	void *state;

	const unsigned char *last; /* the last block that stream_next gave;
				      NULL: there was none */
	size_t length;
	size_t back;             /* that many bytes of it will come again */
	unsigned char *gathered; /* that stream_gather made; owned */
};

/* Opens a stream that reads fd from its present offset. fd and name must last
 * as long as the stream, which the caller closes with stream_close. */
struct stream *stream_open(int fd, const char *name);

/* Puts a stream of the same name on top of `below`, from which fill reads.
 * state comes from malloc(3), and NULL means that memory is short.
 * stream->close frees it, unless the caller stores another function there. */
struct stream *stream_above(struct stream *below,
    size_t (*fill)(struct stream *stream, const void **block), void *state);

/* Waits for the next block and stores its address, valid until the next call.
 * Returns its length in bytes, or 0 at the end. */
size_t stream_next(struct stream *stream, const void **block);

/* Makes the last len bytes of the last block come again. len is at most the
 * length of the block. */
void stream_give_back(struct stream *stream, size_t len);

/* The same as stream_next, but the whole block will come again. */
size_t stream_peek(struct stream *stream, const void **block);

/* Makes the next block at least min bytes long, unless fewer are left: so many
 * can be given back together. */
void stream_gather(struct stream *stream, size_t min);

/* Skips zero bytes. Returns false if nothing else comes. */
bool stream_skip_zeros(struct stream *stream);

/* Whether the stream below, at the end of this one, has bytes left. */
bool stream_has_rest(const struct stream *stream);

/* Closes this stream only. Returns the one below it. */
struct stream *stream_remove(struct stream *stream);

/* Changes the offset of a seekable stream as lseek(2) does. Returns the new
 * offset, or -1 with errno. */
off_t stream_seek(struct stream *stream, off_t at, int whence);

/* Closes a stream and those below it. The stream may be NULL. */
void stream_close(struct stream *stream);

#endif
