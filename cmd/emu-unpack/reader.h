#ifndef READER_H
#define READER_H

#include "sink.h"
#include "stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>
#include <stdint.h>

/* libarchive over a stream: the members of an archive, and of further ones
 * behind a cpio archive, as the kernel reads an initrd. */
struct reader {
	struct archive *archive;
	struct stream *stream; /* decompressed */
	const char *name;      /* what messages call it; borrowed */
	off_t start;           /* of the present archive, in a seekable file */
	uint64_t given;        /* bytes that libarchive has had of it */
	bool more;             /* it is not the first one */
	bool ignored;          /* something that is no archive follows */
};

/* Starts reading an archive from fd at its present place. A failure of any of
 * these ends the program. */
void reader_open(struct reader *reader, int fd, const char *name);

/* Goes to the next member. NULL: the end of all. */
struct archive_entry *reader_next(struct reader *reader);

/* Tells whether the member is a regular file. */
bool reader_is_file(const struct reader *reader, struct archive_entry *entry);

/* Writes the member's data. */
void reader_extract(
    struct reader *reader, struct archive_entry *entry, struct sink *sink);

/* Reads the member's data into memory, at most max bytes, and adds a NUL. The
 * caller frees it. */
char *reader_text(struct reader *reader, size_t max, size_t *len);

/* Tells whether going over members costs reading or decompressing them. */
bool reader_is_stream(const struct reader *reader);

void reader_close(struct reader *reader);

#endif
