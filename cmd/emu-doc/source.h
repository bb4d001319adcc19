#ifndef SOURCE_H
#define SOURCE_H

#include "magic.h"
#include "reason.h"
#include "target.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes to look at: those of an open file, some in memory, or what read makes
 * of another source. */
struct source {
	const uint8_t *bytes; /* NULL: by read, or else from fd */
	bool (*read)(struct source *source, uint64_t offset, uint8_t *buffer,
	    size_t len);               /* asked only for what is within size */
	const struct targets *targets; /* that it may be for */
	uint64_t size;
	int fd;
	int error; /* errno of the first read that failed; 0: none */
};

/* Opens a regular file or a block device; anything else is an error, and is not
 * even opened. An error ends the program. */
void source_open(
    struct source *source, const char *file, const struct targets *targets);
void source_close(struct source *source);

/* Copies len bytes from offset. Returns whether all of them are there. */
bool source_read(
    struct source *source, uint64_t offset, void *buffer, size_t len);

/* Whether these bytes are at offset. */
bool source_has(
    struct source *source, uint64_t offset, const void *magic, size_t len);

/* What it begins with, or NULL. */
const struct magic *source_magic(struct source *source);

/* The little-endian number at offset, 0 when it is not there. */
uint16_t source_16(struct source *source, uint64_t offset);
uint32_t source_32(struct source *source, uint64_t offset);
uint64_t source_64(struct source *source, uint64_t offset);

/* Whether all bytes from offset to end are zero, as far as there are any. */
bool source_zero(struct source *source, uint64_t offset, uint64_t end);

#endif
