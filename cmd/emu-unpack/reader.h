#ifndef READER_H
#define READER_H

#include "stream.h"
#include "writer.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>
#include <stdint.h>

/* Reads the members of an archive with libarchive, and those of further
 * archives behind a cpio archive, as the kernel reads an initrd. A failure of
 * these functions ends the program. */
struct reader {
	struct archive *archive;
	struct stream *stream; /* decompressed */
	const char *name;      /* what messages call it; borrowed */
	int fd;                /* that is read: the archive, or a copy of it */
	bool zip;              /* it begins as a zip archive */
	off_t start;           /* of the present archive, in a seekable file */
	uint64_t given;        /* bytes that libarchive has had of it */
	bool more;             /* it is not the first one */
	bool ignored;          /* something that is no archive follows */
};

/* Starts to read an archive from fd, from its present offset. A zip archive
 * that cannot be read in any order is copied to a new file without a name in
 * the directory dir, since its end tells which members are links: reader->fd is
 * the copy then. fd and name must last until reader_close. */
void reader_open(struct reader *reader, int fd, const char *name,
    struct new_files *files, int dir);

/* Goes to the next member. Returns its header, which is valid until the next
 * call, or NULL at the end of all archives. */
struct archive_entry *reader_next(struct reader *reader);

/* Whether the member is a regular file. */
bool reader_is_file(const struct reader *reader, struct archive_entry *entry);

/* Writes the data of the present member to the writer, and finishes the writer.
 */
void reader_extract(
    struct reader *reader, struct archive_entry *entry, struct writer *writer);

/* Reads the data of the present member, images.json. Fails if it has more than
 * max bytes. Returns the data with a NUL behind it, which the caller frees, and
 * stores its length without the NUL. */
char *reader_text(struct reader *reader, size_t max, size_t *len);

/* Frees the reader's memory; fd stays open. *reader may be {0}. */
void reader_close(struct reader *reader);

#endif
