#ifndef READER_H
#define READER_H

#include "reason.h"
#include "sink.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>

/* libarchive, with our decompression in front of it. */
struct reader {
	struct archive *archive;
	struct feed *feed;
	const char *name;  /* what messages call it; borrowed */
	bool raw;          /* one compressed file, not an archive */
	struct reason why; /* of a failure in a callback */
	bool failed;
};

/* Starts reading an archive, or with raw one compressed file, from fd at its
 * present place. Returns 0, or -1 with the reason; reader_close frees either
 * way. */
int reader_open(struct reader *reader, int fd, const char *name, bool raw,
    struct reason *why);

/* Goes to the next member. Returns 1 with it, 0 at the end of a whole archive,
 * or -1 with the reason. */
int reader_next(
    struct reader *reader, struct archive_entry **entry, struct reason *why);

/* Tells whether the member is a regular file. */
bool reader_is_file(const struct reader *reader, struct archive_entry *entry);

/* Writes the member's data. Returns 0, or -1 with the reason. */
int reader_extract(struct reader *reader, struct archive_entry *entry,
    struct sink *sink, struct content *content, struct reason *why);

/* Reads the member's data into memory, at most max bytes, and adds a NUL. The
 * caller frees it. Returns NULL with the reason. */
char *reader_text(
    struct reader *reader, size_t max, size_t *len, struct reason *why);

/* Tells whether going over members costs their decompression. */
bool reader_is_stream(const struct reader *reader);

void reader_close(struct reader *reader);

#endif
