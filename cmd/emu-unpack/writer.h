#ifndef WRITER_H
#define WRITER_H

#include "members.h"
#include "sparse_write.h"

#include <stdint.h>

/* The content of a member while it is written, from front to back. Long runs of
 * zeros become holes, and it never gets larger than `max` bytes. A failure of
 * these functions ends the program. */
struct writer {
	struct content *content;
	struct sparse_write out;
	uint64_t at; /* the end of the last bytes */
	uint64_t max;
	const char *what; /* what messages call it; borrowed */
};

/* Starts to write at offset content->at of content->file. content and `what`
 * must last as long as *writer. */
void writer_open(struct writer *writer, struct content *content, uint64_t max,
    const char *what);

/* Announces the size of the content, of which `data` bytes are not holes. Fails
 * if it is larger than the maximum, or than the room on the file system. */
void writer_expect(struct writer *writer, uint64_t size, uint64_t data);

/* Writes len bytes at offset `at` of the content, which must not be before the
 * end of the last ones. Space up to offset `limit` may be allocated for later
 * bytes. */
void writer_write(struct writer *writer, const void *data, size_t len,
    uint64_t at, uint64_t limit);

/* Ends the content at `size` bytes: what was not written is a hole. Stores the
 * sizes in *content. */
void writer_finish(struct writer *writer, uint64_t size);

#endif
