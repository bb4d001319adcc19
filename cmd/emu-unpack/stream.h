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

/* Bytes that come in order: a descriptor's, or what those of the stream below
 * it decompress to. */
struct stream {
	struct stream *below; /* owned; NULL: it reads fd */
	const char *name;     /* what messages call it; borrowed */
	int fd;               /* borrowed */
	bool seekable;        /* fd is a file, and this reads it as it is */

	/* Stores the next block, valid until the next call. Returns its length,
	 * 0 at the end. */
	size_t (*fill)(struct stream *stream, const void **block);
	void (*close)(struct stream *stream); /* frees state */
	void *state;

	const unsigned char *last; /* the last block that stream_next gave */
	size_t length;
	size_t back; /* so many bytes of it are to come again */
};

/* Starts to read fd where it stands. Both must last as long as the stream. A
 * failure of a stream ends the program. */
struct stream *stream_open(int fd, const char *name);

/* Puts a stream of the same name on top of `below`, which fill reads. state is
 * malloc's, or NULL when it had none to give; close frees it unless the caller
 * stores another one. */
struct stream *stream_above(struct stream *below,
    size_t (*fill)(struct stream *stream, const void **block), void *state);

/* Waits for the next block, which is valid until the next call. Returns its
 * length, 0 at the end. */
size_t stream_next(struct stream *stream, const void **block);

/* Lets the last len bytes of the last block come again. There must be as many.
 */
void stream_give_back(struct stream *stream, size_t len);

/* stream_next for a look: the block comes again. */
size_t stream_peek(struct stream *stream, const void **block);

/* Goes to the first byte from here on that is not zero. Returns whether there
 * is one. */
bool stream_skip_zeros(struct stream *stream);

/* Tells whether nothing was ever read. */
bool stream_is_empty(const struct stream *stream);

/* Tells whether, at the end of a stream, bytes are left of the one below it. */
bool stream_has_rest(const struct stream *stream);

/* Closes a stream alone. Returns the one below it. */
struct stream *stream_remove(struct stream *stream);

/* Goes to a place of a seekable stream's file. Returns it, or -1 with errno. */
off_t stream_seek(struct stream *stream, off_t at, int whence);

/* Closes a stream and those below it. NULL is none. */
void stream_close(struct stream *stream);

#endif
