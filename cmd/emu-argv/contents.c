#include "contents.h"

#include "../fatal.h"
#include "../memory.h"
#include "file_io.h"
#include "magic.h"

#include <endian.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads the beginning of a regular file. Returns the number of bytes, 0 when
 * there is none to read: the emulator will tell. */
static size_t
read_head(const char *path, void *bytes, size_t size)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	ssize_t n = 0;

	if (fd < 0)
		return 0;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		n = file_start(fd, bytes, size);
	close(fd);
	return n > 0 ? (size_t)n : 0;
}

/* The bytes of a command line that a Linux for a PC takes (its
 * Documentation/arch/x86/boot.rst: cmdline_size, since version 2.06 of the boot
 * protocol). SIZE_MAX: it is no such kernel. */
static size_t
command_line_limit(const unsigned char *head, size_t len)
{
	uint16_t version;
	uint32_t size;

	if (len < 0x23c || memcmp(head + 0x202, "HdrS", 4) != 0)
		return SIZE_MAX;
	memcpy(&version, head + 0x206, sizeof(version));
	memcpy(&size, head + 0x238, sizeof(size));
	return le16toh(version) < 0x206 ? 255 : le32toh(size);
}

static void
check_kernel(const struct machine *m, const struct words *args)
{
	unsigned char head[0x240];

	if (m->kernel.path == NULL || args->count == 0 || !m->isa)
		return;
	size_t len = args->count - 1; /* of the spaces between them */
	for (size_t i = 0; i < args->count; i++)
		len += args->list[i].len;
	size_t limit = command_line_limit(
	    head, read_head(m->kernel.path, head, sizeof(head)));
	if (len > limit)
		machine_fault(m, machine_has(m, "args") ? "args" : "kernel", "",
		    "a command line of %zu bytes; %s takes at most %zu", len,
		    m->kernel.path, limit);
}

void
contents_check(const struct machine *m, const struct words *args)
{
	unsigned char *head = memory_got(malloc(MAGIC_BYTES));

	for (const struct drive *d = m->drives; d != NULL; d = d->next) {
		if (!d->formless)
			continue;
		size_t n = read_head(d->file.path, head, MAGIC_BYTES);
		const struct magic *magic = magic_find(head, n);
		if (magic != NULL && magic->class == MAGIC_DISK)
			machine_fault(m, d->file.place, "",
			    "%s is %s: write \"format\": \"%s\", or \"raw\" to "
			    "give the guest its bytes as they are",
			    d->file.path, magic->what, magic->format);
	}
	free(head);
	check_kernel(m, args);
}
