#include "source.h"

#include "../fatal.h"
#include "file_io.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
source_open(
    struct source *source, const char *file, const struct targets *targets)
{
	struct stat st;

	*source = (struct source){.targets = targets, .fd = -1};
	if (stat(file, &st) < 0)
		fatal_errno(file);
	if (S_ISDIR(st.st_mode))
		fatal("%s: %s", file, strerror(EISDIR));
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		fatal("%s: neither a file nor a block device", file);
	/* What takes its place in between must not block either. */
	source->fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (source->fd < 0)
		fatal_errno(file);
	off_t end = lseek(source->fd, 0, SEEK_END);
	if (end < 0)
		fatal_errno(file);
	source->size = (uint64_t)end;
}

void
source_close(struct source *source)
{
	if (source->fd >= 0)
		close(source->fd);
	source->fd = -1;
}

static bool
read_file(struct source *source, uint64_t offset, void *buffer, size_t len)
{
	if (file_read(source->fd, buffer, len, offset) == 0)
		return true;
	if (errno != ENODATA && source->error == 0)
		source->error = errno;
	return false;
}

bool
source_read(struct source *source, uint64_t offset, void *buffer, size_t len)
{
	if (offset > source->size || source->size - offset < len)
		return false;
	if (source->read != NULL)
		return source->read(source, offset, buffer, len);
	if (source->bytes == NULL)
		return read_file(source, offset, buffer, len);
	if (offset > source->len || source->len - offset < len)
		return false;
	memcpy(buffer, source->bytes + offset, len);
	return true;
}

size_t
source_head(struct source *source, void *buffer, size_t len)
{
	if (len > source->size)
		len = (size_t)source->size;
	return source_read(source, 0, buffer, len) ? len : 0;
}

bool
source_has(
    struct source *source, uint64_t offset, const void *magic, size_t len)
{
	uint8_t bytes[64];

	return len <= sizeof(bytes) &&
	       source_read(source, offset, bytes, len) &&
	       memcmp(bytes, magic, len) == 0;
}

const struct magic *
source_magic(struct source *source)
{
	uint8_t bytes[MAGIC_BYTES];

	return magic_find(bytes, source_head(source, bytes, sizeof(bytes)));
}

uint64_t
source_64(struct source *source, uint64_t offset)
{
	uint64_t n = 0;

	return source_read(source, offset, &n, sizeof(n)) ? le64toh(n) : 0;
}

uint32_t
source_32(struct source *source, uint64_t offset)
{
	uint32_t n = 0;

	return source_read(source, offset, &n, sizeof(n)) ? le32toh(n) : 0;
}

uint16_t
source_16(struct source *source, uint64_t offset)
{
	uint16_t n = 0;

	return source_read(source, offset, &n, sizeof(n)) ? le16toh(n) : 0;
}

uint8_t
source_8(struct source *source, uint64_t offset)
{
	uint8_t n = 0;

	source_read(source, offset, &n, sizeof(n));
	return n;
}

bool
source_zero(struct source *source, uint64_t offset, uint64_t end)
{
	static const uint8_t zeros[4096];
	uint8_t bytes[sizeof(zeros)];

	if (end > source->size)
		end = source->size;
	while (offset < end) {
		size_t n = sizeof(bytes);

		if (n > end - offset)
			n = (size_t)(end - offset);
		if (!source_read(source, offset, bytes, n) ||
		    memcmp(bytes, zeros, n) != 0)
			return false;
		offset += n;
	}
	return true;
}
