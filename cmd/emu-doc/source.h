#ifndef SOURCE_H
#define SOURCE_H

#include "magic.h"
#include "reason.h"
#include "target.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes to look at: those of an open file, those in memory, or those that a
 * function reads from another source. */
struct source {
	const uint8_t *bytes; /* NULL: `read` gives them, or else fd */
	size_t len;           /* of bytes: those beyond cannot be read */
	bool (*read)(struct source *source, uint64_t offset, uint8_t *buffer,
	    size_t len);               /* called for ranges within size only */
	const struct targets *targets; /* all known targets */
	uint64_t size;
	int fd;
	int error; /* errno of the first read that failed; 0: none */
};

/* Opens a regular file or a block device. Another kind of file is an error and
 * is not opened. An error ends the program. */
void source_open(
    struct source *source, const char *file, const struct targets *targets);
void source_close(struct source *source);

/* Copies len bytes from offset. Returns false if the source ends before, or
 * cannot be read. */
bool source_read(
    struct source *source, uint64_t offset, void *buffer, size_t len);

/* Copies the first len bytes, or all if the source has fewer. Returns their
 * number, 0 if the source cannot be read. */
size_t source_head(struct source *source, void *buffer, size_t len);

/* Whether the source has these bytes at offset. */
bool source_has(
    struct source *source, uint64_t offset, const void *magic, size_t len);

/* Returns the magic number that the source begins with, or NULL. */
const struct magic *source_magic(struct source *source);

/* Return the little-endian number at offset, or 0 if the source ends before. */
uint8_t source_8(struct source *source, uint64_t offset);
uint16_t source_16(struct source *source, uint64_t offset);
uint32_t source_32(struct source *source, uint64_t offset);
uint64_t source_64(struct source *source, uint64_t offset);

/* Whether all bytes from offset to end are zero. Bytes behind the end of the
 * source are. */
bool source_zero(struct source *source, uint64_t offset, uint64_t end);

#endif
