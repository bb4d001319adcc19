#ifndef SINK_H
#define SINK_H

#include "members.h"
#include "sparse_write.h"

#include <stdint.h>

/* The content of a member while it is written, from front to back. Long runs of
 * zeros become holes, and it never gets larger than `max` bytes. A failure of
 * these functions ends the program. */
struct sink {
	struct content *content;
	struct sparse_write out;
	uint64_t at; /* the end of the last bytes */
	uint64_t max;
	const char *what; /* what messages call it; borrowed */
};

/* Starts to write at offset content->at of content->file. content and `what`
 * must last as long as *sink. */
void sink_open(
    struct sink *sink, struct content *content, uint64_t max, const char *what);

/* Announces the size of the content, of which `data` bytes are not holes. Fails
 * if it is larger than the maximum, or than the room on the file system. */
void sink_expect(struct sink *sink, uint64_t size, uint64_t data);

/* Writes len bytes at offset `at` of the content, which must not be before the
 * end of the last ones. Space up to offset `limit` may be allocated for later
 * bytes. */
void sink_write(struct sink *sink, const void *data, size_t len, uint64_t at,
    uint64_t limit);

/* Ends the content at `size` bytes: what was not written is a hole. Stores the
 * sizes in *content. */
void sink_finish(struct sink *sink, uint64_t size);

#endif
