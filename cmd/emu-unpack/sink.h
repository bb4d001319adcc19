#ifndef SINK_H
#define SINK_H

#include "members.h"
#include "sparse_write.h"

#include <stdint.h>

/* A content being written from front to back: without its zeros, and never
 * longer than allowed. */
struct sink {
	struct content *content;
	struct sparse_write out;
	uint64_t at; /* what has come, gaps included */
	uint64_t max;
	const char *what; /* what messages call it; borrowed */
};

/* Starts to write at content->at of content->file. Both live as long. */
void sink_open(
    struct sink *sink, struct content *content, uint64_t max, const char *what);

/* Tells in advance that the size is going to be this, of which `data` bytes are
 * no holes. Refuses one that is not allowed, or that there is no room for. */
void sink_expect(struct sink *sink, uint64_t size, uint64_t data);

/* Writes len bytes at offset `at`, which is not before the end of the last
 * ones. The data may go on to limit. */
void sink_write(struct sink *sink, const void *data, size_t len, uint64_t at,
    uint64_t limit);

/* Ends the content at size; the rest is a hole. */
void sink_finish(struct sink *sink, uint64_t size);

#endif
